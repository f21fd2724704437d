"""The linear mesh: a copy of a mesh with its skinCluster alone."""

from __future__ import annotations

import numpy as np
from maya import OpenMaya as om1
from maya import cmds
from maya.api import OpenMaya as om2

from glm_deep.errors import GlmDeepError
from glm_deep_maya import arrays, scene
from glm_deep_maya.skin import Skin, affine_maps, read_skin
from glm_deep_maya.skin_copy import skin_as
from glm_deep_maya.undo import undo_chunk

TOLERANCE = 1e-4
"""How far the copy may be from the formula at the present time, in parts of the diagonal of the mesh."""


def duplicate_linear(mesh: str, name: str = "") -> str:
    """Makes the linear mesh of a mesh, as one step of undo; the name of its transform.

    Args:
        mesh: a transform or a shape.
        name: of the copy; when empty that which a configuration expects, the mesh's name and `_linear`.

    Raises:
        GlmDeepError: it is no mesh, has no skinCluster, or there is something of that name already.
    """
    shape = scene.mesh_shape(mesh)
    skin = read_skin(shape)
    transform = scene.transform_of(shape)
    # in the namespace of the mesh, and from the root on, whatever namespace is the present one
    chosen = name or f":{transform.rpartition('|')[2]}_linear"
    if cmds.objExists(chosen):
        raise GlmDeepError(
            f'there is a "{chosen.lstrip(":")}" already', hint="Delete it, or choose another name with -overrideName"
        )
    with undo_chunk("glmDuplicateMeshLinear"):
        made = copy_of(skin, rest_points(shape), chosen)
    return made


def rest_points(shape: str) -> np.ndarray:
    """(V, 3) positions before all deformers, in the space of the mesh.

    Raises:
        GlmDeepError: they cannot be found.
    """
    for plug in scene.texts(cmds.deformableShape(shape, originalGeometry=True)):
        original = plug.partition(".")[0]
        if original and cmds.objectType(original, isAType="mesh"):
            return arrays.points(cmds.ls(original, long=True)[0])
    count = len(arrays.points(shape))
    for node in scene.texts(cmds.listHistory(shape)):
        if cmds.objectType(node, isAType="mesh") and not cmds.listConnections(f"{node}.inMesh", source=True):
            found = arrays.points(cmds.ls(node, long=True)[0])
            if len(found) == count:
                return found
    raise GlmDeepError(f"the original shape of {shape} cannot be found", hint="Delete non-deformer history of the mesh")


def copy_of(skin: Skin, rest: np.ndarray, name: str) -> str:
    """A mesh with the points `rest` (V, 3), skinned as `skin`; the name of its transform."""
    transform = scene.transform_of(skin.shape)
    poses = bind_poses()
    made = str(cmds.rename(scene.texts(cmds.duplicate(transform, returnRootsOnly=True))[0], name))
    try:
        _bind(made, skin, rest)
    except BaseException:
        cmds.delete(made, *(bind_poses() - poses))  # nobody else knows of it yet
        raise
    return made


def bind_poses() -> set[str]:
    """The poses that Maya keeps for skinClusters; it makes another one for most that are bound."""
    return set(cmds.ls(type="dagPose") or [])


def _bind(made: str, skin: Skin, rest: np.ndarray) -> None:
    """Makes of a plain copy the mesh that `copy_of` promises."""
    shape = _only_shape(made)
    om2.MFnMesh(scene.dag_path(shape)).setPoints([om2.MPoint(*each) for each in rest], om2.MSpace.kObject)
    skin_as(shape, skin, f"{made.rpartition('|')[2]}_skin")
    _check(shape, skin, rest)


def _only_shape(transform: str) -> str:
    """The visible shape of a copy, whose other shapes and children go."""
    path = cmds.ls(transform, long=True)[0]
    shape = cmds.listRelatives(path, shapes=True, noIntermediate=True, fullPath=True)[0]
    others = [each for each in cmds.listRelatives(path, children=True, fullPath=True) or [] if each != shape]
    if others:
        cmds.delete(*others)
    return str(shape)


def _check(shape: str, skin: Skin, rest: np.ndarray) -> None:
    """Warns when the copy is not where the formula has it now."""
    apart = formula_error(shape, skin, rest)
    if apart > TOLERANCE:
        om1.MGlobal.displayWarning(
            f"{shape} is up to {100 * apart:.2g} % of its size from where linear skinning should be; "
            "extraction will probe it instead of using the formula."
        )


def formula_error(shape: str, skin: Skin, rest: np.ndarray) -> float:
    """How far a skinned mesh is from the formula at the present time, in parts of the diagonal of `rest` (V, 3)."""
    maps = affine_maps(skin, skin.matrices())
    posed = np.einsum("vj,vjk->vk", np.column_stack([rest, np.ones(len(rest))]), maps)[:, :3]
    diagonal = float(np.linalg.norm(rest.max(axis=0) - rest.min(axis=0))) or 1.0
    return float(np.abs(posed - arrays.points(shape)).max()) / diagonal
