"""The controls above the learning curves."""

from __future__ import annotations

import sys

from glm_deep_ui.curves import MOST_SINGLE
from glm_deep_ui.qt import QtCore, QtGui, QtWidgets
from glm_deep_ui.style import Colours
from glm_deep_ui.widgets.chevron import Choice

HOW_TO_MOVE = f"Drag to move the plot, turn the wheel with {'Cmd' if sys.platform == 'darwin' else 'Ctrl'} to zoom"


class CurveControls(QtWidgets.QWidget):
    """Controls beside each other, on as many lines as their widths need.

    Attributes:
        log, reset, picture, table: the buttons, in the order of the tabulator key. anchor: the choice after them.
    """

    def __init__(self, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        # However wide the controls are together, the panel can be narrower.
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
        self.log = self._button("curve_log", "Log", "Logarithmic scale of the error")
        self.log.setCheckable(True)
        self.log.setChecked(True)
        self.reset = self._button("curve_reset", "Reset zoom", f"Show all epochs and follow the run. {HOW_TO_MOVE}")
        self.picture = self._button("curve_save_picture", "Save picture…", "Save the plot as a PNG file")
        self.table = self._button("curve_save_table", "Save table…", "Save the numbers as a CSV file")
        for button in (self.reset, self.picture, self.table):
            button.setEnabled(False)
        self.anchor = Choice(self)
        self.anchor.setObjectName("curve_anchor")
        self.anchor.setAccessibleName("Anchors to show")
        self.anchor.setToolTip("Show all anchors of the subspaces, or one")
        self.anchor.setMaxVisibleItems(20)
        self.anchor.hide()

    def _button(self, name: str, text: str, hint: str) -> QtWidgets.QToolButton:
        button = QtWidgets.QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(hint)
        button.setAccessibleName(text.rstrip("…"))
        button.setAccessibleDescription(hint)
        button.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        return button

    def offer_anchors(self, count: int) -> None:
        """Offers so many anchors to choose from; keeps the choice where that anchor is still there."""
        if self.anchor.count() == count + 1 and count > 1:
            return
        chosen = self.anchor.currentIndex()
        self.anchor.blockSignals(True)
        self.anchor.clear()
        if count > 1:
            self.anchor.addItem("Anchors: median and band" if count > MOST_SINGLE else "Anchors: all")
            self.anchor.addItems([f"Anchor {number}" for number in range(count)])
            self.anchor.setCurrentIndex(chosen if 0 < chosen <= count else 0)
        self.anchor.blockSignals(False)
        if self.anchor.isHidden() == (count > 1):
            self.anchor.setVisible(count > 1)
            self.arrange()

    @property
    def chosen_anchor(self) -> int | None:
        """The anchor that was chosen, None for all of them."""
        return self.anchor.currentIndex() - 1 if self.anchor.currentIndex() > 0 else None

    def arrange(self) -> None:
        """Puts each control behind the one before, or on the next line."""
        controls = (self.log, self.reset, self.picture, self.table, self.anchor)
        seen = [control for control in controls if not control.isHidden()]
        tall = max(control.sizeHint().height() for control in seen)
        left = top = 0
        for control in seen:
            wanted = min(control.sizeHint().width(), max(self.width(), 1))
            if left and left + wanted > self.width():
                left, top = 0, top + tall + 2
            control.setGeometry(left, top, wanted, tall)
            left += wanted + 2
        self.setFixedHeight(top + tall)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802
        """Arranges them for the new width."""
        super().resizeEvent(event)
        self.arrange()


def sheet_of(colours: Colours, points: float) -> str:
    """The style sheet of the controls in a font of so many points."""
    return f"""
    QToolButton, QComboBox {{ font-size: {points:g}pt; }}
    QToolButton {{ border: 1px solid transparent; border-radius: 4px; padding: 3px 4px; color: {colours.text};
                   background: transparent; }}
    QToolButton:hover {{ background: {colours.line}; }}
    QToolButton:checked {{ background: {colours.line}; }}
    QToolButton:focus, QComboBox:focus {{ border-color: {colours.accent}; }}
    QToolButton:disabled {{ color: {colours.ghost}; }}
    QComboBox {{ border: 1px solid {colours.line}; border-radius: 4px; padding: 2px 6px; color: {colours.text};
                 background: {colours.panel}; }}
    QComboBox::drop-down {{ border: none; width: 16px; }}
    """
