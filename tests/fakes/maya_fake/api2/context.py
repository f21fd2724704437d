"""Contexts, messages, iterators and global functions of API 2."""

# ruff: noqa: N803  (the names are Maya's)
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from maya_fake import shared_global
from maya_fake.api2.objects import MFn, MObject, handle_of
from maya_fake.api2.plugs import MPlug
from maya_fake.api2.selection import MSelectionList
from maya_fake.api2.units import MTime
from maya_fake.api_objects import ContextBase
from maya_fake.constants import MGLOBAL, MITDEPENDENCYGRAPH, MMESSAGE, MNODEMESSAGE, MSCENEMESSAGE, constants
from maya_fake.current import scene

_contexts: list[MDGContext] = []


class MDGContext(ContextBase):
    """A time at which plugs are asked."""

    kNormal: MDGContext
    _time_type = MTime

    def getTime(self) -> MTime:
        return MTime(scene().state.time if self._frame is None else self._frame)

    def makeCurrent(self) -> MDGContext:
        previous = self.current()
        _contexts[:] = [] if self.isNormal() else [self]
        return previous

    @staticmethod
    def current() -> MDGContext:
        return _contexts[-1] if _contexts else MDGContext()

    def isCurrent(self) -> bool:
        return self.current()._frame == self._frame


MDGContext.kNormal = MDGContext()


def reset() -> None:
    """Make the normal context the current one, as in a fresh Maya."""
    _contexts.clear()


def current_frame() -> float | None:
    """The frame of the context that is current; None for the time of the scene."""
    return MDGContext.current()._frame


class MDGContextGuard:
    """Makes a context current as long as a `with` lasts."""

    def __init__(self, context: MDGContext) -> None:
        if not isinstance(context, MDGContext):
            raise TypeError("an MDGContext is needed")
        self._context = context
        self._original = context.makeCurrent()

    def __enter__(self) -> MDGContextGuard:
        return self

    def __exit__(self, *failure: object) -> None:
        self.restore()

    def context(self) -> MDGContext:
        return self._context

    def original_context(self) -> MDGContext:
        return self._original

    def restore(self) -> None:
        self._original.makeCurrent()


@constants(MMESSAGE)
class MMessage:
    """Callbacks."""

    @staticmethod
    def removeCallback(number: int) -> None:
        scene().callbacks.remove(int(number))

    @staticmethod
    def removeCallbacks(numbers: Any) -> None:
        for number in numbers:
            scene().callbacks.remove(int(number))


@constants(MSCENEMESSAGE)
class MSceneMessage(MMessage):
    """Callbacks on what happens to the scene."""

    @staticmethod
    def addCallback(message: int, function: Callable[..., Any], clientData: Any = None) -> int:
        found = [name for name, number in MSCENEMESSAGE.items() if number == message]
        if not found:
            raise RuntimeError("(kInvalidParameter): no such message")
        return int(scene().callbacks.add("scene", found[0], function, clientData))


class MEventMessage(MMessage):
    """Callbacks on events."""

    @staticmethod
    def addEventCallback(event: str, function: Callable[..., Any], clientData: Any = None) -> int:
        if event not in MEventMessage.getEventNames():
            raise RuntimeError("(kInvalidParameter): no such event")
        return int(scene().callbacks.add("event", event, function, clientData))

    @staticmethod
    def getEventNames() -> tuple[str, ...]:
        from maya_fake.messages import EVENTS

        return EVENTS


def _uuid(given: MObject) -> str | None:
    return None if given.isNull() else handle_of(given).node().uuid


@constants(MNODEMESSAGE)
class MNodeMessage(MMessage):
    """Callbacks on what happens to a node."""

    @staticmethod
    def addNameChangedCallback(node: MObject, function: Callable[..., Any], clientData: Any = None) -> int:
        def call(found: Any, old: str, data: Any) -> None:
            function(MObject._node(found), old, data)

        return int(scene().callbacks.add("node.name", _uuid(node), call, clientData))

    @staticmethod
    def addNodePreRemovalCallback(node: MObject, function: Callable[..., Any], clientData: Any = None) -> int:
        def call(found: Any, data: Any) -> None:
            function(MObject._node(found), data)

        return int(scene().callbacks.add("node.removal", _uuid(node), call, clientData))

    @staticmethod
    def addNodeDestroyedCallback(node: MObject, function: Callable[..., Any], clientData: Any = None) -> int:
        return int(scene().callbacks.add("node.destroyed", _uuid(node), function, clientData))

    @staticmethod
    def addAttributeChangedCallback(node: MObject, function: Callable[..., Any], clientData: Any = None) -> int:
        def call(what: str, plug: Any, other: Any, data: Any) -> None:
            message = {"set": "kAttributeSet", "connected": "kConnectionMade", "disconnected": "kConnectionBroken"}[
                what
            ]
            second = MPlug._of(other) if other is not None else MPlug()
            function(MNODEMESSAGE[message], MPlug._of(plug), second, data)

        return int(scene().callbacks.add("node.attribute", _uuid(node), call, clientData))


@constants(MITDEPENDENCYGRAPH)
class MItDependencyGraph:
    """Walks upstream or downstream from a node, depth first."""

    def __init__(self, start: Any, filter: int = 0, direction: int = 0, traversal: int = 0, level: int = 0) -> None:
        for number, most in ((direction, 1), (traversal, 1), (level, 2)):
            if not 0 <= number <= most:
                raise ValueError("Invalid argument")
        node = start.node() if isinstance(start, MPlug) else start
        wanted = filter
        self._found = [MObject._node(found) for found in shared_global.walked(handle_of(node).node(), direction == 1)]
        if wanted != MFn.kInvalid:  # type: ignore[attr-defined]
            self._found = [found for found in self._found if found.hasFn(wanted)]
        self._place = 0

    def isDone(self) -> bool:
        return self._place >= len(self._found)

    def currentNode(self) -> MObject:
        return self._found[self._place]

    def next(self) -> MItDependencyGraph:
        self._place += 1
        return self

    def __iter__(self) -> Iterator[MObject]:
        return iter(self._found[self._place :])


@constants(MGLOBAL)
class MGlobal(shared_global.GlobalBase):
    """What Maya says and is."""

    @staticmethod
    def getActiveSelectionList(orderedSelectionIfAvailable: bool = False) -> MSelectionList:
        return MSelectionList._of(scene().state.selection)

    @staticmethod
    def setActiveSelectionList(given: MSelectionList, listAdjustment: int = 0) -> None:
        shared_global.set_selection(given._entries)

    @staticmethod
    def getSelectionListByName(name: str) -> MSelectionList:
        return MSelectionList().add(name)

    @staticmethod
    def executeCommandOnIdle(command: str, displayEnabled: bool = False) -> None:
        scene().idle.append(lambda: scene().run_script(command))

    @staticmethod
    def executeCommandStringResult(command: str, display: bool = False, undo: bool = False) -> str:
        return str(scene().mel(command))
