"""Maya without windows, `maya -batch` and mayapy: all waits for its end, says how far it is, and asks nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from test_extract import FRAMES, configuration
from test_training import QUICK, trains

from glm_deep import launch
from glm_deep.bundle import Bundle


@pytest.fixture(params=["batch", "library"])
def without_windows(maya: Any, request: pytest.FixtureRequest) -> Any:
    """A Maya that was started without windows, in which every window and dialog raises."""
    maya.app = request.param
    return maya


@pytest.fixture
def path(without_windows: Any, loaded: None, limb: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of the limb; every step of progress is said at once."""
    from maya import cmds

    from glm_deep_maya import progress

    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    monkeypatch.setenv(launch.PYTHON, sys.executable)
    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    path = configuration(tmp_path / "Zoë's rig", limb)
    values = {**json.loads(path.read_text(encoding="utf-8")), "training": QUICK, "export": {"after_training": "none"}}
    path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    return path


def test_an_extraction_waits_for_its_end_and_says_how_far_it_is(path: Path, without_windows: Any) -> None:
    from maya import cmds

    without_windows.press_escape()  # there is nobody to press it
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == len(FRAMES)
    said = [text.partition(",")[0] for text in without_windows.texts("info")]
    assert [text for text in said if text.startswith("Extracting")] == [
        f"Extracting limb: {done} of {len(FRAMES)}" for done in range(1, len(FRAMES) + 1)
    ]
    assert cmds.glmDeepSample(ioConfFile=str(path), count=20) == 20
    assert without_windows.texts("error") == without_windows.texts("warning") == []


def test_lines_are_few(path: Path, without_windows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from maya import cmds

    from glm_deep_maya import progress

    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 3600.0)
    cmds.glmDeepExtract(ioConfFile=str(path))
    assert not [text for text in without_windows.texts("info") if text.startswith("Extracting")]


@trains
def test_a_training_waits_for_its_end_and_says_how_far_it_is(path: Path, without_windows: Any) -> None:
    from maya import cmds, mel

    cmds.glmDeepExtract(ioConfFile=str(path))
    model = mel.eval(f'glmDeepTrain -ioConfFile "{path.as_posix()}"')
    assert Bundle.load(model).facts["frames"] == len(FRAMES)
    said = without_windows.texts("info")
    assert [text for text in said if text.startswith("Training limb: ")]
    assert any(text.startswith("differential: ") for text in said)  # the verdict on its curves
    assert cmds.glmDeepStatus(ioConfFile=str(path))[0] == "finished"
    assert without_windows.texts("error") == []


def test_a_failure_is_an_error_and_no_dialog(path: Path, without_windows: Any) -> None:
    from maya import cmds

    cmds.delete("arm_linear")
    with pytest.raises(RuntimeError, match='there is no "arm_linear" in the scene'):
        cmds.glmDeepExtract(ioConfFile=str(path))
    assert any('there is no "arm_linear" in the scene' in text for text in without_windows.texts("error"))


def test_the_window_says_that_there_is_none(path: Path, without_windows: Any) -> None:
    pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")
    from maya import cmds

    with pytest.raises(RuntimeError, match="there is no window in batch"):
        cmds.glmDeepSettings(ioConfFile=str(path))
