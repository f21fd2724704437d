"""Callbacks of MSceneMessage, MNodeMessage and MEventMessage, and scriptJobs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

EVENTS = (
    "SelectionChanged",
    "timeChanged",
    "SceneOpened",
    "NewSceneOpened",
    "SceneSaved",
    "PostSceneRead",
    "PreFileNewOrOpened",
    "Undo",
    "Redo",
    "NameChanged",
    "quitApplication",
    "idle",
    "workspaceChanged",
    "linearUnitChanged",
    "timeUnitChanged",
    "playbackRangeChanged",
    "deleteAll",
)
"""The events that scriptJob and MEventMessage know here."""


@dataclass
class Callback:
    """What was asked for: a kind such as `scene`, what to wait for, and what to call with which data."""

    kind: str
    subject: Any
    call: Callable[..., Any]
    data: Any = None


@dataclass
class Job:
    """A scriptJob."""

    event: str
    script: Any
    parent: str | None
    run_once: bool
    protected: bool


class Callbacks:
    """All callbacks and scriptJobs that are registered."""

    def __init__(self, scene: Any) -> None:
        self._scene = scene
        self._ids = itertools.count(1)
        self.registered: dict[int, Callback] = {}
        self.jobs: dict[int, Job] = {}

    def add(self, kind: str, subject: Any, call: Callable[..., Any], data: Any = None) -> int:
        """Register a callback; its number."""
        if not callable(call):
            raise TypeError("the callback must be callable")
        number = next(self._ids)
        self.registered[number] = Callback(kind, subject, call, data)
        return number

    def remove(self, number: int) -> None:
        """Take a callback back.

        Raises:
            RuntimeError: there is none with this number.
        """
        if number not in self.registered:
            raise RuntimeError("(kInvalidParameter): Argument is not a valid callback ID")
        del self.registered[number]

    def forget_nodes(self) -> None:
        """Callbacks on nodes go with the nodes of a scene."""
        for number in [number for number, each in self.registered.items() if each.kind.startswith("node")]:
            del self.registered[number]

    def _fire(self, kind: str, subject: Any, *args: Any) -> None:
        for number, each in list(self.registered.items()):
            if each.kind == kind and each.subject == subject and number in self.registered:
                try:
                    each.call(*args, each.data)
                except Exception as error:  # Maya shows it and goes on
                    self._scene.say("error", f"{type(error).__name__}: {error}")

    def scene(self, name: str) -> None:
        """A scene message such as `kAfterNew`, and the events that belong to it."""
        self._fire("scene", name)
        event = {
            "kAfterNew": "NewSceneOpened",
            "kAfterOpen": "SceneOpened",
            "kAfterSave": "SceneSaved",
            "kMayaExiting": "quitApplication",
        }.get(name)
        if event:
            self.event(event)

    def event(self, name: str) -> None:
        """An event: callbacks at once, scriptJobs when Maya is idle, and never in batch."""
        assert name in EVENTS, name
        self._fire("event", name)
        if not self._scene.interactive:
            return
        for number, job in list(self.jobs.items()):
            if job.event == name:
                self._scene.idle.append(lambda number=number: self._run_job(number))

    def _run_job(self, number: int) -> None:
        job = self.jobs.get(number)
        if job is None:
            return
        if job.run_once:
            del self.jobs[number]
        self._scene.run_script(job.script)

    def add_job(self, job: Job) -> int:
        """Register a scriptJob; its number."""
        number = next(self._ids)
        self.jobs[number] = job
        return number

    def control_deleted(self, name: str) -> None:
        """scriptJobs go with the control that is their parent."""
        self.jobs = {number: job for number, job in self.jobs.items() if job.parent != name}

    def graph_changed(self, what: str, *details: Any) -> None:
        """Tell the callbacks of nodes what the graph did."""
        if what == "renamed":
            node, old = details
            self._fire("node.name", node.uuid, node, old)
            self._fire("node.name", None, node, old)
        elif what == "removing":
            self._fire("node.removal", details[0].uuid, details[0])
        elif what == "removed":
            self._fire("node.destroyed", details[0].uuid)
        elif what == "set":
            self._fire("node.attribute", details[0].node.uuid, "set", details[0], None)
        elif what in ("connected", "disconnected"):
            source, dest = details
            self._fire("node.attribute", dest.node.uuid, what, dest, source)
