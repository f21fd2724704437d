"""Docks hold real widgets where there is Qt."""

from __future__ import annotations

import os
from typing import Any

import pytest


@pytest.fixture
def widgets() -> Any:
    """QtWidgets of PySide6 or PySide2, with an application without a screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        from PySide6 import QtWidgets
    except ImportError:
        QtWidgets = pytest.importorskip("PySide2.QtWidgets")  # noqa: N806
    QtWidgets.kept = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["tests"])
    return QtWidgets


def wrap(pointer: int, kind: Any) -> Any:
    try:
        from shiboken6 import wrapInstance
    except ImportError:
        from shiboken2 import wrapInstance
    return wrapInstance(int(pointer), kind)


def test_a_widget_is_put_into_the_dock_that_is_being_built(maya: Any, widgets: Any) -> None:
    import maya.OpenMayaUI as omui1

    made = []

    def restore() -> None:
        parent = omui1.MQtUtil.getCurrentParent()
        panel = widgets.QWidget()
        panel.setObjectName("glmPanel")
        made.append(panel)
        found = omui1.MQtUtil.findControl("glmPanel")
        omui1.MQtUtil.addWidgetToMayaLayout(int(found), int(parent))

    maya.run("workspaceControl", "glmPanelWorkspaceControl", label="Deep", uiScript=restore)
    assert maya.texts("error") == []
    dock = wrap(omui1.MQtUtil.findControl("glmPanelWorkspaceControl"), widgets.QWidget)
    assert made[0].parent() is dock
    assert omui1.MQtUtil.getCurrentParent() is None
    assert omui1.MQtUtil.findControl("nothing") is None
    maya.ui.quit_and_start()
    assert len(made) == 2


def test_the_main_window_is_there_when_maya_is_interactive(maya: Any, widgets: Any) -> None:
    import maya.OpenMayaUI as omui1

    window = wrap(omui1.MQtUtil.mainWindow(), widgets.QWidget)
    assert window.objectName() == "MayaWindow"
    maya.app = "batch"
    assert omui1.MQtUtil.mainWindow() is None


def test_without_an_application_there_are_numbers(maya: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import maya.OpenMayaUI as omui1

    from maya_fake import qt_bridge

    monkeypatch.setattr(qt_bridge, "_qt", lambda: None)
    maya.run("workspaceControl", "glmDock")
    assert int(omui1.MQtUtil.findControl("glmDock")) > 0
    with pytest.raises(RuntimeError, match="no such layout"):
        omui1.MQtUtil.addWidgetToMayaLayout(5, 6)
