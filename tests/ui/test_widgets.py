"""The widgets of the tab one by one, with real events: lines, slider, columns, texts, card, log, focus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")

from glm_deep.events import Judged
from glm_deep_ui.app import open_window
from glm_deep_ui.qt import QtCore, QtGui, QtWidgets
from glm_deep_ui.run_state import RunState
from glm_deep_ui.style import DARK, LIGHT, Colours, sheet
from glm_deep_ui.summary import STALE, UNKNOWN, Summary
from glm_deep_ui.widgets.chevron import Choice, FoldButton
from glm_deep_ui.widgets.columns import MARGIN, SECOND_LEAST, Columns
from glm_deep_ui.widgets.elided import Elided
from glm_deep_ui.widgets.error_table import worst_frames
from glm_deep_ui.widgets.line_edit import FormLine
from glm_deep_ui.widgets.log_window import LogWindow
from glm_deep_ui.widgets.size_slider import SizeSlider
from glm_deep_ui.widgets.state_card import StateCard
from hand import Tab, keys

KEY = QtCore.Qt.Key
CONTROL = QtCore.Qt.KeyboardModifier.ControlModifier
SHIFT = QtCore.Qt.KeyboardModifier.ShiftModifier
SEED, SIZE = "training.seed", "training.pca.size"
MESH = {
    "scene_units": {"mean": 0.00105, "p95": 0.0037, "p99": 0.0091, "max": 0.127},
    "percent_of_diagonal": {"mean": 0.00136, "p95": 0.0047, "p99": 0.0118, "max": 0.164},
    "worst_frames": [
        {"clip": "walk_cycle", "frame": 148, "mean": 0.004, "max": 0.127},
        {"clip": "walk_cycle", "frame": 2, "mean": 0.002, "max": 0.086},
        {"clip": "jump", "frame": 7, "mean": 0.002, "max": 0.05},
        {"clip": "jump", "frame": 8, "mean": 0.002, "max": 0.04},
    ],
}


@pytest.fixture
def tab(qapp: Any, tmp_path: Path) -> Any:
    values = {"glm_deep": 1, "asset": "hero", "meshes": [{"deformed": "body"}]}
    (tmp_path / "hero.dio").write_text(json.dumps(values), encoding="utf-8")
    made = Tab(open_window(tmp_path / "hero.dio"))
    made.unfold()
    made.look(0.1)
    yield made
    made.close()


@pytest.fixture
def stage(qapp: Any) -> Any:
    """A shown widget to put others into."""
    made = QtWidgets.QWidget()
    QtWidgets.QVBoxLayout(made)
    made.resize(400, 200)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    live()


def live() -> None:
    for _ in range(5):
        QtWidgets.QApplication.processEvents()


def put(stage: Any, widget: Any) -> Any:
    stage.layout().addWidget(widget)
    widget.show()
    live()
    return widget


def press(widget: Any, key: Any, held: Any = QtCore.Qt.KeyboardModifier.NoModifier) -> None:
    keys().keyClick(widget, key, held)
    live()


# --- a line of the form


def test_undo_and_redo_work_inside_a_field(tab: Tab) -> None:
    tab.type(SEED, "5")
    tab.type(SEED, "6")
    field = tab.field(SEED)
    field.setFocus()
    press(field, KEY.Key_Z, CONTROL)
    assert field.text() == "5"
    press(field, KEY.Key_Z, CONTROL)
    assert field.text() == "0"
    press(field, KEY.Key_Z, CONTROL)
    assert field.text() == "0"
    press(field, KEY.Key_Z, CONTROL | SHIFT)
    assert field.text() == "5"
    press(field, KEY.Key_Y, CONTROL)
    assert field.text() == "6"


def test_undo_while_typing_brings_back_what_was_shown_and_changes_nothing_else(tab: Tab) -> None:
    tab.type(SEED, "5")
    field = tab.field(SEED)
    field.selectAll()
    keys().keyClicks(field, "77")
    press(field, KEY.Key_Z, CONTROL)
    assert field.text() == "5"
    press(field, KEY.Key_Z, CONTROL)
    assert field.text() == "0"


def test_a_line_tells_only_of_what_a_person_changed(stage: Any) -> None:
    line, other = put(stage, FormLine()), put(stage, FormLine())
    told: list[str] = []
    line.committed.connect(told.append)
    line.show_text("3")
    line.setFocus()
    press(line, KEY.Key_Return)
    other.setFocus()
    assert told == []
    line.setFocus()
    keys().keyClicks(line, "4")
    other.setFocus()
    live()
    assert told == ["34"]
    line.setFocus()
    press(line, KEY.Key_Return)
    assert told == ["34"]


def test_what_is_being_typed_stays_when_the_same_is_shown_again(stage: Any) -> None:
    line = put(stage, FormLine())
    line.show_text("3")
    line.setFocus()
    keys().keyClicks(line, "4")
    line.show_text("3")
    assert line.text() == "34"
    line.show_text("8")
    assert line.text() == "8"
    assert not line.is_being_typed


def test_a_text_shown_in_answer_to_a_commit_replaces_it(stage: Any) -> None:
    line = put(stage, FormLine())
    line.show_text("3")
    line.committed.connect(lambda _: line.show_text("3"))
    line.setFocus()
    keys().keyClicks(line, " ")
    press(line, KEY.Key_Return)
    assert line.text() == "3"


def test_a_list_of_forty_thousand_characters_is_not_cut(stage: Any) -> None:
    line = put(stage, FormLine())
    long = ", ".join(map(str, range(10_000)))[:40_000]
    QtWidgets.QApplication.clipboard().setText(long)
    told: list[str] = []
    line.committed.connect(told.append)
    line.setFocus()
    press(line, KEY.Key_V, CONTROL)
    press(line, KEY.Key_Return)
    assert line.text() == long
    assert told == [long]


# --- the slider


def sized(stage: Any, *shown: Any, **more: Any) -> tuple[Any, Any, list[int]]:
    made = put(stage, SizeSlider())
    made.show_size(*shown, **more)
    chosen: list[int] = []
    made.chosen.connect(chosen.append)
    slider = made.findChild(QtWidgets.QSlider)
    slider.setFocus()
    return made, slider, chosen


@pytest.mark.parametrize("largest", [2, 5, 379, 20_000])
def test_each_step_of_the_slider_chooses_another_size(stage: Any, largest: int) -> None:
    made, slider, chosen = sized(stage, 1, largest)
    made.chosen.connect(lambda size: made.show_size(size, largest))
    for key in (KEY.Key_Right, KEY.Key_PageUp):
        press(slider, KEY.Key_Home)
        chosen.clear()
        for _ in range(4):
            press(slider, key)
        assert chosen == sorted(set(chosen))
        assert len(chosen) == min(4, largest - 1)
    chosen.clear()
    press(slider, KEY.Key_Left)
    assert len(chosen) == 1


@pytest.mark.parametrize(("key", "near"), [(KEY.Key_Left, range(40, 50)), (KEY.Key_Right, range(51, 60))])
def test_from_the_automatic_size_a_step_leads_to_its_neighbour(stage: Any, key: Any, near: range) -> None:
    _, slider, chosen = sized(stage, 50, 379, automatic=True)
    assert slider.property("automatic") is True
    press(slider, key)
    assert len(chosen) == 1
    assert chosen[0] in near


def test_an_automatic_size_at_the_end_of_the_scale_can_be_chosen(stage: Any) -> None:
    made, slider, chosen = sized(stage, 379, 379, automatic=True)
    press(slider, KEY.Key_Right)
    assert chosen == [379]
    made.show_size(379, 379)
    press(slider, KEY.Key_End)
    assert chosen == [379]
    assert slider.property("automatic") is False


def test_an_automatic_size_that_is_not_known_is_in_the_middle(stage: Any) -> None:
    _, slider, chosen = sized(stage, 0, 10_000, automatic=True)
    assert slider.value() == (slider.minimum() + slider.maximum()) // 2
    assert chosen == []
    press(slider, KEY.Key_Left)
    assert 80 <= chosen[0] < 100


def test_without_a_known_largest_size_the_slider_rests(stage: Any) -> None:
    _, slider, chosen = sized(stage, 0, 0, automatic=True)
    assert not slider.isEnabled()
    press(slider, KEY.Key_Left)
    assert chosen == []


# --- two columns


@pytest.fixture
def columns(stage: Any) -> Any:
    area = QtWidgets.QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    stage.layout().setContentsMargins(0, 0, 0, 0)
    made = Columns(area)
    made.tall = QtWidgets.QWidget()
    made.tall.setFixedHeight(1500)
    made.first.addWidget(made.tall)
    area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
    area.setWidget(made)
    put(stage, area)
    return made


def resized(stage: Any, width: int, height: int) -> None:
    stage.resize(width, height)
    live()


def test_columns_live_without_a_second_widget(stage: Any, columns: Any) -> None:
    resized(stage, 1400, 500)
    resized(stage, 320, 500)
    assert columns.width() <= 320


def test_the_second_widget_shrinks_with_the_window_beside_a_long_column(stage: Any, columns: Any) -> None:
    second = QtWidgets.QWidget()
    columns.add_second(second)
    resized(stage, 1400, 900)
    assert second.height() == 900 - 2 * MARGIN
    resized(stage, 1400, 500)
    assert second.height() == 500 - 2 * MARGIN
    resized(stage, 1400, 200)
    assert second.height() == SECOND_LEAST


@pytest.mark.parametrize("width", [900, 1000, 1600, 2560])
def test_beside_a_second_widget_the_column_keeps_its_width(stage: Any, columns: Any, width: int) -> None:
    second = QtWidgets.QWidget()
    columns.add_second(second)
    resized(stage, width, 700)
    assert columns.tall.width() <= width // 2
    assert columns.tall.width() >= 400
    assert second.x() > columns.tall.width()
    assert second.width() >= columns.tall.width()


def test_without_a_visible_second_widget_the_column_is_in_the_middle(stage: Any, columns: Any) -> None:
    second = QtWidgets.QWidget()
    columns.add_second(second)
    second.hide()
    resized(stage, 1600, 700)
    left = columns.tall.mapTo(columns, QtCore.QPoint(0, 0)).x()
    right = columns.width() - left - columns.tall.width()
    assert abs(left - right) <= 1
    assert columns.tall.width() < 1000
    second.show()
    live()
    assert columns.tall.mapTo(columns, QtCore.QPoint(0, 0)).x() == MARGIN


# --- texts


def test_a_long_name_is_cut_in_its_middle_and_said_in_full(stage: Any) -> None:
    name = "namespace:|group|" + "very_long_name_" * 20 + "end"
    label = put(stage, Elided(name, "all of it"))
    assert label.minimumSizeHint().width() < 80
    stage.resize(200, 100)
    live()
    assert label.text() == name
    assert label.toolTip() == "all of it"
    assert label.shown.startswith("name")
    assert label.shown.endswith("end")
    assert label.fontMetrics().horizontalAdvance(label.shown) <= label.width()
    label.show_text("<b>short</b>")
    assert label.shown == "<b>short</b>"
    assert label.toolTip() == "<b>short</b>"


def ink(widget: Any) -> tuple[int, int]:
    """The first and the last column of pixels of a widget that are not its ground."""
    image = widget.grab().toImage()
    ground = image.pixel(0, 0)
    inked = [x for x in range(image.width()) if any(image.pixel(x, y) != ground for y in range(image.height()))]
    return inked[0], image.width() - 1 - inked[-1]


@pytest.mark.parametrize("kind", [lambda: Elided("arm/x"), lambda: FoldButton("Advanced")])
def test_texts_begin_where_reading_begins(stage: Any, kind: Any) -> None:
    widget = put(stage, kind())
    widget.setFixedWidth(300)
    widget.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
    widget.setStyleSheet("border: none; background: #ffffff; color: #000000;")
    live()
    left, right = ink(widget)
    assert left < 20 < right
    widget.setLayoutDirection(QtCore.Qt.LayoutDirection.RightToLeft)
    live()
    left, right = ink(widget)
    assert right < 20 < left


def test_frames_that_nobody_could_count_are_unknown(tab: Tab) -> None:
    from glm_deep_ui.widgets.advanced import Advanced

    (advanced,) = tab.window.findChildren(Advanced)
    advanced.show_summary(Summary(UNKNOWN, 0, "numpy is missing"))
    assert "Available Extracted Frame Count: unknown" in tab.said


# --- the card


def test_the_card_shows_the_state_the_verdicts_the_errors_and_the_worst_frames(stage: Any) -> None:
    card = put(stage, StateCard())
    report = {"meshes": {"body": MESH, "ns:|grp|" + "hat_" * 30: MESH}}
    card.show_summary(Summary(STALE, 60, "Trained on 60 frames", ("Stale: Seed was 0, is 4.",), report))
    state = RunState()
    state.verdicts["differential"] = Judged(
        "differential", "good", "It has learned", "Validation 1.", "Look at it.", live=False
    )
    state.verdicts["subspaces"] = Judged(
        "subspaces", "good", "It has learned", "Validation 2.", "Look at it.", live=False
    )
    card.show_run(state, running=False)
    live()
    labels = [label for label in card.findChildren(QtWidgets.QLabel) if label.isVisible()]
    said = "\n".join(label.text() for label in labels)
    for words in (
        "(stale)",
        "Seed was 0",
        "Differential model: ",
        "held-out error",
        "0.00105",
        "0.127",
        "Worst frames",
    ):
        assert words in said
    assert said.count("Look at it.") == 1
    places = [label.mapTo(card, QtCore.QPoint(0, 0)).y() for label in labels]
    named = {label.objectName(): place for label, place in zip(labels, places)}
    assert named["headline"] < named["verdicts"] < max(places)
    assert card.minimumSizeHint().width() < 300
    card.show_summary(Summary(UNKNOWN, 0, "Nothing"))
    live()
    assert "0.127" not in [label.text() for label in card.findChildren(QtWidgets.QLabel) if label.isVisible()]


def test_worst_frames_are_grouped_by_clip_and_mesh() -> None:
    plain = worst_frames({"body": MESH}).replace("\N{ZERO WIDTH SPACE}", "")
    assert plain == "Worst frames: walk_cycle 148, 2; jump 7"
    both = worst_frames({"body": MESH, "hat": MESH}).replace("\N{ZERO WIDTH SPACE}", "")
    assert both.splitlines()[1:] == ["body: walk_cycle 148, 2; jump 7", "hat: walk_cycle 148, 2; jump 7"]
    assert worst_frames({}) == ""


# --- what has the keyboard, and colours


def styled(name: str) -> Any:
    if name == "fold":
        return FoldButton("Advanced")
    made = QtWidgets.QToolButton() if name == "reset" else Choice() if name == "choice" else QtWidgets.QPushButton()
    if name == "small":
        made.setProperty("small", True)
    if name != "choice":
        made.setText("\N{ANTICLOCKWISE OPEN CIRCLE ARROW}" if name == "reset" else "Train Model")
    return made


@pytest.mark.parametrize("colours", [DARK, LIGHT])
@pytest.mark.parametrize("name", ["primary", "fold", "reset", "small", "choice"])
def test_what_has_the_keyboard_looks_different(stage: Any, name: str, colours: Colours) -> None:
    stage.setStyleSheet(sheet(colours))
    other, widget = put(stage, QtWidgets.QPushButton("other")), styled(name)
    widget.setObjectName(name)
    put(stage, widget)
    stage.activateWindow()
    other.setFocus()
    live()
    size, before = widget.size(), widget.grab().toImage()
    widget.setFocus(QtCore.Qt.FocusReason.TabFocusReason)
    live()
    assert widget.hasFocus()
    after = widget.grab().toImage()
    assert widget.size() == size
    pixels = [(x, y) for x in range(after.width()) for y in range(after.height())]
    differ = [place for place in pixels if before.pixel(*place) != after.pixel(*place)]
    assert len(differ) >= after.width() + after.height()
    rings = [contrast(QtGui.QColor(before.pixel(*at)).name(), QtGui.QColor(after.pixel(*at)).name()) for at in differ]
    assert max(rings) >= 3


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_of_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("colours", [DARK, LIGHT])
def test_all_words_can_be_read_on_their_grounds(colours: Colours) -> None:
    for ground in (colours.window, colours.panel):
        for words in ("text", "quiet", "accent", "good", "warning", "bad"):
            assert contrast(getattr(colours, words), ground) >= 4.5, (words, ground)
    assert contrast("#ffffff", colours.primary) >= 4.5
    assert contrast(colours.text, colours.progress) >= 4.5


# --- rows


@pytest.mark.parametrize("width", [320, 460, 900, 1600])
def test_numbers_and_choices_have_room_at_any_width(tab: Tab, width: int) -> None:
    tab.window.resize(2000, 800)
    tab.look(0.1)
    tab.window.resize(width, 800)
    tab.look(0.1)
    (area,) = tab.window.findChildren(QtWidgets.QScrollArea)
    assert area.widget().width() <= area.viewport().width()
    rate, device = tab.field("training.learning_rate"), tab.field("training.device")
    assert rate.width() >= rate.fontMetrics().horizontalAdvance("0.00001") + 14
    assert device.width() >= device.fontMetrics().horizontalAdvance("automatic") + 28
    assert len({tab.field(key).width() for key in (SEED, SIZE, "training.learning_rate")}) == 1
    assert width == 320 or device.width() == rate.width()
    for label in tab.window.findChildren(QtWidgets.QLabel):
        if label.buddy() is not None:
            words = [label.fontMetrics().horizontalAdvance(word) for word in label.text().split()]
            assert label.width() >= max(words), label.text()


def test_limits_are_said_with_grouped_thousands(tab: Tab) -> None:
    assert "0 to 100,000 epochs" in tab.field("training.differential.epochs").toolTip()
    assert "above 0.05, at most 10" in tab.field("training.anchors.percent").toolTip()


# --- the log


def test_the_log_opens_once_and_is_read_anew(stage: Any, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("first\n", encoding="utf-8")
    window = LogWindow.open_for(log, stage)
    live()
    log.write_text("first\nsecond\n", encoding="utf-8")
    assert LogWindow.open_for(log, stage) is window
    (text,) = window.findChildren(QtWidgets.QPlainTextEdit)
    assert "second" in text.toPlainText()
    other = tmp_path / "other.log"
    other.write_text("third", encoding="utf-8")
    assert LogWindow.open_for(other, stage) is window
    assert window.windowTitle() == "other.log"
    window.close()
    again = LogWindow.open_for(log, stage)
    assert again is not window
    live()
    assert [each for each in stage.findChildren(QtWidgets.QDialog, "log") if each.isVisible()] == [again]


def test_the_log_asks_for_letters_of_even_width(stage: Any, tmp_path: Path) -> None:
    window = LogWindow.open_for(tmp_path / "none.log", stage)
    (text,) = window.findChildren(QtWidgets.QPlainTextEdit)
    assert text.font().styleHint() == QtGui.QFont.StyleHint.Monospace
    assert "cannot be read" in text.toPlainText()
    if QtGui.QFontInfo(text.font()).fixedPitch():
        metrics = text.fontMetrics()
        assert metrics.horizontalAdvance("iiii") == metrics.horizontalAdvance("WWWW")
