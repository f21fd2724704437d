"""A slider for a PCA size, from performance to quality."""

from __future__ import annotations

import math

from glm_deep_ui.qt import QtCore, QtGui, QtWidgets, Signal

STEPS = 200


class SizeSlider(QtWidgets.QWidget):
    """Sizes from 1 to a largest one, in even ratios; or an automatic one, which the first touch ends.

    Signals:
        moved: the size under the handle, while it is dragged.
        chosen: the size that was chosen.
    """

    moved = Signal(int)
    chosen = Signal(int)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._largest = 0
        self._automatic = False
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 4)
        layout.setSpacing(6)
        self._slider = _Slider()
        self._slider.setObjectName("pca slider")
        self._slider.setAccessibleName("PCA from performance to quality")
        self._slider.setToolTip("Fewer components play faster, more keep more detail. Resetting is automatic.")
        self._slider.setRange(0, STEPS)
        self._slider.setPageStep(STEPS // 10)
        self._slider.setTracking(False)
        self._slider.sliderMoved.connect(lambda place: self.moved.emit(self._size(place)))
        self._slider.actionTriggered.connect(self._stepped)
        self._slider.valueChanged.connect(lambda place: self.chosen.emit(self._size(place)))
        for text, widget in (("Performance", None), ("", self._slider), ("Quality", None)):
            label = QtWidgets.QLabel(text)
            label.setObjectName("quiet")
            layout.addWidget(widget or label, 1 if widget else 0)

    def show_size(self, size: int, largest: int, automatic: bool = False) -> None:
        """Puts the handle at a size without choosing it.

        Args:
            size: 0 where it is not known, which is shown as the middle.
            largest: 0 where it is not known; then the handle cannot be moved.
            automatic: the size was not chosen; the handle is pale.
        """
        self._largest, self._automatic = largest, automatic
        self._slider.setEnabled(largest > 1)
        self._slider.show_automatic(automatic)
        words = f"{size:,} components" if size else "unknown size"
        self._slider.setAccessibleDescription(f"automatic, {words}" if automatic else words)
        if self._slider.isSliderDown():
            return
        self._slider.blockSignals(True)
        if size < 1:
            self._slider.setValue(STEPS // 2)
        elif self._size(self._slider.value()) != min(size, max(1, largest)):
            self._slider.setValue(self._place(size))
        self._slider.blockSignals(False)

    def _stepped(self, action: int) -> None:
        """Takes a step on to the next size that differs: near the small ones many places stand for the same one."""
        before, after = self._slider.value(), self._slider.sliderPosition()
        ways = {_code(each): way for each, way in _STEPS_OF_A_KEY.items()}
        way = ways.get(_code(action), 0)
        while way and self._size(after) == self._size(before) and 0 <= after + way <= STEPS:
            after += way
        if way:
            after = before if self._size(after) == self._size(before) else after
            self._slider.setSliderPosition(after)
        drags = _code(action) == _code(QtWidgets.QAbstractSlider.SliderAction.SliderMove)
        if self._automatic and after == before and not drags:
            self.chosen.emit(self._size(after))  # at the end of the scale the automatic size becomes the chosen one

    def _size(self, place: int) -> int:
        return round(math.pow(max(1, self._largest), place / STEPS))

    def _place(self, size: int) -> int:
        """The place nearest to a size; several places may stand for a small one."""
        return min(range(STEPS + 1), key=lambda place: abs(self._size(place) - size))


_ACTIONS = QtWidgets.QAbstractSlider.SliderAction
_STEPS_OF_A_KEY = {
    _ACTIONS.SliderSingleStepAdd: 1,
    _ACTIONS.SliderPageStepAdd: 1,
    _ACTIONS.SliderSingleStepSub: -1,
    _ACTIONS.SliderPageStepSub: -1,
}


def _code(action: object) -> int:
    """The number of an action, which the bindings hold as one or as an enumeration."""
    return int(getattr(action, "value", action))  # type: ignore[call-overload, no-any-return]


class _Slider(QtWidgets.QSlider):
    """A slider that the wheel does not turn while somebody scrolls past it."""

    def __init__(self) -> None:
        super().__init__(QtCore.Qt.Orientation.Horizontal)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(40)

    def show_automatic(self, on: bool) -> None:
        """Takes the look of an automatic size, or that of a chosen one."""
        if self.property("automatic") is not on:
            self.setProperty("automatic", on)
            self.style().unpolish(self)
            self.style().polish(self)

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:  # noqa: N802 - Qt's name
        event.ignore()
