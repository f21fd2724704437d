"""Histories of deformers as rigs have them: several skinClusters, foreign ones, influences with holes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_extract import FRAMES, configuration, samples_of

from rigs import build_limb

OVER = 11  # the frame, by its number, in which the elbow bends most


def skinned(skin: str, rest: np.ndarray) -> np.ndarray:
    """Points (V, 3) as a skinCluster alone has them now, by the plain sum over its joints."""
    from maya import cmds

    (shape,) = cmds.skinCluster(skin, query=True, geometry=True)
    weights = [cmds.skinPercent(skin, f"{shape}.vtx[{v}]", query=True, value=True) for v in range(len(rest))]
    whole, found = np.column_stack([rest, np.ones(len(rest))]), np.zeros((len(rest), 3))
    for index, share in zip(cmds.getAttr(f"{skin}.matrix", multiIndices=True), np.array(weights).T):
        bind = np.array(cmds.getAttr(f"{skin}.bindPreMatrix[{index}]")).reshape(4, 4)
        posed = np.array(cmds.getAttr(f"{skin}.matrix[{index}]")).reshape(4, 4)
        found += share[:, None] * (whole @ bind @ posed)[:, :3]
    return found


def points_of(mesh: str) -> np.ndarray:
    from maya.api import OpenMaya as om2

    return np.array(om2.MFnMesh(om2.MSelectionList().add(mesh).getDagPath(0)).getPoints())[:, :3]


@pytest.fixture
def twice(maya: Any, loaded: None, limb: Any) -> Any:
    """The limb with a second skinCluster behind all else, of one joint that turns by itself."""
    from maya import cmds

    cmds.select(clear=True)
    twist = cmds.joint(name="twist", position=(2.0, 0.0, 0.0))
    cmds.skinCluster(twist, limb.mesh, toSelectedBones=True, multi=True, name="second")
    for frame, value in ((1, 0.0), (24, 90.0)):
        cmds.setKeyframe(twist, attribute="rotateX", time=frame, value=value)
    return limb


@pytest.mark.fact("the order in which `listHistory` walks through branches")
def test_of_two_skin_clusters_the_one_applied_last_is_the_linear_mesh(twice: Any) -> None:
    from maya import cmds

    made = cmds.glmDuplicateMeshLinear(input=twice.mesh)
    cmds.currentTime(20)
    expected = skinned("second", twice.rest)
    assert np.abs(expected - twice.rest).max() > 0.5
    np.testing.assert_allclose(points_of(made), expected, atol=1e-5)


def test_the_base_mesh_says_whose_skin_cluster_counts(twice: Any, tmp_path: Path) -> None:
    from maya import cmds

    cmds.glmDuplicateMeshLinear(input=twice.mesh)
    other = build_limb(name="plain")
    cmds.glmDuplicateMeshLinear(input=other.mesh)
    path = configuration(tmp_path, twice)
    values = json.loads(path.read_text(encoding="utf-8"))
    values["meshes"][0].update(linear="plain_linear", base_skin_cluster_mesh="plain")
    values["rig_inputs"]["joints"] = [{"name": joint} for joint in other.joints]
    path.write_text(json.dumps(values), encoding="utf-8")
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == len(FRAMES)
    samples = samples_of(path)
    assert samples.skin_weights(0).influence_names == other.joints
    cmds.currentTime(FRAMES[OVER])
    np.testing.assert_allclose(samples.read(0, np.array([OVER])).linear[0], skinned(other.skin, other.rest), atol=1e-5)


@pytest.fixture
def with_target(loaded: None, limb: Any) -> str:
    """A mesh without joints of its own, that follows the limb as its blendShape target."""
    from maya import cmds

    cmds.duplicate(limb.mesh, name="follower")
    for shape in cmds.listRelatives("follower", shapes=True, fullPath=True):
        if cmds.getAttr(f"{shape}.intermediateObject"):
            cmds.delete(shape)
    cmds.blendShape(limb.mesh, "follower", weight=(0, 1.0), name="follow")
    return "follower"


def test_a_skin_cluster_of_a_target_is_nobody_elses(with_target: str, limb: Any) -> None:
    from maya import cmds

    assert limb.skin in cmds.listHistory(with_target)
    with pytest.raises(RuntimeError, match="follower has no skinCluster"):
        cmds.glmDuplicateMeshLinear(input=with_target)


def test_the_own_skin_cluster_is_found_behind_a_foreign_one(
    with_target: str, limb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maya import cmds

    from glm_deep_maya import scene
    from glm_deep_maya.skin import skin_cluster_of

    cmds.skinCluster(limb.joints[0], with_target, toSelectedBones=True, name="own")
    shape = scene.mesh_shape(with_target)
    assert skin_cluster_of(shape) == "own"
    listed = cmds.listHistory
    # in which order Maya walks through the branches of a history is nowhere said
    monkeypatch.setattr(cmds, "listHistory", lambda *names, **flags: listed(*names, **flags)[::-1])
    history = cmds.listHistory(shape)
    assert history.index(limb.skin) < history.index("own")
    assert skin_cluster_of(shape) == "own"


def test_influences_with_holes_give_the_samples_of_those_without(loaded: None, tmp_path: Path) -> None:
    from maya import cmds

    read = []
    for holes in (True, False):
        limb = build_limb(name="holed" if holes else "whole", holes=holes)
        assert (cmds.getAttr(f"{limb.skin}.matrix", multiIndices=True) != [0, 1, 2]) == holes
        cmds.glmDuplicateMeshLinear(input=limb.mesh)
        path = configuration(tmp_path / limb.mesh, limb)
        cmds.glmDeepExtract(ioConfFile=str(path))
        samples = samples_of(path)
        read.append((samples.read(0, np.arange(len(FRAMES))), samples.skin_weights(0).weights, samples.inputs.joints))
    (holed, weights, joints), (whole, other_weights, other_joints) = read
    np.testing.assert_array_equal(weights, other_weights)
    np.testing.assert_allclose(holed.linear, whole.linear, atol=1e-6)
    np.testing.assert_allclose(holed.deformed, whole.deformed, atol=1e-6)
    np.testing.assert_allclose(holed.linear_part, whole.linear_part, atol=1e-6)
    np.testing.assert_allclose(joints, other_joints, atol=1e-9)


def test_a_copy_that_cannot_be_finished_leaves_nothing(
    loaded: None, limb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maya import cmds

    def failing(*names: str, **flags: Any) -> Any:
        if "query" in flags:
            return asked(*names, **flags)
        raise RuntimeError("no license for skinning")

    asked, before = cmds.skinCluster, sorted(cmds.ls())
    monkeypatch.setattr(cmds, "skinCluster", failing)
    with pytest.raises(RuntimeError, match="no license"):
        cmds.glmDuplicateMeshLinear(input=limb.mesh)
    assert sorted(cmds.ls()) == before
