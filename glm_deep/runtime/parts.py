"""Many frames, played a few at a time, so that what lies between inputs and offsets stays in the cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def in_parts(play: Callable[[np.ndarray], Sequence[np.ndarray]], values: np.ndarray, most: int) -> list[np.ndarray]:
    """What `play` makes of values (F,I), asked for at most `most` frames at once: arrays with F frames each."""
    if len(values) <= most:
        return list(play(values))
    found: list[np.ndarray] = []
    for first in range(0, len(values), most):
        part = play(values[first : first + most])
        found = found or [np.empty((len(values), *each.shape[1:]), each.dtype) for each in part]
        for whole, some in zip(found, part):
            whole[first : first + most] = some
    return found
