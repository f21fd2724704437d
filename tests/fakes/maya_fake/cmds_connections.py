"""Commands for connections between attributes."""

from __future__ import annotations

from typing import Any

from maya_fake.cmds_nodes import nodes_of
from maya_fake.commands import Call, command
from maya_fake.graph import Plug
from maya_fake.names import missing

Scene = Any


@command("connectAttr", "force/f bool C, lock/l bool C, nextAvailable/na bool C, referenceDest/rd str C", most=2)
def connect_attr(scene: Scene, call: Call) -> str:
    source, dest = (scene.plug(name) for name in call.args)
    if source.whole_array and source.attr.world_space:
        source = scene.element(source, 0)
    if call.get("nextAvailable"):
        if not dest.whole_array:
            raise RuntimeError(f"connectAttr: '{call.args[1]}' is no array")
        used = scene.indices(dest)
        dest = scene.element(dest, used[-1] + 1 if used else 0)
    scene.connect(source, dest, call.get("force", False))
    return f"Connected {scene.plug_name(source)} to {scene.plug_name(dest)}."


@command("disconnectAttr", "nextAvailable/na bool C", most=2)
def disconnect_attr(scene: Scene, call: Call) -> str:
    source, dest = (scene.plug(name) for name in call.args)
    if source.whole_array and source.attr.world_space:
        source = scene.element(source, 0)
    scene.disconnect(source, dest)
    return f"Disconnect {scene.plug_name(source)} from {scene.plug_name(dest)}."


@command("isConnected", "ignoreUnitConversion/iuc bool C", most=2, undoable=False)
def is_connected(scene: Scene, call: Call) -> bool:
    source, dest = (scene.plug(name) for name in call.args)
    if source.whole_array and source.attr.world_space:
        source = scene.element(source, 0)
    return scene.state.connections.get(dest.at) == source.at


@command(
    "connectionInfo",
    "sourceFromDestination/sfd bool C, destinationFromSource/dfs bool C, isDestination/id bool C, isSource/is "
    "bool C, isLocked/il bool C",
    most=1,
    undoable=False,
)
def connection_info(scene: Scene, call: Call) -> Any:
    plug = scene.plug(call.args[0])
    source = scene.source(plug)
    if call.get("sourceFromDestination"):
        return scene.plug_name(source) if source else ""
    if call.get("destinationFromSource"):
        return [scene.plug_name(each) for each in scene.destinations(plug)]
    if call.get("isLocked"):
        return scene.is_locked(plug)
    return source is not None if call.get("isDestination") else bool(scene.destinations(plug))


@command(
    "listConnections",
    "source/s bool C, destination/d bool C, plugs/p bool C, connections/c bool C, type/t str C, exactType/et "
    "bool C, skipConversionNodes/scn bool C, shapes/sh bool C, fullNodeName/fnn bool C",
    undoable=False,
)
def list_connections(scene: Scene, call: Call) -> list[str] | None:
    made: list[str] = []
    for text in call.args or [scene.short_name(node) for node in nodes_of(scene, [])]:
        name, dot, _ = text.partition(".")
        plug = scene.plug(text) if dot else None
        node = plug.node if plug else scene.node(name)
        pairs = []
        for dest, source in scene.state.connections.items():
            if call.get("source", True) and dest[0] == node.uuid and _under(scene, plug, dest[1]):
                pairs.append((dest, source))
            if call.get("destination", True) and source[0] == node.uuid and _under(scene, plug, source[1]):
                pairs.append((source, dest))
        for own, other in pairs:
            made += _described(scene, call, own, other)
    return made or None


def _under(scene: Scene, plug: Plug | None, key: str) -> bool:
    if plug is None or key == plug.key:
        return True
    if key.startswith((plug.key + "[", plug.key + ".")):
        return True
    return plug.attr.compound and not plug.attr.array and key in {each.name for each in plug.attr.tree()}


def _described(scene: Scene, call: Call, own: Any, other: Any) -> list[str]:
    node = scene.state.nodes[other[0]]
    kind = scene.type_of(node)
    if call.has("type"):
        wanted = call.get("type")
        if not (kind.name == wanted if call.get("exactType") else kind.is_a(wanted)):
            return []
    made = [scene.plug_name(scene.plug_at(own))] if call.get("connections") else []
    if call.get("plugs"):
        return [*made, scene.plug_name(scene.plug_at(other))]
    if kind.is_a("shape") and not call.get("shapes"):
        node = scene.state.nodes[node.parent or ""]
    return [*made, scene.long_name(node) if call.get("fullNodeName") else scene.short_name(node)]


@command("removeMultiInstance", "allChildren/all bool C, break/b bool C", most=1)
def remove_multi_instance(scene: Scene, call: Call) -> None:
    plug = scene.plug(call.args[0])
    if plug.index is None:
        raise missing(call.args[0])
    driven = [dest for dest in scene.state.connections if dest[0] == plug.node.uuid and _under(scene, plug, dest[1])]
    if driven and not call.get("break"):
        raise RuntimeError(f"removeMultiInstance: '{call.args[0]}' has incoming connections")
    for dest in driven:
        del scene.state.connections[dest]
    for key in [key for key in plug.node.values if _under(scene, plug, key)]:
        del plug.node.values[key]
    scene.changed("removed element")
