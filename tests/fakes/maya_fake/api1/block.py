"""The data block of a node: handles on values, arrays with gaps, and the iterator over points."""

from __future__ import annotations

from typing import Any

import numpy as np

from maya_fake import api_core
from maya_fake.api1.memory import MMatrix, MPoint, MPointArray, Pointer
from maya_fake.api1.objects import MObject, MPlug, handle_of
from maya_fake.api1.times import MDGContext
from maya_fake.api_core import Cell, Component, Handle, incompatible
from maya_fake.attributes import Attr
from maya_fake.constants import MFN
from maya_fake.current import scene
from maya_fake.graph import Plug
from maya_fake.mesh_data import MeshData
from maya_fake.state import Node


def attribute_of(node: Node, given: Any) -> Attr:
    """The attribute of a node that an MObject or an MPlug means."""
    if isinstance(given, MPlug):
        return given._plug.attr
    handle = handle_of(given)
    if handle.kind != "attr":
        raise incompatible()
    found = scene().attribute(node, api_core.attribute_name(handle))
    if found is None:
        raise RuntimeError(f"(kInvalidParameter): {node.type} has no attribute {api_core.attribute_name(handle)}")
    return found


class MDataHandle:
    """One value of a block."""

    def __init__(self, block: MDataBlock | None = None, plug: Plug | None = None, writable: bool = False) -> None:
        self._block, self._plug, self._writable = block, plug, writable

    def _value(self) -> Any:
        assert self._block is not None
        assert self._plug is not None
        cell = self._block._cells.get(self._plug.key)
        return cell.value if cell is not None else scene().value(self._plug)

    def _cell(self) -> Cell:
        assert self._block is not None
        assert self._plug is not None
        return self._block._cells.setdefault(self._plug.key, Cell(self._value()))

    def _number(self, *kinds: str) -> Any:
        assert self._plug is not None
        if self._plug.attr.kind not in kinds:
            raise RuntimeError(
                f"a handle of {self._plug.attr.kind} is read as {kinds[0]}: Maya would give wrong numbers or crash"
            )
        value = self._value()
        return value * np.pi / 180.0 if self._plug.attr.kind == "doubleAngle" else value

    def asFloat(self) -> float:
        return float(self._number("float"))

    def asDouble(self) -> float:
        return float(self._number("double", "doubleLinear", "doubleAngle", "time"))

    def asInt(self) -> int:
        return int(self._number("long"))

    def asLong(self) -> int:
        return int(self._number("long"))

    def asShort(self) -> int:
        return int(self._number("enum", "short"))

    def asBool(self) -> bool:
        return bool(self._number("bool"))

    def asString(self) -> str:
        return str(self._text() or "")

    def _text(self) -> Any:
        assert self._plug is not None
        if self._plug.attr.kind != "string":
            raise RuntimeError("the handle holds no string")
        return self._value()

    def asMatrix(self) -> MMatrix:
        assert self._plug is not None
        if self._plug.attr.kind != "matrix":
            raise RuntimeError("the handle holds no matrix of doubles")
        return MMatrix._of(self._value())

    def asMesh(self) -> MObject:
        """The mesh; an object that is null where there is none."""
        assert self._plug is not None
        if self._plug.attr.kind not in ("mesh", "geometry"):
            raise RuntimeError("the handle holds no geometry")
        cell = self._cell()
        return MObject._of(Handle("data", cell)) if isinstance(cell.value, MeshData) else MObject()

    def data(self) -> MObject:
        return MObject._of(Handle("data", self._cell()))

    def child(self, which: Any) -> MDataHandle:
        assert self._block is not None
        assert self._plug is not None
        found = attribute_of(self._plug.node, which)
        if found.name not in {each.name for each in self._plug.attr.children}:
            raise RuntimeError(f"(kInvalidParameter): {found.name} is no child of {self._plug.attr.name}")
        return MDataHandle(self._block, scene().child(self._plug, found), self._writable)

    def _set(self, value: Any) -> None:
        if not self._writable:
            raise RuntimeError("(kFailure): an input cannot be written")
        self._cell().value = value

    def setFloat(self, value: float) -> None:
        self._set(float(value))

    def setDouble(self, value: float) -> None:
        self._set(float(value))

    def setInt(self, value: int) -> None:
        self._set(int(value))

    def setBool(self, value: bool) -> None:
        self._set(bool(value))

    def setString(self, value: str) -> None:
        self._set(value)

    def setMMatrix(self, value: MMatrix) -> None:
        self._set(tuple(value._array.ravel().tolist()))

    def setMObject(self, value: MObject) -> None:
        self._set(value._handle.payload.value)

    def setClean(self) -> None:
        pass

    def attribute(self) -> MObject:
        assert self._plug is not None
        return MObject._of(Handle("attr", self._plug.attr))


class MArrayDataHandle:
    """The elements that an array has: logical indices with gaps, walked physically."""

    def __init__(self, given: Any = None, plug: Plug | None = None, writable: bool = False) -> None:
        self._writable = writable
        if isinstance(given, (MDataHandle, MArrayDataHandle)):
            self._block, self._plug, self._writable = given._block, given._plug, given._writable
        else:
            self._block, self._plug = given, plug
        if self._plug is None or not self._plug.whole_array:
            raise RuntimeError("(kFailure): the handle is no array")
        self._indices = scene().indices(self._plug)
        self._place = 0

    def elementCount(self) -> int:
        return len(self._indices)

    def elementIndex(self) -> int:
        self._here()
        return self._indices[self._place]

    def _here(self) -> Plug:
        if not self._indices:
            raise RuntimeError("(kFailure): the array has no elements")
        return scene().element(self._plug, self._indices[self._place])

    def jumpToElement(self, index: int) -> None:
        """To the element of a logical index."""
        if index not in self._indices:
            raise RuntimeError("(kInvalidParameter): Index does not exist")
        self._place = self._indices.index(index)

    def jumpToArrayElement(self, place: int) -> None:
        """To the element of a physical index."""
        if not 0 <= place < len(self._indices):
            raise RuntimeError("(kInvalidParameter): Index does not exist")
        self._place = place

    def next(self) -> None:
        if self._place + 1 >= len(self._indices):
            raise RuntimeError("(kFailure): there is no next element")
        self._place += 1

    def inputValue(self) -> MDataHandle:
        return MDataHandle(self._block, self._here(), self._writable)

    def outputValue(self) -> MDataHandle:
        return MDataHandle(self._block, self._here(), True)

    def inputArrayValue(self) -> MArrayDataHandle:
        return MArrayDataHandle(self._block, self._here())

    def setAllClean(self) -> None:
        pass

    def setClean(self) -> None:
        pass


class MDataBlock:
    """The values of a node during one evaluation.

    What `deform` reads must affect the output, or the evaluation manager of Maya would keep old results: reading
    another attribute of the node's own raises here.
    """

    def __init__(self, node: Node | None = None, output: str = "outputGeometry") -> None:
        if node is None:
            raise TypeError("a block cannot be made by hand")
        self._node, self._output = node, output
        self._cells: dict[str, Cell] = {}
        self._read: set[str] = set()

    def _plug_of(self, given: Any) -> Plug:
        found = attribute_of(self._node, given)
        kind = scene().type_of(self._node)
        if kind.python_class is not None and found.name in kind.python_class._own_names():
            self._read.add(found.name)
            if (found.name, self._output) not in kind.affects and found.name != self._output:
                raise RuntimeError(f"{found.name} is read but no attributeAffects says that it affects {self._output}")
        return given._plug if isinstance(given, MPlug) else Plug(self._node, found, found.name)

    def inputValue(self, given: Any) -> MDataHandle:
        plug = self._plug_of(given)
        if plug.whole_array:
            raise RuntimeError("(kFailure): an array needs inputArrayValue")
        return MDataHandle(self, plug)

    def outputValue(self, given: Any) -> MDataHandle:
        plug = self._plug_of(given)
        if plug.whole_array:
            raise RuntimeError("(kFailure): an array needs outputArrayValue")
        return MDataHandle(self, plug, True)

    def inputArrayValue(self, given: Any) -> MArrayDataHandle:
        return MArrayDataHandle(self, self._plug_of(given))

    def outputArrayValue(self, given: Any) -> MArrayDataHandle:
        return MArrayDataHandle(self, self._plug_of(given), True)

    def setClean(self, given: Any) -> None:
        pass

    def isClean(self, given: Any) -> bool:
        return False

    def context(self) -> MDGContext:
        return MDGContext()


class MItGeometry:
    """The points of the output that a deformer may move: all of them, or its members."""

    def __init__(self, cell: Cell | None = None, members: list[int] | None = None) -> None:
        if not isinstance(cell, Cell):
            raise TypeError("the fake makes MItGeometry for deform only")
        self._cell = cell
        self._members = list(range(len(cell.value.points))) if members is None else members
        self._place = 0

    def count(self) -> int:
        return len(self._members)

    def exactCount(self) -> int:
        return len(self._members)

    def isDone(self) -> bool:
        return self._place >= len(self._members)

    def next(self) -> None:
        self._place += 1

    def reset(self) -> None:
        self._place = 0

    def index(self) -> int:
        return self._members[self._place]

    def positionIndex(self) -> int:
        return self._place

    def position(self, space: int = 2) -> MPoint:
        return MPoint(*self._cell.value.points[self.index()].tolist())

    def setPosition(self, point: MPoint, space: int = 2) -> None:
        points = self._cell.value.points.copy()
        points[self.index()] = point.x, point.y, point.z
        self._cell.value = self._cell.value.moved(points)

    def allPositions(self, found: MPointArray, space: int = 2) -> None:
        if not isinstance(found, MPointArray):
            raise TypeError("an MPointArray of API 1 is needed")
        points = self._cell.value.points[self._members].astype(np.float64)
        found._array = np.concatenate([points, np.ones((len(points), 1))], axis=1)

    def setAllPositions(self, given: MPointArray, space: int = 2) -> None:
        if not isinstance(given, MPointArray):
            raise TypeError("an MPointArray of API 1 is needed")
        if len(given) != len(self._members):
            raise RuntimeError("(kInvalidParameter): as many points as the iterator has are needed")
        points = self._cell.value.points.copy()
        points[self._members] = given._array[:, :3]
        self._cell.value = self._cell.value.moved(points)

    def component(self) -> MObject:
        return MObject._of(Handle("component", Component(MFN["kMeshVertComponent"], list(self._members))))


__all__ = ["MArrayDataHandle", "MDataBlock", "MDataHandle", "MItGeometry", "Pointer", "attribute_of"]
