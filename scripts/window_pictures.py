"""Draws the training tab as it looks for a character, without a screen: the pictures of the README.

    python scripts/window_pictures.py CONF.dio FOLDER [--width 460]

Writes `tab.png`, the page of the training with the state and the curves of the last run, `tab_properties.png`, with its
advanced properties, and the pages before it: `meshes.png`, `inputs.png` and `extraction.png`. The window is the real
one; it is only never shown.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from glm_deep.errors import GlmDeepError
from glm_deep.rundir import make_folder

if TYPE_CHECKING:
    from glm_deep_ui.qt import QtWidgets

_HEIGHT, _LOWER = 980, 560
_BEFORE = ("meshes", "inputs", "extraction")
_SECONDS = 1.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes all pictures; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configuration", type=Path, metavar="CONF.dio", help="of a character that was trained")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the pictures go")
    parser.add_argument("--width", type=int, default=460, help="of the window in pixels (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        make_folder(chosen.folder)
        _draw(chosen.configuration, chosen.folder, chosen.width)
    except GlmDeepError as error:
        print(f"window_pictures: {error}", file=sys.stderr)
        return int(error.exit_code)
    return 0


def _draw(configuration: Path, folder: Path, width: int) -> None:
    from glm_deep_ui.app import application, open_window
    from glm_deep_ui.qt import QtWidgets as Widgets
    from glm_deep_ui.style import DARK

    running = application(DARK)
    window = open_window(configuration)
    window.resize(width, _HEIGHT)
    window.show()
    _live(running.processEvents)
    _save(window, folder / "tab.png")
    for fold in window.findChildren(Widgets.QToolButton, "fold"):
        fold.click()
    _live(running.processEvents)
    _save(window, folder / "tab_properties.png")
    pages = window.findChild(Widgets.QTabWidget, "pages")
    assert isinstance(pages, Widgets.QTabWidget)
    window.resize(width, _LOWER)
    for place, name in enumerate(_BEFORE):
        pages.setCurrentIndex(place)
        _live(running.processEvents)
        _save(window, folder / f"{name}.png")
    window.close()


def _save(window: QtWidgets.QWidget, path: Path) -> None:
    if not window.grab().save(str(path), "PNG", 0):  # packed as tightly as it goes
        raise GlmDeepError("the picture cannot be written", where=str(path), hint="Choose another folder")


def _live(step: Callable[[], None]) -> None:
    """Lets the window live for a moment, in which it reads what there is."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        step()
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
