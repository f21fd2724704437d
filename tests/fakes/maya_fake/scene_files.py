"""Scene files that live in memory only: saving, opening, importing and referencing with a namespace."""

from __future__ import annotations

from typing import Any

from maya_fake.state import Node, State, new_uuid


def exported(scene: Any) -> State:
    """The scene as it would lie in a file."""
    return scene.state.copy()


def imported(scene: Any, saved: State, namespace: str | None, referenced: bool) -> list[Node]:
    """Bring the nodes of a file into the scene; a taken name is made another one."""
    if namespace:
        base = namespace.strip(":")
        while base in scene.state.namespaces:
            base += "1"
        scene.state.namespaces.add(base)
        scene.state.namespaces |= {f"{base}:{each}" for each in saved.namespaces - {"UI", "shared"}}
        prefix = base + ":"
    else:
        scene.state.namespaces |= saved.namespaces
        prefix = ""
    fresh: dict[str, str] = {}
    made: list[Node] = []
    for node in _parents_first(saved):
        if node.default:
            same = [each for each in scene.state.nodes.values() if each.default and each.name == node.name]
            fresh[node.uuid] = same[0].uuid
            continue
        copy = node.copy()
        copy.uuid = node.uuid if node.uuid not in scene.state.nodes and not namespace else new_uuid()
        copy.parent = fresh.get(node.parent) if node.parent else None
        dag = scene.types[node.type].is_a("dagNode")
        copy.name = scene.free_name(":" + prefix + node.name, copy.parent, dag)
        copy.referenced = referenced
        fresh[node.uuid] = copy.uuid
        scene.state.nodes[copy.uuid] = copy
        made.append(copy)
    for dest, source in saved.connections.items():
        scene.state.connections[fresh[dest[0]], dest[1]] = fresh[source[0]], source[1]
    if not namespace:
        scene.state.time, scene.state.units = saved.time, dict(saved.units)
        scene.state.playback = dict(saved.playback)
    scene.changed("imported")
    return made


def _parents_first(saved: State) -> list[Node]:
    """The nodes, each behind its parent."""

    def depth(node: Node) -> int:
        return 0 if node.parent is None else 1 + depth(saved.nodes[node.parent])

    return sorted(saved.nodes.values(), key=depth)
