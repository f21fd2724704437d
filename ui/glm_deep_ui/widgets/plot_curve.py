"""One line of the learning curves. Imports pyqtgraph and numpy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg

from glm_deep_ui.qt import QtCore, QtGui

Points = tuple[np.ndarray, np.ndarray]
COLUMN = 2.0
"""Pixels; where more points fall on such a column, lowest and highest alone are drawn, which looks alike."""
PIECE = 8
"""Points that are drawn at once: Qt takes fifty times as long for a thick line that goes up and down all along."""
DOT = 4.0  # by how much a point without neighbours is wider than the line


class CurveItem(pg.GraphicsObject):  # type: ignore[misc]
    """A line through points whose epochs rise; it is broken where a height is NaN.

    The pen is as wide on every zoom, on every screen and in a picture. Not pyqtgraph's `PlotDataItem`: it takes up to
    80 ms to draw a noisy line.

    Attributes:
        points: epochs and heights. pen: of the line.
    """

    def __init__(self) -> None:
        super().__init__()
        self.points: Points = (np.empty(0), np.empty(0))
        self.pen = QtGui.QPen()

    def show_points(self, points: Points, pen: QtGui.QPen) -> None:
        """Draws other points."""
        self.points, self.pen = points, pen
        self.update()

    def boundingRect(self) -> QtCore.QRectF:  # noqa: N802
        """All that is seen of the plot: what lies outside is not drawn."""
        return QtCore.QRectF() if self.getViewBox() is None else QtCore.QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:  # noqa: N802 - pyqtgraph calls it
        """Something else is seen of the plot."""
        self.prepareGeometryChange()

    def paint(self, painter: QtGui.QPainter, *_: object) -> None:
        """Draws what is seen, in pixels, in short pieces."""
        to_pixels = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        for x, y in self._stretches(to_pixels):
            self._draw(painter, x, y)
        painter.restore()

    def _stretches(self, to_pixels: QtGui.QTransform) -> Iterator[Points]:
        """The unbroken parts of what is seen, in pixels."""
        epochs, heights = self.points
        left, right = self.getViewBox().viewRange()[0]
        seen = slice(max(np.searchsorted(epochs, left) - 1, 0), np.searchsorted(epochs, right) + 1)
        x = epochs[seen] * to_pixels.m11() + to_pixels.dx()
        y = np.clip(heights[seen] * to_pixels.m22() + to_pixels.dy(), -1e5, 1e5)
        x, y = thinned(x, y)
        breaks = np.flatnonzero(np.diff(np.isfinite(y), prepend=False, append=False))
        for first, end in breaks.reshape(-1, 2):
            yield x[first:end], y[first:end]

    def _draw(self, painter: QtGui.QPainter, x: np.ndarray, y: np.ndarray) -> None:
        pen, width = QtGui.QPen(self.pen), self.pen.widthF()
        if len(x) == 1:  # a line through one point is none
            solid, cap = QtCore.Qt.PenStyle.SolidLine, QtCore.Qt.PenCapStyle.RoundCap
            painter.setPen(QtGui.QPen(pen.color(), width + DOT, solid, cap))
            painter.drawPoint(QtCore.QPointF(x[0], y[0]))
            return
        passed = np.concatenate([[0.0], np.hypot(np.diff(x), np.diff(y)).cumsum()]) / max(width, 1.0)
        step = PIECE if width > 1 else len(x)  # of a thin line Qt is quick
        for first in range(0, len(x) - 1, step):
            pen.setDashOffset(float(passed[first]))
            painter.setPen(pen)
            piece = slice(first, first + step + 1)
            painter.drawPolyline(pg.functions.arrayToQPolygonF(x[piece], y[piece]))


def thinned(x: np.ndarray, y: np.ndarray) -> Points:
    """Of each `COLUMN` of pixels the lowest and the highest point, and the last one of all, where there are many."""
    many = int(len(x) * COLUMN / max(x[-1] - x[0], 1.0)) if len(x) else 0
    if many < 3:
        return x, y
    missing = -len(x) % many
    columns = np.append(y, np.full(missing, np.nan)).reshape(-1, many)
    ends = np.stack([np.fmin.reduce(columns, axis=1), np.fmax.reduce(columns, axis=1)], axis=1)
    middles = np.append(x, np.full(missing, x[-1])).reshape(-1, many).mean(axis=1)
    return np.append(np.repeat(middles, 2), x[-1]), np.append(ends.ravel(), y[-1])
