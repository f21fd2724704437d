"""What both APIs share: what an MObject stands for, and which function sets go with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maya_fake.constants import MFN
from maya_fake.current import scene
from maya_fake.graph import Plug
from maya_fake.mesh_data import MeshData
from maya_fake.state import Node


@dataclass
class Cell:
    """Data that a block holds: a mesh, a matrix, a text; `colors` are what was painted on a mesh."""

    value: Any = None
    colors: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Handle:
    """What an MObject stands for: nothing, a node, an attribute, data, a component, or a plug-in."""

    kind: str = "null"
    payload: Any = None

    def same(self, other: Handle) -> bool:
        """Whether both stand for the same."""
        if self.kind != other.kind:
            return False
        if self.kind == "attr":
            return attribute_name(self) == attribute_name(other)
        return self.kind == "null" or self.payload is other.payload or self.payload == other.payload

    def node(self) -> Node:
        """The node.

        Raises:
            RuntimeError: it is none, or is gone.
        """
        if self.kind != "node":
            raise incompatible()
        found = scene().state.nodes.get(self.payload)
        if found is None:
            raise RuntimeError("(kInvalidParameter): Object does not exist")
        return found


NULL = Handle()


@dataclass
class Component:
    """Vertices, edges or faces; complete where `everything` is their number."""

    kind: int
    elements: list[int] = field(default_factory=list)
    everything: int | None = None

    def numbers(self) -> list[int]:
        """All numbers in the order in which they were added."""
        return list(range(self.everything)) if self.everything is not None else list(self.elements)


def attribute_name(handle: Handle) -> str:
    """The long name of an attribute."""
    return str(handle.payload.name)


def incompatible() -> RuntimeError:
    """What Maya raises for an object that a function set does not fit."""
    return RuntimeError("(kInvalidParameter): Object is incompatible with this method")


_ABOVE = {
    "dagNode": "kDagNode",
    "transform": "kTransform",
    "shape": "kShape",
    "surfaceShape": "kSurface",
    "curveShape": "kCurve",
    "geometryFilter": "kGeometryFilt",
    "weightGeometryFilter": "kWeightGeometryFilt",
    "animCurve": "kAnimCurve",
}
_ATTRIBUTES = {
    "enum": "kEnumAttribute",
    "matrix": "kMatrixAttribute",
    "fltMatrix": "kMatrixAttribute",
    "message": "kMessageAttribute",
    "compound": "kCompoundAttribute",
    "string": "kTypedAttribute",
    "mesh": "kTypedAttribute",
    "geometry": "kTypedAttribute",
    "doubleArray": "kTypedAttribute",
    "doubleLinear": "kUnitAttribute",
    "doubleAngle": "kUnitAttribute",
    "time": "kUnitAttribute",
}


def api_name(handle: Handle) -> str:
    """The name of the constant of its type, such as `kJoint`."""
    if handle.kind == "null":
        return "kInvalid"
    if handle.kind == "node":
        return str(scene().type_of(handle.node()).api)
    if handle.kind == "attr":
        return _ATTRIBUTES.get(handle.payload.kind, "kNumericAttribute")
    if handle.kind == "component":
        return next(name for name, number in MFN.items() if number == handle.payload.kind)
    if handle.kind == "plugin":
        return "kPlugin"
    value = handle.payload.value
    if value is None:
        return "kInvalid"
    if isinstance(value, MeshData):
        return "kMeshData"
    if isinstance(value, str):
        return "kStringData"
    return "kMatrixData" if len(value) == 16 else "kDoubleArrayData"


def has_function(handle: Handle, constant: int) -> bool:
    """Whether a function set goes with the object."""
    if handle.kind == "null":
        return False
    names = {"kBase", api_name(handle)}
    if handle.kind == "node":
        kind = scene().type_of(handle.node())
        names |= {"kNamedObject", "kDependencyNode"} | {_ABOVE[each] for each in kind.above if each in _ABOVE}
        names |= {"kTransform"} if kind.name == "transform" else set()
        names |= {"kPluginDeformerNode"} if kind.python_class and kind.is_a("geometryFilter") else set()
    elif handle.kind == "attr":
        names.add("kAttribute")
    elif handle.kind == "component":
        names |= {"kComponent", "kSingleIndexedComponent"}
    elif handle.kind == "data":
        names.add("kData")
        if isinstance(handle.payload.value, MeshData):
            names |= {"kMesh", "kMeshGeom"}  # a function set for meshes works on their data
    return constant in {MFN[name] for name in names if name in MFN}


def mesh_of_handle(handle: Handle) -> MeshData:
    """The mesh of a shape or of data.

    Raises:
        RuntimeError: it is no mesh, or holds none.
    """
    if handle.kind == "node":
        node = handle.node()
        data = scene().get(node, "outMesh") if node.type == "mesh" else None
    else:
        data = handle.payload.value if handle.kind == "data" else None
    if not isinstance(data, MeshData):
        raise incompatible()
    return data


def set_mesh_points(handle: Handle, points: np.ndarray) -> None:
    """Write points into a shape without history, or into data.

    Raises:
        RuntimeError: the shape has history, which would take them back at once, or the number differs.
    """
    data = mesh_of_handle(handle)
    if np.shape(points) != data.points.shape:
        raise RuntimeError("(kInvalidParameter): the number of points differs from that of the mesh")
    moved = data.moved(points)
    if handle.kind == "data":
        handle.payload.value = moved
        return
    node = handle.node()
    if (node.uuid, "inMesh") in scene().state.connections:
        raise RuntimeError("(kFailure): the points of a mesh with history are worked out, and cannot be set")

    def change(target: Node) -> None:
        target.values["cachedInMesh"] = moved
        target.values = {key: value for key, value in target.values.items() if not key.startswith("pnts[")}

    scene().edit_from_api(node, change)


def read_plug(plug: Plug, frame: float | None = None) -> Any:
    """The value of a leaf in the units of the API: centimetres and radians."""
    if plug.attr.compound or plug.whole_array:
        raise RuntimeError("(kFailure): Unexpected Internal Failure")
    with scene().at_time(frame):
        value = scene().value(plug)
    return value * np.pi / 180.0 if plug.attr.kind == "doubleAngle" else value


def write_plug(plug: Plug, value: Any) -> None:
    """Set a leaf in the units of the API; undo does not know.

    Raises:
        RuntimeError: it is locked, driven or no input.
    """
    if scene().is_locked(plug) or not plug.attr.writable or (scene().driver(plug) and not scene().is_animated(plug)):
        raise RuntimeError("(kFailure): Unexpected Internal Failure")
    stored = value * 180.0 / np.pi if plug.attr.kind == "doubleAngle" else value
    if scene().is_animated(plug):
        scene().hold(plug, stored)
        return
    key = plug.key
    if plug.attr.name == "weights" and plug.node.type == "skinCluster":
        scene().put(plug, stored)
        return

    def change(target: Node) -> None:
        target.values[key] = stored

    scene().edit_from_api(plug.node, change)
    scene().changed("set", plug)


FRAME_RATES = {
    "game": "kGames",
    "film": "kFilm",
    "pal": "kPALFrame",
    "ntsc": "kNTSCFrame",
    "show": "kShowScan",
    "palf": "kPALField",
    "ntscf": "kNTSCField",
    "23.976fps": "k23_976FPS",
    "29.97fps": "k29_97FPS",
    "59.94fps": "k59_94FPS",
    "120fps": "k120FPS",
}
"""The constant of MTime of each unit of time."""
