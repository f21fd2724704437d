"""Training from Maya: the same process and the same result as from the shell."""

from __future__ import annotations

import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_extract import configuration, samples_of, seen

from glm_deep import dio, launch
from glm_deep.bundle import Bundle
from glm_deep.dataset.source import SkinWeights

QUICK = {
    "cpu_threads": 1,
    "device": "cpu",
    "differential": {"epochs": 12, "neurons": 16, "layers": 1},
    "subspaces": {"epochs": 12, "neurons": 8, "layers": 1},
}
trains = pytest.mark.skipif(find_spec("torch") is None, reason="this Python has no torch to train with")


@pytest.fixture
def path(loaded: Any, limb: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of the limb with 47 samples."""
    from maya import cmds

    monkeypatch.setenv(launch.PYTHON, sys.executable)
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


@trains
def test_the_command_trains_and_answers_with_the_model(path: Path, loaded: Any) -> None:
    from maya import mel

    model = mel.eval(f'glmDeepTrain -ioConfFile "{path.as_posix()}"')
    assert Path(model) == path.parent / "models" / "limb.glmdeep"
    assert Bundle.load(model).facts["frames"] == 47
    assert any(text.startswith("differential: ") for text in loaded.texts("info"))


@trains
def test_samples_and_model_are_those_of_the_same_limb_imported_from_numpy(
    path: Path, limb: Any, tmp_path: Path
) -> None:
    from maya import cmds

    cmds.glmDeepTrain(ioConfFile=str(path))
    ours = samples_of(path)
    weights = ours.skin_weights(0)
    assert isinstance(weights, SkinWeights)
    plain = seen(limb, np.arange(1, 24.5, 0.5))
    archive = {
        "meshes": np.array([limb.mesh]),
        f"{limb.mesh}.rest": limb.rest,
        f"{limb.mesh}.face_sizes": ours.meshes[0].face_sizes,
        f"{limb.mesh}.face_vertices": ours.meshes[0].face_vertices,
        f"{limb.mesh}.deformed": np.array(plain["deformed"]),
        f"{limb.mesh}.linear": np.array(plain["linear"]),
        f"{limb.mesh}.weights": limb.weights,
        "skinning_matrices": np.array(plain["joints"]) @ np.linalg.inv(ours.layout.joint_rest),
        "influence_names": np.array(limb.joints),
        "joints": np.array(plain["joints"]),
        "joints_rest": ours.layout.joint_rest,
        "joint_parents": ours.layout.joint_parents,
        "joint_names": np.array(ours.layout.joint_names),
        "floats": np.array(plain["muscle"]),
        "float_names": np.array(ours.layout.float_names),
        "float_limits": np.array([[0.0, 1.0]]),
        "clip": np.array(["untitled"] * 47),
    }
    other = tmp_path / "other"
    other.mkdir()
    np.savez(other / "frames.npz", **archive)
    (other / "limb.dio").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    from glm_deep.cli import main

    assert main(["import", str(other / "limb.dio"), str(other / "frames.npz")]) == 0
    theirs = samples_of(other / "limb.dio")
    everything = np.arange(47)
    np.testing.assert_allclose(ours.read(0, everything).deformed, theirs.read(0, everything).deformed, atol=1e-5)
    np.testing.assert_allclose(ours.read(0, everything).linear, theirs.read(0, everything).linear, atol=1e-5)
    part = ours.read(0, everything).linear_part
    np.testing.assert_allclose(part, theirs.read(0, everything).linear_part, atol=1e-6)
    np.testing.assert_allclose(ours.inputs.joints, theirs.inputs.joints, atol=1e-9)
    assert main(["train", str(other / "limb.dio")]) == 0
    models = [Bundle.load(folder / "models" / "limb.glmdeep").facts["report"] for folder in (path.parent, other)]
    errors = [report["meshes"][limb.mesh]["scene_units"]["mean"] for report in models]
    assert errors[0] == pytest.approx(errors[1], rel=0.02)


@trains
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


@trains
def test_esc_stops_and_keeps_the_best_model(path: Path, loaded: Any) -> None:
    from maya import cmds

    with_epochs(path, 50_000)
    loaded.press_escape(after=100)
    model = cmds.glmDeepTrain(ioConfFile=str(path))
    assert Bundle.load(model).facts["partial"] is True


@trains
def test_a_training_that_cannot_be_done_raises_its_one_sentence(path: Path, loaded: Any) -> None:
    from maya import cmds

    values = json.loads(path.read_text(encoding="utf-8"))
    values["rig_inputs"]["floats"].append({"name": "nobody.there"})
    path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(RuntimeError, match="the samples do not fit the configuration") as caught:
        cmds.glmDeepTrain(ioConfFile=str(path))
    assert "\n" not in str(caught.value)
    assert loaded.texts("error")[-1] == str(caught.value)


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


@trains
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
