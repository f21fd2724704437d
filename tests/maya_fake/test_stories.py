"""What the plug-in does, done by hand on the fake: a linear duplicate, probing, stepping frames with Esc pressed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rigs import Limb, build_limb


def linear_duplicate(limb: Limb) -> tuple[str, str]:
    """The mesh at rest under a copy of the first skinCluster; the names of both."""
    import maya.api.OpenMaya as om2
    import maya.api.OpenMayaAnim as oma2
    from maya import cmds

    cmds.undoInfo(openChunk=True, chunkName="glmDuplicateMeshLinear")
    try:
        (original,) = cmds.deformableShape(limb.shape, originalGeometry=True)
        copy = cmds.duplicate(limb.mesh, returnRootsOnly=True, name=f"{limb.mesh}_linear")[0]
        for shape in cmds.listRelatives(copy, shapes=True, fullPath=True):
            if cmds.getAttr(f"{shape}.intermediateObject"):
                cmds.delete(shape)
        (shape,) = cmds.listRelatives(copy, shapes=True, fullPath=True)
        source = om2.MSelectionList().add(original).getPlug(0)
        chosen = om2.MSelectionList().add(shape).add(limb.shape).add(limb.skin)
        om2.MFnMesh(chosen.getDagPath(0)).setPoints(om2.MFnMesh(source.asMObject()).getPoints())
        influences = cmds.skinCluster(limb.skin, query=True, influence=True)
        method = cmds.getAttr(f"{limb.skin}.skinningMethod")
        (skin,) = cmds.skinCluster(
            *influences, shape, toSelectedBones=True, skinMethod=method, obeyMaxInfluences=False, ignoreBindPose=True
        )
        old, new = oma2.MFnSkinCluster(chosen.getDependNode(2)), oma2.MFnSkinCluster(_node(skin))
        for path in old.influenceObjects():
            matrix = cmds.getAttr(f"{limb.skin}.bindPreMatrix[{old.indexForInfluenceObject(path)}]")
            cmds.setAttr(f"{skin}.bindPreMatrix[{new.indexForInfluenceObject(path)}]", *matrix, type="matrix")
        cmds.setAttr(f"{skin}.geomMatrix", *cmds.getAttr(f"{limb.skin}.geomMatrix"), type="matrix")
        component = om2.MFnSingleIndexedComponent()
        every = component.create(om2.MFn.kMeshVertComponent)
        component.setCompleteData(len(limb.rest))
        weights, count = old.getWeights(chosen.getDagPath(1), every)
        cmds.setAttr(f"{skin}.normalizeWeights", 0)
        new.setWeights(chosen.getDagPath(0), every, om2.MIntArray(range(count)), weights, False)
        cmds.setAttr(f"{skin}.normalizeWeights", 1)
        new.setBlendWeights(chosen.getDagPath(0), every, old.getBlendWeights(chosen.getDagPath(1), every))
    finally:
        cmds.undoInfo(closeChunk=True)
    return copy, skin


def _node(name: str) -> Any:
    import maya.api.OpenMaya as om2

    return om2.MSelectionList().add(name).getDependNode(0)


def points(maya: Any, mesh: str) -> np.ndarray:
    (shape,) = maya.run("listRelatives", mesh, shapes=True, noIntermediate=True, fullPath=True)
    return np.array(maya.get(maya.node(shape), "outMesh").points, np.float64)


@pytest.mark.parametrize("method", [0, 1, 2])
def test_the_linear_duplicate_is_the_mesh_without_what_is_not_linear(maya: Any, method: int) -> None:
    limb = build_limb(method=method)
    maya.run("currentTime", 12)
    before = sorted(maya.run("ls"))
    copy, skin = linear_duplicate(limb)
    assert maya.run("getAttr", f"{skin}.matrix", multiIndices=True) == [0, 1, 2]
    maya.run("setAttr", f"{limb.bulge}.envelope", 0)
    for frame in (1, 7, 24):
        maya.run("currentTime", frame)
        assert points(maya, copy) == pytest.approx(points(maya, limb.mesh), abs=1e-5)
    while maya.run("undoInfo", query=True, undoName=True) != "glmDuplicateMeshLinear":
        maya.run("undo")
    maya.run("undo")
    assert sorted(maya.run("ls")) == before
    maya.run("redo")
    assert points(maya, copy).shape == limb.rest.shape


def test_an_extraction_that_is_stopped_puts_everything_back(maya: Any, limb: Limb) -> None:
    from maya import cmds

    cmds.select(limb.control)
    bar = maya.mel("$tmp = $gMainProgressBar")
    cmds.progressBar(bar, edit=True, beginProgress=True, isInterruptable=True, maxValue=24)
    time, mode = cmds.currentTime(query=True), cmds.evaluator(name="deformer", query=True, enable=True)
    cmds.evaluator(name="deformer", enable=False)
    maya.press_escape(after=5)
    taken = []
    for frame in range(1, 25):
        if cmds.progressBar(bar, query=True, isCancelled=True):
            break
        cmds.currentTime(frame)
        taken.append(points(maya, limb.mesh))
        cmds.progressBar(bar, edit=True, step=1)
    cmds.progressBar(bar, edit=True, endProgress=True)
    cmds.currentTime(time)
    cmds.evaluator(name="deformer", enable=mode)
    assert len(taken) == 5
    assert cmds.currentTime(query=True) == 1
    assert cmds.ls(selection=True) == [limb.control]
    assert maya.evaluators["deformer"]


def test_the_same_limb_in_two_namespaces(maya: Any) -> None:
    limb = build_limb()
    maya.run("file", "/arm.ma", exportAll=True)
    maya.run("file", new=True, force=True)
    for name in ("left", "right"):
        maya.run("file", "/arm.ma", i=True, namespace=name)
    maya.run("setAttr", "left:arm_control.muscle", 1)
    left, right = points(maya, "left:arm"), points(maya, "right:arm")
    assert np.abs(left - right).max() > 0.3
    assert maya.run("ls", "*:arm_skin") == ["left:arm_skin", "right:arm_skin"]
    assert limb.mesh == "arm"
