"""What the artist has selected, as entries of the lists of a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from maya import cmds

from glm_deep.config import Mesh
from glm_deep.errors import GlmDeepError
from glm_deep_maya import scene
from glm_deep_ui.form import JOINTS, MATRICES, MESHES

CHANNEL_BOX = "mainChannelBox"

Entry = Mapping[str, Any]


def selected(key: str, there: Sequence[Entry]) -> list[dict[str, Any]]:
    """The selected objects or attributes as entries of a list such as `meshes`, without those that are there.

    Raises:
        GlmDeepError: nothing of that kind is selected.
    """
    if key == MESHES:
        return _new([{"deformed": name} for name in _meshes()], there, "deformed")
    if key == JOINTS:
        joints = _selected_nodes("joint", "joints")
        return _new(_with_parents(joints, [each["name"] for each in there if each.get("name")]), there)
    if key == MATRICES:
        return _new([{"name": name} for name in _selected_nodes("transform", "transforms")], there)
    return _new([{"name": name} for name in _attributes()], there)


def influences(meshes: Sequence[Entry]) -> list[dict[str, Any]]:
    """The joints that the skinClusters of meshes are bound to, as entries of `rig_inputs.joints`.

    Raises:
        GlmDeepError: a mesh is missing, or has no skinCluster.
    """
    from glm_deep_maya.skin import read_skin  # which wants numpy

    found: dict[str, None] = {}
    for entry in meshes:
        mesh = Mesh(**entry)
        named = mesh.base_skin_cluster_mesh or (mesh.linear if cmds.objExists(mesh.linear) else mesh.deformed)
        for influence in read_skin(scene.mesh_shape(named)).influences:
            if cmds.objectType(influence, isAType="joint"):
                found[_shortest(influence)] = None
    if not found:
        raise GlmDeepError("no joint drives these meshes", hint="Name the meshes on the first page")
    return _with_parents(list(found), [])


def show(names: Iterable[str]) -> None:
    """Selects nodes, or those of attributes; those that are not there are left out.

    Raises:
        GlmDeepError: none of them is in the scene.
    """
    nodes = dict.fromkeys(name.partition(".")[0] for name in names)
    # By their paths: Maya refuses to select by a name that several nodes have.
    there = [path for node in nodes if cmds.objExists(node) for path in cmds.ls(node, long=True)]
    if not there:
        raise GlmDeepError(
            f"none of these is in the scene: {', '.join(nodes) or 'the list is empty'}",
            hint="Open the scene of the character",
        )
    cmds.select(*there, replace=True)


def _new(found: Sequence[dict[str, Any]], there: Sequence[Entry], name: str = "name") -> list[dict[str, Any]]:
    known = {entry.get(name) for entry in there}
    return [entry for entry in found if entry[name] not in known]


def _meshes() -> list[str]:
    names: dict[str, None] = {}
    for each in cmds.ls(selection=True, long=True, objectsOnly=True) or []:
        names[_shortest(scene.transform_of(scene.mesh_shape(each)))] = None
    if not names:
        raise GlmDeepError("no mesh is selected", hint="Select the deformed meshes of the character")
    return list(names)


def _selected_nodes(kind: str, what: str) -> list[str]:
    found = [str(each) for each in cmds.ls(selection=True, type=kind) or []]
    if not found:
        raise GlmDeepError(f"no {what} are selected", hint=f"Select {what} in the viewport or the outliner")
    return found


def _attributes() -> list[str]:
    chosen = scene.texts(cmds.channelBox(CHANNEL_BOX, query=True, selectedMainAttributes=True))
    nodes = scene.texts(cmds.channelBox(CHANNEL_BOX, query=True, mainObjectList=True)) if chosen else []
    names = []
    for node in nodes:
        for attribute in chosen:
            if cmds.attributeQuery(attribute, node=node, exists=True):
                long = scene.plug(f"{node}.{attribute}").partialName(useLongNames=True)
                names.append(f"{_shortest(node)}.{long}")
    if not names:
        raise GlmDeepError("no attributes are selected", hint="Select an object, and its attributes in the Channel Box")
    return names


def _with_parents(joints: Sequence[str], listed: Sequence[str]) -> list[dict[str, Any]]:
    """Entries of joints; each names the nearest joint above it that is one of them or is listed already."""
    known = {_long(name): name for name in (*listed, *joints) if cmds.objExists(name)}
    entries = []
    for joint in joints:
        above = _long(joint).rpartition("|")[0]
        while above and above not in known:
            above = above.rpartition("|")[0]
        entries.append({"name": joint, "parent": known[above]} if above else {"name": joint})
    return entries


def _long(name: str) -> str:
    return str(cmds.ls(name, long=True)[0])


def _shortest(path: str) -> str:
    """The shortest name that stands for this node alone."""
    return str(cmds.ls(path)[0])
