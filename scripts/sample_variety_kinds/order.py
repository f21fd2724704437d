"""What is asked for: how many frames of which part, from which seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PARTS = ("train", "test")


@dataclass(frozen=True)
class Order:
    """An archive to make.

    Attributes:
        kind: name of the sort of character; part of the seed, so that no two sorts move alike.
        part: `train` or `test`.
        frames: how many.
        seed: of the motion; the character itself never changes.
        vertices: about how many, over all meshes.
        poses: makes the poses (F, C) from the lowest and highest value (C,) of each channel, where chance should not.
    """

    kind: str
    part: str
    frames: int
    seed: int
    vertices: int
    poses: Callable[[Floats, Floats], Floats] | None = None

    @property
    def training(self) -> bool:
        """Whether these frames are for training."""
        return self.part == "train"

    def random(self, stream: int = 0) -> np.random.Generator:
        """Return the random numbers of this motion, others in each part and each stream."""
        return np.random.default_rng([self.seed, PARTS.index(self.part), stream, *self.kind.encode()])
