"""glmDeepSample: poses of the controls become samples, and the scene stays what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import test_extract

from glm_deep import dio
from glm_deep.character import Character
from rigs import build_limb

CURVES = ("animCurveTA", "animCurveTU", "animCurveTL")


def configuration(folder: Path, limb: Any, *floats: dict[str, Any]) -> Path:
    """A `.dio` for a limb with its linear mesh; `floats` come after the muscle."""
    from maya import cmds

    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    path = test_extract.configuration(folder, limb, floats)
    cmds.flushUndo()
    return path


@pytest.fixture
def path(loaded: None, limb: Any, tmp_path: Path) -> Path:
    """A configuration of the limb."""
    return configuration(tmp_path, limb)


def samples_of(path: Path) -> Any:
    return Character(dio.load(path)).open_samples()


def points_of(mesh: str) -> np.ndarray:
    """What the scene shows of a mesh now."""
    from maya.api import OpenMaya as om2

    chosen = om2.MSelectionList().add(mesh)
    return np.array(om2.MFnMesh(chosen.getDagPath(0)).getPoints(om2.MSpace.kWorld))[:, :3]


def found_for(path: Path, angle: float = 45.0) -> Any:
    from glm_deep_maya.controls import controls_of

    return controls_of(dio.load(path).config.rig_inputs, angle)


def plugs_of(path: Path) -> list[str]:
    return [control.plug for control in found_for(path).controls]


def scene_as_it_is(limb: Any) -> dict[str, Any]:
    """Nodes, connections and keys, and the values of everything at several frames."""
    from maya import cmds

    now = cmds.currentTime(query=True)
    plugs = [f"{joint}.{name}{axis}" for joint in limb.joints for name in ("rotate", "translate") for axis in "XYZ"]
    plugs.append(f"{limb.control}.muscle")
    found: dict[str, Any] = {
        "nodes": sorted(cmds.ls()),
        "locks": [cmds.getAttr(plug, lock=True) for plug in plugs],
        "connections": {plug: cmds.connectionInfo(plug, sourceFromDestination=True) for plug in plugs},
    }
    for curve in cmds.ls(type=CURVES) or []:
        found[curve] = [cmds.keyframe(curve, query=True, timeChange=True)]
        found[curve].append(cmds.keyframe(curve, query=True, valueChange=True))
    for frame in (1, 5.5, 12, 24):
        cmds.currentTime(frame)
        found[f"frame {frame}"] = [cmds.getAttr(plug) for plug in plugs]
    cmds.currentTime(now)
    return found


# --- samples


def test_the_poses_are_samples_of_their_own_clip(path: Path, limb: Any) -> None:
    from maya import mel

    assert mel.eval(f'glmDeepSample -ioConfFile "{path.as_posix()}" -count 40 -seed 5') == 40
    samples = samples_of(path)
    assert samples.frame_count == 40
    assert set(samples.clips) == {"sampled poses"}


def test_the_samples_are_the_poses_and_what_the_scene_shows_in_them(path: Path, limb: Any) -> None:
    from maya import cmds

    from glm_deep_maya.poses import make_poses

    found = found_for(path)
    cmds.glmDeepSample(ioConfFile=str(path), count=30, seed=2)
    samples = samples_of(path)
    poses = make_poses(found.controls, 30, 2)
    plugs = [control.plug for control in found.controls]
    np.testing.assert_allclose(samples.inputs.floats[:, 0], poses[:, plugs.index(f"{limb.control}.muscle")], atol=1e-6)
    read = samples.read(0, np.arange(30))
    for curve in cmds.ls(type=CURVES):
        cmds.delete(curve)
    for number in (0, 7, 29):
        for plug, value in zip(plugs, poses[number]):
            cmds.setAttr(plug, float(value))
        for mesh, points in ((limb.mesh, read.deformed), (f"{limb.mesh}_linear", read.linear)):
            np.testing.assert_allclose(points[number], points_of(mesh), atol=1e-5)
        joints = [np.array(cmds.getAttr(f"{joint}.worldMatrix[0]")).reshape(4, 4).T for joint in limb.joints]
        np.testing.assert_allclose(samples.inputs.joints[number], joints, atol=1e-9)


def test_the_same_seed_adds_nothing_new_and_another_one_does(path: Path) -> None:
    from maya import cmds

    assert cmds.glmDeepSample(icf=str(path), c=40, sd=1) == 40
    assert cmds.glmDeepSample(icf=str(path), c=40, sd=1) == 0
    assert cmds.glmDeepSample(icf=str(path), c=40, sd=2) > 20


def test_esc_keeps_what_was_read_until_then(path: Path, limb: Any, maya: Any) -> None:
    from maya import cmds

    before = scene_as_it_is(limb)
    maya.press_escape(after=3 + 6)  # it asks three times while it compares the skinning with its formula
    assert cmds.glmDeepSample(ioConfFile=str(path), count=40) == 6
    assert samples_of(path).frame_count == 6
    maya.escape_after = None
    assert scene_as_it_is(limb) == before


def test_a_pose_that_is_no_number_is_named_and_costs_none_before_it(
    path: Path, limb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maya import cmds

    from glm_deep_maya import targets
    from glm_deep_maya.extract import Extraction

    before = scene_as_it_is(limb)
    read, calls = Extraction.read, []

    def broken(self: Extraction, clip: str) -> None:
        calls.append(clip)
        if len(calls) == 5:
            monkeypatch.setattr(targets.arrays, "points", lambda shape: np.full((96, 3), np.nan))
        read(self, clip)

    monkeypatch.setattr(Extraction, "read", broken)
    with pytest.raises(RuntimeError, match="pose 5: the position of vertex 0 is not a number"):
        cmds.glmDeepSample(ioConfFile=str(path), count=40)
    assert samples_of(path).frame_count == 4
    assert scene_as_it_is(limb) == before


@pytest.mark.parametrize(("count", "seed"), [(0, 0), (-3, 0), (4, -1)])
def test_a_number_that_cannot_be_is_refused(path: Path, count: int, seed: int) -> None:
    from maya import cmds

    with pytest.raises(RuntimeError, match=f"{count} poses with the seed {seed} cannot be sampled"):
        cmds.glmDeepSample(ioConfFile=str(path), count=count, seed=seed)


@pytest.mark.parametrize("method", [1, 2])
def test_other_skinning_methods_are_sampled_too(loaded: None, tmp_path: Path, method: int) -> None:
    from maya import cmds

    limb = build_limb(name="other", method=method)
    assert cmds.glmDeepSample(ioConfFile=str(configuration(tmp_path, limb)), count=12) == 12


def test_a_skinning_that_the_formula_does_not_know_is_probed_once(loaded: None, said: Any, tmp_path: Path) -> None:
    from maya import cmds

    limb = build_limb(name="odd", method=1)
    cmds.setAttr(f"{limb.skin}.dqsSupportNonRigid", True)
    cmds.setAttr(f"{limb.joints[1]}.scaleY", 2)
    assert cmds.glmDeepSample(ioConfFile=str(configuration(tmp_path, limb)), count=12) == 12
    assert sum("measured with three copies" in text for text in said("warning")) == 1
    assert not cmds.ls("glmDeepProbe*")


# --- the scene stays what it is


def test_animation_values_and_connections_are_as_before(path: Path, limb: Any) -> None:
    from maya import cmds

    before = scene_as_it_is(limb)
    assert any(before["connections"].values())
    cmds.glmDeepSample(ioConfFile=str(path), count=60)
    assert scene_as_it_is(limb) == before


def test_values_without_keys_are_as_before(loaded: None, tmp_path: Path) -> None:
    from maya import cmds

    limb = build_limb(name="still", animate=False)
    cmds.setAttr(f"{limb.control}.muscle", 0.4)
    cmds.setAttr(f"{limb.joints[2]}.rotate", 5, 6, 7)
    path = configuration(tmp_path, limb)
    before = scene_as_it_is(limb)
    cmds.glmDeepSample(ioConfFile=str(path), count=20)
    assert scene_as_it_is(limb) == before
    assert cmds.getAttr(f"{limb.control}.muscle") == 0.4


def test_time_selection_and_keys_are_as_before(path: Path, limb: Any) -> None:
    from maya import cmds

    cmds.currentTime(7)
    cmds.select(limb.control)
    cmds.autoKeyframe(state=True)
    cmds.glmDeepSample(ioConfFile=str(path), count=20)
    assert cmds.currentTime(query=True) == 7
    assert cmds.ls(selection=True) == [limb.control]
    assert cmds.autoKeyframe(query=True, state=True)


def test_drawing_goes_on_as_before(path: Path, maya: Any) -> None:
    from maya import cmds

    cmds.glmDeepSample(ioConfFile=str(path), count=20)
    assert not maya.refresh_suspended


def test_undo_knows_nothing_of_it(path: Path, limb: Any, maya: Any) -> None:
    from maya import cmds

    cmds.setAttr(f"{limb.joints[0]}.translateY", 0.5)
    steps = len(maya.undo.done)
    cmds.glmDeepSample(ioConfFile=str(path), count=20)
    assert len(maya.undo.done) == steps
    assert cmds.undoInfo(query=True, state=True)
    before = scene_as_it_is(limb)
    assert cmds.getAttr(f"{limb.joints[0]}.translateY") == 0.5
    while len(maya.undo.done) >= steps:
        cmds.undo()
    assert cmds.getAttr(f"{limb.joints[0]}.translateY") == 0
    assert scene_as_it_is(limb)["connections"] == before["connections"]


def test_the_animation_comes_back_when_taking_it_off_fails_halfway(
    path: Path, limb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maya import cmds

    before = scene_as_it_is(limb)
    disconnect, calls = cmds.disconnectAttr, []

    def failing(*names: str) -> None:
        calls.append(names)
        if len(calls) == 3:
            raise RuntimeError("no")
        disconnect(*names)

    monkeypatch.setattr(cmds, "disconnectAttr", failing)
    with pytest.raises(RuntimeError, match="no"):
        cmds.glmDeepSample(ioConfFile=str(path), count=20)
    assert len(calls) == 3
    assert scene_as_it_is(limb) == before


# --- controls and their limits


def test_limits_of_joints_come_from_the_scene_where_they_are_enabled(path: Path, limb: Any) -> None:
    from maya import cmds

    elbow, hand = limb.joints[1:]
    cmds.transformLimits(elbow, rotationZ=(10, 130), enableRotationZ=(True, True))
    cmds.transformLimits(hand, rotationX=(-20, 5), enableRotationX=(True, False))
    limits = {each.plug: (each.low, each.high, each.rest) for each in found_for(path, angle=30).controls}
    assert limits[f"{elbow}.rotateZ"] == (10, 130, 10)
    assert limits[f"{hand}.rotateX"] == (-20, 30, 0)
    assert limits[f"{hand}.rotateY"] == (-30, 30, 0)
    assert limits[f"{limb.control}.muscle"] == (0, 1, 0)
    assert len(limits) == 10


def test_limits_of_numbers_come_from_the_configuration_and_stay_within_those_of_the_attribute(
    loaded: None, limb: Any, tmp_path: Path
) -> None:
    from maya import cmds

    for name, low, high in (("own", -2, 3), ("wide", -2, 3), ("bare", None, None)):
        more = {} if low is None else {"minValue": low, "maxValue": high}
        cmds.addAttr(limb.control, longName=name, attributeType="double", **more)
    cmds.addAttr(limb.control, longName="lit", attributeType="bool")
    cmds.addAttr(limb.control, longName="turn", attributeType="doubleAngle")
    at = f"{limb.control}."
    floats = (
        {"name": at + "own"},
        {"name": at + "wide", "min": -9, "max": 1},
        {"name": at + "bare", "min": 1, "max": 2},
        {"name": at + "lit"},
        {"name": at + "turn", "min": 0, "max": np.pi / 2},
    )
    found = found_for(configuration(tmp_path, limb, *floats))
    limits = {each.plug: (each.low, each.high, each.rest, each.whole) for each in found.controls}
    assert limits[at + "own"] == (-2, 3, 0, False)
    assert limits[at + "wide"] == (-2, 1, 0, False)
    assert limits[at + "bare"] == (1, 2, 1, False)
    assert limits[at + "lit"] == (0, 1, 0, True)
    assert limits[at + "turn"] == pytest.approx((0, 90, 0, False))


@pytest.mark.fact("the unit in which `attributeQuery` gives limits of angles and lengths")
def test_limits_of_angles_and_lengths_are_in_the_units_of_the_scene(loaded: None, limb: Any, tmp_path: Path) -> None:
    from maya import cmds

    # `addAttr` takes them in radians and centimetres
    cmds.addAttr(limb.control, longName="turn", attributeType="doubleAngle", minValue=-np.pi / 4, maxValue=np.pi)
    cmds.addAttr(limb.control, longName="reach", attributeType="doubleLinear", minValue=-30, maxValue=200)
    floats = [{"name": f"{limb.control}.{name}"} for name in ("turn", "reach")]
    path = configuration(tmp_path, limb, *floats)
    for unit, reach in (("cm", (-30, 200)), ("m", (-0.3, 2))):
        cmds.currentUnit(linear=unit)
        limits = [(each.low, each.high) for each in found_for(path).controls[1:3]]
        np.testing.assert_allclose(limits, [(-45, 180), reach])
    cmds.currentUnit(linear="cm")


def test_a_number_without_limits_is_named_with_what_to_set(loaded: None, limb: Any, tmp_path: Path) -> None:
    from maya import cmds

    cmds.addAttr(limb.control, longName="bare", attributeType="double", minValue=0)
    path = configuration(tmp_path, limb, {"name": f"{limb.control}.bare"})
    said = rf"{limb.control}.bare has no limits .* Set min and max of it in rig_inputs.floats"
    with pytest.raises(RuntimeError, match=said):
        cmds.glmDeepSample(ioConfFile=str(path), count=20)


def test_a_locked_axis_is_not_turned_and_a_locked_number_is_named(path: Path, limb: Any, said: Any) -> None:
    from maya import cmds

    for axis in "XY":
        cmds.setAttr(f"{limb.joints[1]}.rotate{axis}", lock=True)
    cmds.setAttr(f"{limb.control}.muscle", 0.25)
    cmds.setAttr(f"{limb.control}.muscle", lock=True)
    before = scene_as_it_is(limb)
    cmds.glmDeepSample(ioConfFile=str(path), count=30)
    assert scene_as_it_is(limb) == before
    named = [text for text in said("warning") if "Not posed" in text]
    assert len(named) == 1
    assert named[0].endswith(f": {limb.control}.muscle.")
    assert [plug for plug in plugs_of(path) if limb.joints[1] in plug] == [f"{limb.joints[1]}.rotateZ"]
    assert np.ptp(samples_of(path).inputs.floats[:, 0]) == 0


@pytest.mark.parametrize("parts", ["Y", "XYZ"])
def test_what_something_else_drives_is_named_and_left_alone(path: Path, limb: Any, said: Any, parts: str) -> None:
    from maya import cmds

    hand, other = limb.joints[2], cmds.group(empty=True, name="other")
    if parts == "Y":
        cmds.connectAttr(f"{other}.rotateY", f"{hand}.rotateY")
    else:
        cmds.cutKey(hand, attribute="rotateX")
        cmds.connectAttr(f"{other}.rotate", f"{hand}.rotate")
    before = scene_as_it_is(limb)
    cmds.glmDeepSample(ioConfFile=str(path), count=30)
    assert scene_as_it_is(limb) == before
    names = ", ".join(f"{hand}.rotate{axis}" for axis in parts)
    assert [text for text in said("warning") if f"drives them: {names}." in text]
    assert {plug[-1] for plug in plugs_of(path) if plug.startswith(f"{hand}.")} == {*"XYZ"} - {*parts}


def test_keys_over_another_control_are_a_driver_and_no_animation(
    path: Path, limb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maya import cmds

    elbow = limb.joints[1]
    curve = cmds.connectionInfo(f"{elbow}.rotateZ", sourceFromDestination=True).partition(".")[0]
    kind = cmds.nodeType  # the fake has no driven keys, so that one of its curves plays one
    monkeypatch.setattr(cmds, "nodeType", lambda node: "animCurveUA" if node == curve else kind(node))
    assert (elbow, f"{elbow}.rotateZ") in found_for(path).left_out


def test_nothing_to_pose_is_said(path: Path, limb: Any) -> None:
    from maya import cmds

    for joint in limb.joints:
        cmds.setAttr(f"{joint}.rotate", lock=True)
    cmds.setAttr(f"{limb.control}.muscle", lock=True)
    with pytest.raises(RuntimeError, match="no input can be posed"):
        cmds.glmDeepSample(ioConfFile=str(path), count=20)


def test_a_number_that_is_a_rotation_of_a_joint_is_set_once_and_counts_for_both(
    loaded: None, limb: Any, tmp_path: Path
) -> None:
    name = f"{limb.joints[1]}.rotateZ"
    found = found_for(configuration(tmp_path, limb, {"name": name, "min": -1, "max": 1}))
    assert [control.inputs for control in found.controls if control.plug == name] == [(name, limb.joints[1])]
