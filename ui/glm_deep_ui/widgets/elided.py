"""Texts that give way to what is beside them."""

from __future__ import annotations

from glm_deep_ui.qt import QtCore, QtGui, QtWidgets


class Elided(QtWidgets.QLabel):
    """A text that is cut in its middle where there is no room for it; the tooltip says it in full."""

    def __init__(self, text: str, tooltip: str) -> None:
        super().__init__()
        self._whole = text
        self.setToolTip(tooltip)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Cuts the text for the new width."""
        self.setText(self.fontMetrics().elidedText(self._whole, QtCore.Qt.TextElideMode.ElideMiddle, self.width()))


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
