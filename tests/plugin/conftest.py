"""The plug-in on the fake Maya."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fixtures import limb, maya

ROOT = Path(__file__).resolve().parents[2]

__all__ = ["limb", "loaded", "maya"]

DOOR = ROOT / "plugin" / "plug-ins" / "glm_deep_plugin.py"


@pytest.fixture
def loaded(maya: Any) -> Iterator[Any]:
    """Maya with the plug-in loaded; unloaded again after the test."""
    from maya import cmds

    cmds.loadPlugin(DOOR.as_posix())
    yield maya
    cmds.unloadPlugin(DOOR.stem)
