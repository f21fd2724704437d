"""What the scene holds: the only file, beside those that change the scene, that asks Maya for names and plugs."""

from __future__ import annotations

from collections.abc import Sequence

from maya import cmds
from maya.api import OpenMaya as om2

from glm_deep.errors import GlmDeepError


def mesh_shape(name: str) -> str:
    """The full path of the mesh shape that a name stands for, given as a transform or as the shape.

    Raises:
        GlmDeepError: there is none, or there are several.
    """
    found = cmds.ls(name, long=True) or []
    if len(found) != 1:
        raise _not_one(name)
    (path,) = found
    if cmds.objectType(path, isAType="mesh"):
        return str(path)
    shapes = cmds.listRelatives(path, shapes=True, noIntermediate=True, fullPath=True, type="mesh") or []
    if len(shapes) != 1:
        what = "no mesh" if not shapes else f"{len(shapes)} meshes"
        raise GlmDeepError(f'"{name}" has {what}', hint="Name the transform of one mesh, or the shape itself")
    return str(shapes[0])


def transform_of(shape: str) -> str:
    """The full path of the transform above a shape."""
    return str(cmds.listRelatives(shape, parent=True, fullPath=True)[0])


def _not_one(name: str) -> GlmDeepError:
    """Why a name, of a node or of one of its attributes, stands for nothing, or for several nodes."""
    node, dot, _ = name.partition(".")
    found = cmds.ls(node, long=True) or []
    if len(found) > 1:
        paths = ", ".join(found[:3])
        return GlmDeepError(f'"{node}" is the name of {len(found)} nodes: {paths}', hint="Write the whole path of one")
    kind = "attribute " if dot else ""
    return GlmDeepError(f'there is no {kind}"{name}" in the scene', hint=_near(node))


def _near(node: str) -> str:
    """A next step for the name of a node that is not there: the namespaces in which it is."""
    short = node.rpartition("|")[2].rpartition(":")[2]
    there = [each for each in cmds.ls(short, recursive=True) or [] if each != node]
    if there:
        return f"Did you mean {' or '.join(there[:2])}?"
    return "Check the name, and whether the scene of the character is open"


def dag_path(name: str) -> om2.MDagPath:
    """The path of a node that is known to exist."""
    path: om2.MDagPath = _selected(name).getDagPath(0)
    return path


def depend_node(name: str) -> om2.MObject:
    """The node of a name that is known to exist."""
    node: om2.MObject = _selected(name).getDependNode(0)
    return node


def plug(name: str) -> om2.MPlug:
    """The plug of a name such as `jaw.rotateX`.

    Raises:
        GlmDeepError: there is no such attribute, or there are several.
    """
    try:
        found: om2.MPlug = _selected(name).getPlug(0)
    except (RuntimeError, TypeError) as error:
        raise _not_one(name) from error
    return found


def _selected(name: str) -> om2.MSelectionList:
    chosen = om2.MSelectionList()
    try:
        chosen.add(name)
    except RuntimeError as error:
        raise _not_one(name) from error
    if chosen.length() > 1:  # a name that several nodes have; the first of them would be one by chance
        raise _not_one(name)
    return chosen


def texts(found: object) -> list[str]:
    """What a query of Maya answers with, as a list: it may be None, one text or several."""
    if not found or found is True:
        return []
    return [found] if isinstance(found, str) else [str(each) for each in found]  # type: ignore[attr-defined]


def selected_vertices(meshes: Sequence[str]) -> dict[str, list[int]]:
    """The selected vertices of these meshes, by the names that were given; meshes without any are left out."""
    shapes = {mesh_shape(mesh): mesh for mesh in meshes if cmds.objExists(mesh)}
    found: dict[str, list[int]] = {}
    for component in cmds.ls(selection=True, flatten=True, long=True) or []:
        node, dot, index = component.partition(".vtx[")
        if dot and mesh_shape(node) in shapes:
            found.setdefault(shapes[mesh_shape(node)], []).append(int(index.rstrip("]")))
    return {mesh: sorted(set(vertices)) for mesh, vertices in found.items()}
