"""A line for the text of a setting, whose undoing is that of the whole form."""

from __future__ import annotations

from glm_deep_ui.qt import QtCore, QtGui, QtWidgets, Signal

NO_LIMIT = 2**31 - 1  # characters; Qt's own limit cuts long lists of vertices without a word


class FormLine(QtWidgets.QLineEdit):
    """Shows a text, and tells when a person has entered another one.

    While the text is the one that was shown, the keys that undo and redo are left to the window around it. While
    something is being typed, undoing brings back what was shown.

    Signals:
        committed: another text, once Return was pressed or the keyboard has gone elsewhere.
    """

    committed = Signal(str)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.setMaxLength(NO_LIMIT)
        self.editingFinished.connect(self.enter)

    @property
    def is_being_typed(self) -> bool:
        """Whether there is a text in it that has not been committed."""
        return self.isModified() and self.text() != self._shown

    def show_text(self, text: str) -> None:
        """Shows a text; where it is the one that was shown already, what is being typed stays."""
        if text == self._shown and self.is_being_typed:
            return
        self._shown = text
        if self.text() != text:
            self.setText(text)
        self.setModified(False)

    def event(self, event: QtCore.QEvent) -> bool:
        """Leaves a shortcut that undoes or redoes to the window, which else would not be asked."""
        asks = event.type() == QtCore.QEvent.Type.ShortcutOverride
        if asks and isinstance(event, QtGui.QKeyEvent) and (_undoes(event) or _redoes(event)):
            event.setAccepted(self.is_being_typed)
            return self.is_being_typed
        return bool(super().event(event))

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Brings back what was shown; the steps of the typing cannot be undone one by one."""
        if not _undoes(event) and not _redoes(event):
            super().keyPressEvent(event)
        elif not self.is_being_typed:
            event.ignore()
        elif _undoes(event):
            self.setText(self._shown)

    def enter(self) -> None:
        """Takes what is being typed as entered."""
        if not self.is_being_typed:
            return
        # What is shown in answer may be this text in another spelling.
        self._shown = self.text()
        self.setModified(False)
        self.committed.emit(self._shown)


def _undoes(event: QtGui.QKeyEvent) -> bool:
    return bool(event.matches(QtGui.QKeySequence.StandardKey.Undo))


def _redoes(event: QtGui.QKeyEvent) -> bool:
    """Whether a key redoes, by the custom of this system or of another one."""
    other = event.key() == QtCore.Qt.Key.Key_Y and event.modifiers() == QtCore.Qt.KeyboardModifier.ControlModifier
    return other or bool(event.matches(QtGui.QKeySequence.StandardKey.Redo))
