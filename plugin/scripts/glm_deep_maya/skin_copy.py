"""A skinCluster like another one: the same influences, bind, weights and settings, on a mesh of its own."""

from __future__ import annotations

import numpy as np
from maya import cmds
from maya.api import OpenMaya as om2
from maya.api import OpenMayaAnim as oma2

from glm_deep.errors import GlmDeepError
from glm_deep_maya import arrays, scene
from glm_deep_maya.skin import BLENDED, Skin, all_vertices

_COPIED = ("useComponents", "maintainMaxInfluences", "maxInfluences", "dqsSupportNonRigid", "envelope")


def skin_as(shape: str, skin: Skin, name: str) -> None:
    """Skins a mesh as another one of the same topology.

    Args:
        shape: the mesh, with the points that it has at rest. name: of the new skinCluster.

    Raises:
        GlmDeepError: Maya has bound other influences, or has not taken the weights.
    """
    node = _bound(shape, skin, name)
    function = oma2.MFnSkinCluster(scene.depend_node(node))
    order = _order(function, skin)
    _bind_as(node, function, skin, order)
    _weigh_as(node, shape, skin, order)
    for attribute in _COPIED:
        _copy_setting(f"{skin.node}.{attribute}", f"{node}.{attribute}")
    _copy_space(node, skin)
    cmds.skinCluster(node, edit=True, recacheBindMatrices=True)  # it may go by the bind that it had first


def _bound(shape: str, skin: Skin, name: str) -> str:
    """A new skinCluster with these influences, in whatever order."""
    joints = [each for each in skin.influences if cmds.objectType(each, isAType="joint")]
    first = joints or list(skin.influences)
    made = cmds.skinCluster(
        *first,
        shape,
        toSelectedBones=True,
        bindMethod=0,
        skinMethod=skin.method,
        normalizeWeights=1,
        maximumInfluences=max(1, len(skin.influences)),
        obeyMaxInfluences=False,
        removeUnusedInfluence=False,
        ignoreBindPose=True,
        name=name,
    )
    node = scene.texts(made)[0]
    for each in skin.influences:
        if each not in first:  # binding to "selected bones" need not mean plain transforms; adding one does
            cmds.skinCluster(node, edit=True, addInfluence=each, weight=0.0)
    return node


def _order(function: oma2.MFnSkinCluster, skin: Skin) -> list[int]:
    """Which of the influences of a skin each one of a new skinCluster is; Maya promises no order."""
    there = [each.fullPathName() for each in function.influenceObjects()]
    if sorted(there) != sorted(skin.influences):
        differ = ", ".join(sorted(set(there) ^ set(skin.influences)))
        raise GlmDeepError(
            f"Maya binds the copy to other influences than {skin.node} has: {differ}",
            hint="Remove these influences, or bind the copy by hand and name it as the linear mesh",
        )
    return [skin.influences.index(each) for each in there]


def _bind_as(node: str, function: oma2.MFnSkinCluster, skin: Skin, order: list[int]) -> None:
    """Gives a new skinCluster, which is bound at the present pose, the bind of another one."""
    for path, number in zip(function.influenceObjects(), order):
        target = f"{node}.bindPreMatrix[{function.indexForInfluenceObject(path)}]"
        source = f"{skin.node}.bindPreMatrix[{skin.logical[number]}]"
        _copy_matrix(source, target, skin.bind_pre[number])
    cmds.setAttr(f"{node}.geomMatrix", *skin.geometry.ravel().tolist(), type="matrix")


def _weigh_as(node: str, shape: str, skin: Skin, order: list[int]) -> None:
    """Gives a skinCluster exactly these weights: Maya would normalise them unless that is off meanwhile."""
    function = oma2.MFnSkinCluster(scene.depend_node(node))
    path, vertices = scene.dag_path(shape), all_vertices(shape)
    weights = skin.weights[:, order]
    every = om2.MIntArray(list(range(len(order))))
    _set_number(f"{node}.normalizeWeights", 0)
    function.setWeights(path, vertices, every, om2.MDoubleArray(weights.ravel().tolist()), False)
    if skin.method == BLENDED:
        function.setBlendWeights(path, vertices, om2.MDoubleArray(skin.blend_weights.tolist()))
    _set_number(f"{node}.normalizeWeights", int(cmds.getAttr(f"{skin.node}.normalizeWeights")))
    taken, _ = function.getWeights(path, vertices)
    if not np.allclose(np.array(taken, np.float64), weights.ravel(), rtol=0, atol=1e-6):
        raise GlmDeepError(
            f"Maya does not take the weights of {skin.node} for the copy",
            hint="Unlock the weights of its influences, in the tool Paint Skin Weights",
        )


def _copy_space(node: str, skin: Skin) -> None:
    """The space in which a skinCluster works, which from Maya 2024 on need not be the world."""
    mode = "relativeSpaceMode"
    if cmds.attributeQuery(mode, node=skin.node, exists=True) and cmds.getAttr(f"{skin.node}.{mode}"):
        source = f"{skin.node}.relativeSpaceMatrix"
        _copy_setting(f"{skin.node}.{mode}", f"{node}.{mode}")
        _copy_matrix(source, f"{node}.relativeSpaceMatrix", arrays.matrix(scene.plug(source)))


def _copy_matrix(source: str, target: str, value: np.ndarray) -> None:
    """Has a matrix attribute driven as another one, or the same value (4, 4) where that is not driven."""
    driver = cmds.listConnections(source, source=True, destination=False, plugs=True)
    if driver:
        cmds.connectAttr(driver[0], target, force=True)
    else:
        cmds.setAttr(target, *value.ravel().tolist(), type="matrix")


def _copy_setting(source: str, target: str) -> None:
    node, _, attribute = source.partition(".")
    if cmds.attributeQuery(attribute, node=node, exists=True):
        _set_number(target, cmds.getAttr(source))


def _set_number(plug: str, value: float) -> None:
    cmds.setAttr(plug, value)  # type: ignore[arg-type]  # the stubs know texts alone
