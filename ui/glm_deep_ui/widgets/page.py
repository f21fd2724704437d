"""A page of the window: what can be done there in a column, and a sentence about what was done last."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from glm_deep.errors import GlmDeepError, first_line
from glm_deep_ui.host import Host
from glm_deep_ui.qt import QtCore, QtWidgets
from glm_deep_ui.widgets.button_grid import ButtonGrid
from glm_deep_ui.widgets.columns import columns_in
from glm_deep_ui.widgets.elided import FittingButton
from glm_deep_ui.widgets.message import Message


class Page(QtWidgets.QWidget):
    """An empty page.

    Attributes:
        column: the layout that takes what is on it.
    """

    def __init__(self, name: str, host: Host) -> None:
        super().__init__()
        self.setObjectName("tab")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_StyledBackground, True)
        self.setAccessibleName(name)
        self._lacks = host.lacks
        self.column = columns_in(self).first
        self.message = Message(f"{name} message")

    def add_heading(self, text: str, meaning: str = "") -> None:
        """Begins a section."""
        heading = QtWidgets.QLabel(text)
        heading.setObjectName("heading")
        heading.setToolTip(meaning)
        self.column.addWidget(heading)

    def add_buttons(self, *buttons: QtWidgets.QPushButton) -> None:
        """Adds buttons, some in a row."""
        self.column.addWidget(ButtonGrid(buttons))

    def button(
        self, name: str, text: str, hint: str, action: Callable[[], str | None], *, short: str = "", scene: bool = True
    ) -> QtWidgets.QPushButton:
        """A button whose action answers with a sentence, if it has one to say.

        Args:
            name: of the widget. short: the text where it is narrow. scene: whether it needs a scene.
        """
        button = FittingButton(text, short or text)
        button.setObjectName(name)
        button.setProperty("small", True)
        lacking = self._lacks if scene else ""
        button.setToolTip(lacking or hint)
        button.setEnabled(not lacking)
        button.clicked.connect(lambda *_: self.do(action))
        return button

    def do(self, action: Callable[[], str | None]) -> None:
        """Does something, and shows what it says or why it cannot be done."""
        self.message.say("")
        try:
            said = action()
        except GlmDeepError as error:
            self.message.say(str(error), wrong=True)
        except RuntimeError as error:  # how the scene's own commands fail
            self.message.say(f"{first_line(error).rstrip('.')}. The Script Editor says more.", wrong=True)
            traceback.print_exc()
        else:
            self.message.say(said or "")
