"""The plug-in on the fake Maya, or in a real one (scripts/run_maya_tests.py): the same tests, the same fixtures.

`any_maya` is a Maya with an empty scene, `loaded` one with the plug-in, `limb` a rigged limb in it, and `said` what was
shown. A test that asks for no more than these runs in both. One that asks for `maya` wants the fake, and says so.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures import REAL, maya
from rigs import Limb, build_limb

ROOT = Path(__file__).resolve().parents[2]

__all__ = ["any_maya", "limb", "loaded", "maya", "said"]

DOOR = ROOT / "plugin" / "plug-ins" / "glm_deep_plugin.py"

# These ask nothing of Maya, start fake ones of their own, or need one with windows.
_NOT_IN_A_REAL_ONE = ("dock", "module", "poses", "sources", "window", "window_training")
collect_ignore = [f"test_{name}.py" for name in _NOT_IN_A_REAL_ONE] if REAL else []


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line("markers", "fact(text): decides a row of the table of what is not certain in docs/maya.md")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lets the report know which facts a test decides."""
    for item in items:
        item.user_properties += [("fact", str(mark.args[0])) for mark in item.iter_markers("fact")]


@pytest.fixture(scope="session")
def _started(record_testsuite_property: Callable[[str, object], None]) -> None:
    """The real Maya, started once; what it is goes to the report."""
    import maya.standalone

    maya.standalone.initialize(name="python")
    from maya import cmds

    for name, value in (
        ("Maya", cmds.about(installedVersion=True)),
        ("Qt", cmds.about(qtVersion=True)),
        ("Python", platform.python_version()),
        ("numpy", np.__version__),
        ("system", platform.platform()),
    ):
        record_testsuite_property(name, value)


@pytest.fixture
def any_maya(request: pytest.FixtureRequest) -> None:
    """A Maya with an empty scene and without the plug-in: the fake one, or the real one as if it had just started."""
    if not REAL:
        request.getfixturevalue("maya")
        return
    request.getfixturevalue("_started")
    from maya import cmds

    cmds.file(new=True, force=True)
    cmds.flushUndo()
    for name in cmds.pluginInfo(query=True, listPlugins=True) or []:
        if name.startswith("glm_deep"):  # which a test that failed has left
            cmds.unloadPlugin(name)
    cmds.undoInfo(state=True)  # mayapy starts without
    cmds.autoKeyframe(state=False)
    for name in cmds.optionVar(list=True) or []:
        if name.startswith("glmDeep"):
            cmds.optionVar(remove=name)


@pytest.fixture
def loaded(any_maya: None) -> Iterator[None]:
    """That Maya with the plug-in loaded; unloaded again after the test."""
    from maya import cmds

    (name,) = cmds.loadPlugin(DOOR.as_posix())
    yield
    cmds.file(new=True, force=True)  # neither the scene nor undo may hold a node of the plug-in when it goes
    cmds.flushUndo()
    cmds.unloadPlugin(name)


@pytest.fixture
def limb(any_maya: None) -> Limb:
    """A rigged and animated limb in that Maya."""
    return build_limb()


@pytest.fixture
def said(any_maya: None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """A function that gives what was shown so far of a kind: info, warning or error."""
    if not REAL:
        texts: Callable[[str], list[str]] = request.getfixturevalue("maya").texts
        return texts
    from maya import OpenMaya as om1
    from maya import cmds

    shown: list[tuple[str, str]] = []

    def heard(kind: str, show: Callable[[str], Any]) -> Callable[[str], None]:
        def run(text: str) -> None:
            shown.append((kind, text))
            show(text)

        return run

    monkeypatch.setattr(cmds, "warning", heard("warning", cmds.warning))
    for kind in ("info", "warning", "error"):
        name = f"display{kind.capitalize()}"
        monkeypatch.setattr(om1.MGlobal, name, staticmethod(heard(kind, getattr(om1.MGlobal, name))))
    return lambda kind: [text for of, text in shown if of == kind]
