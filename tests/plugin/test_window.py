"""The pages of the window on the scene: what is picked, made, extracted and remembered there."""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"
pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")
if not find_spec("pyqtgraph"):
    pytest.skip("there is no pyqtgraph", allow_module_level=True)

from test_extract import configuration, samples_of

from glm_deep import dio, launch
from glm_deep_ui.qt import QtCore, QtWidgets
from hand import keys, live

MESHES, JOINTS, MATRICES, FLOATS = "meshes", "rig_inputs.joints", "rig_inputs.matrices", "rig_inputs.floats"


@pytest.fixture(scope="module")
def application() -> Any:
    return QtWidgets.QApplication.instance() or QtWidgets.QApplication(["tests"])


@pytest.fixture
def path(application: Any, maya: Any, loaded: Any, limb: Any, tmp_path: Path) -> Any:
    """A configuration of the limb that names its mesh alone, shown in the window."""
    from maya import cmds

    made = configuration(tmp_path / "Zoë's rig", limb)
    values = json.loads(made.read_text(encoding="utf-8"))
    values["rig_inputs"] = {}
    made.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    cmds.glmDeepSettings(ioConfFile=str(made))
    yield made
    from glm_deep_maya import dock

    dock._forget()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)


def panel() -> Any:
    from glm_deep_maya import dock

    (found,) = dock._shown
    return found


def click(name: str) -> None:
    keys().mouseClick(panel().findChild(QtWidgets.QAbstractButton, name), QtCore.Qt.MouseButton.LeftButton)
    live()


def type_into(name: str, text: str) -> None:
    field = panel().findChild(QtWidgets.QLineEdit, name)
    field.setFocus()
    field.selectAll()
    keys().keyClicks(field, text)
    keys().keyClick(field, QtCore.Qt.Key.Key_Return)
    live()


def words() -> str:
    return "\n".join(label.text() for label in panel().findChildren(QtWidgets.QLabel))


def cells(key: str) -> list[list[str]]:
    table = panel().findChild(QtWidgets.QTableWidget, key)
    return [
        [table.item(row, column).text() for column in range(table.columnCount())] for row in range(table.rowCount())
    ]


def wait_for(until: Any) -> None:
    keeper = QtCore.QElapsedTimer()
    keeper.start()
    while not until():
        assert keeper.elapsed() < 90_000, f"it did not come: {words()}"
        QtWidgets.QApplication.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents, 20)


def test_joints_attributes_and_matrices_come_from_the_scene(path: Path, maya: Any, limb: Any) -> None:
    from maya import cmds

    click("joints from skin")
    upper, lower, hand = limb.joints
    assert cells(JOINTS) == [[upper, "", ""], [lower, upper, ""], [hand, lower, ""]]
    click("floats add selected")
    assert "no attributes are selected" in words()
    cmds.select(limb.control)
    maya.ui.find("mainChannelBox").flags["selected"] = ["muscle"]
    click("floats add selected")
    assert cells(FLOATS) == [[f"{limb.control}.muscle", "", ""]]
    click("matrices add selected")
    assert cells(MATRICES) == [[limb.control, ""]]
    click("save")
    inputs = dio.load(path).values["rig_inputs"]
    assert inputs["joints"] == [
        {"name": upper},
        {"name": lower, "parent": upper},
        {"name": hand, "parent": lower},
    ]
    assert inputs["floats"] == [{"name": f"{limb.control}.muscle"}]


def test_selected_joints_find_their_parents_among_those_that_are_listed(path: Path, limb: Any) -> None:
    from maya import cmds

    upper, _, hand = limb.joints
    for joint in (upper, hand):
        cmds.select(joint)
        click("joints add selected")
    assert cells(JOINTS) == [[upper, "", ""], [hand, upper, ""]]
    cmds.select(hand)
    click("joints add selected")
    assert "Nothing new is selected." in words()
    cmds.select(limb.mesh)
    click("joints add selected")
    assert "no joints are selected" in words()


def test_a_selected_mesh_is_added_and_its_linear_mesh_is_one_step_of_undo(path: Path, limb: Any) -> None:
    from maya import cmds

    cmds.polyCube(name="hat")
    cmds.select("hat.vtx[0]")
    click("meshes add selected")
    assert [row[0] for row in cells(MESHES)] == [limb.mesh, "hat"]
    panel().findChild(QtWidgets.QTableWidget, MESHES).selectRow(0)
    click("meshes duplicate")
    assert f"Made: {limb.mesh}_linear." in words()
    click("meshes duplicate")
    assert "All linear meshes are there already." in words()
    cmds.undo()
    assert not cmds.objExists(f"{limb.mesh}_linear")
    panel().findChild(QtWidgets.QTableWidget, MESHES).clearSelection()
    click("meshes duplicate")
    assert "hat has no skinCluster" in words().replace("|", "")


def test_the_extract_button_does_as_the_command_and_so_does_the_sampler(path: Path, limb: Any) -> None:
    from maya import cmds

    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    click("joints from skin")
    cmds.playbackOptions(animationStartTime=2, animationEndTime=9)
    click("timeline")
    click("extract")
    assert "8 samples were added. There are 8 now." in words()
    assert samples_of(path).frame_count == 8
    click("extract")
    assert "0 samples were added, 8 left out as identical to others. There are 8 now." in words()
    type_into("poses", "30")
    click("sample")
    assert samples_of(path).frame_count > 30
    click("relevance")
    assert limb.mesh in panel().findChild(QtWidgets.QLabel, "extraction message").text()


def test_edits_wait_in_the_scene_and_follow_its_undo(path: Path) -> None:
    from maya import cmds

    from glm_deep_maya.config_node import config_nodes

    type_into("extraction.end_frame", "12")
    type_into("extraction.end_frame", "13")
    (node,) = config_nodes()
    assert node.edits == {"extraction.end_frame": 13}
    assert dio.load(path).config.extraction.end_frame == 24
    cmds.undo()
    field = panel().findChild(QtWidgets.QLineEdit, "extraction.end_frame")
    wait_for(lambda: field.text() == "12")
    cmds.glmDeepSettings(ioConfFile=str(path))  # closed and opened again
    assert panel().findChild(QtWidgets.QLineEdit, "extraction.end_frame").text() == "12"
    click("save")
    assert dio.load(path).config.extraction.end_frame == 12
    assert node.edits == {}


def test_a_conflict_of_the_scene_with_the_file_is_shown_and_settled_by_saving(path: Path) -> None:
    from maya import cmds

    from glm_deep_maya.config_node import config_nodes

    type_into("extraction.end_frame", "12")
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**values, "asset": "other"}, ensure_ascii=False), encoding="utf-8")
    cmds.glmDeepSettings(ioConfFile=str(path))
    assert "was changed by somebody else since it was edited in this scene." in words()
    assert 'End frame is "24" in the file and "12" here.' in words()
    with pytest.raises(RuntimeError, match="was changed by somebody else"):
        cmds.glmDeepExtract(ioConfFile=str(path))
    click("save")
    assert dio.load(path).config.asset == "other"
    assert dio.load(path).config.extraction.end_frame == 12
    assert not config_nodes()[0].conflicts


def test_the_chosen_python_is_a_preference_that_trainings_and_commands_use(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maya import cmds

    from glm_deep_maya import preferences

    monkeypatch.setenv(launch.PYTHON, "/somewhere/else")
    assert panel().findChild(QtWidgets.QLineEdit, "training python").text() == ""
    type_into("training python", sys.executable)
    assert cmds.optionVar(query="glmDeepTrainingPython") == sys.executable
    assert preferences.environment()[launch.PYTHON] == sys.executable
    found = panel().findChild(QtWidgets.QPlainTextEdit, "found")
    assert f"Maya {cmds.about(version=True)}, Python 3." in found.toPlainText()
    assert "numpy" in found.toPlainText()
    click("doctor")
    wait_for(lambda: "ONNX graphs" in found.toPlainText())


def test_the_train_button_says_why_it_cannot_begin(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(launch.PYTHON, raising=False)
    assert not panel().findChild(QtWidgets.QPushButton, "primary").isEnabled()
    assert "Add samples first" in words()


def test_what_maya_itself_refuses_is_said_on_the_page_and_in_the_script_editor(
    path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from maya import cmds

    def refuse(*_: Any, **__: Any) -> None:
        raise RuntimeError("Maya is not in the mood.\nTry again.")

    monkeypatch.setattr(cmds, "playbackOptions", refuse)
    click("timeline")
    assert "Maya is not in the mood. The Script Editor says more." in words()
    assert "RuntimeError: Maya is not in the mood." in capfd.readouterr().err


def test_the_shelf_gets_one_button_that_opens_the_window(path: Path, maya: Any) -> None:
    from maya import cmds

    from glm_deep_maya import menu

    menu.add_to_shelf()
    menu.add_to_shelf()
    (button,) = cmds.shelfLayout("Custom", query=True, childArray=True)
    assert "has the button already" in maya.texts("warning")[-1]
    cmds.workspaceControl("glmDeepPanelWorkspaceControl", edit=True, close=True)
    maya.ui.click(button)
    assert cmds.workspaceControl("glmDeepPanelWorkspaceControl", query=True, exists=True)


def test_what_is_shown_in_maya_is_selected_and_what_is_missing_is_said(path: Path, limb: Any) -> None:
    from maya import cmds

    click("joints from skin")
    panel().findChild(QtWidgets.QTableWidget, JOINTS).selectRow(2)
    click("joints show")
    assert cmds.ls(selection=True) == [limb.joints[2]]
    click("meshes show")
    assert cmds.ls(selection=True) == [limb.mesh]
    cmds.file(new=True, force=True)
    click("meshes show")
    assert f"none of these is in the scene: {limb.mesh}" in words()


def test_a_locked_node_is_said_and_the_file_can_be_saved_all_the_same(path: Path) -> None:
    from maya import cmds

    from glm_deep_maya.config_node import config_nodes

    type_into("extraction.end_frame", "12")
    (node,) = config_nodes()
    cmds.setAttr(f"{node.name}.unsavedEdits", lock=True)
    type_into("extraction.end_frame", "13")
    assert "the scene cannot keep what was edited" in words()
    click("save")
    assert dio.load(path).config.extraction.end_frame == 13
    cmds.setAttr(f"{node.name}.unsavedEdits", lock=False)
    type_into("extraction.end_frame", "14")
    assert "the scene cannot keep what was edited" not in words()
    assert node.edits == {"extraction.end_frame": 14}


def test_a_new_scene_leaves_what_was_typed_and_keeps_what_is_typed_next(path: Path) -> None:
    from maya import cmds

    from glm_deep_maya.config_node import config_nodes

    type_into("extraction.end_frame", "12")
    cmds.file(new=True, force=True)
    type_into("extraction.start_frame", "2")
    assert panel().findChild(QtWidgets.QLineEdit, "extraction.end_frame").text() == "12"
    (node,) = config_nodes()
    assert node.edits == {"extraction.end_frame": 12, "extraction.start_frame": 2}


def test_nodes_of_one_name_are_all_shown(path: Path) -> None:
    from maya import cmds

    for parent in ("left", "right"):
        cmds.createNode("transform", name=parent)
        cmds.createNode("joint", name="tip", parent=parent)
    cmds.select("|left|tip")
    click("joints add selected")
    table = panel().findChild(QtWidgets.QTableWidget, JOINTS)
    table.item(0, 0).setText("tip")
    click("joints show")
    assert sorted(cmds.ls(selection=True, long=True)) == ["|left|tip", "|right|tip"]


def test_what_wants_numpy_says_how_to_install_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window is there already: the fake itself wants numpy."""
    wanting = [f"glm_deep_maya.{name}" for name in ("skin", "linear_mesh", "extract", "sampler", "relevance")]

    class NoNumpy:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name in wanting:
                raise ModuleNotFoundError("No module named 'numpy'", name="numpy")

    for name in wanting:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoNumpy(), *sys.meta_path])
    for button, page in (
        ("joints from skin", "inputs"),
        ("meshes duplicate", "meshes"),
        ("extract", "extraction"),
        ("sample", "extraction"),
        ("relevance", "extraction"),
    ):
        panel().findChild(QtWidgets.QAbstractButton, button).click()
        said = panel().findChild(QtWidgets.QLabel, f"{page} message").text()
        assert "the package numpy is missing in Maya. Run this in a terminal: " in said
        assert "pip install" in said
