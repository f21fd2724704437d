"""How long players take, measured in turns, so that noise of the machine hits all alike."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from glm_deep.inputs import InputFrames
from runtime_bench.players import Player

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Timing:
    """Milliseconds a frame: the median, and what 95 % of the calls stay below."""

    median: float
    p95: float


def in_turns(players: Mapping[Name, Player], inputs: Sequence[InputFrames]) -> dict[Name, NDArray[np.float64]]:
    """Seconds (n,) that each player takes for each of n inputs.

    Every input is played by all players before the next, each time in another order. A round before the first is not
    counted.
    """
    random = np.random.default_rng(0)
    names = list(players)
    seconds = {name: np.empty(len(inputs)) for name in names}
    for name in names:
        players[name].offsets(inputs[0])
    for turn, frames in enumerate(inputs):
        for number in random.permutation(len(names)):
            name = names[number]
            begun = time.perf_counter()
            players[name].offsets(frames)
            seconds[name][turn] = time.perf_counter() - begun
    return seconds


def timing(seconds: NDArray[np.float64], frames_at_once: int) -> Timing:
    """The timing of calls that took `seconds` (n,) and played so many frames each."""
    median, p95 = np.percentile(seconds, [50.0, 95.0]) * 1000.0 / frames_at_once
    return Timing(float(median), float(p95))
