"""The undo queue: states of the scene, undoable commands of plug-ins, and chunks of both.

What the API changes is not in Maya's queue. So when an older state comes back, those changes are made once more on the
nodes that are still there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from maya_fake.state import Node, State


@dataclass
class Step:
    """One entry: a state to go back to, a command of a plug-in, or a chunk."""

    name: str
    before: State | None = None
    after: State | None = None
    serial: int = 0
    command: Any = None
    parts: list[Step] = field(default_factory=list)


class UndoQueue:
    """What can be undone and redone."""

    def __init__(self, scene: Any) -> None:
        self.scene = scene
        self.undone: list[Step] = []
        self.done: list[Step] = []
        self.open: list[Step] = []
        self.state = True
        self.recording = True
        self.length = 50
        self.infinite = True
        self._edits: list[tuple[str, Callable[[Node], None]]] = []

    @property
    def active(self) -> bool:
        """Whether commands are recorded now."""
        return self.state and self.recording

    @property
    def serial(self) -> int:
        """How many changes the API has made."""
        return len(self._edits)

    def api_edit(self, node: Node, change: Callable[[Node], None]) -> None:
        """Make a change that undo does not know of."""
        change(node)
        self._edits.append((node.uuid, change))
        self.scene.changed("api", node)

    def push(self, step: Step) -> None:
        """Take in what was done; it makes what was undone impossible to redo."""
        if not self.active:
            return
        self.undone.clear()
        (self.open[-1].parts if self.open else self.done).append(step)
        if not self.infinite:
            del self.done[: -self.length]

    def open_chunk(self, name: str) -> None:
        """What comes until the chunk is closed will be undone in one go."""
        self.open.append(Step(name or "chunk"))

    def close_chunk(self) -> None:
        """End the innermost chunk; nothing happens where none is open, as in Maya."""
        if self.open:
            chunk = self.open.pop()
            if chunk.parts:
                self.push(chunk)

    def flush(self) -> None:
        """Forget everything; an open chunk stays open."""
        self.done.clear()
        self.undone.clear()
        self._edits.clear()
        for chunk in self.open:
            chunk.parts.clear()

    def undo(self) -> None:
        """Go back by one.

        Raises:
            RuntimeError: there is nothing to undo.
        """
        if not self.done:
            raise RuntimeError("There are no more commands to undo.")
        step = self.done.pop()
        self._back(step)
        self.undone.append(step)

    def redo(self) -> None:
        """Go forward by one.

        Raises:
            RuntimeError: there is nothing to redo.
        """
        if not self.undone:
            raise RuntimeError("There are no more commands to redo.")
        step = self.undone.pop()
        self._forward(step)
        self.done.append(step)

    def _back(self, step: Step) -> None:
        for part in reversed(step.parts):
            self._back(part)
        if step.command is not None:
            step.command.undoIt()
        if step.before is not None:
            step.after = self.scene.state.copy()
            self._restore(step.before, step.serial)

    def _forward(self, step: Step) -> None:
        if step.after is not None:
            self._restore(step.after, self.serial)
        if step.command is not None:
            step.command.redoIt()
        for part in step.parts:
            self._forward(part)

    def _restore(self, state: State, serial: int) -> None:
        self.scene.state = state.copy()
        for uuid, change in self._edits[serial:]:
            node = self.scene.state.nodes.get(uuid)
            if node is not None:
                change(node)
        self.scene.changed("undone")

    def names_of_nodes(self) -> set[str]:
        """The types of all nodes that the queue can bring back."""
        found: set[str] = set()

        def look(step: Step) -> None:
            for state in (step.before, step.after):
                if state is not None:
                    found.update(node.type for node in state.nodes.values())
            for part in step.parts:
                look(part)

        for step in [*self.done, *self.undone]:
            look(step)
        return found
