"""What objects, plugs and contexts are in both APIs; each API has its own, never to be mixed with the other's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from maya_fake import api_core
from maya_fake.api_core import NULL, Handle
from maya_fake.constants import MFN
from maya_fake.current import scene
from maya_fake.graph import Plug
from maya_fake.state import Node


class ObjectBase:
    """Something of Maya."""

    def __init__(self, other: Any = None) -> None:
        self._handle: Handle = other._handle if other is not None else NULL

    @classmethod
    def _of(cls, handle: Handle) -> Any:
        made = cls()
        made._handle = handle
        return made

    @classmethod
    def _node(cls, node: Node) -> Any:
        return cls._of(Handle("node", node.uuid))

    def hasFn(self, constant: int) -> bool:
        return api_core.has_function(self._handle, constant)

    def apiType(self) -> int:
        return MFN.get(api_core.api_name(self._handle), MFN["kInvalid"])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._handle.same(other._handle)

    def __hash__(self) -> int:
        return hash((self._handle.kind, str(self._handle.payload)))


class ObjectHandleBase:
    """An object that may be gone."""

    _object_type: ClassVar[type[ObjectBase]]

    def __init__(self, given: Any = None) -> None:
        self._object = given or self._object_type()

    def isValid(self) -> bool:
        return self.isAlive()

    def isAlive(self) -> bool:
        handle = self._object._handle
        return handle.kind == "node" and handle.payload in scene().state.nodes

    def object(self) -> Any:
        return self._object

    def hashCode(self) -> int:
        return hash(self._object)


class PlugBase:
    """An attribute of a node."""

    _handle_of: ClassVar[Callable[[Any], Handle]]

    def __init__(self, *given: Any) -> None:
        self._at: tuple[str, str] | None = None
        if len(given) == 1 and isinstance(given[0], type(self)):
            self._at = given[0]._at
        elif len(given) == 2:
            node, attribute = (type(self)._handle_of(each) for each in given)
            self._at = scene().plug_of(node.node(), api_core.attribute_name(attribute)).at
        elif given:
            raise TypeError("MPlug takes a node and an attribute")

    @classmethod
    def _of(cls, plug: Plug) -> Any:
        made = cls()
        made._at = plug.at
        return made

    @property
    def _plug(self) -> Plug:
        if self._at is None or self._at[0] not in scene().state.nodes:
            raise RuntimeError("(kInvalidParameter): Object does not exist")
        return scene().plug_at(self._at)

    @staticmethod
    def _frame(context: Any) -> float | None:
        """The frame that a context stands for; None for the time of the scene."""
        return context._frame if context is not None else None

    def _number(self, context: Any) -> Any:
        value = api_core.read_plug(self._plug, self._frame(context))
        if not isinstance(value, (bool, int, float)):
            raise RuntimeError("(kFailure): Unexpected Internal Failure")
        return value

    def asDouble(self, context: Any = None) -> float:
        return float(self._number(context))

    def asFloat(self, context: Any = None) -> float:
        return float(self._number(context))

    def asInt(self, context: Any = None) -> int:
        return int(self._number(context))

    def asShort(self, context: Any = None) -> int:
        return int(self._number(context))

    def asBool(self, context: Any = None) -> bool:
        return bool(self._number(context))

    def asString(self, context: Any = None) -> str:
        value = api_core.read_plug(self._plug)
        if value is not None and not isinstance(value, str):
            raise RuntimeError("(kFailure): Unexpected Internal Failure")
        return value or ""


class ContextBase:
    """A time at which plugs are asked."""

    _time_type: ClassVar[type]

    def __init__(self, given: Any = None) -> None:
        self._frame: float | None = None
        if isinstance(given, type(self)):
            self._frame = given._frame
        elif isinstance(given, self._time_type):
            self._frame = given._frame()
        elif given is not None:
            raise TypeError("MDGContext takes an MTime of the same API")

    def isNormal(self) -> bool:
        return self._frame is None
