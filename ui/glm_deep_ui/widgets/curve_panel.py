"""The learning curves of a run: plot, and the controls above it. Says what to install where pyqtgraph is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from glm_deep.errors import GlmDeepError
from glm_deep.launch import in_a_host
from glm_deep.rundir import atomic_write_bytes
from glm_deep_ui.curves import Curves
from glm_deep_ui.qt import QtCore, QtWidgets
from glm_deep_ui.strands import ghosts_of, strands_of
from glm_deep_ui.style import Colours, colours_of
from glm_deep_ui.widgets.curve_controls import HOW_TO_MOVE, CurveControls, sheet_of

if TYPE_CHECKING:
    from glm_deep_ui.widgets.curve_plot import CurvePlot

MISSING = "The learning curves need two packages: pip install pyqtgraph numpy"
MISSING_IN_A_HOST = "The learning curves need numpy; the page Python says how to install it."
DRAW_EVERY = 100
"""Milliseconds between two drawings of a run that grows; records may come far oftener."""
PICTURE_SCALE = 2  # dots of a saved picture for each pixel of the screen, so that it can be printed


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
        self._drawn: tuple[object, ...] | None = None
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
            from glm_deep_ui.widgets.curve_plot import CurvePlot
        except ImportError:
            layout.addWidget(self._message)
            layout.addStretch()
            self._tell(MISSING_IN_A_HOST if in_a_host() else MISSING)
            return
        self._soon = QtCore.QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(DRAW_EVERY)
        self._soon.timeout.connect(self._redraw)
        self._controls = CurveControls(self)
        self._plot = CurvePlot(colours_of(self), self)
        self._plot.setAccessibleDescription(HOW_TO_MOVE)
        self._connect(self._controls, self._plot)
        layout.addWidget(self._controls)
        layout.addWidget(self._plot, 1)
        layout.addWidget(self._message)
        self._message.hide()
        self._recolour(colours_of(self))
        self._redraw()

    def _connect(self, controls: CurveControls, plot: CurvePlot) -> None:
        ask = self._ask_where
        controls.log.clicked.connect(lambda *_: self._toggle_log())
        controls.reset.clicked.connect(lambda *_: self._reset_zoom())
        controls.picture.clicked.connect(lambda *_: ask("png", self.save_png))
        controls.table.clicked.connect(lambda *_: ask("csv", self.save_csv))
        controls.anchor.currentIndexChanged.connect(lambda *_: self._redraw())
        plot.zoomed.connect(lambda: controls.reset.setEnabled(True))

    def show_curves(self, curves: Curves | None) -> None:
        """Draws the curves of a run; those that have grown since are drawn a moment later. None leaves the plot empty.

        May be called as often as one likes: nothing happens while they have not changed.
        """
        if self._plot is None:
            return
        if curves is not self._curves:
            self._curves = curves
            self._reset_zoom()
            self._redraw()
        elif self._shown() != self._drawn and not self._soon.isActive():
            self._soon.start()

    def show_ghost(self, curves: Curves | None) -> None:
        """Draws the validation curves of the run before in grey, to compare with; None takes them away."""
        if self._plot is not None and curves is not self._ghost:
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
            self._controls.arrange()

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
        picture = self._plot.picture(PICTURE_SCALE)
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

    def _shown(self) -> tuple[object, ...]:
        """All that decides on what is to be seen."""
        curves, ghost = self._curves, self._ghost
        logarithmic = self._controls.log.isChecked()
        return id(curves), curves and curves.changed, id(ghost), self._controls.chosen_anchor, logarithmic

    def _redraw(self) -> None:
        """Draws what is not drawn yet."""
        if self._plot is None:
            return
        curves, ghost = self._curves, self._ghost
        self._controls.offer_anchors(len(curves.anchors) if curves else 0)
        if self._shown() == self._drawn:
            return
        self._drawn = self._shown()
        for button in (self._controls.picture, self._controls.table):
            button.setEnabled(curves is not None and not curves.is_empty)
        anchor = self._controls.chosen_anchor
        behind = ghosts_of(ghost, anchor) if ghost else []
        self._plot.show_strands(strands_of(curves, anchor) if curves else [], behind)

    def _toggle_log(self) -> None:
        if self._plot is not None:
            self._plot.logarithmic = self._controls.log.isChecked()
            self._reset_zoom()
            self._redraw()

    def _reset_zoom(self) -> None:
        if self._plot is not None:
            self._plot.reset_zoom()
            self._controls.reset.setEnabled(False)

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


def _write(path: Path | str, content: bytes) -> None:
    try:
        atomic_write_bytes(path, content)
    except ValueError as error:
        raise GlmDeepError("this is no name for a file", where=str(path), hint="Choose another name") from error


def _sheet(colours: Colours, points: float) -> str:
    return f"""
    {sheet_of(colours, points)}
    QLabel#curve_message {{ color: {colours.quiet}; }}
    QLabel#curve_message[wrong="true"] {{ color: {colours.bad}; }}
    """
