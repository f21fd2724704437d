"""glmDuplicateMeshLinear: a copy with the skinCluster alone, exactly as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rigs import build_limb


@pytest.mark.fact("the order in which `skinCluster` takes influences, and whether it binds plain transforms")
@pytest.mark.fact("a skinCluster may keep the bind that it had first")
@pytest.mark.fact("`skinCluster` binds at the present pose")
def test_the_copy_is_where_the_skin_cluster_alone_would_put_the_mesh(loaded: None, limb: Any) -> None:
    from maya import cmds, mel

    from glm_deep_maya import arrays, scene
    from glm_deep_maya.linear_mesh import formula_error, rest_points
    from glm_deep_maya.skin import read_skin

    made = mel.eval(f'glmDuplicateMeshLinear -input "{limb.mesh}"')
    assert made == f"{limb.mesh}_linear"
    source = read_skin(scene.mesh_shape(limb.mesh))
    copy = read_skin(scene.mesh_shape(made))
    np.testing.assert_array_equal(copy.weights, source.weights)
    np.testing.assert_allclose(copy.bind_pre, source.bind_pre, atol=1e-12)
    np.testing.assert_allclose(copy.geometry, source.geometry, atol=1e-12)
    assert copy.influences == source.influences
    rest = rest_points(scene.mesh_shape(limb.mesh))
    np.testing.assert_allclose(rest_points(copy.shape), rest, atol=1e-9)
    for frame in (1, 9, 17):
        cmds.currentTime(frame)
        assert formula_error(copy.shape, copy, rest) < 1e-6
    assert np.abs(arrays.points(copy.shape) - arrays.points(source.shape)).max() > 1e-3  # the stack does more


@pytest.mark.fact("weights are normalised by `setWeights` unless the node says otherwise")
def test_weights_that_do_not_add_up_are_copied_as_they_are(loaded: None, limb: Any) -> None:
    from maya import cmds

    from glm_deep_maya import scene
    from glm_deep_maya.skin import read_skin

    cmds.setAttr(f"{limb.skin}.normalizeWeights", 0)
    cmds.setAttr(f"{limb.skin}.weightList[0].weights[0]", 0.5)
    made = cmds.glmDuplicateMeshLinear(input=limb.mesh)
    copied = read_skin(scene.mesh_shape(made)).weights.sum(axis=1)
    np.testing.assert_allclose(copied, [0.5, *[1.0] * (len(limb.rest) - 1)], atol=1e-9)


def test_influences_that_maya_puts_in_another_order_keep_their_weights_and_bind(loaded: None, maya: Any) -> None:
    from maya import cmds

    from glm_deep_maya import scene
    from glm_deep_maya.linear_mesh import formula_error, rest_points
    from glm_deep_maya.skin import read_skin

    limb = build_limb(name="other")
    handle = cmds.group(empty=True, name="handle")  # no joint
    cmds.skinCluster(limb.skin, edit=True, addInfluence=handle, weight=0.0)
    cmds.skinPercent(limb.skin, f"{limb.mesh}.vtx[0:9]", transformValue=[(handle, 0.5)])
    source = read_skin(scene.mesh_shape(limb.mesh))
    maya.binds_in_reverse = True
    copy = read_skin(scene.mesh_shape(cmds.glmDuplicateMeshLinear(input=limb.mesh)))
    assert copy.influences != source.influences
    for number, name in enumerate(source.influences):
        there = copy.influences.index(name)
        np.testing.assert_array_equal(copy.weights[:, there], source.weights[:, number])
        np.testing.assert_allclose(copy.bind_pre[there], source.bind_pre[number], atol=1e-12)
    assert (source.weights[:10, source.influences.index("|handle")] == 0.5).all()
    cmds.currentTime(12)
    cmds.setAttr("handle.translateY", 3)
    assert formula_error(copy.shape, source, rest_points(copy.shape)) < 1e-6
    node = maya.node(copy.node)
    assert node.extra["recached"] == {name: node.values[name] for name in node.extra["recached"]} != {}


@pytest.mark.fact("skinning in another space than the world (Maya 2024)")
@pytest.mark.parametrize("driven", [False, True])
def test_a_skin_that_works_in_another_space_is_copied_with_it(loaded: None, limb: Any, driven: bool) -> None:
    from maya import cmds

    if not cmds.attributeQuery("relativeSpaceMode", node=limb.skin, exists=True):
        pytest.skip("this Maya skins in the world alone")
    cmds.setAttr(f"{limb.skin}.relativeSpaceMode", 2)
    if driven:
        cmds.connectAttr(f"{limb.control}.worldMatrix[0]", f"{limb.skin}.relativeSpaceMatrix")
    cmds.setAttr(f"{limb.control}.translateX", 4)
    if not driven:
        matrix = cmds.getAttr(f"{limb.control}.worldMatrix[0]")
        cmds.setAttr(f"{limb.skin}.relativeSpaceMatrix", *matrix, type="matrix")
    (skin,) = cmds.ls(cmds.listHistory(cmds.glmDuplicateMeshLinear(input=limb.mesh)), type="skinCluster")
    assert cmds.getAttr(f"{skin}.relativeSpaceMode") == 2
    cmds.setAttr(f"{limb.control}.translateX", 7)
    assert cmds.getAttr(f"{skin}.relativeSpaceMatrix")[12] == pytest.approx(7 if driven else 4)


def test_weights_that_maya_does_not_take_are_said_and_leave_nothing(
    loaded: None, limb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maya import cmds
    from maya.api import OpenMayaAnim as oma2

    before = sorted(cmds.ls())
    monkeypatch.setattr(oma2.MFnSkinCluster, "setWeights", lambda *_: None)
    with pytest.raises(RuntimeError, match=f"Maya does not take the weights of {limb.skin} .*Unlock"):
        cmds.glmDuplicateMeshLinear(input=limb.mesh)
    assert sorted(cmds.ls()) == before


def test_an_influence_that_maya_leaves_out_is_named(loaded: None, limb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from maya import cmds

    bind = cmds.skinCluster

    def without_the_last(*names: str, **flags: Any) -> Any:
        return bind(*names[:-2], names[-1], **flags) if flags.get("toSelectedBones") else bind(*names, **flags)

    monkeypatch.setattr(cmds, "skinCluster", without_the_last)
    with pytest.raises(RuntimeError, match=f"other influences than {limb.skin} has: .*{limb.joints[2]}"):
        cmds.glmDuplicateMeshLinear(input=limb.mesh)


@pytest.mark.fact("undo of commands inside a plug-in's command")
def test_it_is_one_step_of_undo(loaded: None, limb: Any) -> None:
    from maya import cmds

    before = sorted(cmds.ls())
    cmds.glmDuplicateMeshLinear(input=limb.mesh, overrideName="plain")
    assert cmds.objExists("plain")
    cmds.undo()
    assert sorted(cmds.ls()) == before


@pytest.mark.fact("the signs by which Maya blends dual quaternions, and their scale")
@pytest.mark.parametrize("method", [1, 2])
def test_other_methods_are_copied_too(loaded: None, method: int) -> None:
    from maya import cmds

    from glm_deep_maya import scene
    from glm_deep_maya.linear_mesh import formula_error, rest_points
    from glm_deep_maya.skin import read_skin

    limb = build_limb(name="other", method=method)
    made = cmds.glmDuplicateMeshLinear(input=limb.mesh)
    copy = read_skin(scene.mesh_shape(made))
    assert copy.method == method
    for frame in (1, 12, 20):
        cmds.currentTime(frame)
        assert formula_error(copy.shape, copy, rest_points(copy.shape)) < 1e-5


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nobody", 'there is no "nobody" in the scene'),
        ("lonely", "lonely has no skinCluster"),
        ("null", '"null" has no mesh'),
    ],
)
def test_what_cannot_be_copied_is_said(loaded: None, limb: Any, said: Any, name: str, sentence: str) -> None:
    from maya import cmds

    cmds.polyCube(name="lonely")
    cmds.group(empty=True, name="null")
    with pytest.raises(RuntimeError, match=sentence):
        cmds.glmDuplicateMeshLinear(input=name)
    assert any(sentence in text for text in said("error"))
