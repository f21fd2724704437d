"""The pages of meshes, inputs, extraction and preferences, worked with real events in front of a host."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")
pytest.importorskip("pyqtgraph", reason="there is no pyqtgraph")

from glm_deep import dio
from glm_deep.errors import GlmDeepError
from glm_deep_ui.app import open_window
from glm_deep_ui.host import Kept, StandaloneHost
from glm_deep_ui.qt import QtCore, QtWidgets
from hand import Tab, keys, live

MESHES, JOINTS, FLOATS = "meshes", "rig_inputs.joints", "rig_inputs.floats"


class Scene(StandaloneHost):
    """A host with a selection, and a memory for edits."""

    lacks = lacks_preferences = ""

    def __init__(self) -> None:
        self.selection: dict[str, list[dict[str, Any]]] = {}
        self.kept: Kept | None = None
        self.python = ""
        self.done: list[object] = []

    def selected(self, key: str, there: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        if key not in self.selection:
            raise GlmDeepError("nothing is selected", hint="Select something")
        return self.selection[key]

    def influences(self, meshes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{"name": f"{meshes[0]['deformed']}_root"}, {"name": "hand", "parent": f"{meshes[0]['deformed']}_root"}]

    def show(self, names: Sequence[str]) -> None:
        self.done.append(list(names))

    def duplicate_linear(self, meshes: Sequence[Mapping[str, Any]]) -> str:
        return f"Made {len(meshes)}."

    def time_range(self) -> tuple[float, float]:
        return 101.0, 148.5

    def extract(self) -> str:
        self.done.append("extract")
        return "48 samples were added."

    def sample(self, count: int, seed: int) -> str:
        self.done.append((count, seed))
        return "sampled"

    def kept_edits(self) -> Kept | None:
        return self.kept

    def keep_edits(self, settings: Mapping[str, Any]) -> None:
        self.kept = Kept(dict(settings), False)

    def training_python(self) -> str:
        return self.python

    def choose_training_python(self, path: str) -> None:
        self.python = path

    def own_python(self) -> str:
        return "Maya 2026, numpy: no"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    values = {
        "glm_deep": 1,
        "asset": "hero",
        "meshes": [{"deformed": "body"}, {"deformed": "hat", "linear": "hat_lin"}],
        "rig_inputs": {"joints": [{"name": "hand"}], "floats": [{"name": "jaw.open", "min": 0}]},
    }
    folder = tmp_path / "Zoë's rig"
    folder.mkdir()
    (folder / "hero.dio").write_text(json.dumps(values), encoding="utf-8")
    return folder


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def window(qapp: Any, place: Path, scene: Scene) -> Iterator[Tab]:
    made = Tab(open_window(place / "hero.dio", scene))
    made.look(0.1)
    yield made
    made.close()


def cells(window: Tab, key: str) -> list[list[str]]:
    table = window.field(key)
    return [
        [table.item(row, column).text() for column in range(table.columnCount())] for row in range(table.rowCount())
    ]


def enter(window: Tab, key: str, row: int, column: int, text: str) -> None:
    """Types into a cell as a person does."""
    table = window.field(key)
    table.setCurrentCell(row, column)
    table.editItem(table.item(row, column))
    (editor,) = [each for each in table.findChildren(QtWidgets.QLineEdit) if each.isVisible()]
    editor.selectAll()
    keys().keyClick(editor, QtCore.Qt.Key.Key_Backspace)
    keys().keyClicks(editor, text)
    keys().keyClick(editor, QtCore.Qt.Key.Key_Return)
    live()


def typed(window: Tab, place: Path) -> dict[str, Any]:
    """The file after saving."""
    window.click("save")
    return dio.load(place / "hero.dio").values


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


def test_the_scene_keeps_what_is_typed_until_it_is_saved(window: Tab, scene: Scene) -> None:
    window.turn_to("Extraction")
    window.type("extraction.end_frame", "50")
    window.turn_to("Meshes")
    enter(window, MESHES, 0, 1, "other")
    listed = [{"deformed": "body", "linear": "other"}, {"deformed": "hat", "linear": "hat_lin"}]
    assert scene.kept == Kept({"extraction.end_frame": 50, "meshes": listed}, False)
    window.click("revert")
    assert scene.kept == Kept({}, False)
    window.turn_to("Extraction")
    window.type("extraction.end_frame", "60")
    window.click("save")
    assert scene.kept == Kept({}, False)


def test_the_window_follows_the_undo_of_the_scene(window: Tab, scene: Scene) -> None:
    window.turn_to("Extraction")
    window.type("extraction.end_frame", "50")
    scene.kept = Kept({"extraction.end_frame": 40}, False)
    window.wait(lambda: window.field("extraction.end_frame").text() == "40", "the edit of the scene")
    scene.kept = None  # another scene was opened
    window.look(2.2)
    assert window.field("extraction.end_frame").text() == "40"


def test_edits_that_the_scene_kept_are_there_again_and_a_conflict_is_shown(
    qapp: Any, place: Path, scene: Scene
) -> None:
    scene.kept = Kept({"training.seed": 7, "training.anchors.additional": [{"mesh": "hat", "vertices": [3]}]}, True)
    window = Tab(open_window(place / "hero.dio", scene))
    assert window.field("training.seed").text() == "7"
    assert window.field("training.anchors.additional/hat").text() == "3"
    assert "hero.dio was changed by somebody else since it was edited in this scene." in window.said
    assert 'Seed is "0" in the file and "7" here.' in window.said
    window.click("save")
    assert dio.load(place / "hero.dio").config.training.seed == 7
    window.close()


def test_the_python_that_trains_is_chosen_and_looked_into(window: Tab, scene: Scene) -> None:
    window.turn_to("Python")
    assert "Maya 2026, numpy: no" in window.field("found").toPlainText()
    window.type("training python", "/no/such/python")
    assert "there is no such Python: /no/such/python" in window.said
    assert scene.python == ""
    window.type("training python", f'"{sys.executable}"')
    assert scene.python == sys.executable
    window.click("doctor")
    window.wait(lambda: "playing models and importing frames: yes" in window.field("found").toPlainText(), "the doctor")
    assert "Maya 2026, numpy: no" in window.field("found").toPlainText()
    window.field("training python").selectAll()
    keys().keyClick(window.field("training python"), QtCore.Qt.Key.Key_Backspace)
    keys().keyClick(window.field("training python"), QtCore.Qt.Key.Key_Return)
    assert scene.python == ""


def begin_to_type(window: Tab, key: str, row: int, column: int, text: str) -> Any:
    """Types into a cell and leaves its editor open; the editor."""
    table = window.field(key)
    table.setFocus()
    table.setCurrentCell(row, column)
    table.editItem(table.item(row, column))
    (editor,) = [each for each in table.findChildren(QtWidgets.QLineEdit) if each.isVisible()]
    keys().keyClicks(editor, text)
    return editor


def test_what_is_still_being_typed_is_saved_with_the_rest(window: Tab, place: Path) -> None:
    control = QtCore.Qt.KeyboardModifier.ControlModifier
    editor = begin_to_type(window, MESHES, 0, 1, "body_skin")
    keys().keyClick(editor, QtCore.Qt.Key.Key_S, control)
    live()
    assert dio.load(place / "hero.dio").values["meshes"][0] == {"deformed": "body", "linear": "body_skin"}
    window.turn_to("Extraction")
    field = window.field("extraction.end_frame")
    field.setFocus()
    field.selectAll()
    keys().keyClicks(field, "55")
    keys().keyClick(field, QtCore.Qt.Key.Key_S, control)
    live()
    assert dio.load(place / "hero.dio").config.extraction.end_frame == 55


def test_an_extraction_begins_with_what_is_still_being_typed(window: Tab, scene: Scene, place: Path) -> None:
    begin_to_type(window, MESHES, 0, 1, "body_skin")
    window.button("extract").click()  # the keyboard stays where it is, as on a system whose buttons do not take it
    assert scene.done == ["extract"]
    assert dio.load(place / "hero.dio").config.meshes[0].linear == "body_skin"


def test_the_window_asks_about_what_is_still_being_typed(window: Tab) -> None:
    assert not window.window.centralWidget().changed
    begin_to_type(window, MESHES, 0, 1, "body_skin")
    assert window.window.centralWidget().changed


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


def test_a_file_that_broke_is_said_on_every_page_until_it_is_mended(window: Tab, place: Path) -> None:
    path = place / "hero.dio"
    before = path.read_text(encoding="utf-8")
    enter(window, MESHES, 0, 1, "typed")
    path.write_text(before.replace('"asset"', "asset"), encoding="utf-8")
    for page in ("Meshes", "Training", "Python"):
        window.turn_to(page)
        window.wait(lambda: "is not JSON" in window.said, "the problem of the file")
        assert window.said.count("is not JSON") == 1
    window.click("save")
    assert "is not JSON" in window.said
    path.write_text(before, encoding="utf-8")
    window.wait(lambda: "is not JSON" not in window.said, "that the file is whole again")
    assert typed(window, place)["meshes"][0]["linear"] == "typed"


def test_numbers_of_poses_are_plain_ones(window: Tab, scene: Scene) -> None:
    window.turn_to("Extraction")
    for wrong in ("1,000", "0"):
        window.type("poses", wrong)
        window.field("poses").setText(wrong)
        window.click("sample")
        assert "poses is not a whole number from 1 to 100,000." in window.said
    assert scene.done == []


def test_what_is_typed_into_a_cell_stays_when_somebody_else_changes_the_file(window: Tab, place: Path) -> None:
    path = place / "hero.dio"
    text = path.read_text(encoding="utf-8")
    editor = begin_to_type(window, MESHES, 1, 1, "typed")
    path.write_text(text.replace("hat_lin", "theirs"), encoding="utf-8")
    window.wait(lambda: "was changed by somebody else" in window.said, "the change of the file")
    assert editor.text() == "typed"
    keys().keyClick(editor, QtCore.Qt.Key.Key_Escape)
    live()
    window.look(0.05)
    assert cells(window, MESHES)[1] == ["hat", "theirs", ""]
    editor = begin_to_type(window, MESHES, 1, 1, "typed")
    path.write_text(text, encoding="utf-8")
    window.wait(lambda: window.window.centralWidget()._editing.form.saved(MESHES).count("hat_lin") == 1, "the change")
    keys().keyClick(editor, QtCore.Qt.Key.Key_Return)
    live()
    assert cells(window, MESHES)[1] == ["hat", "typed", ""]


def test_lists_that_differ_are_told_without_json(window: Tab, place: Path) -> None:
    path = place / "hero.dio"
    enter(window, MESHES, 1, 1, "mine")
    path.write_text(path.read_text(encoding="utf-8").replace("hat_lin", "theirs"), encoding="utf-8")
    window.wait(lambda: "was changed by somebody else" in window.said, "the change of the file")
    assert "The list Meshes is another one in the file than here." in window.said


class Forgetful(Scene):
    """A scene that keeps no edit which says what the file says anyway, as a scene in Maya does."""

    def keep_edits(self, settings: Mapping[str, Any]) -> None:
        said = [{"deformed": "body", "linear": "body_linear"}, {"deformed": "hat", "linear": "hat_lin"}]
        self.kept = Kept({key: value for key, value in settings.items() if value != said}, False)


def test_what_the_scene_need_not_keep_stays_in_the_window(qapp: Any, place: Path) -> None:
    window = Tab(open_window(place / "hero.dio", Forgetful()))
    enter(window, MESHES, 0, 1, "body_linear")
    window.look(2.2)
    assert cells(window, MESHES)[0][1] == "body_linear"
    window.close()


def test_the_undo_of_the_scene_leaves_what_is_still_wrong(window: Tab, scene: Scene) -> None:
    window.turn_to("Extraction")
    window.type("extraction.end_frame", "50")
    window.type("extraction.step", "-1")
    scene.kept = Kept({"extraction.end_frame": 40}, False)
    window.wait(lambda: window.field("extraction.end_frame").text() == "40", "the edit of the scene")
    assert window.field("extraction.step").text() == "-1"


class Strict(Scene):
    """A scene that refuses a joint with an unknown parent."""

    def keep_edits(self, settings: Mapping[str, Any]) -> None:
        if "nobody" in str(settings):
            raise GlmDeepError("nobody is unknown here")
        super().keep_edits(settings)


def test_what_the_scene_refuses_is_said_until_it_is_mended(qapp: Any, place: Path) -> None:
    window = Tab(open_window(place / "hero.dio", Strict()))
    window.turn_to("Rig Inputs")
    enter(window, JOINTS, 0, 1, "nobody")
    assert "nobody is unknown here." in window.said
    enter(window, JOINTS, 0, 1, "")
    assert "nobody" not in window.said
    window.close()


def python(place: Path, lines: str) -> Path:
    """A program that is no Python."""
    path = place / "no python"
    path.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="a script of a shell")
@pytest.mark.parametrize(("lines", "said"), [("exit 0", "It said nothing."), ("exec sleep 60", "It said nothing.")])
def test_what_is_no_python_is_said_also_when_it_never_answers(
    window: Tab, scene: Scene, place: Path, monkeypatch: pytest.MonkeyPatch, lines: str, said: str
) -> None:
    from glm_deep_ui.widgets import preferences_page

    monkeypatch.setattr(preferences_page, "PATIENCE", 1000)
    monkeypatch.setattr(scene, "environment", lambda: {"GLM_DEEP_PYTHON": str(python(place, lines))}, raising=False)
    window.turn_to("Python")
    window.click("doctor")
    window.wait(lambda: "That Python does not run glm_deep." in window.said, "what was found")
    assert said in window.field("found").toPlainText()
    assert window.button("doctor").isEnabled()


def test_a_file_that_cannot_be_run_is_said(window: Tab, scene: Scene, place: Path, monkeypatch: Any) -> None:
    path = place / "notes.txt"
    path.write_text("no program", encoding="utf-8")
    monkeypatch.setattr(scene, "environment", lambda: {"GLM_DEEP_PYTHON": str(path)}, raising=False)
    window.turn_to("Python")
    window.click("doctor")
    window.wait(lambda: "That Python does not run glm_deep." in window.said, "what was found")
    assert window.button("doctor").isEnabled()


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
