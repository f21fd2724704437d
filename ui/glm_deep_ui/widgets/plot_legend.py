"""The legend of the learning curves. Imports pyqtgraph."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Union

import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol

from glm_deep_ui.qt import QtCore, QtGui, QtWidgets
from glm_deep_ui.style import Colours

SAMPLE, STAR = 24, 12  # widths of a line and of a star in it

Mark = Union[QtGui.QPen, QtGui.QColor]
"""How a piece of the legend is marked: by a line, or by a star of a colour."""


class Legend(QtWidgets.QWidget):
    """Lines of (mark, text) pieces over the plot; the mouse goes through to the plot."""

    def __init__(self, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("curve_legend")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.rows: list[list[tuple[Mark, str]]] = []
        self._ground, self._text = QtGui.QColor(), QtGui.QColor()

    def show_rows(self, rows: list[list[tuple[Mark, str]]], colours: Colours) -> None:
        """Takes other content and its size."""
        self.rows, self._text = rows, QtGui.QColor(colours.text)
        self._ground = QtGui.QColor(colours.panel)
        self._ground.setAlpha(215)
        self.setAccessibleName("Legend: " + "; ".join(", ".join(text for _, text in row) for row in rows))
        width = max((left + self._width(row[-1]) for row in rows for left in self._lefts(row)[-1:]), default=0)
        self.resize(width, len(rows) * self._height() + 4)
        self.update()

    def _height(self) -> int:
        return self.fontMetrics().height() + 2

    def _width(self, piece: tuple[Mark, str]) -> int:
        mark, text = piece
        return self.fontMetrics().horizontalAdvance(text) + 18 + (SAMPLE if isinstance(mark, QtGui.QPen) else STAR)

    def _lefts(self, row: Sequence[tuple[Mark, str]]) -> list[int]:
        """Where the pieces of a row begin: stars below one another."""
        before = [0, *accumulate(self._width(piece) for piece in row[:-1])]
        starred = [each for each in self.rows if isinstance(each[-1][0], QtGui.QColor)]
        if row in starred:
            before[-1] = max(self._width(each[0]) for each in starred)
        return before

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802
        """Paints the pieces, each row from the left."""
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._ground)
        for number, row in enumerate(self.rows):
            for piece, left in zip(row, self._lefts(row)):
                self._paint_piece(painter, piece, 4 + left, 2 + number * self._height())
        painter.end()

    def _paint_piece(self, painter: QtGui.QPainter, piece: tuple[Mark, str], left: int, top: int) -> None:
        mark, text = piece
        middle = top + self._height() / 2 + 0.5
        wide = SAMPLE if isinstance(mark, QtGui.QPen) else STAR
        painter.save()
        if isinstance(mark, QtGui.QPen):
            painter.setPen(mark)
            painter.drawLine(QtCore.QPointF(left, middle), QtCore.QPointF(left + wide, middle))
        else:
            painter.translate(left + wide / 2, middle)
            drawSymbol(painter, "star", STAR, pg.mkPen(None), pg.mkBrush(mark))
        painter.restore()
        painter.setPen(self._text)
        place = QtCore.QRectF(left + wide + 6, top, self.width(), self._height())
        painter.drawText(place, QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter, text)
