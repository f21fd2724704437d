"""MObject, MPlug, MDagPath, MSelectionList and times of API 1: as in API 2, but never to be mixed with those."""

# ruff: noqa: N803  (the names are Maya's)
from __future__ import annotations

from typing import Any

from maya_fake import api_core
from maya_fake.api1.memory import MMatrix, Pointer
from maya_fake.api2 import selection
from maya_fake.api_core import Cell, Handle, incompatible
from maya_fake.api_objects import ObjectBase, ObjectHandleBase, PlugBase
from maya_fake.constants import MFN, constants
from maya_fake.current import scene
from maya_fake.evaluate import parent_matrix, world_matrix
from maya_fake.state import Node


@constants(MFN)
class MFn:
    """The types of objects."""


class MObject(ObjectBase):
    """Something of Maya."""

    @classmethod
    def _plugin(cls, plugin: Any) -> MObject:
        return cls._of(Handle("plugin", plugin))

    def isNull(self) -> bool:
        return self._handle.kind == "null" or (self._handle.kind == "data" and self._handle.payload.value is None)

    def apiTypeStr(self) -> str:
        return api_core.api_name(self._handle)

    def assign(self, other: MObject) -> MObject:
        self._handle = other._handle
        return self


MObject.kNullObj = MObject()  # type: ignore[attr-defined]


def handle_of(given: Any) -> Handle:
    """The handle of an object or a path of API 1.

    Raises:
        TypeError: it is of API 2, or something else.
    """
    if isinstance(given, MObject):
        return given._handle
    if isinstance(given, MDagPath):
        return Handle("node", given._node().uuid)
    raise TypeError(
        f"an MObject or an MDagPath of API 1 is needed, not {type(given).__module__}.{type(given).__name__}"
    )


class MObjectHandle(ObjectHandleBase):
    """An object that may be gone."""

    _object_type = MObject


class MPlugArray:
    """Plugs."""

    def __init__(self) -> None:
        self._list: list[MPlug] = []

    def length(self) -> int:
        return len(self._list)

    def append(self, plug: MPlug) -> None:
        if not isinstance(plug, MPlug):
            raise TypeError("an MPlug is needed")
        self._list.append(plug)

    def clear(self) -> None:
        self._list.clear()

    def __getitem__(self, place: int) -> MPlug:
        return self._list[place]


class MPlug(PlugBase):
    """An attribute of a node."""

    _handle_of = staticmethod(handle_of)

    def _elements(self) -> list[int]:
        if not self._plug.whole_array:
            raise RuntimeError("(kFailure): not an array plug")
        return scene().indices(self._plug)

    def isNull(self) -> bool:
        return self._at is None

    def isArray(self) -> bool:
        return self._plug.whole_array

    def isElement(self) -> bool:
        return self._plug.index is not None

    def isCompound(self) -> bool:
        return self._plug.attr.compound

    def isConnected(self) -> bool:
        return scene().source(self._plug) is not None or bool(scene().destinations(self._plug))

    def isLocked(self) -> bool:
        return scene().is_locked(self._plug)

    def node(self) -> MObject:
        return MObject._node(self._plug.node)

    def attribute(self) -> MObject:
        return MObject._of(Handle("attr", self._plug.attr))

    def name(self) -> str:
        return scene().plug_name(self._plug)

    def partialName(self, *switches: bool) -> str:
        text = scene()._alias(self._plug)
        return f"{scene().short_name(self._plug.node)}.{text}" if switches and switches[0] else text

    def logicalIndex(self) -> int:
        index = self._plug.index
        if index is None:
            raise RuntimeError("(kFailure): not an element of an array")
        return index

    def numElements(self) -> int:
        return len(self._elements())

    def evaluateNumElements(self) -> int:
        return len(self._elements())

    def elementByLogicalIndex(self, index: int) -> MPlug:
        self._elements()
        return MPlug._of(scene().element(self._plug, index))

    def elementByPhysicalIndex(self, place: int) -> MPlug:
        elements = self._elements()
        if not 0 <= place < len(elements):
            raise RuntimeError("(kFailure): Invalid index")
        return MPlug._of(scene().element(self._plug, elements[place]))

    def child(self, which: Any) -> MPlug:
        children = self._plug.attr.children
        name = children[which].name if isinstance(which, int) else api_core.attribute_name(handle_of(which))
        found = [each for each in children if each.name == name]
        if not found:
            raise RuntimeError("(kInvalidParameter): no such child")
        return MPlug._of(scene().child(self._plug, found[0]))

    def connectedTo(self, found: MPlugArray, asDst: bool, asSrc: bool) -> bool:
        source = scene().source(self._plug)
        found._list = [MPlug._of(source)] if asDst and source else []
        if asSrc:
            found._list += [MPlug._of(each) for each in scene().destinations(self._plug)]
        return bool(found._list)

    def asMObject(self, context: Any = None) -> MObject:
        value = api_core.read_plug(self._plug, context._frame if context is not None else None)
        if value is None or isinstance(value, (bool, int, float)):
            raise RuntimeError("(kFailure): Unexpected Internal Failure")
        return MObject._of(Handle("data", Cell(value)))

    def setDouble(self, value: float) -> None:
        api_core.write_plug(self._plug, float(value))

    def setFloat(self, value: float) -> None:
        api_core.write_plug(self._plug, float(value))

    def setInt(self, value: int) -> None:
        api_core.write_plug(self._plug, int(value))

    def setBool(self, value: bool) -> None:
        api_core.write_plug(self._plug, bool(value))

    def setString(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError("a string is needed")
        api_core.write_plug(self._plug, value)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MObject):
            return self.attribute() == other
        return isinstance(other, MPlug) and self._at == other._at

    def __hash__(self) -> int:
        return hash(self._at)


class MDagPath:
    """A node in the hierarchy."""

    def __init__(self, other: MDagPath | None = None) -> None:
        self._uuid: str | None = other._uuid if other is not None else None

    @staticmethod
    def getAPathTo(given: MObject, path: MDagPath) -> None:
        node = handle_of(given).node()
        if not scene().is_dag(node):
            raise incompatible()
        path._uuid = node.uuid

    def _node(self) -> Node:
        node = scene().state.nodes.get(self._uuid or "")
        if node is None:
            raise RuntimeError("(kInvalidParameter): The path is not valid")
        return node

    def isValid(self) -> bool:
        return (self._uuid or "") in scene().state.nodes

    def node(self) -> MObject:
        return MObject._node(self._node())

    def hasFn(self, constant: int) -> bool:
        return self.node().hasFn(constant)

    def apiType(self) -> int:
        return self.node().apiType()

    def fullPathName(self) -> str:
        return scene().long_name(self._node())

    def partialPathName(self) -> str:
        return scene().short_name(self._node())

    def pop(self, count: int = 1) -> None:
        for _ in range(count):
            parent = self._node().parent
            if parent is None:
                raise RuntimeError("(kFailure): the path is at the root")
            self._uuid = parent

    def extendToShape(self) -> None:
        node = self._node()
        shapes = scene().shapes(node)
        if not scene().type_of(node).is_a("shape"):
            if len(shapes) != 1:
                raise RuntimeError("(kFailure): there is no shape, or more than one")
            self._uuid = shapes[0].uuid

    def extendToShapeDirectlyBelow(self, place: int) -> None:
        shapes = scene().shapes(self._node())
        if place >= len(shapes):
            raise RuntimeError("(kFailure): there is no such shape")
        self._uuid = shapes[place].uuid

    def numberOfShapesDirectlyBelow(self, pointer: Pointer) -> None:
        pointer._array()[0] = len(scene().shapes(self._node()))

    def inclusiveMatrix(self) -> MMatrix:
        return MMatrix._of(world_matrix(scene(), self._node()))

    def exclusiveMatrix(self) -> MMatrix:
        return MMatrix._of(parent_matrix(scene(), self._node()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MDagPath) and self._uuid == other._uuid

    def __hash__(self) -> int:
        return hash(self._uuid)


class MSelectionList:
    """Nodes and plugs."""

    def __init__(self) -> None:
        self._list = selection.MSelectionList()

    def add(self, given: Any) -> None:
        if isinstance(given, str):
            self._list.add(given)
        elif isinstance(given, MPlug):
            self._list._entries.append(given._at)  # type: ignore[arg-type]
        else:
            self._list._entries.append((handle_of(given).node().uuid, ""))

    def length(self) -> int:
        return self._list.length()

    def isEmpty(self) -> bool:
        return self._list.isEmpty()

    def clear(self) -> None:
        self._list.clear()

    def getDependNode(self, place: int, made: MObject) -> None:
        made._handle = self._list.getDependNode(place)._handle

    def getDagPath(self, place: int, path: MDagPath, component: MObject | None = None) -> None:
        path._uuid = self._list.getDagPath(place)._uuid
        if component is not None:
            component._handle = self._list.getComponent(place)[1]._handle

    def getPlug(self, place: int, plug: MPlug) -> None:
        plug._at = self._list.getPlug(place)._at

    def getSelectionStrings(self, found: list[str]) -> None:
        found[:] = self._list.getSelectionStrings()
