"""Unloading and loading again: with configuration nodes in the scene, with the window open, with another version."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from test_extract import configuration

import glm_deep

DOOR = Path(__file__).resolve().parents[2] / "plugin" / "plug-ins" / "glm_deep_plugin.py"
COPY = "glm_deep_plugin_of_test"


def load() -> str:
    """Loads the plug-in; its name."""
    from maya import cmds

    (name,) = cmds.loadPlugin(DOOR.as_posix())
    return str(name)


@pytest.fixture
def plug_in(any_maya: None) -> str:
    """The name of the plug-in, which is loaded and which the test unloads."""
    return load()


@pytest.fixture
def with_node(plug_in: str, limb: Any, tmp_path: Path) -> Path:
    """A configuration that the scene remembers."""
    from glm_deep_maya.config_node import node_for

    path = configuration(tmp_path / "Zoë's rig", limb)
    node_for(path).keep({"training.seed": 7})
    return path


def remembered() -> list[tuple[str, dict[str, Any]]]:
    from glm_deep_maya.config_node import config_nodes

    return [(node.path.as_posix(), node.edits) for node in config_nodes()]


def test_a_node_does_not_keep_the_plug_in_and_is_there_when_it_comes_back(plug_in: str, with_node: Path) -> None:
    from maya import cmds

    for _ in range(2):
        cmds.unloadPlugin(plug_in)
        assert not hasattr(cmds, "glmDeepTrain")
        load()
        assert remembered() == [(with_node.as_posix(), {"training.seed": 7})]
        assert cmds.glmDeepStatus(ioConfFile=str(with_node))[0] == "none"
    cmds.unloadPlugin(plug_in)


def test_undo_does_not_keep_the_plug_in(maya: Any, plug_in: str, with_node: Path) -> None:
    from maya import cmds

    cmds.glmDuplicateMeshLinear(input="arm")
    cmds.unloadPlugin(plug_in)
    cmds.undo()
    assert not cmds.objExists("arm_linear")


def test_a_scene_with_nodes_of_ours_opens_without_the_plug_in(maya: Any, plug_in: str, with_node: Path) -> None:
    from maya import cmds

    cmds.file(rename="/shots/hero.ma")
    cmds.file(save=True)
    cmds.unloadPlugin(plug_in)
    cmds.file("/shots/hero.ma", open=True, force=True)
    assert maya.texts("error") == maya.texts("warning") == []
    assert remembered() == [(with_node.as_posix(), {"training.seed": 7})]
    known = {"transform", "camera", "mesh", "joint", "network", "skinCluster", "dagPose", "objectSet", "time"}
    foreign = {cmds.objectType(each) for each in cmds.ls()} - known
    assert {each for each in foreign if not each.startswith("animCurve")} == {"bulgeDeformer"}


@pytest.fixture
def copied(any_maya: None, tmp_path: Path) -> Callable[[str], Path]:
    """A function that gives the plug-in file in a module of its own, whose packages say that they are of a version."""

    def copy(version: str) -> Path:
        door = tmp_path / version / "plug-ins" / f"{COPY}.py"
        package = tmp_path / version / "scripts" / "glm_deep"  # as the zip has it, beside those of others
        for folder in (door.parent, package, tmp_path / version / "site-packages"):
            folder.mkdir(parents=True)
        door.write_text(DOOR.read_text(encoding="utf-8"), encoding="utf-8")
        (package / "__init__.py").write_text(f'"""Glossary."""\n\n__version__ = "{version}"\n', encoding="utf-8")
        return door

    return copy


@pytest.mark.parametrize(("version", "warned"), [(glm_deep.__version__, False), ("99.0.1", True)])
def test_another_version_beside_the_one_in_memory_is_said(
    copied: Callable[[str], Path], said: Any, monkeypatch: pytest.MonkeyPatch, version: str, warned: bool
) -> None:
    from maya import cmds

    monkeypatch.setattr(sys, "path", list(sys.path))
    (name,) = cmds.loadPlugin(copied(version).as_posix())
    wanted = f"glm_deep {glm_deep.__version__} was loaded before and is used until Maya starts again"
    assert [text for text in said("warning") if text.startswith(wanted)] == said("warning")
    assert len(said("warning")) == warned
    assert cmds.pluginInfo(name, query=True, version=True) == glm_deep.__version__
    cmds.unloadPlugin(name)


def test_modules_stay_when_the_plug_in_goes_so_that_there_is_one_of_each(plug_in: str) -> None:
    from maya import cmds

    before = {name: module for name, module in sys.modules.items() if name.startswith("glm_deep")}
    cmds.unloadPlugin(plug_in)
    load()
    assert {name: sys.modules[name] for name in before} == before
    cmds.unloadPlugin(plug_in)


def test_the_window_works_on_without_the_plug_in_and_after_it_came_back(
    maya: Any, plug_in: str, with_node: Path
) -> None:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")
    if not find_spec("pyqtgraph"):
        pytest.skip("there is no pyqtgraph")
    from maya import cmds

    from glm_deep_ui.qt import QtCore, QtWidgets

    _application = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["tests"])

    def words() -> str:
        from glm_deep_maya import dock

        (panel,) = dock._shown
        return "\n".join(label.text() for label in panel.findChildren(QtWidgets.QLabel))

    control = cmds.glmDeepSettings(ioConfFile=str(with_node))
    cmds.unloadPlugin(plug_in)
    assert cmds.workspaceControl(control, query=True, exists=True)
    assert "limb" in words()
    load()
    cmds.glmDeepSettings(ioConfFile=str(with_node))
    assert "limb" in words()
    cmds.unloadPlugin(plug_in)
    from glm_deep_maya import dock

    dock._forget()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
    assert maya.texts("error") == []
