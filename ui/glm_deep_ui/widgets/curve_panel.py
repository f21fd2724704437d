"""The learning curves of a run: plot, and the controls above it. Says what to install where pyqtgraph is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from glm_deep.errors import GlmDeepError
from glm_deep.rundir import atomic_write_bytes
from glm_deep_ui.curves import MOST_SINGLE, Curves
from glm_deep_ui.qt import QtCore, QtGui, QtWidgets
from glm_deep_ui.style import Colours, colours_of

if TYPE_CHECKING:
    from glm_deep_ui.widgets.plot_items import CurvePlot

MISSING = "The learning curves need two packages: pip install pyqtgraph numpy"
PICTURE_SCALE = 2  # pixels of a saved picture for each of the screen, so that it can be printed


class CurvePanel(QtWidgets.QWidget):
    """Shows learning curves while they grow, beside those of the run before.

    Args:
        parent: what it lies in; its palette decides on the colours until `set_colours` is called.
    """

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curve_panel")
        self._curves: Curves | None = None
        self._ghost: Curves | None = None
        self._drawn: object = None
        self._chosen_colours = False
        self._plot: CurvePlot | None = None
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._message = QtWidgets.QLabel(self)
        self._message.setObjectName("curve_message")
        self._message.setAccessibleName("Message about the learning curves")
        self._message.setWordWrap(True)
        self._message.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self._message.setTextInteractionFlags(
            QtCore.Qt.TextInteractionFlag.TextSelectableByMouse | QtCore.Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        try:
            from glm_deep_ui.widgets.plot_items import CurvePlot
        except ImportError:
            layout.addWidget(self._message)
            layout.addStretch()
            self._tell(MISSING)
            return
        self._row = _Row(self)
        self._plot = CurvePlot(colours_of(self), self)
        self._plot.zoomed.connect(lambda: self._reset.setEnabled(True))
        self._add_controls()
        layout.addWidget(self._row)
        layout.addWidget(self._plot, 1)
        layout.addWidget(self._message)
        self._message.hide()
        self._recolour(colours_of(self))
        self._redraw()

    def _add_controls(self) -> None:
        self._log = self._button("curve_log", "Log", "Logarithmic scale of the error", self._toggle_log)
        self._log.setCheckable(True)
        self._log.setChecked(True)
        self._reset = self._button("curve_reset", "Reset zoom", "Show all epochs and follow the run", self._reset_zoom)
        self._reset.setEnabled(False)
        ask = self._ask_where
        self._picture = self._button(
            "curve_save_picture", "Save picture…", "Save the plot as a PNG file", lambda: ask("png", self.save_png)
        )
        self._table = self._button(
            "curve_save_table", "Save table…", "Save the numbers as a CSV file", lambda: ask("csv", self.save_csv)
        )
        self._anchor = _Choice(self)
        self._anchor.setObjectName("curve_anchor")
        self._anchor.setAccessibleName("Anchors to show")
        self._anchor.setToolTip("Show all anchors of the subspaces, or one")
        self._anchor.setMaxVisibleItems(20)
        self._anchor.currentIndexChanged.connect(lambda _: self._redraw())
        self._row.take([self._log, self._reset, self._picture, self._table, self._anchor])

    def _button(self, name: str, text: str, hint: str, action: Callable[[], None]) -> QtWidgets.QToolButton:
        button = QtWidgets.QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(hint)
        button.setAccessibleName(text.rstrip("…"))
        button.setAccessibleDescription(hint)
        button.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda *_: action())
        return button

    def show_curves(self, curves: Curves | None) -> None:
        """Draws the curves of a run; nothing happens while they have not changed. None leaves the plot empty."""
        if self._plot is None:
            return
        if curves is not self._curves:
            self._curves = curves
            self._reset_zoom()
        self._redraw()

    def show_ghost(self, curves: Curves | None) -> None:
        """Draws the validation curves of the run before in grey, to compare with; None takes them away."""
        if self._plot is None:
            return
        self._ghost = curves
        self._redraw()

    def set_colours(self, colours: Colours) -> None:
        """Takes the colours of another theme for everything in the panel."""
        self._chosen_colours = True
        self._recolour(colours)

    def _recolour(self, colours: Colours) -> None:
        if self._plot is not None:
            self.setStyleSheet(_sheet(colours, max(7.0, self.font().pointSizeF() - 1)))
            self._plot.set_colours(colours)
            self._row.arrange()

    def changeEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802
        """Follows the palette around it, as when it is put into a window, where no colours were chosen."""
        super().changeEvent(event)
        if event.type() == QtCore.QEvent.Type.PaletteChange and self._plot is not None and not self._chosen_colours:
            colours = colours_of(self)
            if colours != self._plot.colours:
                self._recolour(colours)

    def save_png(self, path: Path | str) -> None:
        """Writes the plot as it is seen, twice as fine, as a PNG file.

        Raises:
            GlmDeepError: the file cannot be written.
        """
        if self._plot is None:
            return
        self._plot.stop_reading()
        picture = QtGui.QImage(self._plot.size() * PICTURE_SCALE, QtGui.QImage.Format.Format_RGB32)
        picture.setDevicePixelRatio(PICTURE_SCALE)
        picture.fill(QtGui.QColor(self._plot.colours.panel))
        # Not the view's own `render`, which leaves the legend out: that lies over the view.
        QtWidgets.QWidget.render(self._plot, picture, QtCore.QPoint())
        buffer = QtCore.QBuffer()
        buffer.open(QtCore.QIODevice.OpenModeFlag.WriteOnly)
        picture.save(buffer, "PNG")  # type: ignore[call-overload]  # bytes, as the types have it, are refused
        _write(path, bytes(buffer.data().data()))

    def save_csv(self, path: Path | str) -> None:
        """Writes the points of all curves as a table in UTF-8.

        Raises:
            GlmDeepError: the file cannot be written.
        """
        if self._plot is not None:
            _write(path, (self._curves or Curves()).as_csv().encode("utf-8"))

    def _redraw(self) -> None:
        """Draws only what is not drawn yet: this is called several times a second."""
        if self._plot is None:
            return
        from glm_deep_ui.widgets.plot_items import ghosts_of, strands_of

        curves, ghost = self._curves, self._ghost
        self._offer_anchors(len(curves.anchors) if curves else 0)
        anchor = self._anchor.currentIndex() - 1 if self._anchor.currentIndex() > 0 else None
        state = (curves, curves and curves.changed, ghost, ghost and ghost.changed, anchor, self._plot.logarithmic)
        same = (id(curves), id(ghost), *(each for each in state if not isinstance(each, Curves)))
        if same == self._drawn:
            return
        self._drawn = same
        for button in (self._picture, self._table):
            button.setEnabled(curves is not None and not curves.is_empty)
        behind = ghosts_of(ghost, anchor) if ghost else []
        self._plot.show_strands(strands_of(curves, anchor) if curves else [], behind)

    def _offer_anchors(self, count: int) -> None:
        """Keeps the choice where that anchor is still there."""
        if self._anchor.count() == count + 1 and count > 1:
            return
        chosen = self._anchor.currentIndex()
        self._anchor.blockSignals(True)
        self._anchor.clear()
        if count > 1:
            self._anchor.addItem("Anchors: median and band" if count > MOST_SINGLE else "Anchors: all")
            self._anchor.addItems([f"Anchor {number}" for number in range(count)])
            self._anchor.setCurrentIndex(chosen if 0 < chosen <= count else 0)
        self._anchor.blockSignals(False)
        if self._anchor.isHidden() == (count > 1):
            self._anchor.setVisible(count > 1)
            self._row.arrange()

    def _toggle_log(self) -> None:
        if self._plot is not None:
            self._plot.logarithmic = self._log.isChecked()
            self._reset_zoom()
            self._redraw()

    def _reset_zoom(self) -> None:
        if self._plot is not None:
            self._plot.reset_zoom()
            self._reset.setEnabled(False)

    def _ask_where(self, suffix: str, save: Callable[[str], None]) -> None:
        """Asks for a file without holding up the window, and saves into it."""
        title, kind = ("Save picture", "Pictures (*.png)") if suffix == "png" else ("Save table", "Tables (*.csv)")
        dialog = QtWidgets.QFileDialog(self, title, "", kind)
        dialog.setObjectName("curve_file")
        dialog.setAcceptMode(QtWidgets.QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"learning_curves.{suffix}")
        dialog.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self._save(save, path))
        dialog.open()

    def _save(self, save: Callable[[str], None], path: str) -> None:
        try:
            save(path)
        except GlmDeepError as error:
            self._tell(str(error), wrong=True)
        else:
            self._tell(f"Saved as {path}")

    def _tell(self, text: str, *, wrong: bool = False) -> None:
        self._message.setProperty("wrong", wrong)
        self._message.setText(text)
        self._message.setVisible(True)
        self._message.style().unpolish(self._message)
        self._message.style().polish(self._message)


class _Choice(QtWidgets.QComboBox):
    """A choice with a plain arrow: style sheets take the arrow away together with the raised edge around it."""

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802
        """Paints the arrow at the right."""
        super().paintEvent(event)
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(QtGui.QPen(self.palette().color(QtGui.QPalette.ColorRole.ButtonText), 1.4))
        painter.translate(self.width() - 11, self.height() / 2)
        painter.drawPolyline(QtGui.QPolygonF([QtCore.QPointF(x, y) for x, y in ((-3.5, -1.5), (0, 2), (3.5, -1.5))]))
        painter.end()


class _Row(QtWidgets.QWidget):
    """Controls beside each other, on as many lines as their widths need."""

    def __init__(self, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        # However wide the controls are together, the panel can be narrower.
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
        self._controls: list[QtWidgets.QWidget] = []

    def take(self, controls: list[QtWidgets.QWidget]) -> None:
        """Holds these controls, in the order of the tabulator key."""
        self._controls = controls
        for control in controls:
            control.setParent(self)

    def arrange(self) -> None:
        """Puts each control behind the one before, or on the next line."""
        seen = [control for control in self._controls if not control.isHidden()]
        tall = max((control.sizeHint().height() for control in seen), default=0)
        left = top = 0
        for control in seen:
            wanted = min(control.sizeHint().width(), max(self.width(), 1))
            if left and left + wanted > self.width():
                left, top = 0, top + tall + 2
            control.setGeometry(left, top, wanted, tall)
            left += wanted + 2
        self.setFixedHeight(top + tall)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802
        """Arranges them for the new width."""
        super().resizeEvent(event)
        self.arrange()


def _write(path: Path | str, content: bytes) -> None:
    try:
        atomic_write_bytes(path, content)
    except ValueError as error:
        raise GlmDeepError("this is no name for a file", where=str(path), hint="Choose another name") from error


def _sheet(colours: Colours, points: float) -> str:
    return f"""
    QToolButton, QComboBox {{ font-size: {points:g}pt; }}
    QToolButton {{ border: 1px solid transparent; border-radius: 4px; padding: 3px 4px; color: {colours.text};
                   background: transparent; }}
    QToolButton:hover {{ background: {colours.line}; }}
    QToolButton:checked {{ background: {colours.line}; }}
    QToolButton:focus, QComboBox:focus {{ border-color: {colours.accent}; }}
    QToolButton:disabled {{ color: {colours.ghost}; }}
    QComboBox {{ border: 1px solid {colours.line}; border-radius: 4px; padding: 2px 6px; color: {colours.text};
                 background: {colours.panel}; }}
    QComboBox::drop-down {{ border: none; width: 16px; }}
    QLabel#curve_message {{ color: {colours.quiet}; }}
    QLabel#curve_message[wrong="true"] {{ color: {colours.bad}; }}
    """
