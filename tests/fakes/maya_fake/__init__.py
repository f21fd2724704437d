"""A strict fake of Maya: a scene in numpy behind the names of `maya.*`.

A test takes the fixture `maya` (the scene) and lets code import `maya.cmds` and the rest as in Maya:

    def test_something(maya, limb):
        from maya import cmds
        cmds.currentTime(12)
        maya.press_escape(after=3)
        ...
        assert maya.texts("error") == []

`install` puts the modules where `import maya.cmds` finds them, and gives the scene that a test drives. What the fake
does not know raises, as a misspelt name does in Maya.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from maya_fake import (  # noqa: F401  (they declare the commands)
    cmds_attribute_query,
    cmds_attrs,
    cmds_connections,
    cmds_deform,
    cmds_history,
    cmds_makers,
    cmds_namespaces,
    cmds_nodes,
    cmds_plugins,
    cmds_select,
    cmds_system,
    cmds_time,
    cmds_ui,
    current,
)
from maya_fake.api2 import context
from maya_fake.mesh_data import MeshData
from maya_fake.modules import build, refresh
from maya_fake.scene import BASE_UI, BATCH, INTERACTIVE, LIBRARY, Scene

__all__ = ["BASE_UI", "BATCH", "INTERACTIVE", "LIBRARY", "MeshData", "Scene", "install", "installed"]


def install(patch: Any, app_dir: Path | None = None) -> Scene:
    """A fresh Maya in `sys.modules`, as long as the monkeypatch lasts.

    Args:
        patch: a pytest.MonkeyPatch. app_dir: where preferences lie.
    """
    for name in _present():
        patch.delitem(sys.modules, name)
    for name, module in build().items():
        patch.setitem(sys.modules, name, module)
    scene = _fresh(app_dir)
    patch.setattr(current, "_active", [scene])
    refresh()
    return scene


@contextmanager
def installed(app_dir: Path | None = None) -> Iterator[Scene]:
    """A fresh Maya as long as a `with` lasts, for scripts without pytest."""
    before = {name: sys.modules.pop(name) for name in _present()}
    sys.modules.update(build())
    scene = _fresh(app_dir)
    current.push(scene)
    refresh()
    try:
        yield scene
    finally:
        current.pop()
        for name in build():
            sys.modules.pop(name, None)
        sys.modules.update(before)
        if current.installed():
            refresh()


def _present() -> list[str]:
    return [name for name in sys.modules if name == "maya" or name.startswith("maya.")]


def _fresh(app_dir: Path | None) -> Scene:
    scene = Scene(app_dir)
    scene.refresh_module = refresh
    context.reset()
    return scene
