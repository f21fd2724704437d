"""What Maya remembers for glm_deep between sessions."""

from __future__ import annotations

import os

from maya import cmds

from glm_deep.launch import PYTHON

_TRAINING_PYTHON = "glmDeepTrainingPython"


def training_python() -> str:
    """The Python that trains: what was chosen, else that of the environment; empty where there is neither."""
    if cmds.optionVar(exists=_TRAINING_PYTHON):
        return str(cmds.optionVar(query=_TRAINING_PYTHON))
    return os.environ.get(PYTHON, "")


def choose_training_python(path: str) -> None:
    """Remembers the Python that trains; an empty one forgets it."""
    if path:
        cmds.optionVar(stringValue=(_TRAINING_PYTHON, path))
    else:
        cmds.optionVar(remove=_TRAINING_PYTHON)


def environment() -> dict[str, str]:
    """The environment of the processes that are started from here."""
    chosen = training_python()
    return {**os.environ, PYTHON: chosen} if chosen else dict(os.environ)
