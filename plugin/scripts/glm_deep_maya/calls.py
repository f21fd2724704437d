"""A call of a command: its flags as values, and its errors as Maya's."""

from __future__ import annotations

from typing import Any

from maya import OpenMaya as om1

from glm_deep.errors import GlmDeepError
from glm_deep_maya.commands import SWITCH, TEXT, WHOLE, Command, Flag, Result
from glm_deep_maya.numpy_line import about_numpy


def call(command: Command, database: om1.MArgDatabase) -> Result:
    """Runs a command with the flags that were given.

    Raises:
        RuntimeError: it failed; with one sentence, which is shown as an error too.
    """
    try:
        return command.run({flag.long: _value(command, flag, database) for flag in command.flags})
    except GlmDeepError as error:
        said = f"{command.name}: {error}"
    except ImportError as error:
        said = f"{command.name}: {about_numpy(error)}"
    om1.MGlobal.displayError(said)
    raise RuntimeError(said)


def _value(command: Command, flag: Flag, database: om1.MArgDatabase) -> Any:
    given = database.isFlagSet(f"-{flag.short}")
    if flag.kind == SWITCH:
        return given
    if not given:
        if flag.required:
            raise GlmDeepError(f"the flag -{flag.long} is missing", hint=f'Write: {command.name} -{flag.long} "..."')
        return "" if flag.kind == TEXT else None
    if flag.kind == WHOLE:
        return database.flagArgumentInt(f"-{flag.short}", 0)
    return database.flagArgumentString(f"-{flag.short}", 0)
