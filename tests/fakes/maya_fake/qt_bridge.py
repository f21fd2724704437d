"""Real Qt widgets behind docks and the main window, where a test has made a QApplication; else numbers only."""

from __future__ import annotations

import sys
from typing import Any

from maya_fake.ui_state import Control


class WidgetPointer(int):
    """The address of a widget as SWIG gives it: `int()` takes it."""


def _qt() -> tuple[Any, Any] | None:
    """QtWidgets and shiboken of the binding that is imported, if there is an application."""
    for binding, shiboken in (("PySide6", "shiboken6"), ("PySide2", "shiboken2")):
        widgets = sys.modules.get(binding + ".QtWidgets")
        if widgets is not None and widgets.QApplication.instance() is not None:
            __import__(shiboken)
            return widgets, sys.modules[shiboken]
    return None


def pointer(control: Control) -> WidgetPointer:
    """The address of the widget of a control."""
    qt = _qt()
    if qt is None:
        return WidgetPointer(0x10000 + abs(hash(control.name)) % 0xFFFFFF)
    widgets, shiboken = qt
    if control.widget is None or not shiboken.isValid(control.widget):
        control.widget = widgets.QMainWindow() if control.kind == "window" else widgets.QWidget()
        control.widget.setObjectName(control.name)
        if control.kind != "window":
            widgets.QVBoxLayout(control.widget)
    return WidgetPointer(shiboken.getCppPointer(control.widget)[0])


def find(scene: Any, name: str) -> WidgetPointer | None:
    """The address of the control or widget with this name."""
    if scene.ui.exists(name):
        return pointer(scene.ui.find(name))
    qt = _qt()
    if qt is None:
        return None
    widgets, shiboken = qt
    for top in widgets.QApplication.topLevelWidgets():  # not all widgets, some of which may just be going
        found = top if top.objectName() == name else top.findChild(widgets.QWidget, name)
        if found is not None:
            return WidgetPointer(shiboken.getCppPointer(found)[0])
    return None


def add(scene: Any, widget: int, layout: int) -> None:
    """Put a widget into a dock.

    Raises:
        RuntimeError: there is no dock at that address.
    """
    docks = [control for control in scene.ui.controls.values() if pointer(control) == layout]
    if not docks:
        raise RuntimeError("addWidgetToMayaLayout: there is no such layout")
    docks[0].flags["content"] = widget
    qt = _qt()
    if qt is not None:
        widgets, shiboken = qt
        docks[0].widget.layout().addWidget(shiboken.wrapInstance(widget, widgets.QWidget))


def full_name(scene: Any, widget: int) -> str:
    """The path of the control at an address, or nothing."""
    for control in scene.ui.controls.values():
        if pointer(control) == widget:
            return str(scene.ui.path(control))
    return ""
