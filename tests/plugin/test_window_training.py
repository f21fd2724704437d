"""A training that was begun in the docked window goes on without it, and is there again when it is opened."""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"
pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")
if not find_spec("pyqtgraph") or not find_spec("torch"):
    pytest.skip("this Python has no pyqtgraph to draw with or no torch to train with", allow_module_level=True)

from test_extract import configuration
from test_training import QUICK
from test_window import application, click, panel, wait_for, words

from glm_deep import launch
from glm_deep.bundle import Bundle
from glm_deep_ui.qt import QtCore, QtWidgets

__all__ = ["application"]


@pytest.fixture
def path(application: Any, maya: Any, loaded: Any, limb: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A configuration of the limb with 47 samples and a training of many epochs, shown in the window."""
    from maya import cmds

    monkeypatch.setenv(launch.PYTHON, sys.executable)
    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    made = configuration(tmp_path / "Zoë's rig", limb, step=0.5)
    training = {**QUICK, "differential": {**QUICK["differential"], "epochs": 50_000}, "early_stop": False}
    values = {
        **json.loads(made.read_text(encoding="utf-8")),
        "training": training,
        "export": {"after_training": "none"},
    }
    made.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    assert cmds.glmDeepExtract(ioConfFile=str(made)) == 47
    cmds.glmDeepSettings(ioConfFile=str(made))
    yield made
    from glm_deep_maya import dock

    dock._forget()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)


def button() -> Any:
    return panel().findChild(QtWidgets.QPushButton, "primary")


def test_it_goes_on_while_the_window_is_closed_and_is_cancelled_from_the_next_one(path: Path, maya: Any) -> None:
    from maya import cmds

    pages = panel().findChild(QtWidgets.QTabWidget, "pages")
    assert pages.tabText(pages.currentIndex()) == "Training"
    click("primary")
    wait_for(lambda: cmds.glmDeepStatus(ioConfFile=str(path))[3].startswith("differential"))
    cmds.workspaceControl("glmDeepPanelWorkspaceControl", edit=True, close=True)
    before = int(cmds.glmDeepStatus(ioConfFile=str(path))[3].split()[1].split("/")[0])
    wait_for_epochs(path, before + 20)
    cmds.glmDeepSettings(ioConfFile=str(path))
    wait_for(lambda: button().text() == "Cancel")
    maya.ui.quit_and_start()
    wait_for(lambda: button().text() == "Cancel")
    click("primary")
    wait_for(lambda: "was stopped" in words() and button().text() == "Train Model")
    assert Bundle.load(path.parent / "models" / "limb.glmdeep").facts["partial"] is True
    assert maya.texts("error") == []


def wait_for_epochs(path: Path, epochs: int) -> None:
    """Waits without a window."""
    from maya import cmds

    def reached() -> bool:
        state, _, _, text = cmds.glmDeepStatus(ioConfFile=str(path))
        return bool(state == "running" and int(text.split()[1].split("/")[0]) >= epochs)

    keeper = QtCore.QElapsedTimer()
    keeper.start()
    while not reached():
        assert keeper.elapsed() < 90_000
        QtCore.QThread.msleep(50)
