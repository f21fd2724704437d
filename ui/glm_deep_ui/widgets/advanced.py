"""The section of advanced properties, folded until somebody opens it."""

from __future__ import annotations

from glm_deep_ui.form import Form
from glm_deep_ui.host import Host
from glm_deep_ui.qt import QtCore, QtWidgets
from glm_deep_ui.summary import Summary
from glm_deep_ui.widgets.config_form import ConfigForm


class Advanced(QtWidgets.QWidget):
    """The form of the training's settings below a heading that folds it.

    Attributes:
        config: the form.
    """

    def __init__(self, form: Form, host: Host) -> None:
        super().__init__()
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._fold = QtWidgets.QToolButton()
        self._fold.setObjectName("fold")
        self._fold.setText("Advanced Properties")
        self._fold.setCheckable(True)
        self._fold.setToolButtonStyle(QtCore.Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.toggled.connect(self._unfold)
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
        self.config = ConfigForm(form, host)
        inside.addWidget(self.config)
        layout.addWidget(self._card)
        self._unfold(False)

    def show_summary(self, summary: Summary) -> None:
        """Shows how many samples there are, and what percentages and sizes come to for them."""
        self._frames.setText(f"Available Extracted Frame Count: {summary.frames:,}")
        self.config.show_summary(summary)

    def _unfold(self, on: bool) -> None:
        self._fold.setArrowType(QtCore.Qt.ArrowType.DownArrow if on else QtCore.Qt.ArrowType.RightArrow)
        self._card.setVisible(on)
