"""How a training runs: device, threads, and whom it tells how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from glm_deep.events import Event, Phase
from glm_deep.train.fit import FitState

_SECONDS_BETWEEN = 0.5


@dataclass(frozen=True)
class Setting:
    """How a training runs, beside the settings of the user.

    Attributes:
        device: of the differential model.
        threads: regions that are solved at once.
        folder: for large intermediate files.
        tell: receives the records of the run.
        stopped: asked between steps.
        fitted: called after every epoch with the model's name and its state, to save it.
        resume: gives a network and its optimiser the state of an earlier run, where there is one.
    """

    device: torch.device
    threads: int
    folder: Path
    tell: Callable[[Event], object]
    stopped: Callable[[], bool]
    fitted: Callable[[str, FitState], None]
    resume: Callable[[str, FitState], None]


def progress_of(setting: Setting, name: str) -> Callable[[int, int], None]:
    """Tells how far a phase is, twice a second at the most."""
    last = [float("-inf")]

    def tell(done: int, total: int) -> None:
        now = time.monotonic()
        if done == total or now - last[0] > _SECONDS_BETWEEN:
            last[0] = now
            setting.tell(Phase(name, done, total))

    return tell
