"""Commands for the chain of deformers and for what else lies in the history."""

from __future__ import annotations

from typing import Any

from maya_fake.cmds_deform import _deformer_node, mesh_shape
from maya_fake.cmds_nodes import nodes_of
from maya_fake.commands import Call, command
from maya_fake.components import mesh_of
from maya_fake.deformers import chain, original, reorder
from maya_fake.state import Node

Scene = Any


@command("reorderDeformers", "name/n str C", undoable=True)
def reorder_deformers(scene: Scene, call: Call) -> None:
    first, second, *names = call.args
    for name in names:
        reorder(scene, _deformer_node(scene, first), _deformer_node(scene, second), mesh_shape(scene, name))


@command("findDeformers", most=1, undoable=False)
def find_deformers(scene: Scene, call: Call) -> list[str] | None:
    mesh = mesh_of(scene, scene.node(call.args[0]))
    return [node.name for node, _ in chain(scene, mesh)] or None if mesh else None


@command(
    "deformableShape",
    "chain/ch bool C, originalGeometry/og bool C, createOriginalGeometry/cog bool C, localShapeInAttr/lsi bool "
    "C, localShapeOutAttr/lso bool C, worldShapeOutAttr/wso bool C",
)
def deformable_shape(scene: Scene, call: Call) -> list[str]:
    mesh = mesh_shape(scene, call.args[0])
    if call.get("originalGeometry") or call.get("createOriginalGeometry"):
        start = original(scene, mesh)
        if start is None and call.get("createOriginalGeometry"):
            from maya_fake.deformers import _make_original

            _make_original(scene, mesh)
            start = original(scene, mesh)
        return [f"{scene.short_name(start)}.outMesh" if start is not None else ""]
    if call.get("chain"):
        return [node.name for node, _ in chain(scene, mesh)]
    names = {"localShapeInAttr": "inMesh", "localShapeOutAttr": "outMesh", "worldShapeOutAttr": "worldMesh"}
    return [names[flag] for flag in call.flags if flag in names]


@command(
    "listHistory",
    "pruneDagObjects/pdo bool C, allConnections/ac bool C, future/f bool C, allFuture/af bool C, "
    "groupLevels/gl bool C, interestLevel/il int C, leaf/lf bool C, levels/lv int C, breadthFirst/bf bool C",
    undoable=False,
)
def list_history(scene: Scene, call: Call) -> list[str] | None:
    found: dict[str, Node] = {}

    def walk(node: Node) -> None:
        if node.uuid in found or node.type in ("time",):
            return
        found[node.uuid] = node
        if scene.type_of(node).is_a("transform"):
            return
        links = scene.state.connections.items()
        if call.get("future"):
            ends = [dest for dest, source in links if source[0] == node.uuid]
        else:
            ends = _ordered([(dest, source) for dest, source in links if dest[0] == node.uuid])
        for end in ends:
            walk(scene.state.nodes[end[0]])

    for node in nodes_of(scene, call.args):
        shapes = scene.shapes(node, intermediate=False) if scene.type_of(node).is_a("transform") else [node]
        for shape in shapes:
            walk(shape)
    nodes = [node for node in found.values() if not (call.get("pruneDagObjects") and scene.is_dag(node))]
    if call.get("interestLevel"):
        nodes = [node for node in nodes if scene.get(node, "isHistoricallyInteresting") >= call.get("interestLevel")]
    return [scene.short_name(node) for node in nodes] or None


def _ordered(links: list[Any]) -> list[Any]:
    """The sources, that of the geometry first, as the shape's own chain is the nearest history."""
    links.sort(key=lambda link: 0 if link[0][1] == "inMesh" or link[0][1].endswith("inputGeometry") else 1)
    return [source for _, source in links]


@command("geometryAttrInfo", "componentTagNames/cnm bool C, pointCount/pc bool C", most=1, undoable=False)
def geometry_attr_info(scene: Scene, call: Call) -> Any:
    data = scene.value(scene.plug(call.args[0]))
    return len(data.points) if call.get("pointCount") else []


@command(
    "makePaintable",
    "attrType/at str CQ, shapeMode/sm str CQ, remove/rm bool C, activate/ac bool CQ, activateAll/aca bool CQ, "
    "clearAll/ca bool C, altAttribute/aa str CM, uiName/ui str CQ",
    undoable=False,
)
def make_paintable(scene: Scene, call: Call) -> None:
    kind, name = call.args
    entry = (kind, name)
    if call.get("remove"):
        if entry not in scene.paintable:
            raise RuntimeError(f"makePaintable: {kind}.{name} was not paintable")
        scene.paintable.discard(entry)
    else:
        scene.paintable.add(entry)
