"""How a command of glm_deep is started as a process of its own, from a window, a plug-in or a script.

A `Launch` is data alone, so that QProcess can carry it too. Inside a host such as Maya the variables that bend its own
Python and its own libraries are taken out, or the other Python would load what is not its own; so are its programs,
beside which Windows looks for libraries too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from glm_deep.errors import GlmDeepError

PYTHON = "GLM_DEEP_PYTHON"
"""The environment variable that names the Python which trains."""
HOST = "MAYA_LOCATION"
"""The environment variable in which Maya says where it is installed."""

_OF_THE_HOST = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONEXECUTABLE",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "DYLD_LIBRARY_PATH",
    "DYLD_FRAMEWORK_PATH",
    "DYLD_INSERT_LIBRARIES",
    "QT_PLUGIN_PATH",
    "QT_QPA_PLATFORM_PLUGIN_PATH",
    "QML2_IMPORT_PATH",
)
_IN_A_HOST = {
    "PYTHONNOUSERSITE": "1",  # the host's Python puts packages there too, made for its own version
    "PYTHONUNBUFFERED": "1",  # so that a log can be read while it is written
}


_WITHOUT_A_CONSOLE = getattr(subprocess, "CREATE_NO_WINDOW", 0)


@dataclass(frozen=True)
class Launch:
    """A process to be started: its arguments, the program first, its whole environment, and its folder."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path


def launch(*arguments: str, folder: Path, environment: Mapping[str, str] | None = None) -> Launch:
    """The process that runs a command of glm_deep, such as `launch("train", "hero.dio", folder=...)`.

    Args:
        arguments: as on the command line. folder: where it runs.
        environment: of this process; that of `os.environ` when None.

    Raises:
        GlmDeepError: this is a host, and no Python is named that could train.
    """
    given = dict(os.environ if environment is None else environment)
    kept = _without_the_host(given) if in_a_host() else given
    root = str(Path(__file__).resolve().parents[1])
    paths = [root, *filter(None, kept.get("PYTHONPATH", "").split(os.pathsep))]
    kept["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    kept["PYTHONIOENCODING"] = "utf-8"
    return Launch((_python(given), "-m", "glm_deep", *arguments), kept, folder)


def _without_the_host(given: Mapping[str, str]) -> dict[str, str]:
    """An environment without what belongs to the host around it."""
    kept = {name: value for name, value in given.items() if name not in _OF_THE_HOST}
    if HOST in kept and "PATH" in kept:
        programs = _plain(f"{kept[HOST]}/bin")
        kept["PATH"] = os.pathsep.join(each for each in kept["PATH"].split(os.pathsep) if _plain(each) != programs)
    return {**kept, **_IN_A_HOST}


def _plain(folder: str) -> str:
    """A folder in one spelling, however it was written."""
    return os.path.normcase(os.path.normpath(folder.strip('"')))


def started(launched: Launch, output: int | None, errors: int | None) -> subprocess.Popen[bytes]:
    """Starts a process that outlives this one.

    Args:
        output, errors: descriptors of files that receive what it says, or `subprocess.DEVNULL`.

    Raises:
        GlmDeepError: it cannot be started.
    """
    try:
        return subprocess.Popen(
            launched.arguments,
            env=dict(launched.environment),
            cwd=str(launched.folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            creationflags=_WITHOUT_A_CONSOLE,
            start_new_session=os.name != "nt",
        )
    except OSError as error:
        raise GlmDeepError(
            f"{launched.arguments[0]} cannot be started ({error.strerror or error})",
            hint=f"Choose another Python for the training, on the page Python of the window or in {PYTHON}",
        ) from error


def started_alone(launched: Launch, output: Path, errors: Path) -> subprocess.Popen[bytes]:
    """Starts a process that nobody has to wait for, though one may ask it; what it says goes to two files.

    Raises:
        GlmDeepError: it cannot be started.
        OSError: the files cannot be written.
    """
    with output.open("wb") as said, errors.open("wb") as wrong:
        process = started(launched, said.fileno(), wrong.fileno())
    threading.Thread(target=process.wait, daemon=True).start()  # so that nothing is left of it once it has ended
    return process


def reason_in(said: str, command: str) -> str:
    """The sentence with which a command of glm_deep says why it failed; empty when it says none.

    Args:
        said: all that it wrote to its error output.
    """
    head = f"glm-deep {command}: "
    return next((line[len(head) :] for line in said.splitlines() if line.startswith(head)), "")


def in_a_host() -> bool:
    """Whether this Python is Maya's own; a shell may know where Maya is without being it."""
    return "maya" in sys.modules


def _python(environment: Mapping[str, str]) -> str:
    named = environment.get(PYTHON)
    if named:
        if not Path(named).is_file():
            raise GlmDeepError(
                f"there is no such Python: {named}",
                where=f"the environment variable {PYTHON}",
                hint="Name the Python of the environment in which glm_deep is installed with its training",
            )
        return named
    if in_a_host():
        raise GlmDeepError(
            "Maya's own Python does not train",
            hint=f"Install glm_deep with its training in an environment, and name its Python in {PYTHON}",
        )
    return sys.executable
