"""The section of advanced properties, folded until somebody opens it."""

from __future__ import annotations

from glm_deep_ui.editing import Editing
from glm_deep_ui.host import Host
from glm_deep_ui.qt import QtWidgets
from glm_deep_ui.summary import UNKNOWN, Summary
from glm_deep_ui.widgets.chevron import FoldButton
from glm_deep_ui.widgets.config_form import ConfigForm


class Advanced(QtWidgets.QWidget):
    """The form of the training's settings below a heading that folds it.

    Attributes:
        config: the form.
    """

    def __init__(self, editing: Editing, host: Host) -> None:
        super().__init__()
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._fold = FoldButton("Advanced Properties")
        self._fold.setObjectName("fold")
        self._fold.toggled.connect(self._show_card)
        layout.addWidget(self._fold)
        self._card = QtWidgets.QFrame()
        self._card.setObjectName("card")
        inside = QtWidgets.QVBoxLayout(self._card)
        inside.setContentsMargins(12, 10, 8, 10)
        inside.setSpacing(0)
        self._frames = QtWidgets.QLabel()
        self._frames.setObjectName("frames")
        self._frames.setWordWrap(True)
        inside.addWidget(self._frames)
        self.config = ConfigForm(editing, host)
        inside.addWidget(self.config)
        layout.addWidget(self._card)
        self._show_card(False)

    def show_summary(self, summary: Summary) -> None:
        """Shows how many samples there are, and what percentages and sizes come to for them."""
        count = "unknown" if summary.state == UNKNOWN else f"{summary.frames:,}"
        self._frames.setText(f"Available Extracted Frame Count: {count}")
        self.config.show_summary(summary)

    def unfold(self) -> None:
        """Opens the section."""
        self._fold.setChecked(True)

    def _show_card(self, on: bool) -> None:
        self._card.setVisible(on)
