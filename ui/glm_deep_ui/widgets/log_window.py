"""What a run or a command wrote while it failed, for those who can read it."""

from __future__ import annotations

from pathlib import Path

from glm_deep_ui.qt import QtCore, QtGui, QtWidgets

MOST_CHARACTERS = 200_000  # of the end, where the reason is


class LogWindow(QtWidgets.QDialog):
    """The end of a text file, to be read and copied."""

    def __init__(self, path: Path, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("log")
        self.setWindowTitle(path.name)
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = QtWidgets.QVBoxLayout(self)
        where = QtWidgets.QLabel(str(path))
        where.setObjectName("quiet")
        where.setWordWrap(True)
        where.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text = QtWidgets.QPlainTextEdit(_end_of(path))
        self._text.setObjectName("log text")
        self._text.setReadOnly(True)
        self._text.setFont(QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont))
        self._text.setLineWrapMode(QtWidgets.QPlainTextEdit.LineWrapMode.NoWrap)
        row = QtWidgets.QHBoxLayout()
        copy = QtWidgets.QPushButton("Copy All")
        copy.clicked.connect(lambda: QtWidgets.QApplication.clipboard().setText(self._text.toPlainText()))
        close = QtWidgets.QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.close)
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        layout.addWidget(where)
        layout.addWidget(self._text, 1)
        layout.addLayout(row)
        self.resize(720, 460)

    def showEvent(self, event: QtGui.QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Begins with the end, where the reason is."""
        super().showEvent(event)
        bar = self._text.verticalScrollBar()
        bar.setValue(bar.maximum())


def _end_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - MOST_CHARACTERS))
            return file.read().decode("utf-8", "replace")
    except OSError as error:
        return f"{path} cannot be read: {error.strerror or error}"
