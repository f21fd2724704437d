"""Qt without a screen, and one application for all tests; without Qt or pyqtgraph its tests are skipped."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported


@pytest.fixture(scope="session")
def qapp() -> Any:
    """The application; skips the test where there is no Qt, or nothing to plot with."""
    if not find_spec("PySide6") and not find_spec("PySide2"):
        pytest.skip("there is no binding of Qt")
    if not find_spec("pyqtgraph"):
        pytest.skip("there is no pyqtgraph")
    from glm_deep_ui.qt import QtWidgets

    return QtWidgets.QApplication.instance() or QtWidgets.QApplication(["tests"])
