"""The pages of meshes, inputs and extraction, worked with real events in front of a host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")
pytest.importorskip("pyqtgraph", reason="there is no pyqtgraph")

from glm_deep import dio
from glm_deep_ui.app import open_window
from glm_deep_ui.host import StandaloneHost
from glm_deep_ui.qt import QtCore, QtWidgets
from hand import Tab, keys, live
from page_scene import FLOATS, JOINTS, MESHES, Scene, begin_to_type, cells, enter, place, scene, typed, window

__all__ = ["place", "scene", "window"]


def test_the_pages_stand_in_the_order_of_the_work_and_it_begins_with_the_meshes(window: Tab) -> None:
    pages = window.field("pages")
    titles = [pages.tabText(place) for place in range(pages.count())]
    assert titles == ["Meshes", "Rig Inputs", "Extraction", "Training", "Python"]
    assert titles[pages.currentIndex()] == "Meshes"


def test_a_character_with_samples_and_a_window_by_itself_begin_with_the_training(qapp: Any, place: Path) -> None:
    window = Tab(open_window(place / "hero.dio"))
    pages = window.field("pages")
    assert pages.tabText(pages.currentIndex()) == "Training"
    for page, name in (("Meshes", "meshes add selected"), ("Extraction", "extract"), ("Extraction", "relevance")):
        window.turn_to(page)
        assert not window.button(name).isEnabled()
        assert window.button(name).toolTip() == StandaloneHost.lacks
    window.close()


def test_meshes_are_shown_typed_undone_and_saved(window: Tab, place: Path) -> None:
    assert cells(window, MESHES) == [["body", "", ""], ["hat", "hat_lin", ""]]
    enter(window, MESHES, 0, 1, "body_skin")
    enter(window, MESHES, 1, 1, "")
    assert window.button("save").isVisible()
    window.click("save")
    values = dio.load(place / "hero.dio").values
    assert values["meshes"] == [{"deformed": "body", "linear": "body_skin"}, {"deformed": "hat"}]
    window.field(MESHES).setFocus()
    keys().keyClick(window.field(MESHES), QtCore.Qt.Key.Key_Z, QtCore.Qt.KeyboardModifier.ControlModifier)
    live()
    assert cells(window, MESHES)[1][1] == "hat_lin"


def test_the_selected_meshes_are_added_and_rows_removed(window: Tab, scene: Scene, place: Path) -> None:
    window.click("meshes add selected")
    assert "nothing is selected. Select something." in window.said
    scene.selection[MESHES] = [{"deformed": "boots"}, {"deformed": "ns:belt"}]
    window.click("meshes add selected")
    assert "2 were added." in window.said
    window.click("meshes remove")
    assert "Select the rows that are to go." in window.said
    window.field(MESHES).selectRow(0)
    window.click("meshes remove")
    assert [each["deformed"] for each in typed(window, place)["meshes"]] == ["hat", "boots", "ns:belt"]


def test_a_row_that_is_wrong_is_said_and_not_saved(window: Tab, place: Path) -> None:
    before = (place / "hero.dio").read_bytes()
    window.click("meshes add")
    editor = window.field(MESHES).findChild(QtWidgets.QLineEdit)
    keys().keyClick(editor, QtCore.Qt.Key.Key_Escape)
    assert "Meshes: row 3, Deformed mesh is empty, but must not be" in window.said
    window.click("save")
    assert "Correct first: Meshes: row 3" in window.said
    assert (place / "hero.dio").read_bytes() == before
    window.turn_to("Rig Inputs")
    enter(window, FLOATS, 0, 2, "wide")
    assert 'Attributes: row 1, Highest value is "wide", but must be a number' in window.said
    enter(window, FLOATS, 0, 2, "1.5")
    window.turn_to("Meshes")
    enter(window, MESHES, 2, 0, "boots")
    assert typed(window, place)["rig_inputs"]["floats"] == [{"name": "jaw.open", "min": 0, "max": 1.5}]


@pytest.mark.parametrize(
    ("page", "key", "text"),
    [("Meshes", "asset", " "), ("Extraction", "extraction.step", "-1"), ("Training", "training.seed", "-1")],
)
def test_saving_turns_to_the_page_of_what_is_wrong(window: Tab, page: str, key: str, text: str) -> None:
    window.turn_to(page)
    if page == "Training":
        window.unfold()
    window.type(key, text)
    window.turn_to("Python")
    window.click("save")
    pages = window.field("pages")
    assert pages.tabText(pages.currentIndex()) == page
    assert "Correct first: " in window.said


def test_what_contradicts_the_rest_of_the_file_is_refused_in_words(window: Tab, place: Path) -> None:
    window.turn_to("Rig Inputs")
    enter(window, JOINTS, 0, 1, "nobody")
    before = (place / "hero.dio").read_bytes()
    window.click("save")
    assert "nobody" in window.said
    assert (place / "hero.dio").read_bytes() == before
    assert window.button("save").isVisible()


def test_joints_come_from_the_skin_cluster_once(window: Tab, place: Path) -> None:
    window.turn_to("Rig Inputs")
    window.click("joints from skin")
    window.click("joints from skin")
    assert "Nothing new is selected." in window.said
    assert cells(window, JOINTS) == [["hand", "", ""], ["body_root", "", ""]]


def test_meshes_are_shown_in_the_scene_and_their_linear_meshes_made(window: Tab, scene: Scene) -> None:
    window.click("meshes show")
    window.field(MESHES).selectRow(1)
    window.click("meshes show")
    assert scene.done == [["body", "hat"], ["hat"]]
    window.click("meshes duplicate")
    assert "Made 1." in window.said


def test_an_extraction_saves_first_and_says_what_it_did(window: Tab, scene: Scene, place: Path) -> None:
    window.turn_to("Extraction")
    window.click("timeline")
    assert window.field("extraction.end_frame").text() == "148.5"
    window.click("extract")
    assert scene.done == ["extract"]
    assert "48 samples were added." in window.said
    assert dio.load(place / "hero.dio").config.extraction.start_frame == 101
    window.type("poses", "70")
    window.type("seed", "3")
    window.click("sample")
    assert scene.done[-1] == (70, 3)
    assert "Available Extracted Frame Count: 0" in window.said
    window.click("clear samples")
    assert "There are no samples to clear." in window.said


def test_nothing_is_extracted_while_something_is_wrong(window: Tab, scene: Scene) -> None:
    window.turn_to("Extraction")
    window.type("extraction.step", "-1")
    window.click("extract")
    assert "Correct it first" in window.said
    assert scene.done == []


def test_rows_go_by_the_delete_key_but_not_while_a_cell_is_typed_into(window: Tab) -> None:
    editor = begin_to_type(window, MESHES, 1, 1, "ab")
    keys().keyClick(editor, QtCore.Qt.Key.Key_Backspace)
    keys().keyClick(editor, QtCore.Qt.Key.Key_Return)
    live()
    assert cells(window, MESHES) == [["body", "", ""], ["hat", "a", ""]]
    window.field(MESHES).setFocus()
    window.field(MESHES).selectRow(0)
    keys().keyClick(window.field(MESHES), QtCore.Qt.Key.Key_Delete)
    live()
    assert cells(window, MESHES) == [["hat", "a", ""]]


def test_the_tabulator_key_leaves_a_table(window: Tab) -> None:
    table = window.field(MESHES)
    table.setFocus()
    keys().keyClick(table, QtCore.Qt.Key.Key_Tab)
    assert QtWidgets.QApplication.focusWidget() is window.button("meshes add selected")


def test_a_joint_with_a_new_name_takes_those_below_it_along(window: Tab, place: Path) -> None:
    window.turn_to("Rig Inputs")
    window.click("joints from skin")
    enter(window, JOINTS, 0, 1, "body_root")
    enter(window, JOINTS, 1, 0, "pelvis")
    assert cells(window, JOINTS) == [["hand", "pelvis", ""], ["pelvis", "", ""]]
    enter(window, JOINTS, 0, 1, "")  # one joint alone gets another parent
    assert cells(window, JOINTS) == [["hand", "", ""], ["pelvis", "", ""]]


def test_contradictions_are_said_once_with_rows_and_columns(window: Tab) -> None:
    window.turn_to("Rig Inputs")
    enter(window, JOINTS, 0, 1, "nobody")
    enter(window, FLOATS, 0, 2, "-1")
    window.click("save")
    assert 'Joints, row 1, Parent joint is "nobody", which is not among the joints' in window.said
    assert window.said.count("nobody") == 1
    assert "Attributes, row 1, Lowest value is 0, but must be below max" in window.said
    window.turn_to("Extraction")
    window.type("extraction.start_frame", "200")
    window.click("save")
    assert "extraction." not in window.said


def test_a_mesh_with_another_name_is_saved_once_the_anchors_of_the_old_one_are_cleared(
    window: Tab, place: Path
) -> None:
    window.turn_to("Training")
    window.unfold()
    window.type("training.anchors.additional/hat", "3")
    window.click("save")
    window.turn_to("Meshes")
    enter(window, MESHES, 1, 0, "cap")
    window.click("save")
    assert 'Mesh is "hat", which is not a deformed mesh of this file' in window.said
    window.turn_to("Training")
    window.type("training.anchors.additional/hat", " ")
    window.click("save")
    assert [each.deformed for each in dio.load(place / "hero.dio").config.meshes] == ["body", "cap"]


def test_numbers_of_poses_are_plain_ones(window: Tab, scene: Scene) -> None:
    window.turn_to("Extraction")
    for wrong in ("1,000", "0"):
        window.type("poses", wrong)
        window.field("poses").setText(wrong)
        window.click("sample")
        assert "poses is not a whole number from 1 to 100,000." in window.said
    assert scene.done == []


def test_a_long_table_shows_whole_rows_and_warns_of_nothing(qapp: Any, place: Path, scene: Scene, capfd: Any) -> None:
    values = json.loads((place / "hero.dio").read_text(encoding="utf-8"))
    values["rig_inputs"]["joints"] = [{"name": f"joint{each}"} for each in range(500)]
    (place / "hero.dio").write_text(json.dumps(values), encoding="utf-8")
    window = Tab(open_window(place / "hero.dio", scene))
    window.turn_to("Rig Inputs")
    table = window.field(JOINTS)
    assert table.viewport().height() == 10 * table.rowHeight(0)
    enter(window, JOINTS, 499, 0, "last")
    assert typed(window, place)["rig_inputs"]["joints"][499] == {"name": "last"}
    window.close()
    assert "QTableWidget" not in capfd.readouterr().err
