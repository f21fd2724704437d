"""Function sets of API 1: nodes, meshes, data, attributes of plug-ins."""

# ruff: noqa: N803  (the names are Maya's)
from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from maya_fake import api_core
from maya_fake.api1.memory import MColorArray, MIntArray, MMatrix, MPoint, MPointArray, Pointer
from maya_fake.api1.objects import MDagPath, MFn, MObject, MPlug, handle_of
from maya_fake.api_core import NULL, Cell, Component, Handle
from maya_fake.constants import MFNDATA, MFNNUMERICDATA, MSPACE, constants
from maya_fake.current import scene
from maya_fake.evaluate import world_matrix
from maya_fake.state import Node


@constants(MSPACE)
class MSpace:
    """In which space points are."""


class MFnBase:
    """A set of functions for an object."""

    _wanted = "kBase"

    def __init__(self, given: Any = None) -> None:
        self._handle: Handle = NULL
        if given is not None:
            self.setObject(given)

    def setObject(self, given: Any) -> None:
        handle = handle_of(given)
        if not api_core.has_function(handle, getattr(MFn, self._wanted)):
            raise RuntimeError("(kInvalidParameter): Object is incompatible with this method")
        self._handle = handle

    def object(self) -> MObject:
        return MObject._of(self._handle)


class MFnDependencyNode(MFnBase):
    """A node."""

    _wanted = "kDependencyNode"

    def _node(self) -> Node:
        return self._handle.node()

    def name(self) -> str:
        return self._node().name

    def typeName(self) -> str:
        return self._node().type

    def hasAttribute(self, name: str) -> bool:
        return scene().attribute(self._node(), name) is not None

    def attribute(self, name: str) -> MObject:
        found = scene().attribute(self._node(), name)
        return MObject._of(Handle("attr", found)) if found else MObject()

    def findPlug(self, which: Any, wantNetworkedPlug: bool = True) -> MPlug:
        name = which if isinstance(which, str) else api_core.attribute_name(handle_of(which))
        try:
            return MPlug._of(scene().plug_of(self._node(), name))
        except ValueError:
            raise RuntimeError("(kInvalidParameter): Cannot find item of required type") from None

    def userNode(self) -> Any:
        return scene().python_object(self._node())

    def isFromReferencedFile(self) -> bool:
        return self._node().referenced

    def isLocked(self) -> bool:
        return self._node().node_locked


class MFnDagNode(MFnDependencyNode):
    """A node in the hierarchy."""

    _wanted = "kDagNode"

    def fullPathName(self) -> str:
        return scene().long_name(self._node())

    def partialPathName(self) -> str:
        return scene().short_name(self._node())

    def getPath(self, path: MDagPath) -> None:
        path._uuid = self._node().uuid

    def parentCount(self) -> int:
        return 1

    def parent(self, place: int) -> MObject:
        parent = self._node().parent
        return MObject._node(scene().state.nodes[parent]) if parent else MObject()

    def isIntermediateObject(self) -> bool:
        return bool(scene().get(self._node(), "intermediateObject"))


class MFnMesh(MFnDagNode):
    """A mesh: a shape, or data of a plug or a block."""

    _wanted = "kMesh"

    def setObject(self, given: Any) -> None:
        handle = handle_of(given)
        if isinstance(given, MDagPath) and handle.node().type != "mesh":
            shapes = [shape for shape in scene().shapes(handle.node()) if shape.type == "mesh"]
            handle = Handle("node", shapes[0].uuid) if shapes else handle
        self._path = isinstance(given, MDagPath)
        super().setObject(MObject._of(handle))

    def _data(self) -> Any:
        return api_core.mesh_of_handle(self._handle)

    def numVertices(self) -> int:
        return len(self._data().points)

    def numPolygons(self) -> int:
        return len(self._data().counts)

    def numEdges(self) -> int:
        return len(self._data().edges())

    def numFaceVertices(self) -> int:
        return len(self._data().connects)

    def _matrix(self, space: int) -> np.ndarray:
        if space in (MSPACE["kObject"], MSPACE["kTransform"]):
            return np.eye(4)
        if space != MSPACE["kWorld"] or not self._path:
            raise RuntimeError("(kInvalidParameter): world space needs a DAG path")
        return world_matrix(scene(), self._node())

    def getPoints(self, points: MPointArray, space: int = 2) -> None:
        matrix = self._matrix(space)
        found = self._data().points.astype(np.float64) @ matrix[:3, :3] + matrix[3, :3]
        if not isinstance(points, MPointArray):
            raise TypeError("an MPointArray of API 1 is needed")
        points._array = np.concatenate([found, np.ones((len(found), 1))], axis=1)

    def setPoints(self, points: MPointArray, space: int = 2) -> None:
        if not isinstance(points, MPointArray):
            raise TypeError("an MPointArray of API 1 is needed")
        inverse = np.linalg.inv(self._matrix(space))
        api_core.set_mesh_points(self._handle, points._array[:, :3] @ inverse[:3, :3] + inverse[3, :3])

    def getPoint(self, vertex: int, point: MPoint, space: int = 2) -> None:
        points = MPointArray()
        self.getPoints(points, space)
        point.x, point.y, point.z = points._array[vertex, :3].tolist()

    def getRawPoints(self) -> Pointer:
        """A pointer that is good as long as this function set and its mesh are."""
        flat = self._data().points.ravel()
        self._raw = (ctypes.c_float * len(flat))(*flat.tolist())
        return Pointer(self._raw, 1, self)

    def getVertices(self, counts: MIntArray, connects: MIntArray) -> None:
        data = self._data()
        counts._array, connects._array = data.counts.copy(), data.connects.copy()

    def getPolygonVertices(self, face: int, found: MIntArray) -> None:
        data = self._data()
        starts = np.concatenate([[0], np.cumsum(data.counts)])
        found._array = data.connects[starts[face] : starts[face + 1]].copy()

    def syncObject(self) -> None:
        self._data()

    def updateSurface(self) -> None:
        scene().changed()

    def createColorSetDataMesh(self, name: str) -> str:
        if self._handle.kind != "data":
            raise RuntimeError("(kInvalidParameter): createColorSetDataMesh works on mesh data only")
        self._handle.payload.colors.setdefault(name, None)
        return name

    def setVertexColors(self, colors: MColorArray, vertices: MIntArray) -> None:
        if len(colors) != len(vertices):
            raise RuntimeError("(kInvalidParameter): as many colours as vertices are needed")
        cell = self._handle.payload if self._handle.kind == "data" else None
        if cell is None or not cell.colors:
            raise RuntimeError("(kFailure): there is no colour set")
        name = next(iter(cell.colors))
        cell.colors[name] = (colors._array.copy(), vertices._array.copy())

    def numColorSets(self) -> int:
        return len(self._handle.payload.colors) if self._handle.kind == "data" else 0


class MFnSingleIndexedComponent(MFnBase):
    """Vertices, edges or faces."""

    _wanted = "kSingleIndexedComponent"

    def create(self, kind: int) -> MObject:
        self._handle = Handle("component", Component(kind))
        return self.object()

    def addElement(self, number: int) -> None:
        self._handle.payload.elements.append(int(number))

    def setCompleteData(self, count: int) -> None:
        self._handle.payload.everything = int(count)

    def getElements(self, found: MIntArray) -> None:
        found._array = np.array(self._handle.payload.numbers(), np.int32)


@constants(MFNDATA)
class MFnData(MFnBase):
    """Data of a plug."""

    _wanted = "kData"


@constants(MFNNUMERICDATA)
class MFnNumericData(MFnData):
    """Numbers."""

    _wanted = "kNumericData"


class MFnMatrixData(MFnData):
    """A matrix."""

    _wanted = "kMatrixData"

    def matrix(self) -> MMatrix:
        return MMatrix._of(self._handle.payload.value)

    def create(self, matrix: MMatrix | None = None) -> MObject:
        self._handle = Handle("data", Cell(tuple((matrix or MMatrix())._array.ravel().tolist())))
        return self.object()


class MFnStringData(MFnData):
    """A text."""

    _wanted = "kStringData"

    def string(self) -> str:
        return str(self._handle.payload.value)

    def create(self, text: str = "") -> MObject:
        self._handle = Handle("data", Cell(text))
        return self.object()
