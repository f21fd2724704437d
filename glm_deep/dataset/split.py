"""Which frames train and which validate.

Neighbours in a continuous clip are nearly equal, so validating on one and training on the other would prove nothing:
such clips are held out in whole blocks, clips of unrelated poses frame by frame. No input may lose its variation by
what is held out, which one-control sweeps would easily do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glm_deep.errors import DataError

LEAST_TRAINING, LEAST_VALIDATION = 8, 2

_CONTINUOUS_RATIO = 0.5
_RANDOM_PAIRS = 500
# A second of animation, and more of a long clip: what has inertia resembles itself for that long.
_BLOCK_FRAMES, _BLOCK_SHARE, _BLOCKS_AT_LEAST = 24, 0.05, 5
_ENOUGH = 0.5
_ROUNDING = 1e-9
# Share of the range and of the variance that every value keeps in training. Where too little can be held out under
# the first pair, the next is tried; the last still keeps every input moving.
_KEPT_VARIATION = ((0.9, 0.5), (0.5, 0.25), (0.1, 0.05))


@dataclass(frozen=True, eq=False)
class Split:
    """Frame numbers in ascending order, and the blocks that belong together.

    Attributes:
        train: (n,) int64 frames to learn from.
        validation: (m,) int64 frames to measure on.
        blocks: (F,) int64 number of the block of each frame; a cross-validation should not tear blocks apart either.
    """

    train: np.ndarray
    validation: np.ndarray
    blocks: np.ndarray


def split(clips: Sequence[str], values: np.ndarray, share: float, seed: int) -> Split:
    """The frames divided into training and validation; the same for the same arguments.

    Args:
        clips: where each frame comes from, F names.
        values: (F, I) scaled inputs.
        share: wanted share of the frames in validation, 0 to 1; met to within about half a block.
        seed: of the random choice.

    Raises:
        DataError: too few frames, or inputs that move in so few frames that none can be held out.
    """
    frames = len(values)
    if frames < LEAST_TRAINING + LEAST_VALIDATION:
        raise DataError(
            f"{frames} frames are too few to train: at least {LEAST_TRAINING + LEAST_VALIDATION} are needed",
            hint="Extract or import more frames",
        )
    values = np.asarray(values, np.float64)
    random = np.random.default_rng(seed)
    blocks, order = _blocks(clips, values, random)
    wanted = int(np.clip(round(share * frames), LEAST_VALIDATION, frames - LEAST_TRAINING))
    training = _hold_out(values, blocks, order, wanted, _KEPT_VARIATION[0])
    if frames - np.count_nonzero(training) >= max(LEAST_VALIDATION, _ENOUGH * wanted):
        return Split(np.flatnonzero(training), np.flatnonzero(~training), blocks)
    # coarse sweeps: a block is all that an input moves in, and neighbours are not alike, so single frames it is
    singles, order = np.arange(frames), random.permutation(frames)
    for kept in _KEPT_VARIATION:
        training = _hold_out(values, singles, order, wanted, kept)
        if frames - np.count_nonzero(training) >= LEAST_VALIDATION:
            return Split(np.flatnonzero(training), np.flatnonzero(~training), singles)
    raise DataError(
        "no frames can be held out to measure on: every input moves in too few of them",
        hint="Extract at least three frames in which each input moves",
    )


def is_continuous(values: np.ndarray, random: np.random.Generator) -> bool:
    """Whether the frames (n, I) of a clip follow each other, rather than being unrelated poses."""
    if len(values) < _BLOCKS_AT_LEAST:
        return False
    first, second = random.integers(0, len(values), (2, _RANDOM_PAIRS))
    different = first != second
    apart = np.linalg.norm(values[first[different]] - values[second[different]], axis=1)
    steps = np.linalg.norm(np.diff(values, axis=0), axis=1)
    typical = float(np.median(apart))
    return typical == 0 or float(np.median(steps)) < _CONTINUOUS_RATIO * typical


def _blocks(clips: Sequence[str], values: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The block of each frame (F,), and the blocks in a random order that draws evenly from all clips."""
    names = np.asarray(clips)
    blocks = np.zeros(len(values), np.int64)
    ranks: list[float] = []
    for clip in dict.fromkeys(clips):
        frames = np.flatnonzero(names == clip)
        size = 1
        if is_continuous(values[frames], random):
            size = min(max(_BLOCK_FRAMES, round(_BLOCK_SHARE * len(frames))), len(frames) // _BLOCKS_AT_LEAST)
        count = max(1, len(frames) // size)
        blocks[frames] = len(ranks) + np.arange(len(frames)) * count // len(frames)
        ranks += list((random.permutation(count) + random.random()) / count)
    return blocks, np.argsort(ranks, kind="stable")


def _hold_out(
    values: np.ndarray, blocks: np.ndarray, order: np.ndarray, wanted: int, kept: tuple[float, float]
) -> np.ndarray:
    """(F,) bool, True for training: blocks are held out in this order as long as every value keeps its variation."""
    variation = _Variation(values, *kept)
    members = np.split(np.argsort(blocks, kind="stable"), np.cumsum(np.bincount(blocks))[:-1])
    held_out = 0
    for number in order:
        block = members[number]
        after = held_out + len(block)
        too_many = after - wanted > wanted - held_out and held_out >= LEAST_VALIDATION
        if not too_many and len(values) - after >= LEAST_TRAINING and variation.remove(block):
            held_out = after
        if held_out >= wanted:
            break
    return variation.training


class _Variation:
    """The range and variance that the values keep while frames are taken out of the training.

    Attributes:
        training: (F,) bool, the frames that are still in.
    """

    def __init__(self, values: np.ndarray, kept_range: float, kept_variance: float) -> None:
        frames, count = values.shape
        self.training = np.ones(frames, bool)
        self._values = values - values.mean(axis=0)
        self._order = np.argsort(values, axis=0, kind="stable")
        self._columns = np.arange(count)
        self._ends = np.zeros(count, np.int64), np.full(count, frames - 1)
        extent = np.ptp(values, axis=0)
        self._sum, self._squares = self._values.sum(axis=0), (self._values**2).sum(axis=0)
        # a touch less than the share, so that rounding refuses nothing; values that never move ask for nothing
        self._least_range = np.where(extent > 0, (kept_range - _ROUNDING) * extent, -np.inf)
        self._least_variance = np.where(extent > 0, (kept_variance - _ROUNDING) * self._squares / frames, -np.inf)

    def remove(self, block: np.ndarray) -> bool:
        """Take frames out unless a value would lose too much of its variation by it."""
        training = self.training.copy()
        training[block] = False
        left = np.count_nonzero(training)
        total = self._sum - self._values[block].sum(axis=0)
        squares = self._squares - (self._values[block] ** 2).sum(axis=0)
        if (squares / left - (total / left) ** 2 < self._least_variance).any():
            return False
        ends = self._advance(training, self._ends[0], 1), self._advance(training, self._ends[1], -1)
        low, high = (self._values[self._order[end, self._columns], self._columns] for end in ends)
        if (high - low < self._least_range).any():
            return False
        self.training, self._ends, self._sum, self._squares = training, ends, total, squares
        return True

    def _advance(self, training: np.ndarray, ends: np.ndarray, step: int) -> np.ndarray:
        """The position in each value's order of its first frame that is in the training, going on from `ends`."""
        ends = ends.copy()
        while True:
            gone = ~training[self._order[ends, self._columns]]
            if not gone.any():
                return ends
            ends[gone] += step
