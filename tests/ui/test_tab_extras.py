"""The training tab beyond training itself: anchors from the scene, sizes, logs, runs that broke off, odd machines."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")

from glm_deep import dio
from glm_deep.errors import GlmDeepError
from glm_deep.events import Epoch, EventWriter, Failed, Finished, Started
from glm_deep.rundir import MainFolder
from glm_deep_ui.app import check_screen, open_window
from glm_deep_ui.host import StandaloneHost
from glm_deep_ui.qt import QtCore, QtWidgets
from hand import Tab, keys

ROOT = Path(__file__).resolve().parents[2]
PICK = "anchors pick"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a configuration of two meshes, without samples."""
    folder = tmp_path / "Zoë's rig"
    folder.mkdir()
    values = {"glm_deep": 1, "asset": "hero", "meshes": [{"deformed": "body"}, {"deformed": "ns:|grp|hat"}]}
    (folder / "hero.dio").write_text(json.dumps(values), encoding="utf-8")
    return folder


@pytest.fixture
def tab(qapp: Any, place: Path) -> Any:
    made = Tab(open_window(place / "hero.dio"))
    made.look()
    yield made
    made.close()


class Scene(StandaloneHost):
    """A host in which vertices can be selected."""

    lacks = ""

    def __init__(self) -> None:
        self.selected: dict[str, list[int]] = {}
        self.shown: list[object] = []

    def picked_vertices(self, meshes: Sequence[str]) -> dict[str, list[int]]:
        if not self.selected:
            raise GlmDeepError("no vertices are selected", hint="Select some of body")
        return {mesh: self.selected[mesh] for mesh in meshes if mesh in self.selected}

    def show(self, names: Sequence[str]) -> None:
        self.shown.append(list(names))

    def show_vertices(self, vertices: Mapping[str, Sequence[int]]) -> None:
        self.shown.append({mesh: list(own) for mesh, own in vertices.items()})


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def hosted(qapp: Any, place: Path, scene: Scene) -> Any:
    made = Tab(open_window(place / "hero.dio", scene))
    made.turn_to("Training")
    made.unfold()
    made.look()
    yield made
    made.close()


def additional(place: Path) -> object:
    return dio.load(place / "hero.dio").values.get("training", {}).get("anchors", {}).get("additional")


def test_by_itself_indices_are_typed_and_what_needs_maya_says_so(tab: Tab) -> None:
    tab.unfold()
    tab.look()
    for name in (PICK, "anchors show", "anchors sim"):
        assert not tab.button(name).isEnabled()
        assert tab.button(name).toolTip() == StandaloneHost.lacks
    assert not tab.button("anchors clear").isEnabled()
    tab.type("training.anchors.additional/body", "3, 7, 12-15")
    assert "6 vertices" in tab.said
    assert tab.button("anchors clear").isEnabled()
    tab.type("training.anchors.additional/body", "3, seven")
    assert 'body: "seven" is no vertex' in tab.said
    assert "Correct first: body" in tab.button("primary").toolTip()


def test_clear_empties_all_lists_and_can_be_undone(tab: Tab) -> None:
    tab.unfold()
    hat = "training.anchors.additional/ns:|grp|hat"
    tab.type("training.anchors.additional/body", "1")
    tab.type(hat, "4-9")
    tab.click("anchors clear")
    assert tab.field(hat).text() == tab.field("training.anchors.additional/body").text() == ""
    tab.press("Z", control=True)
    assert tab.field(hat).text() == "4-9"


def test_vertices_that_are_picked_are_added_and_saved(hosted: Tab, scene: Scene, place: Path) -> None:
    hosted.type("training.anchors.additional/body", "5")
    scene.selected = {"body": [2, 3, 4], "ns:|grp|hat": [0]}
    hosted.click(PICK)
    hosted.look()
    assert hosted.field("training.anchors.additional/body").text() == "2-5"
    assert additional(place) == [
        {"mesh": "body", "vertices": [2, 3, 4, 5]},
        {"mesh": "ns:|grp|hat", "vertices": [0]},
    ]


def test_a_pick_without_a_selection_says_what_to_select(hosted: Tab) -> None:
    hosted.click(PICK)
    assert "no vertices are selected. Select some of body." in hosted.said


def test_anchors_are_shown_in_the_scene(hosted: Tab, scene: Scene) -> None:
    hosted.click("anchors show")
    assert "There are no additional anchor points yet" in hosted.said
    hosted.type("training.anchors.additional/body", "5-6")
    hosted.click("anchors show")
    hosted.click("anchors sim")
    assert scene.shown == [["body"], {"body": [5, 6]}]


def test_a_run_that_failed_shows_its_sentence_and_on_demand_its_log(tab: Tab, place: Path) -> None:
    main = MainFolder(place)
    run = main.new_run()
    with EventWriter(run.events) as writer:
        writer.write(Started("0001", "hero", 1, platform.node(), "1"))
        writer.write(Failed("the disk is full", "", "Make room", str(run.log)))
    run.log.write_text("Traceback …\nOSError: [Errno 28] No space left on device: 'Zoë'", encoding="utf-8")
    tab.wait(lambda: "Run 0001 failed: The disk is full. Make room." in tab.said, "the sentence")
    assert "Traceback" not in tab.said
    tab.click("show log")
    tab.look()
    (shown,) = tab.window.findChildren(QtWidgets.QDialog, "log")
    text = shown.findChild(QtWidgets.QPlainTextEdit, "log text").toPlainText()
    assert text.endswith("No space left on device: 'Zoë'")
    shown.close()


def test_a_run_whose_process_is_gone_is_not_shown_as_going_on(tab: Tab, place: Path) -> None:
    run = MainFolder(place).new_run()
    with EventWriter(run.events) as writer:
        writer.write(Started("0001", "hero", 1, "farm-17", "1"))
        writer.write(Epoch("differential", 40, 200, 0.5, 0.6, 1e-3, 100.0))
    tab.wait(lambda: "broke off at differential 40/200" in tab.said, "the sentence")
    assert "its process on farm-17 is gone" in tab.said
    assert tab.train_says == "Train Model"
    assert not tab.window.findChild(QtWidgets.QProgressBar, "progress").isVisible()
    assert not tab.button("resume").isVisible()
    run.checkpoint.write_bytes(b"")
    tab.wait(lambda: tab.button("resume").isVisible(), "the offer to resume")


@pytest.mark.parametrize("page", ["Meshes", "Rig Inputs", "Extraction", "Training", "Python"])
@pytest.mark.parametrize("width", [320, 400, 560, 900, 1600])
def test_nothing_is_cut_off_at_any_width(qapp: Any, tab: Tab, width: int, page: str) -> None:
    tab.unfold()
    tab.turn_to(page)
    tab.window.resize(width, 800)
    tab.look()
    (area,) = [each for each in tab.window.findChildren(QtWidgets.QScrollArea) if each.isVisible()]
    assert area.widget().width() <= area.viewport().width()
    for kind in (QtWidgets.QPushButton, QtWidgets.QCheckBox, QtWidgets.QToolButton):
        for each in tab.window.findChildren(kind):
            if each.isVisible():
                assert each.width() >= each.minimumSizeHint().width(), each.text()
                right = each.mapTo(tab.window, QtCore.QPoint(each.width(), 0)).x()
                assert right <= tab.window.width(), each.text()


def test_the_wheel_scrolls_past_fields_and_changes_none(tab: Tab) -> None:
    tab.unfold()
    tab.look()
    before = tab.field("training.device").currentText()
    tab.wheel(tab.field("training.device"), -120)
    assert tab.field("training.device").currentText() == before


def test_all_controls_are_reached_by_the_tabulator_in_the_order_of_the_window(tab: Tab) -> None:
    tab.unfold()
    tab.type("training.anchors.additional/body", "3")
    tab.look()
    tab.button("fold").setFocus()
    seen: list[Any] = []
    while QtWidgets.QApplication.focusWidget() not in seen and len(seen) < 80:
        seen.append(QtWidgets.QApplication.focusWidget())
        keys().keyClick(seen[-1], QtCore.Qt.Key.Key_Tab)
    names = [each.objectName() for each in seen]
    order = ["fold", "training.pca.enabled", "training.pca.size", "training.differential.layers"]
    order += ["training.anchors.percent", "training.anchors.additional/body"]
    order += ["training.anchors.additional/ns:|grp|hat", "anchors clear", "training.learning_rate"]
    order += ["training.cpu_threads", "save", "revert"]
    places = [names.index(name) for name in order]
    assert places == sorted(places)


def test_a_change_is_marked_and_can_be_saved_or_reverted(tab: Tab, place: Path) -> None:
    tab.unfold()
    assert not tab.button("save").isVisible()
    tab.type("training.seed", "5")
    tab.look()
    assert tab.window.windowTitle() == "*hero - glm_deep"
    tab.click("revert")
    assert tab.field("training.seed").text() == "0"
    tab.press("Z", control=True)
    assert tab.field("training.seed").text() == "5"
    tab.press("S", control=True)
    assert dio.load(place / "hero.dio").config.training.seed == 5
    tab.look()
    assert tab.window.windowTitle() == "hero - glm_deep"
    assert not tab.button("save").isVisible()


@pytest.mark.parametrize(("answer", "seed", "closed"), [("Save", 5, True), ("Discard", 0, True), ("Cancel", 0, False)])
def test_a_window_with_changes_asks_before_it_closes(
    tab: Tab, place: Path, answer: str, seed: int, closed: bool
) -> None:
    tab.unfold()
    tab.type("training.seed", "5")

    def reply() -> None:
        (box,) = tab.window.findChildren(QtWidgets.QMessageBox)
        button = box.button(getattr(QtWidgets.QMessageBox.StandardButton, answer))
        keys().mouseClick(button, QtCore.Qt.MouseButton.LeftButton)

    QtCore.QTimer.singleShot(200, reply)
    assert tab.window.close() == closed
    assert dio.load(place / "hero.dio").config.training.seed == seed
    tab.press("Z", control=True)


def test_return_without_a_change_keeps_what_can_be_done_again(tab: Tab) -> None:
    tab.unfold()
    tab.type("training.seed", "5")
    tab.press("Z", control=True)
    field = tab.field("training.anchors.additional/body")
    field.setFocus()
    keys().keyClick(field, QtCore.Qt.Key.Key_Return)
    tab.press("Y", control=True)
    assert tab.field("training.seed").text() == "5"


def test_a_file_that_is_gone_is_said_until_it_is_back(tab: Tab, place: Path) -> None:
    text = (place / "hero.dio").read_text(encoding="utf-8")
    (place / "hero.dio").unlink()
    tab.wait(lambda: "hero.dio is not there any more" in tab.said, "the notice")
    assert not tab.button("primary").isEnabled()
    (place / "hero.dio").write_text("{", encoding="utf-8")
    tab.wait(lambda: "This is not a glm_deep configuration" in tab.said, "the other notice")
    (place / "hero.dio").write_text(text, encoding="utf-8")
    tab.wait(lambda: "not a glm_deep" not in tab.said and "any more" not in tab.said, "the end of the notice")


def test_a_run_of_another_asset_in_the_folder_is_not_shown_as_its_own(tab: Tab, place: Path) -> None:
    with EventWriter(MainFolder(place).new_run().events) as writer:
        writer.write(Started("0001", "villain", 1, platform.node(), "1"))
        writer.write(Epoch("differential", 40, 200, 0.5, 0.6, 1e-3, 100.0))
        writer.write(Finished("villain.glmdeep", 3.0))
    tab.look(0.6)
    assert "Run 0001" not in tab.said
    assert not tab.window.findChild(QtWidgets.QWidget, "curve_panel").isVisible()


def test_a_pick_never_drops_what_was_typed_wrong(hosted: Tab, scene: Scene) -> None:
    hosted.type("training.anchors.additional/body", "3, x")
    scene.selected = {"body": [7]}
    hosted.click(PICK)
    assert "Correct the list of body first" in hosted.said
    assert hosted.field("training.anchors.additional/body").text() == "3, x"


def test_without_a_screen_it_is_said_not_aborted() -> None:
    with pytest.raises(GlmDeepError, match="no screen"):
        check_screen("linux", {})
    check_screen("linux", {"DISPLAY": ":0"})
    check_screen("linux", {"QT_QPA_PLATFORM": "offscreen"})
    check_screen("win32", {})
    check_screen("darwin", {})


WITHOUT_NUMPY = """
import sys
sys.modules["numpy"] = None
if sys.argv[2:]:
    sys.modules[sys.argv[2]] = None  # a host
from pathlib import Path
from glm_deep_ui.app import application, open_window
from glm_deep_ui.qt import QtWidgets
running = application()
window = open_window(Path(sys.argv[1]))
window.show()
running.processEvents()
print([label.text() for label in window.findChildren(QtWidgets.QLabel)])
print(window.findChild(QtWidgets.QPushButton, "primary").isEnabled())
"""


def without_numpy(place: Path, *host: str) -> str:
    """What a window without numpy shows."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "ui")])
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMPY, str(place / "hero.dio"), *host],
        env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8")


def test_in_a_host_without_numpy_nobody_is_told_to_install_it_elsewhere(place: Path) -> None:
    out = without_numpy(place, "maya")
    assert out.count("the page Python says how to install it") + out.count("The page Python says how to install") == 2
    assert "pip install" not in out


def test_without_numpy_the_tab_opens_and_says_what_to_install(place: Path) -> None:
    out = without_numpy(place)
    assert "because numpy is missing" in out
    assert "pip install pyqtgraph numpy" in out
    assert out.rstrip().endswith("True")  # the training has a Python of its own
