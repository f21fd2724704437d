"""Training from Maya: the same process and the same result as from the shell."""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from test_extract import configuration

from glm_deep import dio, launch
from glm_deep.bundle import Bundle

QUICK = {
    "cpu_threads": 1,
    "device": "cpu",
    "differential": {"epochs": 12, "neurons": 16, "layers": 1},
    "subspaces": {"epochs": 12, "neurons": 8, "layers": 1},
}
TRAINER = os.environ.get("GLM_DEEP_TEST_PYTHON", sys.executable)
"""The Python that trains: this one, or for a real Maya the one that its runner was given."""

trains = pytest.mark.skipif(find_spec("torch") is None, reason="this Python has no torch to train with")
can_train = pytest.mark.skipif(
    sys.executable == TRAINER and find_spec("torch") is None,
    reason="there is no Python to train with; --training-python of scripts/run_maya_tests.py names one",
)


@pytest.fixture
def path(loaded: None, limb: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of the limb with 47 samples."""
    from maya import cmds

    monkeypatch.setenv(launch.PYTHON, TRAINER)
    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    path = configuration(tmp_path / "Zoë's rig", limb, step=0.5)
    values = {**json.loads(path.read_text(encoding="utf-8")), "training": QUICK, "export": {"after_training": "none"}}
    path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == 47
    return path


def with_epochs(path: Path, epochs: int) -> None:
    values = json.loads(path.read_text(encoding="utf-8"))
    values["training"]["differential"]["epochs"] = epochs
    values["training"]["early_stop"] = False
    path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")


@can_train
def test_the_command_trains_and_answers_with_the_model(path: Path, said: Any) -> None:
    from maya import mel

    model = mel.eval(f'glmDeepTrain -ioConfFile "{path.as_posix()}"')
    assert Path(model) == path.parent / "models" / "limb.glmdeep"
    assert Bundle.load(model).facts["frames"] == 47
    assert any(text.startswith("differential: ") for text in said("info"))


@can_train
def test_in_the_background_it_answers_at_once_and_can_be_asked_and_stopped(path: Path) -> None:
    from maya import cmds

    with_epochs(path, 50_000)
    run = cmds.glmDeepTrain(ioConfFile=str(path), background=True)
    assert run == "0001"
    wait_for(lambda: cmds.glmDeepStatus(ioConfFile=str(path), runName=run)[0] == "running")
    wait_for(lambda: cmds.glmDeepStatus(ioConfFile=str(path))[3].startswith("differential"))
    assert cmds.glmDeepCancel(ioConfFile=str(path)) == 1
    wait_for(lambda: cmds.glmDeepStatus(ioConfFile=str(path))[0] == "stopped")
    assert cmds.glmDeepStatus(ioConfFile=str(path))[3].endswith("limb.glmdeep")
    assert cmds.glmDeepCancel(ioConfFile=str(path)) == 0


@can_train
def test_esc_stops_and_keeps_the_best_model(path: Path, maya: Any) -> None:
    from maya import cmds

    with_epochs(path, 50_000)
    maya.press_escape(after=100)
    model = cmds.glmDeepTrain(ioConfFile=str(path))
    assert Bundle.load(model).facts["partial"] is True


@can_train
def test_a_training_that_cannot_be_done_raises_its_one_sentence(path: Path, said: Any) -> None:
    from maya import cmds

    values = json.loads(path.read_text(encoding="utf-8"))
    values["rig_inputs"]["floats"].append({"name": "nobody.there"})
    path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(RuntimeError, match="the samples do not fit the configuration") as caught:
        cmds.glmDeepTrain(ioConfFile=str(path))
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(said("error")[-1])


def test_without_a_python_that_trains_it_says_what_to_set(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from maya import cmds

    monkeypatch.delenv(launch.PYTHON)
    with pytest.raises(RuntimeError, match="Maya's own Python does not train"):
        cmds.glmDeepTrain(ioConfFile=str(path))
    cmds.optionVar(stringValue=("glmDeepTrainingPython", "/no/such/python"))
    with pytest.raises(RuntimeError, match="there is no such Python: /no/such/python"):
        cmds.glmDeepTrain(ioConfFile=str(path))


def test_there_is_no_status_before_a_training(path: Path) -> None:
    from maya import cmds

    assert cmds.glmDeepStatus(ioConfFile=str(path)) == ["none", "", "0", "There was no training yet."]
    with pytest.raises(RuntimeError, match='there is no run "0009"'):
        cmds.glmDeepStatus(ioConfFile=str(path), runName="0009")


@can_train
def test_clear_info_and_predict_do_as_the_shell(path: Path) -> None:
    from maya import cmds

    cmds.glmDeepTrain(ioConfFile=str(path))
    assert "trained on 47 frames" in cmds.glmDeepInfo(ioConfFile=str(path))
    assert "The model went to" in cmds.glmDeepClear(ioConfFile=str(path), model=True)
    with pytest.raises(RuntimeError, match="Add either -model or -samples"):
        cmds.glmDeepClear(ioConfFile=str(path))
    assert dio.load(path).config.asset == "limb"


def wait_for(until: Any) -> None:
    end = time.monotonic() + 90
    while not until():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
