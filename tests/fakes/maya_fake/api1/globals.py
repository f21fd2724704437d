"""MGlobal, MComputation, messages, iterators, MQtUtil of API 1."""

# ruff: noqa: N803  (the names are Maya's)
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from maya_fake import shared_global
from maya_fake.api1.objects import MFn, MObject, MPlug, MSelectionList, handle_of
from maya_fake.api1.times import MTime
from maya_fake.constants import MGLOBAL, MITDEPENDENCYGRAPH, MMESSAGE, MSCENEMESSAGE, constants
from maya_fake.current import scene


@constants(MGLOBAL)
class MGlobal(shared_global.GlobalBase):
    """What Maya says and is."""

    @staticmethod
    def getActiveSelectionList(found: MSelectionList, orderedSelectionIfAvailable: bool = False) -> None:
        found._list._entries = [
            (entry.partition("\n")[0], entry.partition("\n")[2]) for entry in scene().state.selection
        ]

    @staticmethod
    def setActiveSelectionList(given: MSelectionList, listAdjustment: int = 0) -> None:
        shared_global.set_selection(given._list._entries)

    @staticmethod
    def getSelectionListByName(name: str, found: MSelectionList) -> None:
        found.add(name)

    @staticmethod
    def executeCommand(command: str, display: bool = False, undo: bool = False) -> None:
        scene().mel(command)

    @staticmethod
    def executeCommandStringResult(command: str, display: bool = False, undo: bool = False) -> str:
        return str(scene().mel(command))

    @staticmethod
    def executeCommandOnIdle(command: str, display: bool = False) -> None:
        scene().idle.append(lambda: scene().run_script(command))

    @staticmethod
    def executePythonCommand(command: str, display: bool = False, undo: bool = False) -> None:
        exec(command, scene().main_names)


class MComputation:
    """Asks whether Esc was pressed."""

    def __init__(self) -> None:
        self._running = False
        self._low, self._high, self._now = 0, 100, 0

    def beginComputation(
        self, showProgressBar: bool = False, isInterruptable: bool = True, useWaitCursor: bool = True
    ) -> None:
        self._running, self._interruptable = True, bool(isInterruptable)

    def endComputation(self) -> None:
        self._running = False

    def isInterruptRequested(self) -> bool:
        if not self._running:
            raise RuntimeError("beginComputation was not called")
        return self._interruptable and scene().escape_pressed()

    def setProgressRange(self, low: int, high: int) -> None:
        self._low, self._high = int(low), int(high)

    def setProgress(self, now: int) -> None:
        self._now = int(now)

    def setProgressStatus(self, text: str) -> None:
        scene().say("progress", text)

    def progress(self) -> int:
        return self._now

    def progressMin(self) -> int:
        return self._low

    def progressMax(self) -> int:
        return self._high


@constants(MMESSAGE)
class MMessage:
    """Callbacks."""

    @staticmethod
    def removeCallback(number: int) -> None:
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
        from maya_fake.messages import EVENTS

        if event not in EVENTS:
            raise RuntimeError("(kInvalidParameter): no such event")
        return int(scene().callbacks.add("event", event, function, clientData))


@constants(MITDEPENDENCYGRAPH)
class MItDependencyGraph:
    """Walks upstream or downstream from a node, depth first."""

    def __init__(self, start: Any, filter: int = 0, direction: int = 0, traversal: int = 0, level: int = 0) -> None:
        node = start.node() if isinstance(start, MPlug) else start
        found = [MObject._node(each) for each in shared_global.walked(handle_of(node).node(), direction == 1)]
        self._found = [each for each in found if filter == MFn.kInvalid or each.hasFn(filter)]  # type: ignore[attr-defined]
        self._place = 0

    def isDone(self) -> bool:
        return self._place >= len(self._found)

    def currentItem(self) -> MObject:
        return self._found[self._place]

    def next(self) -> None:
        self._place += 1


class MAnimControl:
    """The time slider."""

    @staticmethod
    def currentTime() -> MTime:
        return MTime(scene().state.time)

    @staticmethod
    def setCurrentTime(time: MTime) -> None:
        from maya_fake.cmds_time import set_time

        set_time(scene(), time._frame())

    @staticmethod
    def minTime() -> MTime:
        return MTime(scene().state.playback["minTime"])

    @staticmethod
    def maxTime() -> MTime:
        return MTime(scene().state.playback["maxTime"])


class MQtUtil:
    """Widgets of Maya; there are real ones where there is a Qt application."""

    @staticmethod
    def mainWindow() -> Any:
        from maya_fake import qt_bridge

        return qt_bridge.pointer(scene().ui.find("MayaWindow")) if scene().interactive else None

    @staticmethod
    def findControl(name: str, parent: int = 0) -> Any:
        from maya_fake import qt_bridge

        return qt_bridge.find(scene(), name)

    @staticmethod
    def findLayout(name: str, parent: int = 0) -> Any:
        return MQtUtil.findControl(name)

    @staticmethod
    def findWindow(name: str) -> Any:
        return MQtUtil.findControl(name)

    @staticmethod
    def findMenuItem(name: str) -> Any:
        return MQtUtil.findControl(name)

    @staticmethod
    def getCurrentParent() -> Any:
        from maya_fake import qt_bridge

        parents = scene().ui.parents
        return qt_bridge.pointer(scene().ui.find(parents[-1])) if parents else None

    @staticmethod
    def addWidgetToMayaLayout(widget: int, layout: int) -> None:
        from maya_fake import qt_bridge

        qt_bridge.add(scene(), int(widget), int(layout))

    @staticmethod
    def fullName(widget: int) -> str:
        from maya_fake import qt_bridge

        return qt_bridge.full_name(scene(), int(widget))

    @staticmethod
    def dpiScale(value: float) -> float:
        return float(value)
