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
