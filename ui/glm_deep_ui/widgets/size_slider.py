"""A slider for a PCA size, from performance to quality."""

from __future__ import annotations

from glm_deep_ui.qt import QtCore, QtWidgets, Signal

STEPS = 200


class SizeSlider(QtWidgets.QWidget):
    """Sizes from 1 to a largest one, in even ratios.

    Signals:
        moved: the size under the handle, while it is dragged.
        chosen: the size that was chosen.
    """

    moved = Signal(int)
    chosen = Signal(int)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._largest = 0
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
        self._slider.valueChanged.connect(lambda place: self.chosen.emit(self._size(place)))
        for text, widget in (("Performance", None), ("", self._slider), ("Quality", None)):
            label = QtWidgets.QLabel(text)
            label.setObjectName("quiet")
            layout.addWidget(widget or label, 1 if widget else 0)

    def show_size(self, size: int, largest: int) -> None:
        """Puts the handle at a size without choosing it; where no largest one is known it cannot be moved."""
        self._largest = largest
        self._slider.setEnabled(largest > 1)
        self._slider.blockSignals(True)
        if not self._slider.isSliderDown() and self._size(self._slider.value()) != size:
            self._slider.setValue(self._place(size))
        self._slider.blockSignals(False)

    def _size(self, place: int) -> int:
        return round(float(max(1, self._largest)) ** (place / STEPS))

    def _place(self, size: int) -> int:
        """The place nearest to a size; several places may stand for a small one."""
        return min(range(STEPS + 1), key=lambda place: abs(self._size(place) - size))


class _Slider(QtWidgets.QSlider):
    """A slider that the wheel does not turn while somebody scrolls past it."""

    def __init__(self) -> None:
        super().__init__(QtCore.Qt.Orientation.Horizontal)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(40)

    def wheelEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        event.ignore()  # type: ignore[attr-defined]
