"""Points and matrices of Maya as numpy arrays, in centimetres and as Maya has them: row vectors."""

from __future__ import annotations

import ctypes

import numpy as np
from maya import OpenMaya as om1
from maya.api import OpenMaya as om2

from glm_deep.errors import GlmDeepError
from glm_deep_maya import scene

_OTHER_KIND = (RuntimeError, TypeError, ValueError)  # function sets raise ValueError, plugs one of the others


def points(shape: str) -> np.ndarray:
    """(V, 3) float64 positions of a mesh in its own space, at the present time."""
    chosen = om1.MSelectionList()
    chosen.add(shape)
    path = om1.MDagPath()
    chosen.getDagPath(0, path)
    mesh = om1.MFnMesh(path)  # a new one each time: the data below may be replaced when the time changes
    read = om1.MPointArray()
    mesh.getPoints(read, om1.MSpace.kObject)
    return from_points(read)


def from_points(read: om1.MPointArray) -> np.ndarray:
    """(V, 3) float64 of a point array of Maya: in one copy, or point by point where its memory cannot be had."""
    count = read.length()
    if count == 0:
        return np.zeros((0, 3))
    util = om1.MScriptUtil()
    util.createFromList([0.0] * (4 * count), 4 * count)
    pointer = util.asDouble4Ptr()
    try:
        address = int(pointer)
    except (TypeError, ValueError, OverflowError):  # nobody promises that a pointer is a number
        return np.array([(each.x, each.y, each.z) for each in map(read.__getitem__, range(count))], np.float64)
    read.get(pointer)
    found = np.ctypeslib.as_array(((ctypes.c_double * 4) * count).from_address(address))
    return np.array(found[:, :3])


def topology(shape: str) -> tuple[np.ndarray, np.ndarray]:
    """The vertex count of each polygon, (P,), and their vertices, polygon after polygon; both int32."""
    sizes, vertices = om2.MFnMesh(scene.dag_path(shape)).getVertices()
    return np.array(sizes, np.int32), np.array(vertices, np.int32)


def matrix(plug: om2.MPlug) -> np.ndarray:
    """(4, 4) float64 of a matrix plug at the present time.

    Raises:
        GlmDeepError: it is not a matrix.
    """
    try:
        found = om2.MFnMatrixData(plug.asMObject()).matrix()
    except _OTHER_KIND as error:
        raise GlmDeepError(
            f"{plug.name()} is not a matrix", hint="Name a matrix attribute, such as worldMatrix[0]"
        ) from error
    return np.array(list(found), np.float64).reshape(4, 4)


def number(plug: om2.MPlug) -> float:
    """The value of a numeric plug in the units of the API: centimetres and radians."""
    try:
        return float(plug.asDouble())
    except _OTHER_KIND as error:
        raise GlmDeepError(f"{plug.name()} is not a number", hint="Name an attribute with one number") from error
