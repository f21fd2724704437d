"""The learning rate of every step."""

from __future__ import annotations

import math
from dataclasses import dataclass

PEAK = 10.0
"""Our own schedule peaks at this multiple of the Learning Rate."""

_WARM_UP = 0.1  # of all steps


@dataclass(frozen=True)
class Schedule:
    """How the learning rate goes.

    Attributes:
        rate: the Learning Rate of the settings.
        epochs: of the training.
        decay_epochs: 0 for our own schedule, which rises to PEAK times the rate within the first tenth and falls along
            a cosine to nothing; else the rate stays and is divided every so many epochs.
        decay_divider: by this.
    """

    rate: float
    epochs: int
    decay_epochs: int
    decay_divider: float

    def at(self, epoch: float) -> float:
        """The rate at `epoch`, a fraction within the epoch included, counted from 0."""
        if self.decay_epochs > 0:
            steps = float(epoch // self.decay_epochs)
            return self.rate * math.exp(-steps * math.log(self.decay_divider))  # to zero, never out of range
        part = min(max(epoch / max(self.epochs, 1), 0.0), 1.0)
        if part < _WARM_UP:
            return self.rate * PEAK * max(part / _WARM_UP, 0.02)
        falling = (part - _WARM_UP) / (1.0 - _WARM_UP)
        return self.rate * PEAK * 0.5 * (1.0 + math.cos(math.pi * falling))
