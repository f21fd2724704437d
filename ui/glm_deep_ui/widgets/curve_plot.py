"""The plot of the learning curves: their lines, the legend, and what lies under the cursor.

Imports pyqtgraph and numpy: import it where they may be missing with a guard.
"""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg

from glm_deep_ui.qt import QtCore, QtGui, QtWidgets
from glm_deep_ui.short_numbers import short_number
from glm_deep_ui.strands import MIDDLE, Strand, nearest
from glm_deep_ui.style import Colours
from glm_deep_ui.widgets.plot_axes import EpochAxis, LossAxis
from glm_deep_ui.widgets.plot_curve import Points
from glm_deep_ui.widgets.plot_legend import Legend, Mark
from glm_deep_ui.widgets.plot_lines import Lines, pen_of
from glm_deep_ui.widgets.plot_readout import Readout

TRAINING_DASH, GHOST_DASH = (7.0, 4.5), (3.0, 3.5)  # in pixels; longer in thicker lines


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
        for side, text in (("bottom", "epoch"), ("left", "mean squared error")):
            self.getAxis(side).enableAutoSIPrefix(False)
            self.getAxis(side).setLabel(text)
        self.getPlotItem().layout.setContentsMargins(2, 8, 6, 2)  # no label of a tick at the edge is cut off
        self.colours, self.logarithmic, self.follows = colours, True, True
        self._strands: list[Strand] = []
        self._ghosts: list[Strand] = []
        self._items: list[Lines] = []
        self._points: list[Points] = []
        self._rule = pg.InfiniteLine(angle=90, movable=False)
        self.addItem(self._rule, ignoreBounds=True)
        self.legend, self.readout, self.empty = Legend(self), Readout(self), QtWidgets.QLabel(self)
        self.empty.setAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents)
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
        for side in ("bottom", "left"):
            axis = self.getAxis(side)
            axis.setTextPen(colours.quiet)
            axis.setStyle(tickLength=4, tickFont=font, tickTextOffset=4)
        self.legend.setFont(font)
        self._draw_axes(self.devicePixelRatioF())
        self._rule.setPen(pg.mkPen(colours.quiet, dash=(2, 3)))
        self.readout.set_colours(colours, font)
        self.empty.setStyleSheet(f"color: {colours.quiet}; background: transparent;")
        self.redraw()

    def _draw_axes(self, density: float) -> None:
        """Draws the axes for a screen or a picture with so many dots for each pixel."""
        for side in ("bottom", "left"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(self.colours.line, width=density))  # takes the label's colour away
            size = f"{self.legend.font().pointSizeF():g}pt"
            axis.setLabel(axis.labelText, color=self.colours.quiet, **{"font-size": size})

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
            self._items.append(Lines(self))
        for number, (lines, strand) in enumerate(zip(self._items, given)):
            alpha = 120 if strand.faint else 255
            pens = [pen_of(colours.ghost, min(strand.width, MIDDLE), GHOST_DASH, alpha)]
            if number >= len(self._ghosts):
                training = pen_of(colours.training, strand.width, TRAINING_DASH, alpha)
                pens = [pen_of(colours.validation, strand.width, (), alpha), training]
            self._points += lines.show(strand, pens, colours.panel, self.logarithmic)
        for lines in self._items[len(given) :]:
            lines.hide()
        self.empty.setText("No loss that can be drawn" if self._strands else "No epoch yet")
        self.empty.setVisible(not any(np.isfinite(heights).any() for _, heights in self._points))
        self.fit()

    def picture(self, density: int) -> QtGui.QImage:
        """The plot as it is seen, but for what lies under the cursor, with so many dots for each pixel."""
        self.stop_reading()
        image = QtGui.QImage(self.size() * density, QtGui.QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(density)
        image.fill(QtGui.QColor(self.colours.panel))
        self._draw_axes(density)
        # Not the view's own `render`, which leaves the legend out: that lies over the view.
        QtWidgets.QWidget.render(self, image, QtCore.QPoint())
        self._draw_axes(self.devicePixelRatioF())
        return image

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
        if first == last:
            first, last = first - 1, last + 1
        low, high = min(y.min() for _, y in seen), max(y.max() for _, y in seen)
        if self.logarithmic:
            low = max(low, high - 9)  # an anchor that has nothing to learn would press all others into a strip
        rim = 0.06 * (high - low) or (0.5 if self.logarithmic else 0.5 * abs(high) or 1.0)
        low, top = low - rim, high + rim
        right = last + 0.02 * (last - first)
        from_here = right - (wide + 0.03) * (right - first)
        below = [y[max(np.searchsorted(x, from_here) - 1, 0) :].max() for x, y in seen if x[-1] >= from_here]
        under = max(below, default=low)
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
        self.readout.tell(epoch, reversed(named), self.colours)
        self.readout.show_beside(self.mapFromScene(place), self.size())

    def stop_reading(self) -> None:
        """Takes the label at the cursor away."""
        self.readout.setVisible(False)
        self._rule.setVisible(False)

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:  # noqa: N802
        """Zooms with the Control key alone: without it what the plot lies in is scrolled."""
        if event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
        else:
            event.ignore()

    def leaveEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802
        """The cursor has left: nothing lies under it."""
        self.stop_reading()
        super().leaveEvent(event)

    def _note_zoom(self, *_: object) -> None:
        self.follows = False
        self.zoomed.emit()
