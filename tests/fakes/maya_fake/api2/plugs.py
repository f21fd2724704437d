"""MPlug of API 2."""

# ruff: noqa: N803  (the names are Maya's)
from __future__ import annotations

from typing import Any

from maya_fake import api_core
from maya_fake.api2.objects import MObject, handle_of
from maya_fake.api2.units import MAngle, MDistance, MTime
from maya_fake.api_core import Cell, Handle
from maya_fake.api_objects import PlugBase
from maya_fake.current import scene
from maya_fake.graph import Plug


class MPlug(PlugBase):
    """An attribute of a node."""

    _handle_of = staticmethod(handle_of)

    def _elements(self) -> list[int]:
        if not self._plug.whole_array:
            raise TypeError("not an array plug")
        return scene().indices(self._plug)

    isNull = property(lambda self: self._at is None)
    isArray = property(lambda self: self._plug.whole_array)
    isElement = property(lambda self: self._plug.index is not None)
    isCompound = property(lambda self: self._plug.attr.compound)
    isChild = property(lambda self: self._plug.attr.parent is not None)
    isConnected = property(lambda self: self.isDestination or self.isSource)
    isDestination = property(lambda self: scene().source(self._plug) is not None)
    isSource = property(lambda self: bool(scene().destinations(self._plug)))
    isLocked = property(lambda self: scene().is_locked(self._plug))
    isKeyable = property(lambda self: self._plug.node.keyable.get(self._plug.attr.name, self._plug.attr.keyable))
    isDynamic = property(lambda self: self._plug.attr.dynamic)

    def node(self) -> MObject:
        return MObject._node(self._plug.node)

    def attribute(self) -> MObject:
        return MObject._of(Handle("attr", self._plug.attr))

    def name(self) -> str:
        return str(scene().plug_name(self._plug))

    info = property(name)

    def partialName(
        self,
        includeNodeName: bool = False,
        includeNonMandatoryIndices: bool = False,
        includeInstancedIndices: bool = False,
        useAlias: bool = False,
        useFullAttributePath: bool = False,
        useLongNames: bool = False,
    ) -> str:
        plug = self._plug
        text = scene()._alias(plug) if useAlias else plug.key
        if not useLongNames and text == plug.key:
            text = ".".join(
                (scene().attribute(plug.node, part.partition("[")[0]).short + part[len(part.partition("[")[0]) :])
                for part in plug.key.split(".")
            )
        return f"{scene().short_name(plug.node)}.{text}" if includeNodeName else text

    def logicalIndex(self) -> int:
        index = self._plug.index
        if index is None:
            raise TypeError("not an element of an array")
        return index

    def numElements(self) -> int:
        return len(self._elements())

    def evaluateNumElements(self) -> int:
        return len(self._elements())

    def getExistingArrayAttributeIndices(self) -> list[int]:
        return self._elements()

    def elementByLogicalIndex(self, index: int) -> MPlug:
        self._elements()
        return MPlug._of(scene().element(self._plug, index))

    def elementByPhysicalIndex(self, place: int) -> MPlug:
        elements = self._elements()
        if not 0 <= place < len(elements):
            raise IndexError("Invalid index")
        return MPlug._of(scene().element(self._plug, elements[place]))

    def numChildren(self) -> int:
        return len(self._plug.attr.children)

    def child(self, which: Any) -> MPlug:
        attribute = self._plug.attr
        if isinstance(which, MObject):
            found = [each for each in attribute.children if each.name == which._handle.payload.name]
        else:
            found = [attribute.children[which]]
        if not found:
            raise RuntimeError("(kInvalidParameter): no such child")
        return MPlug._of(scene().child(self._plug, found[0]))

    def parent(self) -> MPlug:
        plug = self._plug
        parent = scene().attribute(plug.node, plug.attr.parent or "")
        if parent is None:
            raise TypeError("not a child")
        key = plug.key.rpartition(".")[0] if parent.array else parent.name
        return MPlug._of(Plug(plug.node, parent, key))

    def array(self) -> MPlug:
        plug = self._plug
        return MPlug._of(Plug(plug.node, plug.attr, plug.key[: plug.key.rindex("[")]))

    def source(self) -> MPlug:
        found = scene().source(self._plug)
        return MPlug._of(found) if found else MPlug()

    def destinations(self) -> list[MPlug]:
        return [MPlug._of(each) for each in scene().destinations(self._plug)]

    def connectedTo(self, asDst: bool, asSrc: bool) -> list[MPlug]:
        found = [self.source()] if asDst and self.isDestination else []
        return found + (self.destinations() if asSrc else [])

    @staticmethod
    def _frame(context: Any) -> float | None:
        return context._frame if context is not None else _context_frame()

    def asMAngle(self, context: Any = None) -> MAngle:
        return MAngle(self._number(context))

    def asMDistance(self, context: Any = None) -> MDistance:
        return MDistance(self._number(context), MDistance.kCentimeters)  # type: ignore[attr-defined]

    def asMTime(self, context: Any = None) -> MTime:
        return MTime(self._number(context))

    def asMObject(self, context: Any = None) -> MObject:
        frame = context._frame if context is not None else _context_frame()
        value = api_core.read_plug(self._plug, frame)
        if value is None or isinstance(value, (bool, int, float)):
            raise RuntimeError("(kFailure): Unexpected Internal Failure")
        return MObject._of(Handle("data", Cell(value)))

    def setDouble(self, value: float) -> MPlug:
        api_core.write_plug(self._plug, float(value))
        return self

    setFloat = setDouble

    def setInt(self, value: int) -> MPlug:
        api_core.write_plug(self._plug, int(value))
        return self

    setShort = setInt

    def setBool(self, value: bool) -> MPlug:
        api_core.write_plug(self._plug, bool(value))
        return self

    def setString(self, value: str) -> MPlug:
        if not isinstance(value, str):
            raise TypeError("a string is needed")
        api_core.write_plug(self._plug, value)
        return self

    def setMObject(self, value: MObject) -> MPlug:
        if value._handle.kind != "data":
            raise TypeError("data are needed")
        stored = value._handle.payload.value
        api_core.write_plug(self._plug, stored)
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MPlug) and self._at == other._at

    def __hash__(self) -> int:
        return hash(self._at)


def _context_frame() -> float | None:
    from maya_fake.api2.context import current_frame

    return current_frame()
