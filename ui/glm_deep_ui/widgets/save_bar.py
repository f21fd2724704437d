"""Tells that settings were changed and not saved, and offers both ways out."""

from __future__ import annotations

from glm_deep_ui.qt import QtWidgets, Signal


class SaveBar(QtWidgets.QWidget):
    """Hidden while there is nothing to save.

    Signals:
        save_wanted, revert_wanted: what was asked for.
    """

    save_wanted = Signal()
    revert_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        text = QtWidgets.QLabel("Changed, not saved yet. Training saves.")
        text.setObjectName("quiet")
        text.setWordWrap(True)
        row.addWidget(text, 1)
        for name, label, hint, signal in (
            ("save", "Save", "Writes the settings into the file (Ctrl+S)", self.save_wanted),
            ("revert", "Revert", "Back to what is saved; this can be undone", self.revert_wanted),
        ):
            button = QtWidgets.QPushButton(label)
            button.setObjectName(name)
            button.setProperty("small", True)
            button.setToolTip(hint)
            button.clicked.connect(lambda *_, signal=signal: signal.emit())
            row.addWidget(button)
        self.hide()
