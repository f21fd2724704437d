"""glmDeepExtract: frames of the scene become samples, the same that an import of the same numbers makes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glm_deep import dio
from glm_deep.character import Character
from rigs import build_limb

FRAMES = range(1, 25)


def configuration(folder: Path, limb: Any, floats: Iterable[dict[str, Any]] = (), **extraction: Any) -> Path:
    """A `.dio` for a limb, whose linear mesh is called as by default; `floats` come after the muscle."""
    parents = dict(zip(limb.joints, ("", *limb.joints)))
    values = {
        "glm_deep": 1,
        "asset": "limb",
        "meshes": [{"deformed": limb.mesh}],
        "rig_inputs": {
            "joints": [{"name": joint, "parent": parents[joint]} for joint in limb.joints],
            "floats": [{"name": f"{limb.control}.muscle", "min": 0, "max": 1}, *floats],
        },
        "extraction": {"start_frame": 1, "end_frame": 24, **extraction},
    }
    folder.mkdir(exist_ok=True)
    path = folder / "limb é.dio"
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def path(loaded: None, limb: Any, tmp_path: Path) -> Path:
    """A configuration of the limb, whose linear mesh is made."""
    from maya import cmds

    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    return configuration(tmp_path / "Zoë's rig", limb)


def samples_of(path: Path) -> Any:
    return Character(dio.load(path)).open_samples()


def seen(limb: Any, frames: Iterable[float] = FRAMES) -> dict[str, list[np.ndarray]]:
    """What the scene shows at every frame, read in the plainest way."""
    from maya import cmds
    from maya.api import OpenMaya as om2

    found: dict[str, list[np.ndarray]] = {"deformed": [], "linear": [], "joints": [], "muscle": []}
    for frame in frames:
        cmds.currentTime(frame)
        for key, mesh in (("deformed", limb.mesh), ("linear", f"{limb.mesh}_linear")):
            chosen = om2.MSelectionList().add(mesh)
            found[key].append(np.array(om2.MFnMesh(chosen.getDagPath(0)).getPoints(om2.MSpace.kWorld))[:, :3])
        matrices = [cmds.getAttr(f"{joint}.worldMatrix[0]") for joint in limb.joints]
        found["joints"].append(np.array(matrices).reshape(-1, 4, 4).transpose(0, 2, 1))
        found["muscle"].append(np.array([cmds.getAttr(f"{limb.control}.muscle")]))
    return found


@pytest.mark.fact("`int()` of a pointer of API 1 in Maya 2027")
def test_every_frame_is_a_sample_of_what_the_scene_shows(path: Path, limb: Any) -> None:
    from maya import mel

    assert mel.eval(f'glmDeepExtract -ioConfFile "{path.as_posix()}"') == len(FRAMES)
    samples = samples_of(path)
    expected = seen(limb)
    read = samples.read(0, np.arange(len(FRAMES)))
    np.testing.assert_allclose(read.deformed, np.array(expected["deformed"]), atol=1e-5)
    np.testing.assert_allclose(read.linear, np.array(expected["linear"]), atol=1e-5)
    np.testing.assert_allclose(samples.inputs.joints, np.array(expected["joints"]), atol=1e-9)
    np.testing.assert_allclose(samples.inputs.floats, np.array(expected["muscle"]), atol=1e-9)
    np.testing.assert_allclose(samples.meshes[0].rest, limb.rest, atol=1e-6)


def test_the_skinning_of_a_sample_is_that_of_the_scene(path: Path, limb: Any) -> None:
    from maya import cmds

    cmds.glmDeepExtract(ioConfFile=str(path))
    read = samples_of(path).read(0, np.arange(len(FRAMES)))
    rest = limb.rest
    for number, axis in ((3, 0), (11, 1), (20, 2)):
        cmds.currentTime(FRAMES[number])
        moved = np.array(rest)
        moved[:, axis] += 0.5
        shifted = _skinned(limb, moved) - _skinned(limb, rest)
        np.testing.assert_allclose(read.linear_part[number][:, :, axis] * 0.5, shifted, atol=1e-5)


def _skinned(limb: Any, points: np.ndarray) -> np.ndarray:
    """Points skinned by the plain sum over the joints, with the binds of the scene."""
    from maya import cmds

    result = np.zeros_like(points)
    used = cmds.getAttr(f"{limb.skin}.matrix", multiIndices=True)
    for index, weight in zip(used, limb.weights.T):
        bind = np.array(cmds.getAttr(f"{limb.skin}.bindPreMatrix[{index}]")).reshape(4, 4)
        posed = np.array(cmds.getAttr(f"{limb.skin}.matrix[{index}]")).reshape(4, 4)
        whole = np.column_stack([points, np.ones(len(points))]) @ bind @ posed
        result += weight[:, None] * whole[:, :3]
    return result


def test_two_sessions_add_up_and_leave_out_what_is_there(path: Path, limb: Any) -> None:
    from maya import cmds

    short = json.loads(path.read_text(encoding="utf-8"))
    short["extraction"]["end_frame"] = 10
    path.write_text(json.dumps(short), encoding="utf-8")
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == 10
    short["extraction"]["end_frame"] = 24
    path.write_text(json.dumps(short), encoding="utf-8")
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == 14
    assert samples_of(path).frame_count == 24


@pytest.mark.fact("`skinCluster` makes a bind pose for each mesh that is bound")
def test_time_selection_keys_and_nodes_are_as_before(path: Path, limb: Any) -> None:
    from maya import cmds

    cmds.currentTime(7)
    cmds.select(limb.control)
    cmds.autoKeyframe(state=True)
    nodes = sorted(cmds.ls())
    cmds.file(modified=False)
    cmds.glmDeepExtract(ioConfFile=str(path))
    assert not cmds.file(query=True, modified=True)
    assert cmds.currentTime(query=True) == 7
    assert cmds.ls(selection=True) == [limb.control]
    assert cmds.autoKeyframe(query=True, state=True)
    assert sorted(cmds.ls()) == nodes


@pytest.mark.parametrize("on", [{"deformer": True, "cache": True}, {"deformer": False, "cache": True}, {}])
def test_frames_come_from_neither_the_gpu_nor_the_cache(
    path: Path, maya: Any, monkeypatch: pytest.MonkeyPatch, on: dict[str, bool]
) -> None:
    from maya import cmds

    from glm_deep_maya import arrays

    maya.evaluators = dict(on)
    seen = []
    read = arrays.points
    monkeypatch.setattr(arrays, "points", lambda shape: seen.append(any(maya.evaluators.values())) or read(shape))
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == 24
    assert seen
    assert not any(seen)
    assert maya.evaluators == on


def test_drawing_goes_on_as_before(path: Path, maya: Any) -> None:
    from maya import cmds

    cmds.glmDeepExtract(ioConfFile=str(path))
    assert not maya.refresh_suspended


def test_esc_keeps_what_was_read_until_then(path: Path, maya: Any) -> None:
    from maya import cmds

    maya.press_escape(after=3 + 6)  # it asks three times while it compares the skinning with its formula
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == 6
    assert samples_of(path).frame_count == 6
    maya.escape_after = None
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == 18


def test_a_frame_that_is_no_number_is_named_and_costs_none_before_it(path: Path, limb: Any) -> None:
    from maya import cmds

    for frame, value in ((11, 0.5), (12, float("nan")), (13, 0.4)):
        cmds.setKeyframe(limb.control, attribute="muscle", time=frame, value=value)
    with pytest.raises(RuntimeError, match=rf"frame 12: the input {limb.control}.muscle is not a number"):
        cmds.glmDeepExtract(ioConfFile=str(path))
    assert samples_of(path).frame_count == 11


@pytest.mark.fact("the signs by which Maya blends dual quaternions, and their scale")
@pytest.mark.parametrize("method", [1, 2])
def test_other_skinning_methods_are_kept_as_affine_maps(loaded: None, said: Any, tmp_path: Path, method: int) -> None:
    from maya import cmds

    limb = build_limb(name="other", method=method)
    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    path = configuration(tmp_path, limb)
    cmds.glmDeepExtract(ioConfFile=str(path))
    assert not any("measured with three copies" in text for text in said("warning"))
    _back_and_forth(path)


def test_a_skinning_that_the_formula_does_not_know_is_probed(loaded: None, said: Any, tmp_path: Path) -> None:
    from maya import cmds

    limb = build_limb(name="odd", method=1)
    cmds.setAttr(f"{limb.skin}.dqsSupportNonRigid", True)
    cmds.setKeyframe(limb.joints[1], attribute="scaleY", time=1, value=1)
    cmds.setKeyframe(limb.joints[1], attribute="scaleY", time=24, value=2)
    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    path = configuration(tmp_path, limb)
    cmds.glmDeepExtract(ioConfFile=str(path))
    assert any("measured with three copies" in text for text in said("warning"))
    assert not cmds.ls("glmDeepProbe*")
    _back_and_forth(path)


def _back_and_forth(path: Path) -> None:
    """The offset before skinning, played back, is the deformed mesh."""
    from glm_deep.geometry.skinning import offsets_before_skinning, posed

    samples = samples_of(path)
    read = samples.read(0, np.arange(samples.frame_count))
    offsets, _ = offsets_before_skinning(read.deformed, read.linear, read.linear_part)
    np.testing.assert_allclose(posed(read.linear, read.linear_part, offsets), read.deformed, atol=1e-4)


@pytest.mark.parametrize("method", [0, 1, 2])
def test_probing_and_the_formula_agree(loaded: None, tmp_path: Path, method: int) -> None:
    from maya import cmds

    from glm_deep_maya.targets import Target

    limb = build_limb(name="other", method=method)
    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    (mesh,) = dio.load(configuration(tmp_path, limb)).config.meshes
    target = Target(mesh)
    cmds.currentTime(13)
    by_formula = target.frames([target.read()]).skinning.linear_part(0, 1)
    target.probe()
    assert target.kind == "probes"
    by_probes = target.frames([target.read()]).skinning.linear_part(0, 1)
    target.forget_probes()
    np.testing.assert_allclose(by_probes, by_formula, atol=1e-4)
