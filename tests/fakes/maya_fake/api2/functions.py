"""Function sets of API 2: nodes, meshes, components, data, skinClusters."""

# ruff: noqa: N803  (the names are Maya's)
from __future__ import annotations

from typing import Any

import numpy as np

from maya_fake import api_core
from maya_fake.api2.numbers import MFloatPointArray, MIntArray, MPoint, MPointArray, MSpace, points_array
from maya_fake.api2.objects import MDagPath, MFn, MObject, handle_of
from maya_fake.api2.plugs import MPlug
from maya_fake.api2.units import MAngle, MDistance
from maya_fake.api_core import NULL, Cell, Component, Handle
from maya_fake.constants import MFNDATA, MFNNUMERICDATA, constants
from maya_fake.current import scene
from maya_fake.evaluate import world_matrix
from maya_fake.mesh_data import MeshData
from maya_fake.state import Node


class MFnBase:
    """A set of functions for an object."""

    _wanted = "kBase"

    def __init__(self, given: Any = None) -> None:
        self._handle: Handle = NULL
        if given is not None:
            self.setObject(given)

    def setObject(self, given: Any) -> MFnBase:
        handle = handle_of(given)
        if not api_core.has_function(handle, getattr(MFn, self._wanted)):
            raise ValueError(f"object is incompatible with {type(self).__name__} constructor")
        self._handle = handle
        return self

    def object(self) -> MObject:
        return MObject._of(self._handle)

    def hasObj(self, given: MObject) -> bool:
        return api_core.has_function(given._handle, getattr(MFn, self._wanted))


class MFnDependencyNode(MFnBase):
    """A node."""

    _wanted = "kDependencyNode"

    def _node(self) -> Node:
        return self._handle.node()

    def name(self) -> str:
        return self._node().name

    def absoluteName(self) -> str:
        return ":" + self._node().name

    def uniqueName(self) -> str:
        return str(scene().short_name(self._node()))

    typeName = property(lambda self: self._node().type)
    namespace = property(lambda self: self._node().name.rpartition(":")[0])
    isLocked = property(lambda self: self._node().node_locked)
    isFromReferencedFile = property(lambda self: self._node().referenced)
    isDefaultNode = property(lambda self: self._node().default)

    def hasAttribute(self, name: str) -> bool:
        return scene().attribute(self._node(), name) is not None

    def attribute(self, name: str) -> MObject:
        found = scene().attribute(self._node(), name)
        return MObject._of(Handle("attr", found)) if found else MObject()

    def attributeCount(self) -> int:
        return len(list(scene().attributes(self._node())))

    def findPlug(self, which: Any, wantNetworkedPlug: bool) -> MPlug:
        if not isinstance(wantNetworkedPlug, bool):
            raise TypeError("wantNetworkedPlug must be a bool")
        name = which if isinstance(which, str) else api_core.attribute_name(handle_of(which))
        try:
            return MPlug._of(scene().plug_of(self._node(), name))
        except ValueError:
            raise RuntimeError("(kInvalidParameter): Cannot find item of required type") from None

    def uuid(self) -> Any:
        return MUuid(self._node().uuid)


class MFnUnitAttribute(MFnBase):
    """An attribute that is an angle, a length or a time; `addAttr` takes its limits in radians and centimetres."""

    _wanted = "kUnitAttribute"

    def hasMin(self) -> bool:
        return self._handle.payload.minimum is not None  # type: ignore[attr-defined]

    def hasMax(self) -> bool:
        return self._handle.payload.maximum is not None  # type: ignore[attr-defined]

    def getMin(self) -> Any:
        return self._in_units(self._handle.payload.minimum)  # type: ignore[attr-defined]

    def getMax(self) -> Any:
        return self._in_units(self._handle.payload.maximum)  # type: ignore[attr-defined]

    def _in_units(self, value: float | None) -> Any:
        if value is None:
            raise RuntimeError("(kFailure): Unexpected Internal Failure")
        if self._handle.payload.kind == "doubleAngle":  # type: ignore[attr-defined]
            return MAngle(value, MAngle.kRadians)  # type: ignore[attr-defined]
        return MDistance(value, MDistance.kCentimeters)  # type: ignore[attr-defined]


class MUuid:
    """The lasting name of a node."""

    def __init__(self, text: str = "") -> None:
        self._text = str(text)

    def asString(self) -> str:
        return self._text

    def valid(self) -> bool:
        return bool(self._text)

    def __str__(self) -> str:
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MUuid) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


class MFnDagNode(MFnDependencyNode):
    """A node in the hierarchy."""

    _wanted = "kDagNode"

    def fullPathName(self) -> str:
        return str(scene().long_name(self._node()))

    def partialPathName(self) -> str:
        return str(scene().short_name(self._node()))

    def getPath(self) -> MDagPath:
        return MDagPath._of(self._node())

    def dagPath(self) -> MDagPath:
        return MDagPath._of(self._node())

    def parentCount(self) -> int:
        return 1

    def parent(self, place: int) -> MObject:
        parent = self._node().parent
        return MObject._node(scene().state.nodes[parent]) if parent else MObject()

    def childCount(self) -> int:
        return len(scene().children(self._node()))

    def child(self, place: int) -> MObject:
        return MObject._node(scene().children(self._node())[place])

    isIntermediateObject = property(lambda self: bool(scene().get(self._node(), "intermediateObject")))


class MFnTransform(MFnDagNode):
    """A transform."""

    _wanted = "kTransform"


class MFnMesh(MFnDagNode):
    """A mesh: a shape, or data of a plug."""

    _wanted = "kMesh"

    def _data(self) -> Any:
        return api_core.mesh_of_handle(self._handle)

    def setObject(self, given: Any) -> MFnBase:
        handle = handle_of(given)
        if isinstance(given, MDagPath) and handle.node().type != "mesh":
            shapes = [shape for shape in scene().shapes(handle.node()) if shape.type == "mesh"]
            handle = Handle("node", shapes[0].uuid) if shapes else handle
        self._path = isinstance(given, MDagPath)
        return super().setObject(MObject._of(handle))

    numVertices = property(lambda self: len(self._data().points))
    numPolygons = property(lambda self: len(self._data().counts))
    numEdges = property(lambda self: len(self._data().edges()))
    numFaceVertices = property(lambda self: len(self._data().connects))

    def _matrix(self, space: int) -> np.ndarray:
        if space in (MSpace.kObject, MSpace.kTransform):  # type: ignore[attr-defined]
            return np.eye(4)
        if space != MSpace.kWorld:  # type: ignore[attr-defined]
            raise ValueError("Invalid space")
        if not self._path:
            raise RuntimeError("(kInvalidParameter): world space needs a DAG path")
        return world_matrix(scene(), self._node())

    def create(self, vertices: Any, polygonCounts: Any, polygonConnects: Any) -> MObject:
        """A new mesh below a new transform, which is what it gives."""
        from maya_fake.cmds_nodes import new_mesh

        points, counts, corners = points_array(vertices), list(polygonCounts), list(polygonConnects)
        if sum(counts) != len(corners) or not all(0 <= corner < len(points) for corner in corners):
            raise RuntimeError("(kInvalidParameter): the polygons do not fit the vertices")
        starts = np.concatenate([[0], np.cumsum(counts)]).tolist()
        faces = [corners[first:last] for first, last in zip(starts, starts[1:])]
        transform, shape = new_mesh(scene(), "polySurface#", MeshData.of(points, faces))
        self._handle, self._path = Handle("node", shape.uuid), False
        return MObject._node(transform)

    def _points(self, space: int) -> np.ndarray:
        matrix = self._matrix(space)
        return self._data().points.astype(np.float64) @ matrix[:3, :3] + matrix[3, :3]

    def getPoints(self, space: int = 2) -> MPointArray:
        return MPointArray([MPoint(*point) for point in self._points(space).tolist()])

    def getFloatPoints(self, space: int = 2) -> MFloatPointArray:
        return MFloatPointArray([MPoint(*point) for point in self._points(space).tolist()])

    def getPoint(self, vertex: int, space: int = 2) -> MPoint:
        return MPoint(*self._points(space)[vertex].tolist())

    def setPoints(self, points: Any, space: int = 2) -> MFnMesh:
        inverse = np.linalg.inv(self._matrix(space))
        api_core.set_mesh_points(self._handle, points_array(points) @ inverse[:3, :3] + inverse[3, :3])
        return self

    def setPoint(self, vertex: int, point: MPoint, space: int = 2) -> MFnMesh:
        points = self._points(space)
        points[vertex] = list(point)[:3]
        return self.setPoints(points.tolist(), space)

    def getVertices(self) -> tuple[MIntArray, MIntArray]:
        data = self._data()
        return MIntArray(data.counts.tolist()), MIntArray(data.connects.tolist())

    def getPolygonVertices(self, face: int) -> MIntArray:
        data = self._data()
        starts = np.concatenate([[0], np.cumsum(data.counts)])
        return MIntArray(data.connects[starts[face] : starts[face + 1]].tolist())

    def updateSurface(self) -> MFnMesh:
        scene().changed()
        return self


class MFnComponent(MFnBase):
    """A component."""

    _wanted = "kComponent"

    def _component(self) -> Component:
        made: Component = self._handle.payload
        return made

    componentType = property(lambda self: self._component().kind)
    elementCount = property(lambda self: len(self._component().numbers()))
    isComplete = property(lambda self: self._component().everything is not None)
    isEmpty = property(lambda self: not self._component().numbers())


class MFnSingleIndexedComponent(MFnComponent):
    """Vertices, edges or faces."""

    _wanted = "kSingleIndexedComponent"

    def create(self, kind: int) -> MObject:
        if kind not in (MFn.kMeshVertComponent, MFn.kMeshEdgeComponent, MFn.kMeshPolygonComponent):  # type: ignore[attr-defined]
            raise RuntimeError("(kInvalidParameter): no component of one index")
        self._handle = Handle("component", Component(kind))
        return self.object()

    def addElement(self, number: int) -> MFnSingleIndexedComponent:
        self._component().elements.append(int(number))
        return self

    def addElements(self, numbers: Any) -> MFnSingleIndexedComponent:
        self._component().elements += [int(each) for each in numbers]
        return self

    def getElements(self) -> MIntArray:
        return MIntArray(self._component().numbers())

    def element(self, place: int) -> int:
        return self._component().numbers()[place]

    def setCompleteData(self, count: int) -> MFnSingleIndexedComponent:
        self._component().everything = int(count)
        return self

    def getCompleteData(self) -> int:
        return self._component().everything or 0


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

    def matrix(self) -> Any:
        from maya_fake.api2.numbers import MMatrix

        return MMatrix(self._handle.payload.value)

    def create(self, matrix: Any = None) -> MObject:
        from maya_fake.api2.numbers import MMatrix

        self._handle = Handle("data", Cell(tuple(matrix if matrix is not None else MMatrix())))
        return self.object()


class MFnStringData(MFnData):
    """A text."""

    _wanted = "kStringData"

    def string(self) -> str:
        return str(self._handle.payload.value)

    def create(self, text: str = "") -> MObject:
        self._handle = Handle("data", Cell(text))
        return self.object()
