"""Runs the tests of the plug-in in a real Maya, with clean preferences, and writes one page about it.

    python scripts/run_maya_tests.py [--mayapy /path/to/mayapy] [--report maya_tests.md] [arguments for pytest]

Nothing of the installation or of the artist is changed: what the tests need beyond Maya goes into a temporary folder,
or into the one that --packages names, which the next run then finds filled. Any Python from 3.6 on starts this.
"""
# ruff: noqa: UP006, UP035  (read by whatever Python a person starts it with)

import argparse
import collections
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from maya_test_report import Ended, headline, is_good, read_results, report

SCRIPT = Path(__file__).resolve()  # the children start in another folder
ROOT = SCRIPT.parent.parent
TESTS = "tests/plugin"
YEARS = (2027, 2026, 2025, 2024, 2023)
NEEDED = ("filelock", "hypothesis", "jsonschema", "platformdirs", "pytest")
LAST_LINES = 25
ANSWER = "glm_deep probe: "


class RunError(Exception):
    """Why the tests could not be run, in one sentence, and what to do."""


# --- Maya


def usual_places(system: str, variables: Mapping[str, str]) -> Iterator[Path]:
    """Where mayapy is when Maya was installed as usual, the newest first; `system` is as in sys.platform."""
    for year in YEARS:
        if system == "win32":
            programs = variables.get("ProgramFiles", "C:\\Program Files")
            yield Path(programs, "Autodesk", f"Maya{year}", "bin", "mayapy.exe")
        elif system == "darwin":
            yield Path(f"/Applications/Autodesk/maya{year}/Maya.app/Contents/bin/mayapy")
        else:
            yield Path(f"/usr/autodesk/maya{year}/bin/mayapy")


def find_mayapy(given: Optional[str], variables: Mapping[str, str] = os.environ, system: str = sys.platform) -> Path:
    """The mayapy to run: the one that was given, that of MAYA_LOCATION, or the newest in the usual places.

    Raises:
        RunError: there is none.
    """
    if given:
        path = Path(given).expanduser().absolute()
        if not path.is_file():
            raise RunError(f"There is no file {path}. Give --mayapy the path of Maya's bin/mayapy.")
        target = path.resolve()
        return target if target.stem == "mayapy" else path  # called by a link, mayapy does not find its libraries
    home = variables.get("MAYA_LOCATION")
    places = [Path(home, "bin", "mayapy.exe" if system == "win32" else "mayapy")] if home else []
    for place in [*places, *usual_places(system, variables)]:
        if place.is_file():
            return place
    raise RunError("No Maya was found in the usual places. Give --mayapy the path of Maya's bin/mayapy.")


def clean_environment(
    mayapy: Path, work: Path, packages: Path, present: Mapping[str, str] = os.environ
) -> Dict[str, str]:
    """The variables for mayapy: nothing of the artist's or the studio's Maya but its licence, preferences in `work`."""
    foreign = ("MAYA_", "PYTHON", "PYTEST", "QT_", "GLM_DEEP_", "XBMLANGPATH")
    kept = {
        name: value
        for name, value in present.items()
        if name.startswith("MAYA_LICENSE") or not name.startswith(foreign)
    }
    for folder in ("preferences", "runtime"):
        (work / folder).mkdir(exist_ok=True)
    kept.setdefault("XDG_RUNTIME_DIR", str(work / "runtime"))
    kept.update(
        GLM_DEEP_REAL_MAYA="1",
        MAYA_APP_DIR=str(work / "preferences"),
        MAYA_LOCATION=str(mayapy.parent.parent),
        MAYA_SCRIPT_PATH="",
        MAYA_SKIP_USERSETUP_PY="1",
        MAYA_DISABLE_ADP="1",
        MAYA_DISABLE_CER="1",
        MAYA_DISABLE_CIP="1",
        PYTHONPATH=os.pathsep.join([str(packages), str(ROOT)]),
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONIOENCODING="utf-8",
        PYTHONNOUSERSITE="1",
        QT_QPA_PLATFORM="offscreen",
    )
    return kept


# --- what the tests need beyond Maya


def numpy_for(python: Sequence[int]) -> str:
    """The numpy for a Maya with that Python, the one that the plug-in tells people to install."""
    return "numpy>=2.1,<2.4" if tuple(python) >= (3, 13) else "numpy==1.26.4"


def pins() -> List[str]:
    """The versions of all other packages: those that the tests of the oldest Maya are run with."""
    lines = (ROOT / "constraints-light.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if "==" in line and not line.startswith("numpy==")]


def install(mayapy: Path, python: Sequence[int], folder: Path, work: Path, variables: Mapping[str, str]) -> None:
    """Fills a folder with the packages that the tests need; one that holds something already is left as it is.

    Raises:
        RunError: pip could not.
    """
    if folder.is_dir() and any(folder.iterdir()):
        return
    say(f"Installing {', '.join(NEEDED)} and {numpy_for(python)} into {folder}")
    constraints, unfinished = work / "constraints.txt", folder.with_name(folder.name + ".part")
    constraints.write_text("\n".join(pins()) + "\n", encoding="utf-8")
    shutil.rmtree(str(unfinished), ignore_errors=True)
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--only-binary", ":all:"]
    command = [str(mayapy), "-m", "pip", "install", *options, "--target", str(unfinished)]
    ended = run([*command, "--constraint", str(constraints), numpy_for(python), *NEEDED], variables)
    if ended.code:
        raise RunError(
            f"pip of {mayapy} could not install what the tests need; its reason is above. "
            "Without an index of packages, fill a folder with them elsewhere and name it with --packages."
        )
    if folder.is_dir():
        folder.rmdir()
    unfinished.replace(folder)


def probe(mayapy: Path, variables: Mapping[str, str]) -> Tuple[List[int], str]:
    """The version of Maya's Python, and that of the numpy that it has of its own ("none" where it has none).

    Raises:
        RunError: it does not start.
    """
    ended = run([str(mayapy), str(SCRIPT), "probe"], variables, quiet=True)
    for line in reversed(ended.lines):  # Maya may write lines of its own
        if line.startswith(ANSWER):
            answer = json.loads(line[len(ANSWER) :])
            return list(answer["python"]), str(answer["numpy"])
    said = " ".join(ended.lines[-3:]) or "it said nothing"
    raise RunError(f"{mayapy} does not start as a Python (exit code {ended.code}: {said}).")


def run(command: Sequence[str], variables: Mapping[str, str], quiet: bool = False) -> Ended:
    """Runs a command in the checkout, whose lines go to the terminal, and keeps its last ones."""
    try:
        process = subprocess.Popen(
            list(command),
            cwd=str(ROOT),
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as problem:
        raise RunError(f"{command[0]} cannot be started: {problem}.") from None
    lines = collections.deque(maxlen=LAST_LINES)  # type: collections.deque[str]
    with process:
        for raw in process.stdout or ():
            line = raw.decode("utf-8", "replace").rstrip()
            lines.append(line)
            if not quiet:
                say(line)
    return Ended(process.returncode, list(lines))


# --- inside Maya


def answer_probe() -> None:
    """Says which Python this is, and which numpy it has."""
    numpy = "none"
    if importlib.util.find_spec("numpy"):
        import numpy as found

        numpy = str(found.__version__)
    print(ANSWER + json.dumps({"python": sys.version_info[:3], "numpy": numpy}))


def run_pytest(arguments: Sequence[str]) -> None:
    """Runs the tests in this process, and ends it at once: taking Maya down may crash it."""
    import pytest

    code = pytest.main(list(arguments))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(code))


def arguments_for_pytest(given: Sequence[str], xml_file: Path) -> List[str]:
    """Those that were given, all tests of the plug-in if they name none, and where the results go.

    Warnings of Maya's own Python files are no errors, and nothing is written into the checkout.
    """
    named = any((ROOT / each.partition("::")[0]).exists() for each in given if not each.startswith("-"))
    fixed = ["-v", "-rfE", "-W", "default", "-p", "no:cacheprovider", "--junitxml", str(xml_file)]
    return [*([] if named else [TESTS]), *fixed, *given]


# --- together


def say(line: str) -> None:
    """Prints a line at once, whatever letters the terminal knows."""
    encoding = sys.stdout.encoding or "ascii"
    print(line.encode(encoding, "replace").decode(encoding), flush=True)


def run_all(given: argparse.Namespace, for_pytest: Sequence[str], work: Path) -> bool:
    """Runs the tests and writes the report; whether all is well.

    Raises:
        RunError: they could not be run.
    """
    mayapy = find_mayapy(given.mayapy)
    packages = Path(given.packages).expanduser().absolute() if given.packages else work / "packages"
    variables = clean_environment(mayapy, work, packages)
    bare = {name: value for name, value in variables.items() if name != "PYTHONPATH"}
    if given.training_python:
        variables["GLM_DEEP_TEST_PYTHON"] = str(Path(given.training_python).expanduser().absolute())
    python, own_numpy = probe(mayapy, bare)
    say(f"{mayapy}, Python {'.'.join(map(str, python))}")
    install(mayapy, python, packages, work, bare)
    xml_file = work / "results.xml"
    ended = run([str(mayapy), str(SCRIPT), "inside", *arguments_for_pytest(for_pytest, xml_file)], variables)
    results = read_results(xml_file)
    target = Path(given.report).absolute()
    facts = {"numpy that came with Maya": own_numpy, "mayapy": str(mayapy)}
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(report(facts, results, ended), encoding="utf-8")
    say(f"== {headline(results, ended)}. The page about it: {target}")
    return is_good(results, ended)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the tests in Maya; 0 only when some ran and none failed."""
    parser = argparse.ArgumentParser(
        description="Runs the tests of the plug-in in a real Maya and writes one page about it.",
        epilog="All other arguments are given to pytest, for instance -k linear or tests/plugin/test_extract.py.",
    )
    parser.add_argument(
        "--mayapy", help="Maya's bin/mayapy; else that of MAYA_LOCATION, or the newest in its usual place"
    )
    parser.add_argument(
        "--report", default="maya_tests.md", help="the page that is written; maya_tests.md when left out"
    )
    parser.add_argument("--packages", help="a folder for what the tests need; used as it is when it holds something")
    parser.add_argument("--training-python", help="one with glm_deep's packages for training: trainings are tested too")
    given, for_pytest = parser.parse_known_args(arguments)
    work = Path(tempfile.mkdtemp(prefix="glm_deep_maya_"))
    try:
        return 0 if run_all(given, [each for each in for_pytest if each != "--"], work) else 1
    except (RunError, OSError) as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(str(work), ignore_errors=True)  # Windows keeps what a crashed Maya holds


if __name__ == "__main__":
    if sys.argv[1:] == ["probe"]:
        answer_probe()
    elif sys.argv[1:2] == ["inside"]:
        run_pytest(sys.argv[2:])
    else:
        sys.exit(main())
