"""What a run or a command wrote while it failed, for those who can read it."""

from __future__ import annotations

from pathlib import Path

from glm_deep_ui.qt import QtCore, QtGui, QtWidgets

MOST_CHARACTERS = 200_000  # of the end, where the reason is
_FIXED_FAMILIES = ("Consolas", "Menlo", "DejaVu Sans Mono", "Liberation Mono", "Courier New", "monospace")


class LogWindow(QtWidgets.QDialog):
    """The end of a text file, to be read and copied."""

    @classmethod
    def open_for(cls, path: Path, parent: QtWidgets.QWidget) -> LogWindow:
        """The window over a widget in which logs are read, with this one in it; it is opened where there is none."""
        found = (each for each in parent.findChildren(QtWidgets.QDialog, "log") if isinstance(each, cls))
        window = next((each for each in found if each.isVisible()), None) or cls(path, parent)
        if window.isVisible():
            window.read(path)
        if window.isMinimized():
            window.showNormal()
        window.show()
        window.raise_()
        window.activateWindow()
        return window

    def __init__(self, path: Path, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("log")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = QtWidgets.QVBoxLayout(self)
        self._where = QtWidgets.QLabel()
        self._where.setObjectName("quiet")
        self._where.setWordWrap(True)
        self._where.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text = QtWidgets.QPlainTextEdit()
        self._text.setObjectName("log text")
        self._text.setReadOnly(True)
        self._text.setFont(_fixed_font())
        self._text.setLineWrapMode(QtWidgets.QPlainTextEdit.LineWrapMode.NoWrap)
        layout.addWidget(self._where)
        layout.addWidget(self._text, 1)
        layout.addLayout(self._build_buttons())
        self.resize(720, 460)
        self.read(path)

    def _build_buttons(self) -> QtWidgets.QLayout:
        row = QtWidgets.QHBoxLayout()
        copy = QtWidgets.QPushButton("Copy All")
        copy.clicked.connect(lambda: QtWidgets.QApplication.clipboard().setText(self._text.toPlainText()))
        close = QtWidgets.QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.close)
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        return row

    def read(self, path: Path) -> None:
        """Shows the end of a file as it is now."""
        self.setWindowTitle(path.name)
        self._where.setText(str(path))
        self._text.setPlainText(_end_of(path))
        self._to_end()

    def showEvent(self, event: QtGui.QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Begins with the end, where the reason is."""
        super().showEvent(event)
        self._to_end()

    def _to_end(self) -> None:
        bar = self._text.verticalScrollBar()
        bar.setValue(bar.maximum())


def _fixed_font() -> QtGui.QFont:
    """The system's font of even width, or the first known one where the system names none."""
    font = QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont)
    if not QtGui.QFontInfo(font).fixedPitch():
        font.setFamilies(list(_FIXED_FAMILIES))
    font.setStyleHint(QtGui.QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    return font


def _end_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - MOST_CHARACTERS))
            return file.read().decode("utf-8", "replace")
    except OSError as error:
        return f"{path} cannot be read: {error.strerror or error}"
