"""Rigs in namespaces, and names that several nodes have."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_extract import FRAMES, configuration, samples_of

from rigs import Limb


def spaced(limb: Limb, space: str) -> Limb:
    """The names of a limb in a namespace."""
    names = {name: f"{space}:{getattr(limb, name)}" for name in ("mesh", "shape", "control", "skin", "bulge")}
    return replace(limb, joints=tuple(f"{space}:{joint}" for joint in limb.joints), **names)  # type: ignore[arg-type]


def in_namespace(limb: Limb, space: str) -> Limb:
    """The limb, moved into a namespace of the scene."""
    from maya import cmds

    cmds.namespace(add=space)
    shapes = [limb.shape, *cmds.ls(f"{limb.mesh}*Orig*")]
    for name in (limb.mesh, *shapes, *limb.joints, limb.control, limb.skin, limb.bulge):
        if cmds.objExists(name):  # shapes are renamed with their transform
            cmds.rename(name, f":{space}:{name}")
    return spaced(limb, space)


@pytest.fixture
def hero(loaded: None, limb: Limb) -> Limb:
    """The limb in the namespace `hero`."""
    return in_namespace(limb, "hero")


@pytest.mark.fact("a copy can be renamed into the namespace of a reference")
def test_the_linear_mesh_of_a_configuration_in_a_namespace_is_the_one_that_is_made(hero: Limb, tmp_path: Path) -> None:
    from maya import cmds

    assert cmds.glmDuplicateMeshLinear(input="hero:arm") == "hero:arm_linear"
    path = configuration(tmp_path, hero)
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == len(FRAMES)
    samples = samples_of(path)
    assert samples.meshes[0].name == "hero:arm"
    assert samples.layout.joint_names == hero.joints
    np.testing.assert_allclose(samples.meshes[0].rest, hero.rest, atol=1e-6)


@pytest.mark.parametrize("space", ["", "hero"])
def test_the_present_namespace_does_not_matter(loaded: None, limb: Limb, tmp_path: Path, space: str) -> None:
    from maya import cmds

    used = in_namespace(limb, space) if space else limb
    cmds.namespace(add="elsewhere")
    cmds.namespace(set="elsewhere")
    try:
        assert cmds.glmDuplicateMeshLinear(input=used.mesh) == f"{used.mesh}_linear"
        assert cmds.glmDeepExtract(ioConfFile=str(configuration(tmp_path, used))) == len(FRAMES)
        assert not cmds.ls("elsewhere:*", type="transform")
    finally:
        cmds.namespace(set=":")


def test_plain_names_are_not_guessed_but_the_ones_that_are_there_are_named(
    hero: Limb, limb: Limb, tmp_path: Path
) -> None:
    from maya import cmds

    cmds.glmDuplicateMeshLinear(input="hero:arm")
    path = configuration(tmp_path, limb)
    with pytest.raises(RuntimeError, match=r'there is no "arm" in the scene\. Did you mean hero:arm\?'):
        cmds.glmDeepExtract(ioConfFile=str(path))
    values = json.loads(path.read_text(encoding="utf-8"))
    values["meshes"] = [{"deformed": "hero:arm"}]
    path.write_text(json.dumps(values), encoding="utf-8")
    wanted = r'there is no attribute "arm_control\.muscle" in the scene\. Did you mean hero:arm_control\?'
    with pytest.raises(RuntimeError, match=wanted):
        cmds.glmDeepExtract(ioConfFile=str(path))


def test_a_namespace_in_a_namespace_is_found_too(loaded: None, limb: Limb) -> None:
    from maya import cmds

    cmds.namespace(add="shot")
    in_namespace(limb, "shot:hero")
    with pytest.raises(RuntimeError, match=r"Did you mean shot:hero:arm\?"):
        cmds.glmDuplicateMeshLinear(input="arm")
    assert cmds.glmDuplicateMeshLinear(input="shot:hero:arm") == "shot:hero:arm_linear"


def test_two_rigs_of_the_same_names_are_both_named(hero: Limb) -> None:
    from maya import cmds

    cmds.namespace(add="villain")
    cmds.polyCube(name="villain:arm")
    with pytest.raises(RuntimeError, match=r"Did you mean (hero:arm or villain:arm|villain:arm or hero:arm)\?"):
        cmds.glmDuplicateMeshLinear(input="arm")


def test_a_mesh_whose_name_two_have_is_refused_by_both_paths(loaded: None, limb: Limb) -> None:
    from maya import cmds

    cmds.group(empty=True, name="other")
    cmds.parent(cmds.polyCube(name="twin")[0], "other")
    cmds.rename(cmds.polyCube(name="single")[0], "twin")
    with pytest.raises(RuntimeError, match='"twin" is the name of 2 nodes: ') as caught:
        cmds.glmDuplicateMeshLinear(input="twin")
    assert "|other|twin" in str(caught.value)
    assert ", |twin" in str(caught.value) or ": |twin" in str(caught.value)


@pytest.mark.fact("a name that several nodes have, given to `MSelectionList.add`")
@pytest.mark.parametrize("kind", ["joint", "float"])
def test_an_input_whose_name_two_have_is_refused_by_both_paths(
    loaded: None, limb: Limb, tmp_path: Path, kind: str
) -> None:
    from maya import cmds

    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    cmds.group(empty=True, name="other")
    twin = limb.joints[1] if kind == "joint" else limb.control
    cmds.select(clear=True)
    cmds.parent(cmds.joint(name="twin") if kind == "joint" else cmds.group(empty=True, name="twin"), "other")
    cmds.rename("twin", twin)
    cmds.addAttr(f"|other|{twin}", longName="muscle", attributeType="float")
    with pytest.raises(RuntimeError, match=f'"{twin}" is the name of 2 nodes: ') as caught:
        cmds.glmDeepExtract(ioConfFile=str(configuration(tmp_path, limb)))
    assert f"|other|{twin}" in str(caught.value)


def without_last_joint(path: Path) -> Path:
    """The same character extracted with a joint less among its inputs."""
    from maya import cmds

    values = json.loads(path.read_text(encoding="utf-8"))
    values["rig_inputs"]["joints"].pop()
    other = path.parent / "other" / "limb.dio"
    other.parent.mkdir()
    other.write_text(json.dumps(values), encoding="utf-8")
    cmds.glmDeepExtract(ioConfFile=str(other))
    return other


def test_joints_of_the_same_name_are_told_apart_as_the_configuration_names_them(
    loaded: None, limb: Limb, tmp_path: Path
) -> None:
    from maya import cmds

    cmds.rename(limb.joints[2], limb.joints[0])
    cmds.glmDuplicateMeshLinear(input=limb.mesh)
    joints = (f"|{limb.joints[0]}", limb.joints[1], f"{limb.joints[1]}|{limb.joints[0]}")
    path = configuration(tmp_path, replace(limb, joints=joints))
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == len(FRAMES)
    samples = samples_of(path)
    assert samples.layout.joint_names == samples.skin_weights(0).influence_names == joints
    assert samples_of(without_last_joint(path)).skin_weights(0).influence_names == joints


def test_several_matches_of_a_selection_are_refused_and_the_first_is_not_taken(
    loaded: None, limb: Limb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a Maya would be whose `MSelectionList.add` takes in all nodes of a name."""
    from maya.api import OpenMaya as om2

    from glm_deep.errors import GlmDeepError
    from glm_deep_maya import scene

    monkeypatch.setattr(om2.MSelectionList, "length", lambda chosen: 2)
    with pytest.raises(GlmDeepError):
        scene.plug(f"{limb.control}.muscle")


@pytest.fixture
def referenced(maya: Any, loaded: None, limb: Limb) -> Limb:
    """The limb, referenced from a scene file."""
    from maya import cmds

    cmds.file(rename="/shots/rig.ma")
    cmds.file(save=True)
    cmds.file(new=True, force=True)
    cmds.file("/shots/rig.ma", reference=True, namespace="hero")
    return spaced(limb, "hero")


@pytest.mark.fact("what disconnecting and connecting leaves where a curve is referenced")
def test_a_referenced_rig_is_extracted_and_sampled_and_stays_what_it_was(referenced: Limb, tmp_path: Path) -> None:
    from maya import cmds
    from test_sampler import scene_as_it_is

    assert cmds.referenceQuery("hero:arm", isNodeReferenced=True)
    assert cmds.glmDuplicateMeshLinear(input="hero:arm") == "hero:arm_linear"
    before = scene_as_it_is(referenced)
    path = configuration(tmp_path, referenced)
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == len(FRAMES)
    assert cmds.glmDeepSample(ioConfFile=str(path), count=20) == 20
    assert scene_as_it_is(referenced) == before
