"""The tab by itself, without Maya."""

from __future__ import annotations

import sys
from pathlib import Path

from glm_deep import dio
from glm_deep_ui.qt import QtWidgets, run
from glm_deep_ui.style import DARK, palette_of
from glm_deep_ui.widgets.training_tab import TrainingTab


def main(path: str | None) -> int:
    """Opens the window for a configuration, asked for where none is given; the exit code."""
    running = application()
    chosen = path or _asked()
    if not chosen:
        return 0
    window = open_window(Path(chosen))
    window.show()
    return run(running)


def application() -> QtWidgets.QApplication:
    """The application, with the look that the tab has outside Maya."""
    made = QtWidgets.QApplication(sys.argv[:1])
    made.setStyle("Fusion")
    made.setPalette(palette_of(DARK))
    return made


def open_window(path: Path) -> QtWidgets.QMainWindow:
    """A window with the tab of a configuration.

    Raises:
        ConfigError: it cannot be read.
    """
    window = QtWidgets.QMainWindow()
    tab = TrainingTab(dio.load(path))
    tab.titled.connect(window.setWindowTitle)
    window.setCentralWidget(tab)
    window.resize(560, 820)
    return window


def _asked() -> str:
    found, _ = QtWidgets.QFileDialog.getOpenFileName(None, "Open a configuration", "", "glm_deep (*.dio)")
    return str(found)
