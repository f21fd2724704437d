"""How long a window is busy between two returns to the event loop: no slot takes longer than the turn it is in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

LIMIT = 16.0  # milliseconds: a picture of a screen with 60 a second
_IDLE = 1e-4  # seconds: in a shorter turn nothing happened
_PATIENCE = 600.0


@dataclass(frozen=True)
class Turns:
    """The turns of the event loop in which something happened.

    Attributes:
        count: of them. mean, p99, longest: milliseconds. above: percent that took longer than `LIMIT`.
        worked_above: percent in which the processor worked longer than that for the window, which other programs do not
            change.
    """

    count: int
    mean: float
    p99: float
    longest: float
    above: float
    worked_above: float


def live(turn: Callable[[], None], done: Callable[[], bool], between: Callable[[], None] = lambda: None) -> Turns:
    """Lets a window live until something is so.

    Args:
        turn: one turn of the event loop. done: whether it is so. between: what happens between turns, which nobody's
            clock counts.

    Raises:
        TimeoutError: it never is so.
    """
    begun = time.perf_counter()
    taken: list[tuple[float, float]] = []
    while not done():
        between()
        before, worked_before = time.perf_counter(), time.thread_time()
        turn()
        taken.append((time.perf_counter() - before, time.thread_time() - worked_before))
        if taken[-1][0] < _IDLE:
            time.sleep(0.001)
        if before - begun > _PATIENCE:
            raise TimeoutError("The window never showed all of its curves.")
    return turns_of(taken)


def turns_of(seconds: Sequence[tuple[float, float]]) -> Turns:
    """What some turns of the event loop come to, of each its time and how much of that the processor worked for it."""
    busy = 1e3 * np.array([each for each in seconds if each[0] >= _IDLE] or [(0.0, 0.0)])
    took, worked = busy.T
    return Turns(
        len(busy),
        float(took.mean()),
        float(np.percentile(took, 99)),
        float(took.max()),
        float(100.0 * (took > LIMIT).mean()),
        float(100.0 * (worked > LIMIT).mean()),
    )
