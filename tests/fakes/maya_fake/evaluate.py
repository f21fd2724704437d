"""What output attributes are worth: matrices of transforms, animation curves, meshes, skinned and deformed points."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from maya_fake import matrices
from maya_fake.graph import Graph, Plug
from maya_fake.mesh_data import MeshData
from maya_fake.skinning import skinned
from maya_fake.state import Node

Steps = Any


def install(graph: Graph) -> None:
    """Give the built-in types of nodes their outputs."""
    for name in graph.types:
        kind = graph.types[name]
        if kind.is_a("dagNode"):
            kind.computes.update(_MATRICES)
        if kind.is_a("animCurve"):
            kind.computes["output"] = lambda scene, node, steps: curve_at(scene, node)
        if name == "mesh":
            kind.computes.update(outMesh=_mesh, worldMesh=_mesh)
    graph.types["time"].computes["outTime"] = lambda scene, node, steps: scene.evaluation_time
    graph.types["skinCluster"].computes["outputGeometry"] = _skin
    graph.types["blendShape"].computes["outputGeometry"] = _blend_shape
    graph.types["tweak"].computes["outputGeometry"] = lambda scene, node, steps: filter_input(scene, node, steps[0][1])
    for axis in "XYZ":
        graph.types["multiplyDivide"].computes["output" + axis] = _product(axis)


def _product(axis: str) -> Any:
    return lambda scene, node, steps: scene.get(node, "input1" + axis) * scene.get(node, "input2" + axis)


# transforms


def local_matrix(graph: Graph, node: Node) -> np.ndarray:
    """(4, 4) of a transform relative to its parent; a shape has the identity."""
    kind = graph.type_of(node)
    if not kind.is_a("transform"):
        return np.eye(4)

    def three(name: str, axes: tuple[str, ...] = ("X", "Y", "Z")) -> list[float]:
        return [graph.get(node, name + axis) for axis in axes]

    more: dict[str, Any] = {}
    if kind.is_a("joint"):
        more["orient"] = three("jointOrient")
        if graph.get(node, "segmentScaleCompensate"):
            more["inverse_scale"] = 1.0 / np.array(three("inverseScale"))
    made = matrices.local(
        three("translate"),
        three("rotate"),
        three("scale"),
        three("shear", ("XY", "XZ", "YZ")),
        graph.get(node, "rotateOrder"),
        axis=three("rotateAxis"),
        **more,
    )
    return made @ matrices.square(graph.get(node, "offsetParentMatrix"))


def parent_matrix(graph: Graph, node: Node) -> np.ndarray:
    """(4, 4) world matrix of the parent, or the identity where it is not inherited."""
    if node.parent is None or (graph.type_of(node).is_a("transform") and not graph.get(node, "inheritsTransform")):
        return np.eye(4)
    return world_matrix(graph, graph.state.nodes[node.parent])


def world_matrix(graph: Graph, node: Node) -> np.ndarray:
    """(4, 4) world matrix of a DAG node."""
    attribute = graph.attribute(node, "worldMatrix")
    assert attribute is not None
    return matrices.square(graph.value(Plug(node, attribute, "worldMatrix[0]")))


def _world(scene: Graph, node: Node, steps: Steps) -> tuple[float, ...]:
    return matrices.flat(local_matrix(scene, node) @ parent_matrix(scene, node))


def _inverted(compute: Any) -> Any:
    return lambda scene, node, steps: matrices.flat(np.linalg.inv(compute(scene, node)))


_MATRICES = {
    "matrix": lambda scene, node, steps: matrices.flat(local_matrix(scene, node)),
    "inverseMatrix": _inverted(local_matrix),
    "worldMatrix": _world,
    "worldInverseMatrix": _inverted(world_matrix),
    "parentMatrix": lambda scene, node, steps: matrices.flat(parent_matrix(scene, node)),
    "parentInverseMatrix": _inverted(parent_matrix),
}


# animation


def curve_at(scene: Any, node: Node, time: float | None = None) -> float:
    """The value of a curve now (or at a time): linear between its keys, constant outside."""
    if time is None:
        attribute = scene.attribute(node, "input")
        driven = scene.source(Plug(node, attribute, "input"))
        time = scene.value(driven) if driven else scene.evaluation_time
    if not node.keys:
        return 0.0
    times, values = zip(*node.keys)
    return float(np.interp(time, times, values))


# geometry


def _mesh(scene: Graph, node: Node, steps: Steps) -> MeshData | None:
    incoming = scene.get(node, "inMesh") if (node.uuid, "inMesh") in scene.state.connections else None
    data = incoming if incoming is not None else node.values.get("cachedInMesh")
    if data is None:
        return None
    tweaks = {key: value for key, value in node.values.items() if key.startswith("pnts[") and value}
    if not tweaks:
        return data
    points = data.points.copy()
    for key, value in tweaks.items():
        found = re.match(r"pnts\[(\d+)\]\.pnt([xyz])", key)
        assert found is not None
        points[int(found[1]), "xyz".index(found[2])] += value
    return data.moved(points)


def filter_input(scene: Graph, node: Node, index: int | None) -> MeshData | None:
    """The mesh that comes into a deformer at a logical index."""
    return scene.get(node, f"input[{index}].inputGeometry")


def influences(scene: Graph, node: Node) -> list[int]:
    """The logical indices of the influences of a skinCluster in their physical order."""
    given = [i for i in node.extra.get("influence_order", ()) if (node.uuid, f"matrix[{i}]") in scene.state.connections]
    found = {
        int(key[len("matrix[") : -1])
        for (uuid, key) in scene.state.connections
        if uuid == node.uuid and key.startswith("matrix[")
    }
    return given + sorted(found - set(given))


def dense_weights(scene: Graph, node: Node, count: int) -> np.ndarray:
    """(count, influences) stored weights, columns in the physical order."""
    logical = influences(scene, node)
    column = {index: place for place, index in enumerate(logical)}
    made = np.zeros((count, len(logical)))
    for vertex, row in node.weights.items():
        for index, weight in row.items():
            if vertex < count and index in column:
                made[vertex, column[index]] = weight
    return made


def _skin(scene: Any, node: Node, steps: Steps) -> MeshData | None:
    data = filter_input(scene, node, steps[0][1])
    envelope = scene.get(node, "envelope")
    logical = influences(scene, node)
    if data is None or envelope == 0 or scene.get(node, "nodeState") == 1 or not logical:
        return data
    points = data.points.astype(np.float64)
    weights = dense_weights(scene, node, len(points))
    if scene.get(node, "normalizeWeights") == 2:
        total = weights.sum(axis=1, keepdims=True)
        weights = weights / np.where(total == 0, 1.0, total)
    maps = np.stack(
        [
            matrices.square(scene.get(node, f"bindPreMatrix[{i}]")) @ matrices.square(scene.get(node, f"matrix[{i}]"))
            for i in logical
        ]
    )
    method = scene.get(node, "skinningMethod")
    share = None
    if method == 2:
        share = np.array([scene.get(node, f"blendWeights[{vertex}]") for vertex in range(len(points))])
    moved = skinned(
        points,
        weights,
        maps,
        matrices.square(scene.get(node, "geomMatrix")),
        method=method,
        blend=share,
        scaled=scene.get(node, "dqsSupportNonRigid"),
        pivot=scene.dual_quaternion_pivot,
    )
    return data.moved(points + envelope * (moved - points))


def _blend_shape(scene: Graph, node: Node, steps: Steps) -> MeshData | None:
    index = steps[0][1]
    data = filter_input(scene, node, index)
    if data is None:
        return None
    points = data.points.astype(np.float64)
    moved = points.copy()
    pattern = re.compile(
        rf"inputTarget\[{index}\]\.inputTargetGroup\[(\d+)\]\.inputTargetItem\[6000\]\.inputGeomTarget$"
    )
    rest = node.extra.get("base", data.points)
    for uuid, key in list(scene.state.connections):
        found = pattern.match(key) if uuid == node.uuid else None
        target = scene.get(node, key) if found else None
        if found and target is not None and len(target.points) == len(points):
            moved += scene.get(node, f"weight[{found[1]}]") * (target.points - rest)
    for group, offsets in node.extra.get("targets", {}).items():
        moved += scene.get(node, f"weight[{group}]") * offsets
    return data.moved(points + scene.get(node, "envelope") * (moved - points))
