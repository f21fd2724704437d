"""glmDeepRelevance: which input moves which vertices is measured in the scene and kept beside the samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_sampler import configuration, found_for, samples_of, scene_as_it_is

from glm_deep import dio
from glm_deep.character import Character
from glm_deep.dataset.measured_relevance import FILE, MeasuredRelevance
from rigs import build_limb


@pytest.fixture
def before_skinning(loaded: None, tmp_path: Path) -> tuple[Any, Path]:
    """A limb whose bulge comes before the skinning, with a control that drives nothing."""
    from maya import cmds

    limb = build_limb(name="plain", bulge_first=True)
    cmds.addAttr(limb.control, longName="unrelated", attributeType="float", minValue=-1, maxValue=1)
    return limb, configuration(tmp_path, limb, {"name": f"{limb.control}.unrelated"})


def measured_for(path: Path) -> MeasuredRelevance:
    """What was measured, which has to fit the samples if there are any."""
    found, left_out = Character(dio.load(path)).measured_relevance()
    assert left_out == ""
    assert found is not None
    return found


def measured(path: Path) -> MeasuredRelevance:
    from maya import cmds

    cmds.glmDeepRelevance(ioConfFile=str(path))
    return measured_for(path)


def farthest_by_formula(limb: Any) -> dict[str, np.ndarray]:
    """(V,) how far each input moves the limb, from the formula of its bulge: muscle to 1, elbow to 45 degrees."""
    place = np.exp(-((limb.rest[:, 0] - 3.0) ** 2))
    elbow = 0.2 * np.tanh(45.0 / 60.0) ** 2 * place
    still = 0.0 * place
    names = (f"{limb.control}.muscle", f"{limb.control}.unrelated", *limb.joints)
    return dict(zip(names, (0.4 * place, still, still, elbow, still)))


def test_what_is_measured_follows_from_the_formula(before_skinning: tuple[Any, Path]) -> None:
    limb, path = before_skinning
    found, expected = measured(path), farthest_by_formula(limb)
    assert set(found.inputs) == set(expected)
    (distances,) = found.distances
    for name, row in zip(found.inputs, distances):
        np.testing.assert_allclose(row, expected[name], atol=2e-5, err_msg=name)


def test_the_artist_is_told_what_every_input_moves_and_how_far(before_skinning: tuple[Any, Path]) -> None:
    from maya import cmds

    limb, path = before_skinning
    told = cmds.glmDeepRelevance(ioConfFile=str(path))
    expected = farthest_by_formula(limb)
    diagonal = np.linalg.norm(np.ptp(limb.rest, axis=0))
    for name, sentence in zip(expected, told):
        count, most = int((expected[name] > 1e-5 * diagonal).sum()), expected[name].max()
        what = f"{count} of 96 vertices of plain by up to {most:.3g}" if count else "nothing beyond the skinning"
        assert sentence == f"{name} moves {what}."
    assert len(told) == len(expected)
    assert expected[f"{limb.control}.muscle"].max() > 0.3
    assert "96 vertices" in told[0]


def test_the_scene_is_as_it_was(before_skinning: tuple[Any, Path]) -> None:
    limb, path = before_skinning
    before = scene_as_it_is(limb)
    measured(path)
    assert scene_as_it_is(limb) == before


def test_how_far_the_inputs_were_tried_is_kept(before_skinning: tuple[Any, Path]) -> None:
    limb, path = before_skinning
    found = measured(path)
    tried = dict(zip(found.inputs, found.tried))
    np.testing.assert_allclose(tried[f"{limb.control}.muscle"], (1, 0, 0, 0, 0), atol=1e-6)
    np.testing.assert_allclose(tried[f"{limb.control}.unrelated"], (1, 1, 0, 0, 0), atol=1e-6)
    turns = np.degrees(tried[limb.joints[1]][:3])
    assert (turns >= 45 - 1e-3).all()
    assert (turns < 75).all()
    np.testing.assert_allclose(tried[limb.joints[1]][3:], 0, atol=1e-6)


def test_samples_of_the_same_scene_fit_whenever_they_are_taken(before_skinning: tuple[Any, Path]) -> None:
    from maya import cmds

    _, path = before_skinning
    first = measured(path)
    assert not Character(dio.load(path)).store.exists
    assert cmds.glmDeepSample(ioConfFile=str(path), count=12) == 12
    assert measured_for(path).checksum == first.checksum
    assert measured(path).checksum == first.checksum
    assert samples_of(path).frame_count == 12


def test_what_acts_only_together_with_another_control_is_found(loaded: None, limb: Any, tmp_path: Path) -> None:
    """Behind the skinning the bulge does not turn with the upper arm, which shows while it bulges only."""
    path = configuration(tmp_path, limb)
    found = measured(path)
    assert found.distances[0][found.inputs.index(limb.joints[0])].max() > 0.1


def test_controls_are_tried_somewhere_between_the_ends_of_the_others_too(any_maya: None) -> None:
    from glm_deep_maya.poses import Control
    from glm_deep_maya.relevance import tried_around

    controls = (Control("a", ("a",), -1, 3, 0), Control("b", ("b",), 0, 9, 0, True))
    around = tried_around(controls)
    np.testing.assert_array_equal(around[:3], [[0, 0], [-1, 0], [3, 9]])
    assert len(around) == 4
    assert -1 < around[3, 0] < 3
    assert 0 < around[3, 1] < 9
    assert around[3, 1] == round(around[3, 1])
    assert around[3, 0] != round(around[3, 0])


def test_nothing_is_said_of_an_input_that_could_not_be_moved_in_all_its_parts(
    before_skinning: tuple[Any, Path],
) -> None:
    from maya import cmds

    limb, path = before_skinning
    cmds.addAttr(limb.control, longName="twist", attributeType="doubleAngle")
    cmds.connectAttr(f"{limb.control}.twist", f"{limb.joints[0]}.rotateX")
    cmds.setAttr(f"{limb.control}.unrelated", lock=True)
    *_, last = cmds.glmDeepRelevance(ioConfFile=str(path))
    unknown = (f"{limb.control}.unrelated", limb.joints[0])
    assert last == f"Not measured, since they could not be moved in all their parts: {', '.join(unknown)}."
    assert set(measured_for(path).inputs) == {f"{limb.control}.muscle", *limb.joints[1:]}


def test_nothing_is_said_of_an_input_without_room_to_move(any_maya: None) -> None:
    from glm_deep_maya.controls import Found
    from glm_deep_maya.poses import Control
    from glm_deep_maya.relevance import inputs_in_all_parts

    stuck, free = Control("a.b", ("a.b",), 1, 1, 1), Control("a.c", ("a.c",), 0, 1, 0)
    assert inputs_in_all_parts(Found((stuck, free), ())) == ("a.c",)


def test_a_number_that_is_a_rotation_of_a_joint_counts_for_both(loaded: None, tmp_path: Path) -> None:
    limb = build_limb(name="both", bulge_first=True)
    name = f"{limb.joints[1]}.rotateZ"
    path = configuration(tmp_path, limb, {"name": name, "min": -0.5, "max": 0.5})
    assert name in [control.plug for control in found_for(path).controls]
    found = measured(path)
    number, joint = (found.distances[0][found.inputs.index(each)] for each in (name, limb.joints[1]))
    expected = 0.2 * np.tanh(np.degrees(0.5) / 60.0) ** 2 * np.exp(-((limb.rest[:, 0] - 3.0) ** 2))
    np.testing.assert_allclose(number, expected, atol=2e-5)
    np.testing.assert_allclose(joint, expected, atol=2e-5)


def test_esc_says_so_and_leaves_the_scene_and_what_was_measured_as_they_were(
    before_skinning: tuple[Any, Path], maya: Any
) -> None:
    from maya import cmds

    limb, path = before_skinning
    before, first = scene_as_it_is(limb), measured(path)
    for steps in (1, 8):
        maya.press_escape(after=steps)
        with pytest.raises(RuntimeError, match="interrupted"):
            cmds.glmDeepRelevance(ioConfFile=str(path))
        maya.escape_after = None
        assert scene_as_it_is(limb) == before
        assert measured_for(path).checksum == first.checksum


def test_a_scene_that_the_samples_are_not_of_is_refused_before_it_is_measured(
    before_skinning: tuple[Any, Path],
) -> None:
    from maya import cmds

    _, path = before_skinning
    cmds.glmDeepSample(ioConfFile=str(path), count=12)
    values = json.loads(path.read_text(encoding="utf-8"))
    values["rig_inputs"]["floats"].pop()
    path.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"does not fit the samples: float plain_control.unrelated is missing"):
        cmds.glmDeepRelevance(ioConfFile=str(path))
    assert not (Character(dio.load(path)).main.samples / FILE).exists()


def test_sampled_poses_do_not_go_beyond_what_was_tried(before_skinning: tuple[Any, Path]) -> None:
    from maya import cmds

    _, path = before_skinning
    cmds.glmDeepSample(ioConfFile=str(path), count=120)
    found, samples = measured(path), samples_of(path)
    assert len(found.inputs) == 5
    assert found.beyond(samples.layout, samples.inputs, samples.meshes[0].diagonal) == ()
