"""What the MGlobal of both APIs does, and walking the graph."""

from __future__ import annotations

from typing import Any

from maya_fake.constants import MGLOBAL
from maya_fake.current import scene
from maya_fake.state import Node


def say(kind: str, text: Any) -> None:
    """Show a message; anything but a text is refused."""
    if not isinstance(text, str):
        raise TypeError("a string is needed")
    scene().say(kind, text)


def maya_state() -> int:
    """kInteractive, kBatch, kLibraryApp or kBaseUIMode."""
    return MGLOBAL[
        {"interactive": "kInteractive", "batch": "kBatch", "library": "kLibraryApp", "base_ui": "kBaseUIMode"}[
            scene().app
        ]
    ]


class GlobalBase:
    """What Maya says and is."""

    @staticmethod
    def displayInfo(text: str) -> None:
        say("info", text)

    @staticmethod
    def displayWarning(text: str) -> None:
        say("warning", text)

    @staticmethod
    def displayError(text: str) -> None:
        say("error", text)

    @staticmethod
    def mayaState() -> int:
        return maya_state()

    @staticmethod
    def mayaVersion() -> str:
        return str(scene().version_year)

    @staticmethod
    def apiVersion() -> int:
        return int(scene().version_year) * 10000


def set_selection(entries: list[tuple[str, str]]) -> None:
    """Select nodes and components."""
    from maya_fake.cmds_nodes import select

    select(scene(), [f"{uuid}\n{rest}" if rest else uuid for uuid, rest in entries])


def walked(start: Node, upstream: bool) -> list[Node]:
    """The node and all that drive it (or are driven by it), depth first."""
    found: dict[str, Node] = {}

    def walk(node: Node) -> None:
        if node.uuid in found:
            return
        found[node.uuid] = node
        for dest, source in scene().state.connections.items():
            own, other = (dest, source) if upstream else (source, dest)
            if own[0] == node.uuid:
                walk(scene().state.nodes[other[0]])

    walk(start)
    return list(found.values())
