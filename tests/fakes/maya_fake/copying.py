"""Duplicates of nodes with what lies below them."""

from __future__ import annotations

from typing import Any

from maya_fake.state import Node, new_uuid


def duplicated(scene: Any, root: Node, name: str | None, parent_only: bool) -> list[Node]:
    """The copies of a node and of all below it: no history, no incoming connections, values as they are now.

    A deformed shape is copied as it looks; its intermediate shapes are copied too, as Maya does.
    """
    made: dict[str, Node] = {}
    originals = [root] if parent_only else [root, *scene.below(root)]
    for node in originals:
        copy = node.copy()
        copy.uuid = new_uuid()
        copy.default = copy.referenced = copy.node_locked = False
        copy.locked = node.locked
        for attribute in scene.attributes(node):
            at = (node.uuid, attribute.name)
            driven = at in scene.state.connections or (
                attribute.parent and (node.uuid, attribute.parent) in scene.state.connections
            )
            if driven and attribute.storable and not attribute.compound and attribute.kind not in ("message", "mesh"):
                copy.values[attribute.name] = scene.get(node, attribute.name)
        if node.type == "mesh":
            copy.values["cachedInMesh"] = scene.get(node, "outMesh")
            copy.values = {key: value for key, value in copy.values.items() if not key.startswith("pnts[")}
        if node is not root:
            copy.parent = made[node.parent or ""].uuid
        made[node.uuid] = copy
        if node is root:
            copy.name = scene.free_name(name or ":" + node.name, node.parent, True)
        scene.state.nodes[copy.uuid] = copy
    first = made[root.uuid]
    for node in originals[1:]:  # shapes are called after their transform
        copy = made[node.uuid]
        if node.name.startswith(root.name + "Shape") and copy.parent == first.uuid:
            copy.name = scene.free_name(":" + first.name + node.name[len(root.name) :], first.uuid, True, skip=copy)
    scene.changed("duplicated", first)
    return list(made.values())
