"""Commands for nodes: create, delete, rename, select, list, parent, duplicate, namespaces."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from maya_fake import matrices
from maya_fake.commands import Call, command
from maya_fake.copying import duplicated
from maya_fake.deformers import chain, heal, outputs
from maya_fake.evaluate import parent_matrix, world_matrix
from maya_fake.mesh_data import MeshData
from maya_fake.names import missing
from maya_fake.state import Node

Scene = Any


def nodes_of(scene: Scene, names: list[Any]) -> list[Node]:
    """The nodes with these names (patterns too), or the selected ones where there is no name."""
    if not names:
        return [scene.state.nodes[entry.split("\n")[0]] for entry in scene.state.selection]
    found: list[Node] = []
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"Object {name!r} is invalid")
        matched = scene.matching(name.partition(".")[0])
        if not matched:
            raise missing(name)
        if len(matched) > 1 and "*" not in name and "?" not in name:
            raise ValueError(f"More than one object matches name: {name}")
        found += matched
    return found


def select(scene: Scene, entries: list[str]) -> None:
    """Make these entries the selection, each once, and say so."""
    fresh = list(dict.fromkeys(entries))
    if fresh != scene.state.selection:
        scene.state.selection = fresh
        scene.changed("selected")
        scene.callbacks.event("SelectionChanged")


@command("createNode", "name/n str C, parent/p str C, shared/s bool C, skipSelect/ss bool C", most=1)
def create_node(scene: Scene, call: Call) -> str:
    kind = call.args[0]
    parent = scene.node(call.get("parent")) if call.has("parent") else None
    if kind in scene.types and scene.types[kind].is_a("shape"):
        if parent is None:
            wanted = call.get("name")
            above = re.sub(r"Shape(\d*)$", r"\1", wanted) if wanted else f"{kind}#"
            parent = scene.create("transform", above)
        name = call.get("name") or parent.name + "Shape"
    else:
        name = call.get("name")
    node = scene.create(kind, name, parent)
    connect_inverse_scale(scene, node)
    if not call.get("skipSelect"):
        select(scene, [node.uuid])
    return scene.short_name(node)


def connect_inverse_scale(scene: Scene, node: Node) -> None:
    """A joint under a joint is told its scale, as Maya does."""
    from maya_fake.deformers import plug

    if node.type != "joint":
        return
    scene.state.connections.pop((node.uuid, "inverseScale"), None)
    parent = scene.state.nodes.get(node.parent or "")
    if parent is not None and parent.type == "joint":
        scene.connect(plug(scene, parent, "scale"), plug(scene, node, "inverseScale"))


def new_mesh(scene: Scene, name: str, data: MeshData) -> tuple[Node, Node]:
    """A transform and its mesh."""
    transform = scene.create("transform", name)
    number = re.search(r"\d*$", transform.name)[0]  # type: ignore[index]
    stem = transform.name[: len(transform.name) - len(number)]
    shape = scene.create("mesh", f"{stem}Shape{number}", transform)
    shape.values["cachedInMesh"] = data
    scene.changed("set mesh", shape)
    return transform, shape


@command("delete", "constructionHistory/ch bool C, all/all bool C, channels/c bool C")
def delete(scene: Scene, call: Call) -> None:
    nodes = nodes_of(scene, call.args)
    if call.get("constructionHistory"):
        for node in nodes:
            for shape in [node] if node.type == "mesh" else scene.shapes(node, intermediate=False):
                bake(scene, shape)
        return
    for node in nodes:
        if node.uuid not in scene.state.nodes:
            continue  # went with its parent
        if scene.type_of(node).is_a("geometryFilter"):
            heal(scene, node)
        inputs = {source[0] for dest, source in scene.state.connections.items() if dest[0] == node.uuid}
        deformers = _deformers_below(scene, node)
        scene.remove(node)
        for deformer in deformers:  # one that deforms nothing any more goes
            if deformer.uuid in scene.state.nodes and not outputs(scene, deformer):
                scene.remove(deformer)
        for uuid in inputs:  # animation curves that drive nothing go
            curve = scene.state.nodes.get(uuid)
            drives = any(source[0] == uuid for source in scene.state.connections.values())
            if curve is not None and scene.type_of(curve).is_a("animCurve") and not drives:
                scene.remove(curve)


def _deformers_below(scene: Scene, node: Node) -> list[Node]:
    """The deformers of the meshes in a node."""
    if not scene.is_dag(node):
        return []
    return [link[0] for each in [node, *scene.below(node)] if each.type == "mesh" for link in chain(scene, each)]


def bake(scene: Scene, shape: Node) -> None:
    """The mesh as it is now, without its history."""
    from maya_fake.deformers import original

    data = scene.get(shape, "outMesh")
    nodes, start = [link[0] for link in chain(scene, shape)], original(scene, shape)
    scene.state.connections.pop((shape.uuid, "inMesh"), None)
    shape.values["cachedInMesh"] = data
    for node in [*nodes, *([start] if start else [])]:
        scene.remove(node)
    scene.changed("baked", shape)


@command("rename", "ignoreShape/is bool C, uuid/uid bool C", most=2)
def rename(scene: Scene, call: Call) -> str:
    if len(call.args) == 2:
        node = scene.node(call.args[0])
    else:
        (node,) = nodes_of(scene, [])
    wanted = call.args[-1]
    if node.node_locked or node.default or node.referenced:
        raise RuntimeError(f"rename: {scene.short_name(node)} is read only and cannot be renamed")
    if not isinstance(wanted, str) or not wanted:
        raise RuntimeError("rename: New name has no legal characters.")
    old = node.name
    node.name = scene.free_name(wanted, node.parent, scene.is_dag(node), skip=node)
    scene.changed("renamed", node, old)
    if not call.get("ignoreShape"):
        for shape in scene.shapes(node):
            if shape.name.startswith(old + "Shape"):
                rest, before = shape.name[len(old) :], shape.name
                shape.name = scene.free_name(node.name + rest, node.uuid, True, skip=shape)
                scene.changed("renamed", shape, before)
    scene.callbacks.event("NameChanged")
    return scene.short_name(node)


@command("parent", "world/w bool C, relative/r bool C, absolute/a bool C, shape/s bool C, noConnections/nc bool C")
def parent(scene: Scene, call: Call) -> list[str]:
    names = list(call.args)
    above = None if call.get("world") else scene.node(names.pop())
    moved = nodes_of(scene, names)
    for node in moved:
        if node.parent == (above.uuid if above else None):
            scene.say("warning", f"Object, '{scene.short_name(node)}', skipped.  It is already a child of the parent")
            continue
        if above is node or (above is not None and node in scene.parents(above)):
            raise RuntimeError("Cannot parent an object to one of its children")
        if scene.type_of(node).is_a("shape") and not call.get("shape"):
            raise RuntimeError("Cannot parent components or objects in the underworld, or shapes without -shape")
        put_under(scene, node, above, keep=not call.get("relative"))
    return [scene.short_name(node) for node in moved]


def put_under(scene: Scene, node: Node, above: Node | None, keep: bool) -> None:
    """Give a node another parent; `keep` is its place in the world."""
    world = world_matrix(scene, node)
    node.parent = None
    name = scene.free_name(node.name, above.uuid if above else None, True, skip=node)
    node.name, node.parent = name, above.uuid if above else None
    scene.changed("parented", node)
    connect_inverse_scale(scene, node)
    if keep and scene.type_of(node).is_a("transform"):
        place(scene, node, world @ np.linalg.inv(parent_matrix(scene, node)))


def place(scene: Scene, node: Node, local: np.ndarray) -> None:
    """Set the channels of a transform so that its local matrix is this one (without shear)."""
    scale, turn, shift = matrices.apart(local)
    whole = np.eye(4)
    whole[:3, :3] = turn
    if scene.type_of(node).is_a("joint"):
        orient = [scene.get(node, "jointOrient" + axis) for axis in "XYZ"]
        whole = whole @ np.linalg.inv(matrices.turned(orient))
    from maya_fake.node_types import ORDERS

    angles = matrices.euler(whole, ORDERS[scene.get(node, "rotateOrder")])
    for axis, *values in zip("XYZ", shift, angles, scale):
        for name, value in zip(("translate", "rotate", "scale"), values):
            node.values[name + axis] = float(value)
    scene.changed("placed", node)


@command(
    "duplicate",
    "name/n str C, returnRootsOnly/rr bool C, upstreamNodes/un bool C, inputConnections/ic bool C, "
    "parentOnly/po bool C, renameChildren/rc bool C, smartTransform/st bool C",
)
def duplicate(scene: Scene, call: Call) -> list[str]:
    for unsupported in ("upstreamNodes", "inputConnections", "smartTransform"):
        if call.get(unsupported):
            raise RuntimeError(f"duplicate: {unsupported} is not faked")
    made: list[Node] = []
    for node in nodes_of(scene, call.args):
        if node.type == "mesh":
            node = scene.state.nodes[node.parent or ""]
        made += duplicated(scene, node, call.get("name"), call.get("parentOnly", False))
    roots = [node for node in made if node.parent is None or scene.state.nodes[node.parent] not in made]
    select(scene, [node.uuid for node in roots])
    listed = roots if call.get("returnRootsOnly") else made
    return [scene.short_name(node) for node in listed if not scene.type_of(node).is_a("shape")]


@command("objExists", most=1, undoable=False)
def obj_exists(scene: Scene, call: Call) -> bool:
    (name,) = call.args
    node, dot, _ = name.partition(".")
    if not dot:
        return bool(scene.matching(name))
    try:
        scene.plug(name)
    except ValueError:
        return False
    return bool(node)


@command("nodeType", "inherited/i bool C, derived/d bool C, isTypeName/itn bool C, apiType/api bool C", undoable=False)
def node_type(scene: Scene, call: Call) -> Any:
    (name,) = call.args
    if call.get("isTypeName"):
        if name not in scene.types:
            raise RuntimeError(f"nodeType: Unknown node type '{name}'")
        kind = scene.types[name]
    else:
        kind = scene.type_of(scene.node(name.partition(".")[0]))
    if call.get("inherited"):
        return [*kind.above, kind.name]
    if call.get("derived"):
        return [each.name for each in scene.types.values() if each.is_a(kind.name)]
    return kind.api if call.get("apiType") else kind.name


@command("objectType", "isType/i str C, isAType/isa str C, tagFromType/tgt str C", most=1, undoable=False)
def object_type(scene: Scene, call: Call) -> Any:
    kind = scene.type_of(scene.node(call.args[0].partition(".")[0]))
    if call.has("isType"):
        return kind.name == call.get("isType")
    if call.has("isAType"):
        return kind.is_a(call.get("isAType"))
    return kind.name


@command("lockNode", "lock/l bool CQ, ignoreComponents/ic bool C", undoable=True)
def lock_node(scene: Scene, call: Call) -> Any:
    nodes = nodes_of(scene, call.args)
    if call.query:
        return [node.node_locked for node in nodes]
    for node in nodes:
        node.node_locked = call.get("lock", True)
    scene.changed("locked")
    return None


@command(
    "listRelatives",
    "allDescendents/ad bool C, allParents/ap bool C, children/c bool C, fullPath/f bool C, noIntermediate/ni "
    "bool C, parent/p bool C, path/pa bool C, shapes/s bool C, type/typ str CM",
    undoable=False,
)
def list_relatives(scene: Scene, call: Call) -> list[str] | None:
    found: list[Node] = []
    for node in nodes_of(scene, call.args):
        if not scene.is_dag(node):
            raise RuntimeError(f"listRelatives: {node.name} is not a DAG object")
        if call.get("parent") or call.get("allParents"):
            found += list(scene.parents(node))[:1]
        elif call.get("allDescendents"):
            found += list(scene.below(node))[::-1]
        elif call.get("shapes"):
            found += scene.shapes(node)
        else:
            found += scene.children(node)
    if call.get("noIntermediate"):
        found = [node for node in found if not node.values.get("intermediateObject", False)]
    kinds = call.get("type")
    if kinds:
        found = [node for node in found if any(scene.type_of(node).is_a(kind) for kind in kinds)]
    if not found:
        return None
    if call.get("fullPath"):
        return [scene.long_name(node) for node in dict_of(found)]
    if call.get("path"):
        return [scene.short_name(node) for node in dict_of(found)]
    return [node.name for node in dict_of(found)]  # the name alone, which may be no unique path


def dict_of(nodes: list[Node]) -> list[Node]:
    """Each node once."""
    return list({node.uuid: node for node in nodes}.values())


@command(
    "xform",
    "matrix/m tuple CQ, worldSpace/ws bool CQ, objectSpace/os bool CQ, translation/t tuple CQ, rotation/ro "
    "tuple CQ, scale/s tuple CQ",
)
def xform(scene: Scene, call: Call) -> Any:
    (node,) = nodes_of(scene, call.args)
    world = call.get("worldSpace", False)
    if call.query:
        matrix = world_matrix(scene, node) if world else matrices.square(scene.get(node, "matrix"))
        if call.get("matrix"):
            return list(matrices.flat(matrix))
        if call.get("translation"):
            return [float(each) for each in matrix[3, :3]]
        if call.get("scale"):
            return [scene.get(node, "scale" + axis) for axis in "XYZ"]
        if not world:
            return [scene.get(node, "rotate" + axis) for axis in "XYZ"]
        return [float(each) for each in matrices.euler(matrix)]
    if call.has("matrix"):
        wanted = matrices.square(call.get("matrix"))
        place(scene, node, wanted @ np.linalg.inv(parent_matrix(scene, node)) if world else wanted)
    for name, flag in (("translate", "translation"), ("rotate", "rotation"), ("scale", "scale")):
        if not call.has(flag):
            continue
        values = np.array(call.get(flag), float)
        if world and flag == "translation":
            values = (np.append(values, 1.0) @ np.linalg.inv(parent_matrix(scene, node)))[:3]
        elif world:
            raise RuntimeError(f"xform: {flag} in world space is not faked")
        for axis, value in zip("XYZ", values):
            node.values[name + axis] = float(value)
    scene.changed("placed", node)
    return None
