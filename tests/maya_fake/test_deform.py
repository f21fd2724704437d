"""A deformer in Python runs end to end: points by memory, arrays with gaps, several meshes, weights, failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rigs import Limb

DEFORMER = """
    import ctypes

    import maya.OpenMaya as om1
    import maya.OpenMayaMPx as ompx
    import numpy as np


    def _gf(name):
        return getattr(ompx.cvar, "MPxGeometryFilter_" + name)


    class Lift(ompx.MPxDeformerNode):
        kId = om1.MTypeId(0x1234)
        calls = []

        def __init__(self):
            ompx.MPxDeformerNode.__init__(self)

        def deform(self, block, iterator, matrix, index):
            envelope = block.inputValue(_gf("envelope")).asFloat()
            if envelope == 0:
                return
            handle = block.outputArrayValue(_gf("input"))
            handle.jumpToElement(index)
            mesh = handle.outputValue().child(_gf("inputGeom")).asMesh()
            count = om1.MFnMesh(mesh).numVertices()
            matrices = block.inputArrayValue(self.aMatrix)
            lift = {}
            for place in range(matrices.elementCount()):
                matrices.jumpToArrayElement(place)
                lift[matrices.elementIndex()] = matrices.inputValue().asMatrix()(3, 1)
            self.calls.append((index, count, lift, block.inputValue(self.aModel).asString()))
            points = om1.MPointArray()
            iterator.allPositions(points)
            util = om1.MScriptUtil()
            util.createFromList([0.0] * (4 * points.length()), 4 * points.length())
            pointer = om1.MScriptUtil.asDouble4Ptr(util)
            points.get(pointer)
            kind = (ctypes.c_double * 4) * points.length()
            view = np.ctypeslib.as_array(kind.from_address(int(pointer)))
            weights = [self.weightValue(block, index, vertex) for vertex in range(points.length())]
            view[:, 1] += envelope * sum(lift.values()) * np.array(weights)
            iterator.setAllPositions(om1.MPointArray(pointer, points.length()))

        @classmethod
        def creator(cls):
            return ompx.asMPxPtr(cls())

        @classmethod
        def initialize(cls):
            numbers, texts = om1.MFnMatrixAttribute(), om1.MFnTypedAttribute()
            cls.aMatrix = numbers.create("lifts", "li")
            numbers.setArray(True)
            numbers.setDisconnectBehavior(om1.MFnAttribute.kDelete)
            cls.aModel = texts.create("modelFile", "mf", om1.MFnData.kString, om1.MFnStringData().create("none"))
            for each in (cls.aMatrix, cls.aModel):
                cls.addAttribute(each)
                cls.attributeAffects(each, _gf("outputGeom"))


    def initializePlugin(mobj):
        plugin = ompx.MFnPlugin(mobj, "Vendor", "1.0", "Any")
        plugin.registerNode("glmLift", Lift.kId, Lift.creator, Lift.initialize, ompx.MPxNode.kDeformerNode)


    def uninitializePlugin(mobj):
        ompx.MFnPlugin(mobj).deregisterNode(Lift.kId)
"""


@pytest.fixture
def lift(maya: Any, write_plugin: Callable[..., str]) -> Any:
    """Loads the plug-in; gives its class."""
    maya.run("loadPlugin", write_plugin(DEFORMER, "lift.py"))
    return maya.plugins.all["lift"].names["Lift"]


def heights(maya: Any, mesh: str) -> np.ndarray:
    shape = maya.run("listRelatives", mesh, shapes=True, noIntermediate=True)[0]
    return np.array(maya.get(maya.node(shape), "outMesh").points[:, 1])


def lifter(maya: Any, name: str, height: float) -> str:
    maya.run("createNode", "transform", name=name)
    maya.run("setAttr", f"{name}.translateY", height)
    return f"{name}.worldMatrix[0]"


def test_every_mesh_is_deformed_at_its_logical_index(maya: Any, lift: Any) -> None:
    boxes = [maya.run("polyCube")[0] for _ in range(3)]
    rest = heights(maya, boxes[0])
    (node,) = maya.run("deformer", *boxes, type="glmLift")
    maya.run("deformer", node, edit=True, geometry=boxes[1], remove=True)
    maya.run("connectAttr", lifter(maya, "a", 1), f"{node}.lifts[1]")
    maya.run("connectAttr", lifter(maya, "b", 2), f"{node}.lifts[7]")
    lift.calls.clear()
    assert heights(maya, boxes[2]) == pytest.approx(rest + 3)
    assert heights(maya, boxes[1]) == pytest.approx(rest)
    assert lift.calls == [(2, 8, {1: 1, 7: 2}, "none")]
    maya.run("setAttr", "b.ty", 5)
    assert heights(maya, boxes[0]) == pytest.approx(rest + 6)
    maya.run("delete", "b")
    assert maya.run("getAttr", f"{node}.lifts", multiIndices=True) == [1]


def test_missing_weights_are_one(maya: Any, lift: Any) -> None:
    (box,) = maya.run("polyCube")
    rest = heights(maya, box)
    (node,) = maya.run("deformer", box, type="glmLift")
    maya.run("connectAttr", lifter(maya, "a", 1), f"{node}.lifts[0]")
    maya.run("setAttr", f"{node}.weightList[0].weights[3]", 0.25)
    expected = rest + 1
    expected[3] -= 0.75
    assert heights(maya, box) == pytest.approx(expected)
    maya.run("setAttr", f"{node}.envelope", 0)
    assert heights(maya, box) == pytest.approx(rest)


def test_stored_weights_are_walked_physically(maya: Any, lift: Any) -> None:
    import maya.OpenMaya as om1
    import maya.OpenMayaMPx as ompx

    boxes = [maya.run("polyCube")[0] for _ in range(2)]
    (node,) = maya.run("deformer", *boxes, type="glmLift")
    for vertex, weight in ((2, 0.5), (5, 0.25)):
        maya.run("setAttr", f"{node}.weightList[1].weights[{vertex}]", weight)
    lists = om1.MDataBlock(maya.node(node)).inputArrayValue(ompx.cvar.MPxDeformerNode_weightList)
    with pytest.raises(RuntimeError, match="Index does not exist"):
        lists.jumpToElement(0)
    lists.jumpToElement(1)
    weights = om1.MArrayDataHandle(lists.inputValue().child(ompx.cvar.MPxDeformerNode_weights))
    found = {}
    for place in range(weights.elementCount()):
        weights.jumpToArrayElement(place)
        found[weights.elementIndex()] = weights.inputValue().asFloat()
    assert found == {2: 0.5, 5: 0.25}


def test_only_members_are_iterated(maya: Any, lift: Any) -> None:
    (box,) = maya.run("polyCube")
    rest = heights(maya, box)
    (node,) = maya.run("deformer", box, type="glmLift")
    maya.run("connectAttr", lifter(maya, "a", 1), f"{node}.lifts[0]")
    maya.node(node).extra["members"] = {0: [1, 6]}
    maya.changed()
    assert np.flatnonzero(heights(maya, box) - rest).tolist() == [1, 6]


def test_it_stands_before_the_skin_cluster_at_the_front_of_the_chain(maya: Any, lift: Any, limb: Limb) -> None:
    (node,) = maya.run("deformer", limb.mesh, type="glmLift", frontOfChain=True, name="deep")
    assert maya.run("listHistory", limb.mesh, pruneDagObjects=True)[:3] == [limb.bulge, limb.skin, "deep"]
    assert maya.run("nodeType", node) == "glmLift"


def test_reading_an_attribute_that_affects_nothing_is_told(maya: Any, write_plugin: Callable[..., str]) -> None:
    text = DEFORMER.replace('cls.attributeAffects(each, _gf("outputGeom"))', "pass")
    maya.run("loadPlugin", write_plugin(text, "lift.py"))
    (box,) = maya.run("polyCube")
    maya.run("deformer", box, type="glmLift")
    rest = heights(maya, box)
    assert rest == pytest.approx([-0.5, -0.5, 0.5, 0.5, 0.5, 0.5, -0.5, -0.5])
    assert "no attributeAffects says that it affects outputGeometry" in maya.texts("error")[-1]


def test_an_exception_leaves_the_points_as_they_came(maya: Any, lift: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (box,) = maya.run("polyCube")
    rest = heights(maya, box)
    (node,) = maya.run("deformer", box, type="glmLift")

    def fail(*given: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(lift, "deform", fail)
    maya.run("setAttr", f"{node}.modelFile", "/m", type="string")
    assert heights(maya, box) == pytest.approx(rest)
    assert "broken" in maya.texts("error")[-1]


def test_it_is_not_unloaded_while_there_are_nodes(maya: Any, lift: Any) -> None:
    (box,) = maya.run("polyCube")
    maya.run("deformer", box, type="glmLift")
    with pytest.raises(RuntimeError, match="still in use"):
        maya.run("unloadPlugin", "lift")
    maya.run("delete", "glmLift1")
    with pytest.raises(RuntimeError, match="still in use"):  # undo could bring it back
        maya.run("unloadPlugin", "lift")
    maya.run("file", new=True, force=True)
    maya.run("flushUndo")
    assert maya.run("unloadPlugin", "lift") == ["lift"]
    with pytest.raises(RuntimeError, match="Unknown object type"):
        maya.run("createNode", "glmLift")


def test_undo_brings_the_node_back_to_life(maya: Any, lift: Any) -> None:
    (box,) = maya.run("polyCube")
    rest = heights(maya, box)
    (node,) = maya.run("deformer", box, type="glmLift")
    maya.run("connectAttr", lifter(maya, "a", 1), f"{node}.lifts[0]")
    maya.run("delete", node)
    assert heights(maya, box) == pytest.approx(rest)
    maya.run("undo")
    assert heights(maya, box) == pytest.approx(rest + 1)
