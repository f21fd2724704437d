"""What becomes of what is typed: until it is saved, when scene or file have changed, while the file is broken."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")
pytest.importorskip("pyqtgraph", reason="there is no pyqtgraph")

from glm_deep import dio
from glm_deep.errors import GlmDeepError
from glm_deep_ui.app import open_window
from glm_deep_ui.host import Kept
from glm_deep_ui.qt import QtCore
from hand import Tab, keys, live
from page_scene import JOINTS, MESHES, Scene, begin_to_type, cells, enter, place, scene, typed, window

__all__ = ["place", "scene", "window"]


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
