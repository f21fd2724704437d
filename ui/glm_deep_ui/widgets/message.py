"""A sentence for the user below the buttons."""

from __future__ import annotations

from glm_deep_ui.qt import QtCore, QtWidgets


class Message(QtWidgets.QLabel):
    """A sentence, in another colour where something is wrong; hidden while there is none."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWordWrap(True)
        self.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hide()

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Shows a sentence instead of the one before; an empty one hides it."""
        if text == self.text() and wrong == bool(self.property("wrong")):
            return
        self.setProperty("wrong", wrong)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setText(text)
        self.setVisible(bool(text))
