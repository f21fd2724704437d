"""The window in Maya: docked, filled again when Maya starts anew, with the scene as its host."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"
pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")
if not find_spec("pyqtgraph"):
    pytest.skip("there is no pyqtgraph", allow_module_level=True)

from test_extract import configuration

from glm_deep import dio
from glm_deep_ui.qt import QtCore, QtWidgets
from hand import keys


@pytest.fixture(scope="module")
def application() -> Any:
    return QtWidgets.QApplication.instance() or QtWidgets.QApplication(["tests"])


@pytest.fixture
def path(application: Any, maya: Any, loaded: None, limb: Any, tmp_path: Path) -> Any:
    """A configuration of the limb; all windows go after the test."""
    yield configuration(tmp_path / "Zoë's rig", limb)
    from glm_deep_maya import dock

    dock._forget()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)


def panel() -> Any:
    from glm_deep_maya import dock

    (found,) = dock._shown
    return found


def words() -> str:
    return "\n".join(label.text() for label in panel().findChildren(QtWidgets.QLabel))


def test_the_command_docks_the_tab_of_a_configuration(path: Path) -> None:
    from maya import cmds

    control = cmds.glmDeepSettings(ioConfFile=str(path))
    assert cmds.workspaceControl(control, query=True, exists=True)
    assert "limb" in words()
    assert panel().findChild(QtWidgets.QPushButton, "primary").text() == "Train Model"
    cmds.glmDeepSettings(ioConfFile=str(path))  # a second call takes its place
    assert panel() is not None


def test_it_is_there_again_when_maya_starts_anew(path: Path, maya: Any) -> None:
    from maya import cmds

    cmds.glmDeepSettings(ioConfFile=str(path))
    maya.ui.quit_and_start()
    assert maya.texts("error") == []
    assert "limb" in words()


def test_without_a_configuration_it_says_how_to_open_one(path: Path, maya: Any) -> None:
    from maya import cmds

    cmds.glmDeepSettings()
    assert "Open the configuration of a character" in words()
    maya.answers.append([str(path)])
    keys().mouseClick(panel().findChild(QtWidgets.QPushButton, "open"), QtCore.Qt.MouseButton.LeftButton)
    assert "limb" in words()


def test_it_opens_the_configuration_that_the_scene_names(path: Path) -> None:
    from maya import cmds

    from glm_deep_maya.config_node import node_for

    node_for(path)
    cmds.glmDeepSettings()
    assert "limb" in words()


def test_selected_vertices_become_additional_anchors_and_are_shown_again(path: Path, limb: Any) -> None:
    from maya import cmds

    from glm_deep_maya.config_node import config_nodes

    cmds.glmDeepSettings(ioConfFile=str(path))
    cmds.select(f"{limb.mesh}.vtx[3:5]", f"{limb.mesh}.vtx[9]")
    pick = panel().findChild(QtWidgets.QPushButton, "anchors pick")
    assert pick.isEnabled()
    pick.click()
    field = panel().findChild(QtWidgets.QLineEdit, f"training.anchors.additional/{limb.mesh}")
    assert field.text() == "3-5, 9"
    (node,) = config_nodes()
    assert node.path == path
    assert '"vertices": [' in path.read_text(encoding="utf-8")
    cmds.select(clear=True)
    panel().findChild(QtWidgets.QPushButton, "anchors sim").click()
    assert len(cmds.ls(selection=True, flatten=True)) == 4
    panel().findChild(QtWidgets.QPushButton, "anchors show").click()
    assert cmds.ls(selection=True) == [limb.mesh]


def test_in_batch_there_is_no_window(path: Path, maya: Any) -> None:
    from maya import cmds

    maya.app = "batch"
    with pytest.raises(RuntimeError, match="there is no window in batch"):
        cmds.glmDeepSettings(ioConfFile=str(path))
    maya.app = "interactive"


def test_it_opens_again_after_the_dock_took_it_along(path: Path) -> None:
    from maya import cmds

    control = cmds.glmDeepSettings(ioConfFile=str(path))
    panel().deleteLater()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
    cmds.workspaceControl(control, edit=True, close=True)
    cmds.glmDeepSettings(ioConfFile=str(path))
    assert "limb" in words()


def test_the_menu_opens_the_configuration_of_another_character(path: Path, limb: Any, maya: Any) -> None:
    from maya import cmds

    cmds.glmDeepSettings(ioConfFile=str(path))
    other = configuration(path.parent / "other", limb)
    other.write_text(other.read_text(encoding="utf-8").replace('"limb"', '"other limb"'), encoding="utf-8")
    item = menu_item("Open Configuration…")
    maya.answers.append(None)
    maya.ui.click(item)
    assert "other limb" not in words()
    maya.answers.append([str(other)])
    maya.ui.click(item)
    assert "other limb" in words()


def menu_item(label: str) -> str:
    from maya import cmds

    items = cmds.menu("glmDeepMenu", query=True, itemArray=True)
    (found,) = [each for each in items if cmds.menuItem(each, query=True, label=True) == label]
    return str(found)


def test_a_configuration_is_made_of_the_selected_meshes(path: Path, limb: Any, maya: Any, tmp_path: Path) -> None:
    from maya import cmds

    cmds.glmDeepSettings()
    cmds.select(limb.control)
    keys().mouseClick(panel().findChild(QtWidgets.QPushButton, "new"), QtCore.Qt.MouseButton.LeftButton)
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
    assert f'{limb.control}" has no mesh' in words()
    cmds.select(limb.mesh)
    made = tmp_path / "new hero.dio"
    maya.answers.append([str(made.with_suffix(""))])
    keys().mouseClick(panel().findChild(QtWidgets.QPushButton, "new"), QtCore.Qt.MouseButton.LeftButton)
    assert "new hero" in words()
    assert dio.load(made).values == {"glm_deep": 1, "asset": "new hero", "meshes": [{"deformed": limb.mesh}]}
    maya.answers.append([str(made)])
    maya.ui.click(menu_item("New Configuration…"))
    assert "There is a file of this name already" in maya.texts("warning")[-1]
    maya.answers.append([str(tmp_path / "second.dio")])
    maya.ui.click(menu_item("New Configuration…"))
    assert "second" in words()
