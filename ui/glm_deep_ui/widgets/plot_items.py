"""What the plot of the learning curves is made of: which curves there are, how they look, axes and legend.

Imports pyqtgraph and numpy: import it where they may be missing with a guard.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Union

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol

from glm_deep_ui.curves import DIFFERENTIAL, MOST_SINGLE, SUBSPACES, Band, Curves, Pair, Series
from glm_deep_ui.qt import QtCore, QtGui, QtWidgets
from glm_deep_ui.style import Colours

THICK, MIDDLE, THIN = 2.5, 1.6, 1.0
TRAINING_DASH, GHOST_DASH = (7.0, 4.5), (3.0, 3.5)  # in pixels; longer in thicker lines
SAMPLE = 24  # width of a line in the legend
Points = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Strand:
    """The losses of one model, or of one of its anchors, as they are to be drawn.

    Attributes:
        name, short: for the legend, the second where it is narrow; empty where it has no line there.
        best: the epoch to mark and its validation loss.
        band: what to fill around it.
    """

    name: str
    short: str
    pair: Pair
    width: float
    faint: bool = False
    best: tuple[int, float] | None = None
    band: Band | None = None


def strands_of(curves: Curves, anchor: int | None = None) -> list[Strand]:
    """What to draw of a run, the most important last; of the anchors all, or only one."""
    strands = []
    for name, pair in curves.models.items():
        best = curves.best.get(name)
        if name != SUBSPACES or not curves.anchors:
            strands.append(Strand(name, name, pair, THICK if name == DIFFERENTIAL else THIN, best=best))
        elif anchor is not None:
            one = curves.anchors[anchor]
            strands.append(Strand(f"{name}, anchor {anchor}", f"anchor {anchor}", one, THIN, best=_lowest(one)))
        elif len(curves.anchors) > MOST_SINGLE:
            median = curves.band.median
            text = f"{name}, median and 10–90 % of {len(curves.anchors)}"  # noqa: RUF001
            strands.append(Strand(text, name, median, THIN, best=_at(median, best), band=curves.band))
        else:
            several = len(curves.anchors) > 1
            strands += [Strand("", "", each, THIN, faint=True) for each in curves.anchors if several]
            text = f"{name}, mean of {len(curves.anchors)}" if several else name
            strands.append(Strand(text, name, pair, MIDDLE if several else THIN, best=best))
    return sorted(strands, key=lambda strand: (not strand.faint, strand.width))


def ghosts_of(curves: Curves, anchor: int | None = None) -> list[Strand]:
    """What to draw of a run in grey: lines alone, and of no anchor that it does not have."""
    there = anchor is None or anchor < len(curves.anchors)
    return [replace(each, best=None, band=None) for each in strands_of(curves, anchor if there else None) if each.name]


def numbers_of(series: Series, logarithmic: bool) -> Points:
    """Epochs, and the values at their height in the plot; NaN for what cannot be shown there."""
    epochs, values = np.array(series.epochs, dtype=float), np.array(series.values, dtype=float)
    seen = np.isfinite(values) & ((values > 0) if logarithmic else True)
    if logarithmic:
        values = np.log10(values, out=np.full_like(values, np.nan), where=seen)
    return epochs, np.where(seen, values, np.nan)


def nearest(series: Series, epoch: float) -> int:
    """The place of the epoch that is closest to a number; the series must not be empty."""
    return int(np.argmin(np.abs(np.asarray(series.epochs) - epoch)))


def _at(pair: Pair, best: tuple[int, float] | None) -> tuple[int, float] | None:
    """The best epoch at the height of another curve: where its star lies on the line."""
    if best is None or not pair.validation.epochs:
        return None
    return best[0], pair.validation.values[nearest(pair.validation, best[0])]


def _lowest(pair: Pair) -> tuple[int, float] | None:
    both = zip(pair.validation.values, pair.validation.epochs)
    found = min(((value, epoch) for value, epoch in both if math.isfinite(value)), default=None)
    return None if found is None else (found[1], found[0])


def short_number(value: float) -> str:
    """A number in at most three digits, such as 0.0123 or 1.2e-5."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"  # noqa: RUF001
    if 1e-3 <= abs(value) < 1e4:
        return f"{value:.3g}"
    return _scientific(value)


def _scientific(value: float) -> str:
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def pen_of(colour: str, width: float, dash: Sequence[float] = (), alpha: int = 255) -> QtGui.QPen:
    """A pen as wide on every zoom; `dash` in pixels of a thin line."""
    shade = QtGui.QColor(colour)
    shade.setAlpha(alpha)
    pen: QtGui.QPen = pg.mkPen(shade, width=width)
    if dash:
        pen.setDashPattern([length / math.sqrt(width) / width**0.3 for length in dash])
        pen.setCapStyle(QtCore.Qt.PenCapStyle.FlatCap)
    return pen


class EpochAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks at whole epochs only."""

    def tickSpacing(self, *given: Any) -> list[tuple[float, float]]:  # noqa: N802 - pyqtgraph calls it
        """What pyqtgraph would take, without fractions."""
        return [(space, start) for space, start in super().tickSpacing(*given) if space >= 1] or [(1, 0)]


class LossAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks of losses; `logarithmic` where the plot holds their decimal logarithms."""

    logarithmic = True

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[Any, list[float]]]:  # noqa: N802
        """Decades, with 2 and 5 between where there is room, and even steps within less than a decade."""
        if not self.logarithmic or max(abs(low), abs(high)) > 300:
            return super().tickValues(low, high, size)[:2]  # type: ignore[no-any-return]
        if high - low < 0.8:
            levels = super().tickValues(10**low, 10**high, size)
            return [(None, [math.log10(value) for value in levels[0][1] if value > 0])] if levels else []
        step = max(1, math.ceil(26 * (high - low) / max(size, 1.0)))
        decades = range(math.ceil(low), math.floor(high) + 1)
        shown = [float(decade) for decade in decades if decade % step == 0]
        if size / (high - low) > 90:
            between = [decade + math.log10(part) for decade in range(math.floor(low), decades.stop) for part in (2, 5)]
            shown += [value for value in between if low <= value <= high]
        return [(None, shown)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: Any) -> list[str]:  # noqa: N802
        """The losses in few digits."""
        losses = [10**value for value in values] if self.logarithmic else list(values)
        # All in one way of writing.
        extreme = min(losses, default=1.0) if self.logarithmic else max(map(abs, losses), default=1.0)
        tiny, huge = extreme < 1e-3, max(losses, default=0.0) >= 1e4
        if not tiny and not huge:
            return [f"{loss:.6g}" for loss in losses]
        return [_scientific(loss) if loss and loss != 1 else f"{loss:g}" for loss in losses]


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
        width = max((sum(self._width(piece) for piece in row) for row in rows), default=0)
        self.resize(width, len(rows) * self._height() + 4)
        self.update()

    def _height(self) -> int:
        return self.fontMetrics().height() + 2

    def _width(self, piece: tuple[Mark, str]) -> int:
        mark, text = piece
        return self.fontMetrics().horizontalAdvance(text) + 18 + (SAMPLE if isinstance(mark, QtGui.QPen) else 12)

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802
        """Paints the pieces, each row from the left."""
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._ground)
        for number, row in enumerate(self.rows):
            left, top = 4, 2 + number * self._height()
            for piece in row:
                self._paint_piece(painter, piece, left, top)
                left += self._width(piece)
        painter.end()

    def _paint_piece(self, painter: QtGui.QPainter, piece: tuple[Mark, str], left: int, top: int) -> None:
        mark, text = piece
        middle = top + self._height() / 2 + 0.5
        wide = SAMPLE if isinstance(mark, QtGui.QPen) else 12
        painter.save()
        if isinstance(mark, QtGui.QPen):
            painter.setPen(mark)
            painter.drawLine(QtCore.QPointF(left, middle), QtCore.QPointF(left + wide, middle))
        else:
            painter.translate(left + wide / 2, middle)
            drawSymbol(painter, "star", 12, pg.mkPen(None), pg.mkBrush(mark))
        painter.restore()
        painter.setPen(self._text)
        place = QtCore.QRectF(left + wide + 6, top, self.width(), self._height())
        painter.drawText(place, QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter, text)


class _Lines:
    """The items that draw one strand; they are kept and given other numbers."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        # Not FillBetweenItem: it takes 7 ms for 2,000 points, and builds its path once for each of its two curves.
        self._fills = [QtWidgets.QGraphicsPathItem() for _ in range(2)]
        self._lines = [pg.PlotDataItem(connect="finite", antialias=True) for _ in range(2)]
        self._star = pg.ScatterPlotItem(symbol="star", size=15, antialias=True)
        for item in (*self._fills, *self._lines, self._star):
            plot.addItem(item)
        for line in self._lines:
            line.setDynamicRangeLimit(None)
            line.setDownsampling(auto=True, method="peak")
            line.setClipToView(True)

    def show(self, strand: Strand, pens: Sequence[QtGui.QPen], ground: str, logarithmic: bool) -> list[Points]:
        """Draws a strand with the pens of validation and training (without the second only the first); its points."""
        drawn = []
        for line, pen, series in zip(self._lines, pens, (strand.pair.validation, strand.pair.train)):
            drawn.append(numbers_of(series, logarithmic))
            line.setZValue(strand.width)
            if line.opts["pen"] != pen:
                line.setPen(pen)
            line.setData(*drawn[-1])
        for number, line in enumerate(self._lines):
            line.setVisible(number < len(pens))
        drawn += self._fill(strand.band, pens, logarithmic)
        star = Series([strand.best[0]], [strand.best[1]]) if strand.best else Series()
        marked = numbers_of(star, logarithmic)
        seen = np.isfinite(marked[1])
        self._star.setZValue(10)
        self._star.setData(marked[0][seen], marked[1][seen], brush=pens[0].color(), pen=pg.mkPen(ground, width=1))
        return [*drawn, marked]

    def hide(self) -> None:
        """Leaves nothing to be seen."""
        for item in (*self._fills, *self._lines):
            item.setVisible(False)
        self._star.setData([], [])

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


class CurvePlot(pg.PlotWidget):  # type: ignore[misc]
    """The plot alone: curves, stars, legend, and what lies under the cursor.

    Signal `zoomed` tells that the user has moved or zoomed it; from then on it does not scale itself.
    """

    zoomed = QtCore.Signal()

    def __init__(self, colours: Colours, parent: QtWidgets.QWidget | None = None) -> None:
        axes = {"bottom": EpochAxis("bottom"), "left": LossAxis("left")}
        super().__init__(parent, background=colours.panel, axisItems=axes, enableMenu=False)
        self.setObjectName("curve_plot")
        self.setAccessibleName("Learning curves")
        self.setMinimumSize(160, 150)
        self.hideButtons()
        self.getPlotItem().layout.setContentsMargins(2, 8, 6, 2)  # no label of a tick at the edge is cut off
        self.colours, self.logarithmic, self.follows = colours, True, True
        self._strands: list[Strand] = []
        self._ghosts: list[Strand] = []
        self._items: list[_Lines] = []
        self._points: list[Points] = []
        self._rule = pg.InfiniteLine(angle=90, movable=False)
        self.addItem(self._rule, ignoreBounds=True)
        self.legend, self.readout, self.empty = Legend(self), QtWidgets.QLabel(self), QtWidgets.QLabel(self)
        self.readout.setObjectName("curve_readout")
        self.empty.setText("No epoch yet")
        for label in (self.readout, self.empty):
            label.setAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.stop_reading()
        self.getViewBox().disableAutoRange()
        self.getViewBox().sigRangeChangedManually.connect(self._note_zoom)
        self.getViewBox().sigResized.connect(lambda *_: self.fit())
        self.scene().sigMouseMoved.connect(self.read_at)
        self.set_colours(colours)

    def set_colours(self, colours: Colours) -> None:
        """Draws everything in other colours."""
        self.colours = colours
        self.setBackground(colours.panel)
        font = QtGui.QFont(self.font())
        font.setPointSizeF(max(7.0, font.pointSizeF() - 1))
        for side, text in (("bottom", "epoch"), ("left", "mean squared error")):
            axis = self.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setPen(colours.line)
            axis.setTextPen(colours.quiet)
            axis.setStyle(tickLength=4, tickFont=font, tickTextOffset=4)
            axis.setLabel(text, color=colours.quiet, **{"font-size": f"{font.pointSizeF():g}pt"})
        self._rule.setPen(pen_of(colours.quiet, 1, (2, 3)))
        self.readout.setStyleSheet(
            f"background: {colours.window}; color: {colours.text}; border: 1px solid {colours.line};"
            f" border-radius: 4px; padding: 4px; font-size: {font.pointSizeF():g}pt;"
        )
        self.empty.setStyleSheet(f"color: {colours.quiet}; background: transparent;")
        self.legend.setFont(font)
        self.redraw()

    def show_strands(self, strands: list[Strand], ghosts: list[Strand]) -> None:
        """Draws these curves, and those of another run in grey behind them."""
        self._strands, self._ghosts = strands, ghosts
        self.redraw()

    def redraw(self) -> None:
        """Draws again what was last shown."""
        colours, self._points = self.colours, []
        self.getAxis("left").logarithmic = self.logarithmic
        given = [*self._ghosts, *self._strands]
        while len(self._items) < len(given):
            self._items.append(_Lines(self))
        for number, (lines, strand) in enumerate(zip(self._items, given)):
            alpha = 120 if strand.faint else 255
            pens = [pen_of(colours.ghost, min(strand.width, MIDDLE), GHOST_DASH, alpha)]
            if number >= len(self._ghosts):
                training = pen_of(colours.training, strand.width, TRAINING_DASH, alpha)
                pens = [pen_of(colours.validation, strand.width, (), alpha), training]
            self._points += lines.show(strand, pens, colours.panel, self.logarithmic)
        for lines in self._items[len(given) :]:
            lines.hide()
        self.empty.setVisible(not given)
        self.fit()

    def reset_zoom(self) -> None:
        """Shows all of the curves, and follows them as they grow."""
        self.follows = True
        self.fit()

    def fit(self) -> None:
        """Puts legend and labels in place and, until the user zooms, the range."""
        area = self.mapFromScene(self.getViewBox().sceneBoundingRect()).boundingRect()
        self.empty.adjustSize()
        self.empty.move(area.center() - self.empty.rect().center())
        for brevity, part in enumerate((0.7, 1.0, 1.0)):
            self.legend.show_rows(self._legend_rows(brevity), self.colours)
            if self.legend.width() <= part * area.width() - 4:
                break
        self.legend.move(area.right() - self.legend.width() - 2, area.top() + 4)
        share = (self.legend.height() + 16) / max(area.height(), 1)
        fits = share < 0.6 and self.legend.width() < area.width()
        self.legend.setVisible(bool(self._strands or self._ghosts) and fits)
        self._name_axis(area.height())
        if self.follows:
            self._set_range(share if self.legend.isVisibleTo(self) else 0.0, self.legend.width() / max(area.width(), 1))

    def _name_axis(self, height: int) -> None:
        """Takes the longest name of the upright axis that is not cut off."""
        axis, room = self.getAxis("left"), height + self.getAxis("bottom").height() / 2
        room_for = QtGui.QFontMetrics(self.legend.font()).horizontalAdvance
        text = next((each for each in ("mean squared error", "error") if room_for(each) + 16 < room), "")
        if axis.labelText != text:
            axis.setLabel(text)
            axis.resizeEvent()  # puts it into the middle

    def _set_range(self, tall: float, wide: float) -> None:
        """Shows all points, and leaves so much of the plot empty that none lies under the legend."""
        seen = [(x[kept], y[kept]) for x, y in self._points for kept in [np.isfinite(y)] if kept.any()]
        if not seen:
            self.getViewBox().setRange(xRange=(0, 10), yRange=(-4.2, 0.2) if self.logarithmic else (0, 1), padding=0)
            return
        first, last = min(x.min() for x, _ in seen), max(x.max() for x, _ in seen)
        last = max(last, first + 1)
        low, high = min(y.min() for _, y in seen), max(y.max() for _, y in seen)
        if self.logarithmic:
            low = max(low, high - 9)  # an anchor that has nothing to learn would press all others into a strip
        rim = 0.06 * (high - low) or (0.5 if self.logarithmic else 0.5 * abs(high) or 1.0)
        low, top = low - rim, high + rim
        right = last + 0.02 * (last - first)
        from_here = right - (wide + 0.03) * (right - first)
        under = max((y[max(np.searchsorted(x, from_here) - 1, 0) :].max() for x, y in seen if x[-1] >= from_here))
        top = max(top, (under - tall * low) / (1 - tall))
        self.getViewBox().setRange(xRange=(first, right), yRange=(low, top), padding=0)

    def _legend_rows(self, brevity: int) -> list[list[tuple[Mark, str]]]:
        colours = self.colours
        rows: list[list[tuple[Mark, str]]] = []
        if self._strands:
            training = pen_of(colours.training, MIDDLE, TRAINING_DASH)
            rows.append([(pen_of(colours.validation, MIDDLE), "validation"), (training, "training")])
        for strand in reversed([each for each in self._strands if each.name]):
            row: list[tuple[Mark, str]] = [
                (pen_of(colours.text, strand.width), strand.short if brevity else strand.name)
            ]
            if strand.best:
                at, loss = f"epoch {strand.best[0]}", short_number(strand.best[1])
                text = (f"best: {at}, {loss}", f"{at}, {loss}", at)[brevity]
                row.append((QtGui.QColor(colours.validation), text))
            rows.append(row)
        if self._ghosts:
            rows.append([(pen_of(colours.ghost, MIDDLE, GHOST_DASH), "previous run, validation")])
        return rows

    def read_at(self, place: QtCore.QPointF) -> None:
        """Tells the losses of the epoch that is nearest to a place of the scene."""
        named = [each for each in self._strands if each.name and each.pair.validation.epochs]
        if not named or not self.getViewBox().sceneBoundingRect().contains(place):
            self.stop_reading()
            return
        wanted = self.getViewBox().mapSceneToView(place).x()
        epochs = [each.pair.validation.epochs[nearest(each.pair.validation, wanted)] for each in named]
        epoch = min(epochs, key=lambda one: abs(one - wanted))
        self._rule.setPos(epoch)
        self._rule.setVisible(True)
        self.readout.setText(self._table(epoch, reversed(named)))
        self.readout.adjustSize()
        at = self.mapFromScene(place)
        left = at.x() + 14 if at.x() + 14 + self.readout.width() < self.width() else at.x() - 14 - self.readout.width()
        # In a narrow plot it fits on neither side of the cursor: then it lies above or below it.
        left = left if left >= 2 else max(2, self.width() - self.readout.width() - 2)
        below = at.y() + 14
        top = below if below + self.readout.height() < self.height() else at.y() - 14 - self.readout.height()
        self.readout.move(left, max(2, top))
        self.readout.setVisible(True)

    def _table(self, epoch: int, strands: Iterable[Strand]) -> str:
        colours = self.colours
        lines = [
            f"<tr><td><b>epoch {epoch}</b></td>"
            f"<td align=right style='color: {colours.validation}'>&nbsp; validation</td>"
            f"<td align=right style='color: {colours.training}'>&nbsp; training</td></tr>"
        ]
        for strand in strands:
            place = nearest(strand.pair.validation, epoch)
            both = (strand.pair.validation.values[place], strand.pair.train.values[place])
            told = "".join(f"<td align=right>&nbsp; {short_number(value)}</td>" for value in both)
            lines.append(f"<tr><td>{html.escape(strand.short)}</td>{told}</tr>")
        return f"<table cellspacing=1>{''.join(lines)}</table>"

    def stop_reading(self) -> None:
        """Takes the label at the cursor away."""
        self.readout.setVisible(False)
        self._rule.setVisible(False)

    def leaveEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802
        """The cursor has left: nothing lies under it."""
        self.stop_reading()
        super().leaveEvent(event)

    def _note_zoom(self, *_: object) -> None:
        self.follows = False
        self.zoomed.emit()
