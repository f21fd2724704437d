"""A window of the training tab, and a hand that works it with real events."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from glm_deep_ui.qt import BINDING, QtCore, QtGui, QtWidgets

PATIENCE = 90.0


def keys() -> Any:
    """Qt's own test hand."""
    if BINDING == "PySide6":
        from PySide6.QtTest import QTest
    else:
        from PySide2.QtTest import QTest
    return QTest


class Tab:
    """A window with the tab, shown."""

    def __init__(self, window: Any) -> None:
        self.window = window
        self.gone = False
        self.window.show()

    def wait(self, until: Callable[[], bool], what: str) -> None:
        """Lets the window live until something is so."""
        end = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < end, f"{what} did not come: {self.said}"
            QtWidgets.QApplication.processEvents()
            time.sleep(0.005)

    def look(self, seconds: float = 0.3) -> None:
        """Lets the window live for a moment."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            QtWidgets.QApplication.processEvents()
            time.sleep(0.005)

    def button(self, name: str) -> Any:
        return self.window.findChild(QtWidgets.QAbstractButton, name)

    def field(self, key: str) -> Any:
        return self.window.findChild(QtWidgets.QWidget, key)

    def click(self, name: str) -> None:
        keys().mouseClick(self.button(name), QtCore.Qt.MouseButton.LeftButton)

    def type(self, key: str, text: str) -> None:
        """Types into a field of the form, and leaves it with Return."""
        field = self.field(key)
        field.setFocus()
        field.selectAll()
        keys().keyClicks(field, text)
        keys().keyClick(field, QtCore.Qt.Key.Key_Return)

    def press(self, letter: str, *, control: bool) -> None:
        """A key on the tab itself, not in a field."""
        modifiers = QtCore.Qt.KeyboardModifier
        self.button("fold").setFocus()
        held = modifiers.ControlModifier if control else modifiers.NoModifier
        keys().keyClick(self.window.centralWidget(), getattr(QtCore.Qt.Key, f"Key_{letter}"), held)
        self.look(0.05)

    def wheel(self, widget: Any, turned: int) -> None:
        """Turns the wheel over a widget, in eighths of a degree."""
        middle = QtCore.QPointF(widget.rect().center())
        QtWidgets.QApplication.sendEvent(
            widget,
            QtGui.QWheelEvent(
                middle,
                QtCore.QPointF(widget.mapToGlobal(middle.toPoint())),
                QtCore.QPoint(),
                QtCore.QPoint(0, turned),
                QtCore.Qt.MouseButton.NoButton,
                QtCore.Qt.KeyboardModifier.NoModifier,
                QtCore.Qt.ScrollPhase.NoScrollPhase,
                False,
            ),
        )

    def turn_to(self, title: str) -> None:
        """Shows a page."""
        pages = self.window.findChild(QtWidgets.QTabWidget, "pages")
        (place,) = [each for each in range(pages.count()) if pages.tabText(each) == title]
        pages.setCurrentIndex(place)
        self.look(0.05)

    def unfold(self) -> None:
        self.click("fold")
        self.look(0.05)

    @property
    def said(self) -> str:
        """All visible words."""
        labels = self.window.findChildren(QtWidgets.QLabel)
        return "\n".join(label.text() for label in labels if label.isVisible())

    @property
    def train_says(self) -> str:
        return str(self.button("primary").text())

    def close(self) -> None:
        """Takes the window away with all that is in it; nothing is asked."""
        if self.gone:
            return
        self.gone = True
        self.window.hide()
        self.window.deleteLater()
        QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
        self.look(0.05)


def live() -> None:
    """Lets the widgets take in what has happened."""
    for _ in range(5):
        QtWidgets.QApplication.processEvents()


def put(stage: Any, widget: Any) -> Any:
    """Shows a widget in another one."""
    stage.layout().addWidget(widget)
    widget.show()
    live()
    return widget


def press(widget: Any, key: Any, held: Any = QtCore.Qt.KeyboardModifier.NoModifier) -> None:
    """Presses a key on a widget."""
    keys().keyClick(widget, key, held)
    live()
