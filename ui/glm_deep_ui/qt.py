"""The one place that knows which binding of Qt there is: PySide6, as in Maya 2025 and later, or PySide2."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any


def _six() -> bool:
    """Whether to take PySide6: a host that has loaded a binding goes on with its own, whatever else is installed."""
    loaded = [name for name in ("PySide6", "PySide2") if name in sys.modules]
    return loaded == ["PySide6"] if len(loaded) == 1 else find_spec("PySide6") is not None


if TYPE_CHECKING or _six():
    from PySide6 import QtCore, QtGui, QtWidgets
    from PySide6.QtGui import QAction, QUndoCommand, QUndoStack

    BINDING = "PySide6"
else:
    from PySide2 import QtCore, QtGui, QtWidgets
    from PySide2.QtWidgets import QAction, QUndoCommand, QUndoStack

    BINDING = "PySide2"

# pyqtgraph looks for a binding of its own accord, and may find another one.
os.environ["PYQTGRAPH_QT_LIB"] = BINDING

Signal = QtCore.Signal


def run(runs: Any) -> int:
    """Runs an application or a dialog until it ends; its code. The bindings name it differently."""
    return int(runs.exec_() if BINDING == "PySide2" else runs.exec())


__all__ = [
    "BINDING",
    "QAction",
    "QUndoCommand",
    "QUndoStack",
    "QtCore",
    "QtGui",
    "QtWidgets",
    "Signal",
    "run",
]
