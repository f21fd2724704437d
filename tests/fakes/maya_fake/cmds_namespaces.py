"""Commands for namespaces."""

from __future__ import annotations

from typing import Any

from maya_fake.commands import Call, command

Scene = Any


@command(
    "namespace",
    "add/add str C, set/set str C, exists/ex str C, removeNamespace/rm str C, mergeNamespaceWithRoot/mnr bool "
    "C, deleteNamespaceContent/dnc bool C, rename/ren tuple C, parent/p str C",
)
def namespace(scene: Scene, call: Call) -> Any:
    spaces = scene.state.namespaces
    if call.has("exists"):
        return call.get("exists").strip(":") in spaces
    if call.has("add"):
        parent_space = call.get("parent", scene.state.namespace).strip(":")
        full = f"{parent_space}:{call.get('add').strip(':')}" if parent_space else call.get("add").strip(":")
        if full in spaces:
            raise RuntimeError(f"Error adding namespace: the namespace '{full}' already exists.")
        spaces.update(full.rsplit(":", depth)[0] for depth in range(full.count(":") + 1))
        scene.changed("namespace")
        return full
    if call.has("set"):
        wanted = call.get("set").strip(":")
        if wanted and wanted not in spaces:
            raise RuntimeError(f"Error setting namespace: '{wanted}' does not exist.")
        scene.state.namespace = wanted
        scene.changed("namespace")
        return wanted or ":"
    if call.has("rename"):
        old, new = call.get("rename")
        return _rename_space(scene, old.strip(":"), new.strip(":"))
    if call.has("removeNamespace"):
        return _remove_space(scene, call)
    raise RuntimeError("namespace: nothing to do")


def _rename_space(scene: Scene, old: str, new: str) -> str:
    if old not in scene.state.namespaces:
        raise RuntimeError(f"namespace: '{old}' does not exist.")
    scene.state.namespaces.discard(old)
    scene.state.namespaces.add(new)
    for node in scene.state.nodes.values():
        if node.name.startswith(old + ":"):
            before, node.name = node.name, new + node.name[len(old) :]
            scene.changed("renamed", node, before)
    return new


def _remove_space(scene: Scene, call: Call) -> str:
    space = call.get("removeNamespace").strip(":")
    members = [node for node in scene.state.nodes.values() if node.name.startswith(space + ":")]
    if space not in scene.state.namespaces:
        raise RuntimeError(f"namespace: '{space}' does not exist.")
    if members and not (call.get("mergeNamespaceWithRoot") or call.get("deleteNamespaceContent")):
        raise RuntimeError(f"The namespace '{space}' is not empty.")
    for node in members:
        if call.get("deleteNamespaceContent"):
            if node.uuid in scene.state.nodes:
                scene.remove(node)
        else:
            before = node.name
            node.name = scene.free_name(":" + node.name[len(space) + 1 :], node.parent, scene.is_dag(node), skip=node)
            scene.changed("renamed", node, before)
    scene.state.namespaces.discard(space)
    scene.changed("namespace")
    return space


@command(
    "namespaceInfo",
    "currentNamespace/cur bool C, listNamespace/ls bool C, listOnlyNamespaces/lon bool C, recurse/r bool C",
    undoable=False,
)
def namespace_info(scene: Scene, call: Call) -> Any:
    if call.get("currentNamespace"):
        return scene.state.namespace or ":"
    space = call.args[0].strip(":") if call.args else scene.state.namespace
    inside = [each for each in sorted(scene.state.namespaces) if not space or each.startswith(space + ":")]
    if not call.get("recurse"):
        depth = space.count(":") + 1 if space else 0
        inside = [each for each in inside if each.count(":") == depth]
    if call.get("listOnlyNamespaces"):
        return inside or None
    start = space + ":" if space else ""
    names = [node.name for node in scene.state.nodes.values() if node.name.startswith(start)]
    return names + inside or None
