"""The records of a training that never was, written at the pace of a fast one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glm_deep.events import Epoch, Event, EventWriter, Finished, Judged, Phase, Started
from glm_deep.verdict import GOOD
from glm_deep_ui.curves import DIFFERENTIAL, SUBSPACES

EPOCHS_A_SECOND = 150
"""Many times what a training with hundreds of anchors gets through."""
_VERDICTS = 40  # of each model


class Writer:
    """Writes the records of a run bit by bit, as a training does.

    Args:
        path: of the events file. anchors, epochs: of the run; both models have so many epochs.

    Attributes:
        share: of the records that is written.
    """

    def __init__(self, path: Path, anchors: int, epochs: int) -> None:
        self._events = EventWriter(path)
        self._records = records(anchors, epochs)
        self._count, self._written = sum(1 for _ in records(0, epochs)), 0
        self._begun = time.perf_counter()

    @property
    def share(self) -> float:
        return self._written / self._count

    def write_due(self) -> None:
        """Writes what a training would have written by now, and lets go of the file after the last record."""
        due = int((time.perf_counter() - self._begun) * EPOCHS_A_SECOND)
        self.write(due - self._written)

    def write(self, count: int) -> None:
        """Writes the next records."""
        for record in islice(self._records, max(0, count)):
            self._events.write(record)
            self._written += 1
        if self._written == self._count:
            self._events.close()

    def write_all(self) -> None:
        """Writes all that is left."""
        self.write(self._count - self._written)


def records(anchors: int, epochs: int) -> Iterator[Event]:
    """All records of a run: losses that fall, with noise, those of the validation towards a floor."""
    random = np.random.default_rng(0)
    levels = 10.0 ** random.uniform(-6, -4, anchors)
    yield Started("0001", "hero", 4711, "workstation", "1")
    yield Phase("components", 1, 1)
    for model, scale in ((DIFFERENTIAL, np.array([1e-2])), (SUBSPACES, levels)):
        for epoch in range(1, epochs + 1):
            yield _epoch(model, epoch, epochs, scale, random)
            if epoch % max(1, epochs // _VERDICTS) == 0:
                evidence = f"The validation loss falls at epoch {epoch}."
                yield Judged(model, GOOD, "Learning well", evidence, "There is nothing to do.", live=True)
    yield Finished("models/hero.glmdeep", 1.0)


def _epoch(model: str, epoch: int, epochs: int, scale: NDArray[np.float64], random: np.random.Generator) -> Epoch:
    fall = np.exp(-6.0 * epoch / epochs)
    train = scale * (0.01 + fall) * np.exp(random.normal(0.0, 0.1, len(scale)))
    validation = scale * (0.05 + fall) * np.exp(random.normal(0.0, 0.1, len(scale)))
    of_anchors = model == SUBSPACES
    return Epoch(
        model,
        epoch,
        epochs,
        float(train.sum()),
        float(validation.sum()),
        1e-3,
        seconds_left=0.01 * (epochs - epoch),
        best=bool(random.random() < 0.1),
        anchor_train=_short(train) if of_anchors else None,
        anchor_validation=_short(validation) if of_anchors else None,
    )


def _short(losses: NDArray[np.float64]) -> tuple[float, ...]:
    """With four digits, as the training writes them."""
    return tuple(float(f"{loss:.4g}") for loss in losses)
