"""glmDuplicateMeshLinear: a copy with the skinCluster alone, exactly as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rigs import build_limb


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
