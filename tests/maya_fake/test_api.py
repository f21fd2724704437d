"""The function sets of both APIs: weights by physical index, bulk points, memory, and what must not be mixed."""

from __future__ import annotations

import ctypes
import gc
from typing import Any

import numpy as np
import pytest

from rigs import Limb


@pytest.fixture
def om2(maya: Any) -> Any:
    import maya.api.OpenMaya as om2

    return om2


@pytest.fixture
def om1(maya: Any) -> Any:
    import maya.OpenMaya as om1

    return om1


def skin_of(om2: Any, limb: Limb) -> tuple[Any, Any, Any]:
    """Its function set, the path of the shape, and the component of all vertices."""
    import maya.api.OpenMayaAnim as oma2

    chosen = om2.MSelectionList().add(limb.skin).add(limb.shape)
    component = om2.MFnSingleIndexedComponent()
    every = component.create(om2.MFn.kMeshVertComponent)
    component.setCompleteData(len(limb.rest))
    return oma2.MFnSkinCluster(chosen.getDependNode(0)), chosen.getDagPath(1), every


def test_influences_are_physical_in_weights_and_logical_by_their_index(om2: Any, limb: Limb) -> None:
    skin, path, every = skin_of(om2, limb)
    paths = skin.influenceObjects()
    assert [each.partialPathName() for each in paths] == list(limb.joints)
    assert [skin.indexForInfluenceObject(each) for each in paths] == [0, 2, 5]
    weights, count = skin.getWeights(path, every)
    assert np.array(weights).reshape(-1, count) == pytest.approx(limb.weights)
    assert np.array(skin.getWeights(path, every, 2)) == pytest.approx(limb.weights[:, 2])
    with pytest.raises(RuntimeError, match="physical"):
        skin.getWeights(path, every, 5)


def test_weights_are_normalised_in_interactive_mode_whatever_is_asked(maya: Any, om2: Any, limb: Limb) -> None:
    skin, path, every = skin_of(om2, limb)
    given = om2.MDoubleArray([0.5] * 3 * len(limb.rest))
    skin.setWeights(path, every, om2.MIntArray([0, 1, 2]), given, False)
    assert list(skin.getWeights(path, every)[0]) == pytest.approx([1 / 3] * len(given))
    maya.run("setAttr", f"{limb.skin}.normalizeWeights", 0)
    skin.setWeights(path, every, om2.MIntArray([0, 1, 2]), given, False)
    assert list(skin.getWeights(path, every)[0]) == pytest.approx([0.5] * len(given))
    with pytest.raises(TypeError):
        skin.setWeights(path, every, [0, 1, 2], given)
    with pytest.raises(RuntimeError, match="number of weights"):
        skin.setWeights(path, every, om2.MIntArray([0, 1]), given)


def test_blend_weights_go_in_and_out(om2: Any, limb: Limb) -> None:
    skin, path, every = skin_of(om2, limb)
    given = om2.MDoubleArray(np.linspace(0, 1, len(limb.rest)).tolist())
    skin.setBlendWeights(path, every, given)
    assert list(skin.getBlendWeights(path, every)) == list(given)


def test_points_of_a_shape_and_of_its_plug_are_the_same(maya: Any, om2: Any, om1: Any, limb: Limb) -> None:
    maya.run("currentTime", 12)
    maya.run("setAttr", f"{limb.mesh}.ty", 3)
    path = om2.MSelectionList().add(limb.shape).getDagPath(0)
    data = om2.MFnDependencyNode(path.node()).findPlug("outMesh", False).asMObject()
    local = np.array([list(point) for point in om2.MFnMesh(data).getPoints()])
    world = np.array([list(point) for point in om2.MFnMesh(path).getPoints(om2.MSpace.kWorld)])
    assert world[:, :3] == pytest.approx(local[:, :3] + (0, 3, 0))
    chosen, path1 = om1.MSelectionList(), om1.MDagPath()
    chosen.add(limb.shape)
    chosen.getDagPath(0, path1)
    mesh = om1.MFnMesh(path1)
    raw = (ctypes.c_float * (3 * mesh.numVertices())).from_address(int(mesh.getRawPoints()))
    assert np.frombuffer(raw, np.float32).reshape(-1, 3).copy() == pytest.approx(local[:, :3])
    with pytest.raises(RuntimeError, match="DAG path"):
        om2.MFnMesh(data).getPoints(om2.MSpace.kWorld)


def test_a_mesh_with_history_does_not_take_points(om2: Any, limb: Limb) -> None:
    mesh = om2.MFnMesh(om2.MSelectionList().add(limb.shape).getDagPath(0))
    with pytest.raises(RuntimeError, match="history"):
        mesh.setPoints(mesh.getPoints())
    original = om2.MFnMesh(om2.MSelectionList().add(f"{limb.shape}Orig").getDagPath(0))
    with pytest.raises(RuntimeError, match="number of points"):
        original.setPoints(original.getPoints()[:5])
    with pytest.raises(TypeError, match="numpy"):
        original.setPoints(limb.rest)


def test_the_probe_method_writes_the_original_and_reads_the_result(maya: Any, om2: Any, limb: Limb) -> None:
    maya.run("setAttr", f"{limb.bulge}.envelope", 0)
    maya.run("currentTime", 12)
    original = om2.MFnMesh(om2.MSelectionList().add(f"{limb.shape}Orig").getDagPath(0))
    result = om2.MSelectionList().add(limb.shape).getDagPath(0)
    rest = original.getPoints()
    before = np.array([list(point)[:3] for point in om2.MFnMesh(result).getPoints()])
    original.setPoints(om2.MPointArray([om2.MPoint(p.x + 1, p.y, p.z) for p in rest]))
    after = np.array([list(point)[:3] for point in om2.MFnMesh(result).getPoints()])
    assert np.linalg.norm(after - before, axis=1).min() > 0.3
    original.setPoints(rest)
    assert np.array([list(point)[:3] for point in om2.MFnMesh(result).getPoints()]) == pytest.approx(before)


def test_the_two_apis_are_not_mixed(maya: Any, om1: Any, om2: Any, limb: Limb) -> None:
    chosen, node1 = om1.MSelectionList(), om1.MObject()
    chosen.add(limb.skin)
    chosen.getDependNode(0, node1)
    with pytest.raises(TypeError, match="API 2 is needed"):
        om2.MFnDependencyNode(node1)
    with pytest.raises(TypeError, match="API 1 is needed"):
        om1.MFnDependencyNode(om2.MSelectionList().add(limb.skin).getDependNode(0))
    with pytest.raises((ValueError, RuntimeError), match="incompatible"):
        om2.MFnMesh(om2.MSelectionList().add(limb.skin).getDependNode(0))


def test_an_object_of_a_deleted_node_raises(maya: Any, om2: Any) -> None:
    maya.run("createNode", "transform", name="a")
    node = om2.MSelectionList().add("a").getDependNode(0)
    kept = om2.MObjectHandle(node)
    assert kept.isValid()
    maya.run("delete", "a")
    assert not kept.isValid()
    with pytest.raises(RuntimeError, match="does not exist"):
        om2.MFnDependencyNode(node).name()
    with pytest.raises(RuntimeError, match="does not exist"):
        om2.MSelectionList().add("a")


def test_memory_of_a_script_util_dies_with_it(om1: Any) -> None:
    points = om1.MPointArray()
    points.append(om1.MPoint(1, 2, 3))
    util = om1.MScriptUtil()
    util.createFromList([0.0] * 4, 4)
    pointer = om1.MScriptUtil.asDouble4Ptr(util)
    points.get(pointer)
    view = np.ctypeslib.as_array(((ctypes.c_double * 4) * 1).from_address(int(pointer)))
    assert view.tolist() == [[1, 2, 3, 1]]
    view[0, :3] = 7
    assert [om1.MPointArray(pointer, 1)[0][axis] for axis in range(4)] == [7, 7, 7, 1]
    with pytest.raises(TypeError, match="rows of 3"):
        om1.MVectorArray(pointer, 1)
    del util
    gc.collect()
    assert np.isnan(view).all()
    with pytest.raises(RuntimeError, match="is gone"):
        int(pointer)


def test_upstream_of_a_shape_lie_its_skin_clusters(om2: Any, limb: Limb) -> None:
    shape = om2.MSelectionList().add(limb.shape).getDependNode(0)
    found = om2.MItDependencyGraph(shape, om2.MFn.kSkinClusterFilter, om2.MItDependencyGraph.kUpstream)
    names = []
    while not found.isDone():
        names.append(om2.MFnDependencyNode(found.currentNode()).name())
        found.next()
    assert names == [limb.skin]


def test_a_matrix_is_sixteen_numbers(maya: Any, om2: Any, limb: Limb) -> None:
    maya.run("currentTime", 12)
    plug = om2.MSelectionList().add(f"{limb.joints[2]}.worldMatrix[0]").getPlug(0)
    matrix = om2.MFnMatrixData(plug.asMObject()).matrix()
    assert list(matrix) == pytest.approx(maya.run("getAttr", f"{limb.joints[2]}.worldMatrix[0]"))
    assert list(matrix * matrix.inverse()) == pytest.approx(np.eye(4).ravel().tolist(), abs=1e-9)
    assert matrix.getElement(3, 0) == matrix[12]


def test_callbacks_are_called_and_removed(maya: Any, om2: Any, limb: Limb) -> None:
    heard: list[Any] = []
    ids = [
        om2.MSceneMessage.addCallback(om2.MSceneMessage.kAfterNew, lambda data: heard.append("new")),
        om2.MEventMessage.addEventCallback("SelectionChanged", lambda data: heard.append("selected")),
        om2.MNodeMessage.addNameChangedCallback(
            om2.MSelectionList().add(limb.mesh).getDependNode(0), lambda node, old, data: heard.append((old, data)), 5
        ),
    ]
    maya.run("select", limb.mesh)
    maya.run("rename", limb.mesh, "leg")
    maya.run("file", new=True, force=True)
    assert heard == ["selected", (limb.mesh, 5), "new"]
    om2.MMessage.removeCallbacks(ids[:2])
    maya.run("file", new=True, force=True)
    assert len(heard) == 3
    with pytest.raises(RuntimeError, match="callback ID"):
        om2.MMessage.removeCallback(ids[0])
