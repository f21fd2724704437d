"""The window by itself, without Maya."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from glm_deep import dio
from glm_deep.errors import GlmDeepError
from glm_deep_ui.host import Host
from glm_deep_ui.qt import QtGui, QtWidgets, run
from glm_deep_ui.runner import finish_tasks
from glm_deep_ui.style import Colours, colours_of, palette_of
from glm_deep_ui.widgets.character_tabs import CharacterTabs


def main(path: str | None) -> int:
    """Opens the window for a configuration, asked for where none is given; the exit code."""
    check_screen(sys.platform, os.environ)
    running = application()
    chosen = path or _asked()
    if not chosen:
        return 0
    window = open_window(Path(chosen))
    window.show()
    code = run(running)
    finish_tasks()
    return code


def check_screen(system: str, environment: Mapping[str, str]) -> None:
    """Refuses to begin where Qt would end the whole process for want of a screen.

    Args:
        system: as `sys.platform` names it.

    Raises:
        GlmDeepError: there is no screen.
    """
    named = any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if system.startswith("linux") and not named:
        hint = "Set DISPLAY, or train without a window: glm-deep train CONF.dio"
        raise GlmDeepError("there is no screen to show the window on", hint=hint)


def application(colours: Colours | None = None) -> QtWidgets.QApplication:
    """The application, with the look that the tab has outside Maya: dark or light as the desktop is.

    Args:
        colours: of a theme; those of the desktop's when None.
    """
    made = QtWidgets.QApplication(sys.argv[:1])
    made.setStyle("Fusion")
    made.setPalette(palette_of(colours or colours_of(made)))
    return made


def open_window(path: Path, host: Host | None = None) -> QtWidgets.QMainWindow:
    """A window with the pages of a configuration.

    Args:
        host: the scene around it; none when None.

    Raises:
        ConfigError: it cannot be read.
    """
    window = _Window(CharacterTabs(dio.load(path), host))
    window.resize(560, 820)
    return window


class _Window(QtWidgets.QMainWindow):
    """The pages in a window of their own, which asks before what was typed is lost."""

    def __init__(self, tab: CharacterTabs) -> None:
        super().__init__()
        self._tab = tab
        tab.titled.connect(self.setWindowTitle)
        self.setCentralWidget(tab)

    def closeEvent(self, event: QtGui.QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Asks what becomes of settings that were typed and not saved."""
        if not self._tab.changed:
            event.accept()
            return
        answers = QtWidgets.QMessageBox.StandardButton
        box = QtWidgets.QMessageBox(self)
        box.setObjectName("save?")
        box.setIcon(QtWidgets.QMessageBox.Icon.Question)
        box.setText("Save the settings that were changed?")
        box.setStandardButtons(answers.Save | answers.Discard | answers.Cancel)
        box.setDefaultButton(answers.Save)
        run(box)
        chosen = box.clickedButton()
        saved = chosen is box.button(answers.Save) and self._tab.save()
        event.setAccepted(saved or chosen is box.button(answers.Discard))


def _asked() -> str:
    found, _ = QtWidgets.QFileDialog.getOpenFileName(None, "Open a configuration", "", "glm_deep (*.dio)")
    return str(found)
