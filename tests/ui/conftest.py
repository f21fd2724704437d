"""Qt without a screen, and one application for all tests; without Qt or pyqtgraph its tests are skipped."""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from pathlib import Path
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


@pytest.fixture
def tab(qapp: Any, tmp_path: Path) -> Any:
    """The tab of a character without samples, its properties unfolded."""
    from glm_deep_ui.app import open_window
    from hand import Tab

    values = {"glm_deep": 1, "asset": "hero", "meshes": [{"deformed": "body"}]}
    (tmp_path / "hero.dio").write_text(json.dumps(values), encoding="utf-8")
    made = Tab(open_window(tmp_path / "hero.dio"))
    made.unfold()
    made.look(0.1)
    yield made
    made.close()


@pytest.fixture
def stage(qapp: Any) -> Any:
    """A shown widget to put others into."""
    from glm_deep_ui.qt import QtWidgets
    from hand import live

    made = QtWidgets.QWidget()
    QtWidgets.QVBoxLayout(made)
    made.resize(400, 200)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    live()
