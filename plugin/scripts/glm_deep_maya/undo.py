"""One step of Maya's undo for several changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from maya import cmds


@contextmanager
def undo_chunk(name: str) -> Iterator[None]:
    """Makes one step of undo of all that happens inside."""
    cmds.undoInfo(openChunk=True, chunkName=name)
    try:
        yield
    finally:
        cmds.undoInfo(closeChunk=True)


@contextmanager
def without_undo() -> Iterator[None]:
    """Keeps what happens inside, and is taken back there, out of Maya's undo."""
    was = bool(cmds.undoInfo(query=True, state=True))
    cmds.undoInfo(stateWithoutFlush=False)
    try:
        yield
    finally:
        cmds.undoInfo(stateWithoutFlush=was)
