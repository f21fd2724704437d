"""Checks the whole checkout: lint, format, types and all tests, in an environment of its own.

    python scripts/test.py [arguments for pytest]

Without arguments the tests of the light rooms and of the plug-in run once more on each other Python that a Maya has and
this machine too, from the oldest with the oldest numpy on, and those of the window under Qt 5 as well. That goes on
beside the tests, and what it has to say comes after them.
"""

import argparse
import ast
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import environment

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("dev", "pictures", "tensorrt", "train", "ui")


class Step(NamedTuple):
    """One check: its name in the summary, and the command that runs it."""

    name: str
    command: Sequence[str]
    variables: Optional[Dict[str, str]] = None


def steps(for_pytest: Sequence[str]) -> List[Step]:
    """All checks in the environment that this runs in, the quick ones first."""
    return [
        Step("lint", [sys.executable, "-m", "ruff", "check", "."]),
        Step("format", [sys.executable, "-m", "ruff", "format", "--check", "."]),
        Step("types", [sys.executable, "-m", "mypy"]),
        Step("tests", [sys.executable, "-m", "pytest", *for_pytest]),
    ]


class Other(NamedTuple):
    """Another Python that a Maya has: its version, the environment for it, and what is tested there besides."""

    version: Tuple[int, int]
    folder: str
    constraints: str
    extras: Sequence[str]
    more: Sequence[str] = ()


OTHERS = (
    Other((3, 9), ".venv-light", "constraints-light.txt", ("test",)),
    Other((3, 10), ".venv-qt5", "constraints-qt5.txt", ("pyside2", "test"), ("tests/ui",)),
    Other((3, 12), ".venv-3.12", "constraints.txt", ("test",)),
    Other((3, 13), ".venv-3.13", "constraints.txt", ("test",)),
)


def other_step(other: Other) -> Step:
    """The tests of the light rooms and the plug-in on another Python, in an environment that it makes.

    Raises:
        EnvironmentSetupError: that Python is not on this machine, or its environment could not be made.
    """
    made = environment.Environment(ROOT, other.folder, other.constraints, [other.version])
    made.prepare(other.extras)
    name = "light rooms and plug-in{} on Python {}.{}".format(" and window" if other.more else "", *other.version)
    tests = [*light_tests(), "tests/plugin", *other.more]
    return Step(name, [str(made.python), "-m", "pytest", *tests], made.variables())


class Outcome(NamedTuple):
    """What became of the tests on another Python: the step that failed, if one did, and all that was said."""

    failed: Optional[str]
    said: str


def outcome_on(other: Other) -> Outcome:
    """Runs the tests on another Python; where it is not on this machine, says so and fails nothing."""
    if other.version == sys.version_info[:2]:
        return Outcome(None, "")
    try:
        step = other_step(other)
    except environment.EnvironmentSetupError as problem:
        return Outcome(None, "== Python {}.{} is not tested: {}".format(*other.version, problem))
    done = subprocess.run(
        step.command,
        cwd=str(ROOT),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=step.variables,
    )
    said = done.stdout.decode("utf-8", "replace").rstrip()
    return Outcome(step.name if done.returncode else None, f"== {step.name}\n{said}")


def light_tests() -> List[str]:
    """The test files that need nothing but the light rooms and what those need."""
    files = sorted((ROOT / "tests" / "unit").rglob("test_*.py"))  # what the other folders share needs torch
    shared = (ROOT / "tests" / "support").glob("*.py")
    support = [path.stem for path in shared if is_light(path.read_text(encoding="utf-8"))]
    return [path.relative_to(ROOT).as_posix() for path in files if is_light(path.read_text(encoding="utf-8"), support)]


def is_light(source: str, support: Sequence[str] = ()) -> bool:
    """True when a test imports something of the package, and of all that it imports nothing is heavy.

    Args:
        source: its text. support: modules of tests/support that are light themselves.
    """
    modules = list(imported(source))
    ours = [module for module in modules if module.startswith("glm_deep")]
    heavy = (
        "glm_deep.train",
        "glm_deep.export",
        "glm_deep.basis",
        "glm_deep.geometry",
        "glm_deep.cli",
        "glm_deep.commands",
        "glm_deep.progress",
        "glm_deep_ui",
    )
    available = {*sys.stdlib_module_names, "glm_deep", "hypothesis", "jsonschema", "numpy", "pytest", *support}
    return (
        bool(ours)
        and {module.split(".")[0] for module in modules} <= available
        and not any(module.startswith(heavy) and not module.startswith("glm_deep.geometry.skinning") for module in ours)
    )


def imported(source: str) -> Iterator[str]:
    """The full names of all that a source text imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield f"{node.module}.{alias.name}"


def passes(step: Step) -> bool:
    """Runs one check, whose output goes to the terminal; True when it found nothing wrong."""
    environment.say(f"== {step.name}")
    done = subprocess.call(step.command, cwd=str(ROOT), stdin=subprocess.DEVNULL, env=step.variables)
    return done == 0


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs every check, also after one has failed; 1 when any failed."""
    parser = argparse.ArgumentParser(
        description="Runs lint, types and all tests. Makes .venv with all they need, the first time.",
        epilog="All other arguments are given to pytest, for instance tests/unit/test_rooms.py or -k store.",
    )
    _, for_pytest = parser.parse_known_args(arguments)
    environment.enter(EXTRAS)
    started = time.monotonic()
    with ThreadPoolExecutor(max_workers=1) as beside:
        outcomes = [beside.submit(outcome_on, other) for other in ([] if for_pytest else OTHERS)]
        failed = [step.name for step in steps(for_pytest) if not passes(step)]
        for each in outcomes:
            outcome = each.result()
            environment.say(outcome.said)
            failed += [outcome.failed] if outcome.failed else []
    verdict = "failed: " + ", ".join(failed) if failed else "all checks passed"
    environment.say(f"== {verdict} ({time.monotonic() - started:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
