"""The label at the cursor with the losses of one epoch."""

from __future__ import annotations

import html
from collections.abc import Iterable

from glm_deep_ui.qt import QtCore, QtGui, QtWidgets
from glm_deep_ui.short_numbers import short_number
from glm_deep_ui.strands import Strand, nearest
from glm_deep_ui.style import Colours


class Readout(QtWidgets.QLabel):
    """A label that lies over a plot beside the cursor; the mouse goes through it."""

    def __init__(self, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("curve_readout")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_colours(self, colours: Colours, font: QtGui.QFont) -> None:
        """Takes the colours of a theme and a font."""
        self.setStyleSheet(
            f"background: {colours.window}; color: {colours.text}; border: 1px solid {colours.line};"
            f" border-radius: 4px; padding: 4px; font-size: {font.pointSizeF():g}pt;"
        )

    def tell(self, epoch: int, strands: Iterable[Strand], colours: Colours) -> None:
        """Takes the losses of an epoch as its text."""
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
        self.setText(f"<table cellspacing=1>{''.join(lines)}</table>")
        self.adjustSize()

    def show_beside(self, cursor: QtCore.QPoint, room: QtCore.QSize) -> None:
        """Shows it where it is not cut off: right of the cursor or left of it, below or above it."""
        right, left = cursor.x() + 14, cursor.x() - 14 - self.width()
        x = right if right + self.width() < room.width() else left
        # In a narrow plot it fits on neither side of the cursor: then it lies above or below it.
        x = x if x >= 2 else max(2, room.width() - self.width() - 2)
        below, above = cursor.y() + 14, cursor.y() - 14 - self.height()
        y = below if below + self.height() < room.height() else above
        self.move(x, max(2, y))
        self.show()
