"""One column in a narrow panel, two on a wide screen."""

from __future__ import annotations

from glm_deep_ui.qt import QtCore, QtGui, QtWidgets

WIDE, FIRST_MOST, SECOND_LEAST, MARGIN = 900, 520, 320, 12  # pixels
_NO_LIMIT = 16_777_215  # what Qt takes for none


class Columns(QtWidgets.QWidget):
    """What a scroll area shows: a column, and a widget below it or, from `WIDE` on, beside it.

    Attributes:
        first: the layout of the column.
    """

    def __init__(self, area: QtWidgets.QScrollArea) -> None:
        super().__init__()
        self._area = area
        self._both = QtWidgets.QBoxLayout(QtWidgets.QBoxLayout.Direction.TopToBottom, self)
        self._both.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self._both.setSpacing(10)
        self._column = QtWidgets.QWidget()
        self.first = QtWidgets.QVBoxLayout(self._column)
        self.first.setContentsMargins(0, 0, 0, 0)
        self.first.setSpacing(10)
        self._both.addWidget(self._column, 0, QtCore.Qt.AlignmentFlag.AlignTop)

    def add_second(self, widget: QtWidgets.QWidget) -> None:
        """Takes what stands below or beside the column."""
        self._second = widget
        self._both.addWidget(widget, 1)
        self._both.addStretch(0)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Takes one column or two."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        ways = QtWidgets.QBoxLayout.Direction
        self._both.setDirection(ways.LeftToRight if wide else ways.TopToBottom)
        self._column.setMaximumWidth(FIRST_MOST if wide else _NO_LIMIT)
        # Beside a long column the second widget stays as tall as what is seen of both.
        seen = max(SECOND_LEAST, self._area.viewport().height() - 2 * MARGIN)
        self._second.setMinimumHeight(seen if wide else SECOND_LEAST)
        self._second.setMaximumHeight(seen if wide else _NO_LIMIT)
        self._both.setAlignment(self._second, QtCore.Qt.AlignmentFlag.AlignTop if wide else QtCore.Qt.AlignmentFlag(0))
