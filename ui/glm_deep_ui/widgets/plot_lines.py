"""The items that draw one curve and what belongs to it. Imports pyqtgraph and numpy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols

from glm_deep_ui.curves import Band, Series
from glm_deep_ui.qt import QtCore, QtGui, QtWidgets
from glm_deep_ui.strands import Strand
from glm_deep_ui.widgets.plot_curve import CurveItem, Points

STAR = 15  # pixels


def numbers_of(series: Series[float], logarithmic: bool) -> Points:
    """Epochs, and the values at their height in the plot; NaN for what cannot be shown there."""
    epochs, values = np.array(series.epochs, dtype=float), np.array(series.values, dtype=float)
    seen = np.isfinite(values) & ((values > 0) if logarithmic else True)
    if logarithmic:
        values = np.log10(values, out=np.full_like(values, np.nan), where=seen)
    return epochs, np.where(seen, values, np.nan)


def pen_of(colour: str, width: float, dash: Sequence[float] = (), alpha: int = 255) -> QtGui.QPen:
    """A pen of so many pixels; `dash` in pixels of a thin line."""
    shade = QtGui.QColor(colour)
    shade.setAlpha(alpha)
    pen = QtGui.QPen(shade, width)
    if dash:
        pen.setDashPattern([length / math.sqrt(width) / width**0.3 for length in dash])
        pen.setCapStyle(QtCore.Qt.PenCapStyle.FlatCap)
    return pen


class Lines:
    """The items that draw one strand; they are kept and given other numbers."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        # Not FillBetweenItem: it takes 7 ms for 2,000 points, and builds its path once for each of its two curves.
        self._fills = [QtWidgets.QGraphicsPathItem() for _ in range(2)]
        self._lines = [CurveItem() for _ in range(2)]
        self._star = QtWidgets.QGraphicsPathItem(QtGui.QTransform.fromScale(STAR, STAR).map(Symbols["star"]))
        self._star.setFlag(QtWidgets.QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self._star.setZValue(10)
        for item in (*self._fills, *self._lines, self._star):
            plot.addItem(item)

    def show(self, strand: Strand, pens: Sequence[QtGui.QPen], ground: str, logarithmic: bool) -> list[Points]:
        """Draws a strand with the pens of validation and training (without the second only the first); its points."""
        drawn = []
        for line, pen, series in zip(self._lines, pens, (strand.pair.validation, strand.pair.train)):
            drawn.append(numbers_of(series, logarithmic))
            line.setZValue(strand.width)
            line.show_points(drawn[-1], pen)
        for number, line in enumerate(self._lines):
            line.setVisible(number < len(pens))
        drawn += self._fill(strand.band, pens, logarithmic)
        best = Series([strand.best[0]], [strand.best[1]]) if strand.best else Series[float]()
        marked = numbers_of(best, logarithmic)
        self._mark(marked, pens[0].color(), ground)
        return [*drawn, marked]

    def _mark(self, best: Points, colour: QtGui.QColor, ground: str) -> None:
        """Puts the star on a point, if there is one to be seen."""
        there = bool(np.isfinite(best[1]).any())
        self._star.setVisible(there)
        if there:
            self._star.setPos(float(best[0][0]), float(best[1][0]))
            self._star.setBrush(colour)
            self._star.setPen(QtGui.QPen(QtGui.QColor(ground), 1))

    def hide(self) -> None:
        """Leaves nothing to be seen."""
        items: list[QtWidgets.QGraphicsItem] = [*self._fills, *self._lines, self._star]
        for item in items:
            item.setVisible(False)

    def _fill(self, band: Band | None, pens: Sequence[QtGui.QPen], logarithmic: bool) -> list[Points]:
        """Draws the band of each pen; its edges."""
        drawn = []
        for number, fill in enumerate(self._fills):
            fill.setVisible(band is not None and number < len(pens))
            if band is None or number >= len(pens):
                continue
            pairs = (band.low, band.high)
            ends = [numbers_of(pair.train if number else pair.validation, logarithmic) for pair in pairs]
            whole = np.isfinite(ends[0][1]) & np.isfinite(ends[1][1])
            (epochs, low), (_, high) = ends
            there, back = np.flatnonzero(whole), np.flatnonzero(whole)[::-1]
            around = np.concatenate([epochs[there], epochs[back]]), np.concatenate([low[there], high[back]])
            fill.setPath(pg.arrayToQPath(*around))
            shade = pens[number].color()
            shade.setAlpha(44)
            fill.setBrush(shade)
            fill.setPen(QtGui.QPen(QtCore.Qt.PenStyle.NoPen))
            fill.setZValue(-1)
            drawn += ends
        return drawn
