"""All that a scene holds as plain data that can be copied: what undo goes back to, and what a new scene empties."""

from __future__ import annotations

import itertools
import uuid as uuids
from dataclasses import dataclass, field
from typing import Any

from maya_fake.attributes import Attr, Table

Key = tuple[str, str]
"""A plug: the uuid of its node, and its name in full."""


@dataclass
class Node:
    """A node; values are immutable objects, by the full names of their plugs."""

    uuid: str
    name: str
    type: str
    parent: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    weights: dict[int, dict[int, float]] = field(default_factory=dict)
    keys: tuple[tuple[float, float], ...] = ()
    dynamic: Table = field(default_factory=Table)
    locked: frozenset[str] = frozenset()
    keyable: dict[str, bool] = field(default_factory=dict)
    channel_box: dict[str, bool] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    node_locked: bool = False
    referenced: bool = False
    default: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    def copy(self) -> Node:
        """A node whose changes do not touch this one."""
        made = Node(**vars(self))
        made.values, made.weights, made.extra = dict(self.values), dict(self.weights), dict(self.extra)
        made.keyable, made.channel_box = dict(self.keyable), dict(self.channel_box)
        made.aliases, made.dynamic = dict(self.aliases), self.dynamic.copy()
        return made

    def add_attribute(self, attribute: Attr) -> None:
        """Give the node an attribute of its own."""
        self.dynamic.add(attribute)


@dataclass
class State:
    """The scene as data."""

    nodes: dict[str, Node] = field(default_factory=dict)
    connections: dict[Key, Key] = field(default_factory=dict)
    selection: list[str] = field(default_factory=list)
    namespaces: set[str] = field(default_factory=set)
    namespace: str = ""
    time: float = 1.0
    units: dict[str, str] = field(default_factory=lambda: {"linear": "cm", "angle": "deg", "time": "film"})
    playback: dict[str, float] = field(
        default_factory=lambda: {
            "minTime": 1.0,
            "maxTime": 120.0,
            "animationStartTime": 1.0,
            "animationEndTime": 200.0,
        }
    )
    held: dict[Key, Any] = field(default_factory=dict)
    auto_key: bool = False
    file: str = ""

    def copy(self) -> State:
        """A state whose changes do not touch this one."""
        made = State(**vars(self))
        made.nodes = {uuid: node.copy() for uuid, node in self.nodes.items()}
        made.held = dict(self.held)
        made.connections, made.selection = dict(self.connections), list(self.selection)
        made.namespaces, made.units, made.playback = set(self.namespaces), dict(self.units), dict(self.playback)
        return made


_count = itertools.count(1)


def new_uuid() -> str:
    """A uuid as Maya writes them, in upper case; the same ones in every run."""
    return str(uuids.uuid5(uuids.NAMESPACE_OID, f"maya fake {next(_count)}")).upper()
