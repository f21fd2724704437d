"""The widgets of the tab one by one, with real events: columns, texts, card, log, focus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")

from glm_deep.events import Judged
from glm_deep_ui.qt import QtCore, QtGui, QtWidgets
from glm_deep_ui.run_state import RunState
from glm_deep_ui.style import DARK, LIGHT, Colours, sheet
from glm_deep_ui.summary import STALE, UNKNOWN, Summary
from glm_deep_ui.widgets.chevron import Choice, FoldButton
from glm_deep_ui.widgets.columns import MARGIN, SECOND_LEAST, Columns
from glm_deep_ui.widgets.elided import Elided
from glm_deep_ui.widgets.error_table import worst_frames
from glm_deep_ui.widgets.log_window import LogWindow
from glm_deep_ui.widgets.state_card import StateCard
from hand import Tab, live, put

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
    for model in ("differential", "subspaces"):
        state.verdicts[model] = Judged(
            model, "overfitting", "It knows by heart", "Evidence.", "Add frames.", live=False
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
    assert said.count("Add frames.") == 1
    places = [label.mapTo(card, QtCore.QPoint(0, 0)).y() for label in labels]
    named = {label.objectName(): place for label, place in zip(labels, places)}
    assert named["headline"] < named["verdicts"] < max(places)
    assert card.minimumSizeHint().width() < 300
    card.show_summary(Summary(UNKNOWN, 0, "Nothing"))
    live()
    assert "0.127" not in [label.text() for label in card.findChildren(QtWidgets.QLabel) if label.isVisible()]


def test_a_good_verdict_does_not_send_people_to_errors_that_the_card_shows(stage: Any) -> None:
    card = put(stage, StateCard())
    state = RunState()
    for live_still, expected in ((True, True), (False, False)):
        state.verdicts["differential"] = Judged(
            "differential", "good", "It learns", "1.", "An advice.", live=live_still
        )
        card.show_run(state, running=live_still)
        said = "\n".join(label.text() for label in card.findChildren(QtWidgets.QLabel))
        assert ("An advice." in said) == expected


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
