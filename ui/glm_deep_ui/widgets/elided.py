"""Texts that give way to what is beside them."""

from __future__ import annotations

import unicodedata

from glm_deep_ui.qt import QtCore, QtGui, QtWidgets


class Elided(QtWidgets.QLabel):
    """A text that is cut in its middle where there is no room for it; the tooltip says it in full.

    `text()` stays the whole text, for those to whom it is read aloud.
    """

    _LEAST = "WWW\N{HORIZONTAL ELLIPSIS}"

    def __init__(self, text: str = "", tooltip: str = "") -> None:
        super().__init__()
        self.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Fixed)
        self.show_text(text, tooltip)

    def show_text(self, text: str, tooltip: str = "") -> None:
        """Shows another text; without a tooltip the text is its own."""
        self.setText(text)
        self.setToolTip(tooltip or text)

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        """A few characters."""
        whole = super().sizeHint()
        return QtCore.QSize(min(whole.width(), self.fontMetrics().horizontalAdvance(self._LEAST)), whole.height())

    @property
    def shown(self) -> str:
        """What there is room for."""
        room = self.contentsRect().width()
        return str(self.fontMetrics().elidedText(self.text(), QtCore.Qt.TextElideMode.ElideMiddle, room))

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draws what there is room for, on the side where reading begins, in the direction of its own letters."""
        flags, ways = QtCore.Qt.AlignmentFlag, QtCore.Qt.LayoutDirection
        side = QtWidgets.QStyle.visualAlignment(self.layoutDirection(), self.alignment())
        painter = QtGui.QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.setLayoutDirection(ways.RightToLeft if _runs_leftwards(self.text()) else ways.LeftToRight)
        painter.drawText(self.contentsRect(), int(side | flags.AlignAbsolute), self.shown)
        painter.end()


def _runs_leftwards(text: str) -> bool:
    """Whether the first letter of a text belongs to a script that is written from right to left."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind in ("R", "AL") for kind in kinds if kind in ("L", "R", "AL")), False)


class FittingButton(QtWidgets.QPushButton):
    """A button that says the same in fewer words where it is narrow."""

    def __init__(self, text: str, short: str) -> None:
        super().__init__(text)
        self._long, self._short = text, short
        self.setAccessibleName(text)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        """What the short text needs."""
        whole = super().sizeHint()
        return QtCore.QSize(whole.width() - self._advance(self.text()) + self._advance(self._short), whole.height())

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        """What the long text needs, whichever is shown."""
        whole = super().sizeHint()
        return QtCore.QSize(whole.width() - self._advance(self.text()) + self._advance(self._long), whole.height())

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Takes the text that fits."""
        super().resizeEvent(event)
        text = self._long if self.sizeHint().width() <= self.width() else self._short
        if text != self.text():
            self.setText(text)

    def _advance(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)
