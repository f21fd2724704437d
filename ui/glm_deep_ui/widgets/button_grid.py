"""Buttons of equal width, as many in a row as fit."""

from __future__ import annotations

from collections.abc import Sequence

from glm_deep_ui.qt import QtCore, QtGui, QtWidgets

GAP = 4  # pixels
MOST = 3  # in a row


class ButtonGrid(QtWidgets.QWidget):
    """Some buttons; where they do not fit beside one another they stand below one another."""

    def __init__(self, buttons: Sequence[QtWidgets.QPushButton]) -> None:
        super().__init__()
        self._buttons = buttons
        self._in_a_row = 0
        self._grid = QtWidgets.QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self._arrange(MOST)

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        """What the widest button needs."""
        return QtCore.QSize(self._widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Takes as many in a row as have room, and no row with one alone where two rows can be even."""
        super().resizeEvent(event)
        fitting = max(1, min(MOST, len(self._buttons), (self.width() + GAP) // (self._widest + GAP)))
        even = 2 if fitting == MOST and len(self._buttons) == MOST + 1 else fitting
        self._arrange(even)

    @property
    def _widest(self) -> int:
        return max(button.minimumSizeHint().width() for button in self._buttons)

    def _arrange(self, in_a_row: int) -> None:
        if in_a_row == self._in_a_row:
            return
        self._in_a_row = in_a_row
        for number, button in enumerate(self._buttons):
            self._grid.addWidget(button, number // in_a_row, number % in_a_row)
        for column in range(MOST):
            self._grid.setColumnStretch(column, 1 if column < in_a_row else 0)
