"""The environment that the scripts of this folder run in: made once, found again, mended when out of date.

A script calls `enter` first. Whatever Python a person starts it with reads this file, so it keeps to the
standard library and to Python 3.6.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, Iterator, NamedTuple, Optional, Sequence, Tuple

# The versions that all of constraints.txt can be installed on, the one it was tried on first.
VERSIONS = ((3, 11), (3, 12), (3, 13))
WANTED = "64-bit Python 3.11"
PROBE = (
    "import ensurepip, platform, sys, venv; "
    "print(sys.version_info[0], sys.version_info[1], sys.maxsize > 2**32, platform.python_implementation())"
)


class EnvironmentSetupError(Exception):
    """Why there is no environment, in one sentence, and what to do."""


class Interpreter(NamedTuple):
    """A Python on this machine: how to start it, and its version."""

    command: Tuple[str, ...]
    version: Tuple[int, int]


def enter(extras: Sequence[str]) -> None:
    """Returns inside the environment; called outside it, runs the same script in there and exits with its code.

    Args:
        extras: the extras of pyproject.toml that the script needs.
    """
    environment = Environment(Path(__file__).resolve().parent.parent)
    try:
        environment.prepare(extras)
    except EnvironmentSetupError as problem:
        sys.exit(str(problem))
    except OSError as problem:
        sys.exit(f"The environment {environment.folder} could not be made: {problem}. Mend that and run this again.")
    if environment.is_running():
        os.environ.update(environment.variables())
        return
    try:
        sys.exit(subprocess.call([str(environment.python), *sys.argv], env=environment.variables()))
    except KeyboardInterrupt:
        sys.exit(130)


class Environment:
    """A folder of a checkout with a Python of its own, and a marker in it that says what it holds.

    Args:
        root: the checkout.
        name: of the folder in it.
        constraints: the file in it that pins the versions.
        versions: of Python, the best first.
    """

    def __init__(
        self,
        root: Path,
        name: str = ".venv",
        constraints: str = "constraints.txt",
        versions: Sequence[Tuple[int, int]] = VERSIONS,
    ) -> None:
        self.root = root
        self.constraints = constraints
        self.versions = versions
        self.folder = root / name
        self.marker = self.folder / "glm_deep_environment.json"
        windows = os.name == "nt"
        self.python = self.folder / ("Scripts/python.exe" if windows else "bin/python")

    def is_running(self) -> bool:
        """True when this very process runs in the environment."""
        return self.folder.is_dir() and self.folder.samefile(sys.prefix)

    def variables(self) -> Dict[str, str]:
        """The environment variables for a process in here."""
        # What another tool (Maya, say) set for its own Python would put its packages before ours.
        variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
        # Before 3.13, Windows misreads the file that points to the checkout when its path is not plain ASCII.
        variables["PYTHONPATH"] = str(self.root)
        # With the default, waiting threads keep the cores busy: small networks run ten times slower.
        variables.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        return variables

    def prepare(self, extras: Sequence[str]) -> None:
        """Makes the environment hold those extras, if it does not yet.

        Raises:
            EnvironmentSetupError: it cannot; the text says why and what to do.
        """
        state = self._state()
        if self.is_current(extras):
            return
        if self.folder.exists() and not state and any(self.folder.iterdir()):
            raise EnvironmentSetupError(
                f"{self.folder} was not made by these scripts. Rename it or delete it, then run this again."
            )
        mendable = state.get("complete") is True and self.python.exists() and state.get("folder") == str(self.folder)
        everything = sorted({*extras, *state.get("extras", ())}) if mendable else sorted(extras)
        if not mendable:
            self._create()
        self._write_state(everything, complete=False)
        self._install(everything)
        self._write_state(everything, complete=True)

    def is_current(self, extras: Sequence[str]) -> bool:
        """True when those extras are installed, with the versions that the checkout asks for now."""
        state = self._state()
        return (
            state.get("complete") is True
            and state.get("folder") == str(self.folder)
            and state.get("declared") == self._declared()
            and set(extras) <= set(state.get("extras", ()))
            and self.python.exists()
        )

    def _declared(self) -> str:
        texts = [(self.root / name).read_bytes() for name in ("pyproject.toml", self.constraints)]
        return hashlib.sha256(b"\0".join(texts)).hexdigest()

    def _state(self) -> Dict[str, Any]:
        try:
            state = json.loads(self.marker.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def _write_state(self, extras: Sequence[str], complete: bool) -> None:
        state = {
            "complete": complete,
            "folder": str(self.folder),  # an environment that was moved does not work
            "declared": self._declared(),
            "extras": list(extras),
        }
        unfinished = self.marker.with_suffix(".new")
        unfinished.write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
        unfinished.replace(self.marker)

    def _create(self) -> None:
        if self.is_running():
            raise EnvironmentSetupError(f"{self.folder} is damaged and in use. Run this with another Python.")
        interpreter = find_interpreter(self.versions)
        self.folder.mkdir(exist_ok=True)
        # First, so that a folder left half-made is known as ours.
        self._write_state((), complete=False)
        empty(self.folder, self.marker)
        python = "Python {}.{} ({})".format(*interpreter.version, " ".join(interpreter.command))
        say(f"Making {self.folder.name} with {python}")
        made = subprocess.run(
            [*interpreter.command, "-m", "venv", str(self.folder)],
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
            errors="replace",
        )
        if made.returncode:
            raise EnvironmentSetupError(
                f"{made.stdout.strip()}\nPython could not make {self.folder}; its reason is above."
            )

    def _install(self, extras: Sequence[str]) -> None:
        started = time.monotonic()
        remark = " (torch is large: minutes on the first run)" if "train" in extras else ""
        say("Installing {}{}".format(", ".join(extras), remark))
        # What builds the package is pinned too, which pip's own isolated build would not heed.
        self._pip("hatchling", "editables")
        self._pip("--no-build-isolation", "--editable", ".[{}]".format(",".join(extras)))
        say(f"Installed in {time.monotonic() - started:.0f} s")

    def _pip(self, *arguments: str) -> None:
        command = [str(self.python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
        process = subprocess.Popen(
            [*command, "--progress-bar", "off", "--constraint", self.constraints, *arguments],
            cwd=str(self.root),
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
            errors="replace",
        )
        lines = []
        for line in process.stdout or ():
            lines.append(line.rstrip())
            download = re.match(r"\s*Downloading ([^-]+)-([^-]+)-.*\((.+ MB)\)", line)
            if download:
                say("  {} {} ({})".format(*download.groups()))
        if process.wait():
            raise EnvironmentSetupError(explanation(lines))


def explanation(lines: Sequence[str]) -> str:
    """Why an installation failed, from the lines that pip wrote, and what to do."""
    if any("No matching distribution found for torch" in line for line in lines):
        return f"There is no torch for this Python on this system. Install {WANTED}, delete .venv and run this again."
    tail = [line for line in lines if not line.startswith("WARNING")][-20:]
    return "\n".join([*tail, "pip could not install what is needed. Mend what it says above, then run this again."])


def find_interpreter(versions: Sequence[Tuple[int, int]]) -> Interpreter:
    """The Python on this machine that fits best.

    Raises:
        EnvironmentSetupError: none fits.
    """
    running = ".".join(map(str, sys.version_info[:2]))
    for version in versions:
        for command in commands(version):
            found = probe(command)
            if found is not None and found.version == version:
                return found
    names = ", ".join("{}.{}".format(*version) for version in versions)
    raise EnvironmentSetupError(
        f"This needs a 64-bit Python {names} with its venv module, and found none (this is Python {running}). "
        f"Install {WANTED}, with python3.11-venv where that is a package of its own, and run this again."
    )


def commands(version: Tuple[int, int]) -> Iterator[Tuple[str, ...]]:
    """Commands that may start a Python of that version; some may not exist, fail or start another one."""
    name = "{}.{}".format(*version)
    if sys.version_info[:2] == version:
        yield (sys.executable,)
    for program in ("python" + name, "python3", "python"):
        path = shutil.which(program)
        if path:
            yield (path,)
    launcher = shutil.which("py")
    if launcher and os.name == "nt":
        yield (launcher, "-" + name)
    installed = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for folder in sorted(installed.glob(name + ".*"), reverse=True):
        yield (str(folder / ("python.exe" if os.name == "nt" else "bin/python")),)


def probe(command: Sequence[str]) -> Optional[Interpreter]:
    """The interpreter that a command starts, or None when it starts none that could make the environment."""
    try:
        answer = subprocess.run(
            [*command, "-c", PROBE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
            errors="replace",
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = answer.stdout.split()
    if answer.returncode or words[2:] != ["True", "CPython"]:
        return None
    return Interpreter(tuple(command), (int(words[0]), int(words[1])))


def empty(folder: Path, kept: Path) -> None:
    """Deletes all that is in a folder but one file."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(str(entry))
        elif entry != kept:
            entry.unlink()


def say(line: str) -> None:
    """Prints a line at once, also where stdout is a file."""
    print(line, flush=True)
