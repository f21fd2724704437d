"""Commands of glm_deep as processes of the training Python, waited for or left alone."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from glm_deep.errors import ExitCode, GlmDeepError
from glm_deep.launch import Launch, launch, reason_in, started
from glm_deep_maya import preferences

STEP = 0.1  # seconds between two looks

_LACKS = "a package is missing"  # what the command line says of its Python


def prepared(*arguments: str, folder: Path) -> Launch:
    """The process that runs a command.

    Raises:
        GlmDeepError: no Python is known that could.
    """
    return launch(*arguments, folder=folder, environment=preferences.environment())


def output_of(*arguments: str, folder: Path, waiting: Callable[[], None] = lambda: None) -> str:
    """Runs a short command to its end; what it says.

    Args:
        waiting: called now and then meanwhile.

    Raises:
        GlmDeepError: with the sentence of the command when it fails.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        launched = prepared(*arguments, folder=folder)
        process = started(launched, output.fileno(), errors.fileno())
        while process.poll() is None:
            waiting()
            time.sleep(STEP)
        said, wrong = (_text(each) for each in (output, errors))
    if process.returncode != ExitCode.OK:
        raise failure(launched, wrong, process.returncode)
    return said


def failure(launched: Launch, said: str, code: int) -> GlmDeepError:
    """Why a command has failed: in its own sentence, else in its last words.

    Args:
        said: all that it wrote to its error output. code: with which it ended; negative for a signal.
    """
    python, _, _, command = launched.arguments[:4]
    reason = reason_in(said, command).rstrip(".")
    if reason and _LACKS not in reason:
        return GlmDeepError(reason)
    if code < 0:  # neither its words nor its Python are to blame
        return GlmDeepError(f"{command} was ended from outside (signal {-code})")
    packages = launched.environment["PYTHONPATH"].split(os.pathsep)[0]  # where glm_deep is, installed there or not
    last = next((f" ({line.strip()})" for line in reversed(said.splitlines()) if line.strip()), "")
    return GlmDeepError(
        reason or f"{command} ended with code {code}{last}",
        where=f"the Python that trains, {python}",
        hint=f'What it lacks is said by: "{python}" -m glm_deep doctor, in the folder {packages}',
    )


def _text(file: object) -> str:
    file.seek(0)  # type: ignore[attr-defined]
    return file.read().decode("utf-8", "replace")  # type: ignore[attr-defined,no-any-return]
