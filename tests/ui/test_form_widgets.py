"""The widgets of the form one by one, with real events: lines, slider, rows."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")

from glm_deep_ui.qt import QtCore, QtWidgets
from glm_deep_ui.widgets.line_edit import FormLine
from glm_deep_ui.widgets.size_slider import SizeSlider
from hand import Tab, keys, live, press, put

KEY = QtCore.Qt.Key
CONTROL = QtCore.Qt.KeyboardModifier.ControlModifier
SHIFT = QtCore.Qt.KeyboardModifier.ShiftModifier
SEED, SIZE = "training.seed", "training.pca.size"


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


# --- rows


@pytest.mark.parametrize("width", [320, 460, 900, 1600])
def test_numbers_and_choices_have_room_at_any_width(tab: Tab, width: int) -> None:
    tab.window.resize(2000, 800)
    tab.look(0.1)
    tab.window.resize(width, 800)
    tab.look(0.1)
    (area,) = [each for each in tab.window.findChildren(QtWidgets.QScrollArea) if each.isVisible()]
    assert area.widget().width() <= area.viewport().width()
    rate, device = tab.field("training.learning_rate"), tab.field("training.device")
    assert rate.width() >= rate.fontMetrics().horizontalAdvance("0.00001") + 14
    assert device.width() >= device.fontMetrics().horizontalAdvance("automatic") + 28
    assert len({tab.field(key).width() for key in (SEED, SIZE, "training.learning_rate")}) == 1
    assert width == 320 or device.width() == rate.width()
    for label in tab.window.findChildren(QtWidgets.QLabel):
        if label.buddy() is not None and label.isVisible():
            words = [label.fontMetrics().horizontalAdvance(word) for word in label.text().split()]
            assert label.width() >= max(words), label.text()


def test_limits_are_said_with_grouped_thousands(tab: Tab) -> None:
    assert "0 to 100,000 epochs" in tab.field("training.differential.epochs").toolTip()
    assert "above 0.05, at most 10" in tab.field("training.anchors.percent").toolTip()
