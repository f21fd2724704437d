"""The commands `select`, `ls` and `filterExpand`."""

from __future__ import annotations

from typing import Any

from maya_fake import components
from maya_fake.cmds_nodes import nodes_of, select
from maya_fake.commands import Call, command
from maya_fake.names import missing

Scene = Any


def entries_of(scene: Scene, names: list[Any]) -> list[str]:
    """Entries of a selection: nodes, vertices, plugs."""
    entries: list[str] = []
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"Object {name!r} is invalid")
        if components.is_component(name):
            node, kind, numbers = components.parse(scene, name)
            entries += [f"{node.uuid}\n{text}" for text in components.written(kind, numbers)]
        elif "." in name:
            plug = scene.plug(name)
            entries.append(f"{plug.node.uuid}\n{plug.key}")
        else:
            entries += [node.uuid for node in nodes_of(scene, [name])]
    return entries


@command(
    "select",
    "add/add bool C, all/all bool C, clear/cl bool C, deselect/d bool C, hierarchy/hi bool C, noExpand/ne bool "
    "C, replace/r bool C, toggle/tgl bool C, visible/vis bool C",
)
def select_command(scene: Scene, call: Call) -> None:
    if call.get("clear"):
        select(scene, [])
        return
    entries = entries_of(scene, call.args)
    if call.get("all"):
        entries = [node.uuid for node in scene.children(None) if not node.default]
    if call.get("hierarchy"):
        entries = [
            each for uuid in entries for each in (uuid, *(node.uuid for node in scene.below(scene.state.nodes[uuid])))
        ]
    old = scene.state.selection
    if call.get("add"):
        entries = [*old, *entries]
    elif call.get("deselect"):
        entries = [entry for entry in old if entry not in entries]
    elif call.get("toggle"):
        entries = [entry for entry in old if entry not in entries] + [entry for entry in entries if entry not in old]
    select(scene, entries)


@command(
    "ls",
    "absoluteName/an bool C, allPaths/ap bool C, assemblies/as bool C, cameras/ca bool C, dag/dag bool C, "
    "dependencyNodes/dep bool C, defaultNodes/dn bool C, exactType/et str CM, excludeType/ext str CM, "
    "flatten/fl bool C, head/hd int C, intermediateObjects/io bool C, leaf/lf bool C, long/l bool C, "
    "noIntermediate/ni bool C, objectsOnly/o bool C, orderedSelection/os bool C, referencedNodes/rn bool C, "
    "recursive/r bool C, selection/sl bool C, shapes/s bool C, shortNames/sn bool C, showType/st bool C, "
    "tail/tl int C, transforms/tr bool C, type/typ str CM, uuid/uid bool C, visible/v bool C, geometry/g bool "
    "C, readOnly/ro bool C, lockedNodes/ln bool C",
    undoable=False,
)
def ls(scene: Scene, call: Call) -> list[str]:
    state = scene.state
    if call.get("selection") or call.get("orderedSelection"):
        entries = list(state.selection)
        if call.args:
            wanted = {node.uuid for name in call.args for node in scene.matching(name)}
            entries = [entry for entry in entries if entry.partition("\n")[0] in wanted]
    elif call.args:
        entries = []
        for name in call.args:
            if not isinstance(name, str):
                raise TypeError(f"Object {name!r} is invalid")
            entries += _named(scene, name, call.get("recursive", False))
    else:
        entries = list(state.nodes)
    if call.get("dag"):
        entries = [each for entry in entries for each in _with_below(scene, entry)]
    entries = [entry for entry in dict.fromkeys(entries) if _wanted(scene, entry, call)]
    made: list[str] = []
    for entry in entries:
        uuid, _, rest = entry.partition("\n")
        node = state.nodes[uuid]
        name = scene.long_name(node) if call.get("long") else scene.short_name(node)
        if call.get("uuid"):
            name = node.uuid
        parts = components.flattened(rest) if rest and call.get("flatten") else [rest]
        for part in parts:
            made.append(f"{name}.{part}" if part and not call.get("objectsOnly") else name)
            if call.get("showType"):
                made.append(node.type)
    if call.get("objectsOnly"):
        made = list(dict.fromkeys(made))
    if call.has("head"):
        made = made[: call.get("head")]
    if call.has("tail"):
        made = made[-call.get("tail") :]
    return made


def _named(scene: Scene, name: str, recursive: bool) -> list[str]:
    if "." in name:
        try:
            return entries_of(scene, [name])
        except ValueError:
            return []
    found = scene.matching(name)
    if recursive:
        found += [
            node for space in scene.state.namespaces for node in scene.matching(f"{space}:{name}") if node not in found
        ]
    return [node.uuid for node in found]


def _with_below(scene: Scene, entry: str) -> list[str]:
    node = scene.state.nodes[entry.partition("\n")[0]]
    if not scene.is_dag(node):
        return []
    return [entry, *(below.uuid for below in scene.below(node))]


def _wanted(scene: Scene, entry: str, call: Call) -> bool:
    node = scene.state.nodes[entry.partition("\n")[0]]
    kind = scene.type_of(node)
    intermediate = bool(node.values.get("intermediateObject", False))
    for name in [*call.get("type", []), *call.get("exactType", [])]:
        if name not in scene.types and name not in {above for each in scene.types.values() for above in each.above}:
            raise RuntimeError(f"ls: Unknown object type: {name}")
    tests = {
        "type": lambda: any(kind.is_a(name) for name in call.get("type")),
        "exactType": lambda: kind.name in call.get("exactType"),
        "excludeType": lambda: not any(kind.is_a(name) for name in call.get("excludeType")),
        "shapes": lambda: kind.is_a("shape"),
        "geometry": lambda: kind.is_a("geometryShape"),
        "transforms": lambda: kind.is_a("transform"),
        "cameras": lambda: kind.is_a("camera"),
        "assemblies": lambda: node.parent is None and scene.is_dag(node),
        "noIntermediate": lambda: not intermediate,
        "intermediateObjects": lambda: intermediate,
        "defaultNodes": lambda: node.default,
        "referencedNodes": lambda: node.referenced,
        "lockedNodes": lambda: node.node_locked,
        "readOnly": lambda: node.referenced or node.default,
        "leaf": lambda: scene.is_dag(node) and not scene.children(node),
        "visible": lambda: bool(node.values.get("visibility", True)),
    }
    return all(test() for flag, test in tests.items() if call.get(flag))


@command(
    "filterExpand",
    "selectionMask/sm int CM, expand/ex bool C, fullPath/fp bool C",
    undoable=False,
)
def filter_expand(scene: Scene, call: Call) -> list[str] | None:
    masks = {31: "vtx", 32: "e", 34: "f"}
    for mask in call.get("selectionMask", []):
        if mask not in (*masks, 12):
            raise RuntimeError(f"filterExpand: mask {mask} is not faked")
    kinds = [masks[mask] for mask in call.get("selectionMask", []) if mask in masks]
    entries = entries_of(scene, call.args) if call.args else scene.state.selection
    made = []
    for entry in entries:
        uuid, _, rest = entry.partition("\n")
        node = scene.state.nodes[uuid]
        name = scene.long_name(node) if call.get("fullPath") else scene.short_name(node)
        if rest and rest.partition("[")[0] in kinds:
            made += [f"{name}.{part}" for part in (components.flattened(rest) if call.get("expand", True) else [rest])]
        elif not rest and 12 in call.get("selectionMask", []) and components.mesh_of(scene, node):
            made.append(name)
    return made or None


@command(
    "polyEvaluate",
    "vertex/v bool C, face/f bool C, edge/e bool C, vertexComponent/vc bool C, boundingBox/b bool C",
    undoable=False,
)
def poly_evaluate(scene: Scene, call: Call) -> Any:
    (node,) = nodes_of(scene, call.args)
    mesh = components.mesh_of(scene, node)
    if mesh is None:
        raise missing(scene.short_name(node))
    data = scene.get(mesh, "outMesh")
    counts = {"vertex": len(data.points), "face": len(data.counts), "edge": len(data.edges())}
    asked = [counts[flag] for flag in counts if call.get(flag)]
    return asked[0] if len(asked) == 1 else {flag: counts[flag] for flag in counts}


@command("exactWorldBoundingBox", "ignoreInvisible/ii bool C, calculateExactly/ce bool C", undoable=False)
def exact_world_bounding_box(scene: Scene, call: Call) -> list[float]:
    import numpy as np

    from maya_fake.evaluate import world_matrix

    points = []
    for node in nodes_of(scene, call.args):
        for shape in [mesh for mesh in (components.mesh_of(scene, node),) if mesh]:
            matrix = world_matrix(scene, shape)
            points.append(scene.get(shape, "outMesh").points @ matrix[:3, :3] + matrix[3, :3])
    if not points:
        raise RuntimeError("exactWorldBoundingBox: nothing to measure")
    every = np.concatenate(points)
    return [float(each) for each in (*every.min(axis=0), *every.max(axis=0))]
