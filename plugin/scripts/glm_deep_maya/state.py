"""What a long command changes in Maya while it works, and gives back whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from maya import cmds


def go_to(frame: float) -> None:
    """Sets the time and lets the scene follow."""
    cmds.currentTime(frame, edit=True)  # type: ignore[arg-type]  # the stubs know whole frames alone


@contextmanager
def quiet_scene() -> Iterator[None]:
    """Keeps time, selection, automatic keys, drawing, the GPU's deformers and Cached Playback as they were before the
    block, and whether the scene is to be saved.

    Inside, nothing is drawn, no keys are set by themselves, all deformers run on the CPU, since what the GPU has
    deformed cannot be read, and every frame is evaluated instead of taken from the cache.
    """
    with ExitStack() as stack:
        for restored in (_unsaved, _time, _selection, _automatic_keys, _evaluators, _drawing):
            stack.callback(restored())
        yield


def _unsaved() -> Callable[[], object]:
    was = bool(cmds.file(query=True, modified=True))
    return lambda: cmds.file(modified=was)


def _time() -> Callable[[], object]:
    now = cmds.currentTime(query=True)
    return lambda: cmds.currentTime(now, edit=True)


def _selection() -> Callable[[], object]:
    selected = cmds.ls(selection=True, long=True) or []

    def restore() -> None:
        there = [each for each in selected if cmds.objExists(each)]
        if there:
            cmds.select(*there, replace=True)
        else:
            cmds.select(clear=True)

    return restore


def _automatic_keys() -> Callable[[], object]:
    was = bool(cmds.autoKeyframe(query=True, state=True))
    cmds.autoKeyframe(state=False)
    return lambda: cmds.autoKeyframe(state=was)


def _evaluators() -> Callable[[], object]:
    on = []
    for name in ("deformer", "cache"):
        try:
            if cmds.evaluator(name=name, query=True, enable=True):
                cmds.evaluator(name=name, enable=False)
                on.append(name)
        except RuntimeError:  # there is no such evaluator while its plug-in is not loaded
            continue

    def restore() -> None:
        for name in on:
            cmds.evaluator(name=name, enable=True)

    return restore


def _drawing() -> Callable[[], object]:
    if cmds.about(batch=True):
        return lambda: None
    cmds.refresh(suspend=True)
    return lambda: cmds.refresh(suspend=False)
