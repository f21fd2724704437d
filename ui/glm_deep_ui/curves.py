"""Learning curves of a run, kept in bounded memory however long it is. Without Qt."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from glm_deep.events import Epoch, Event

DIFFERENTIAL, SUBSPACES = "differential", "subspaces"
MOST_POINTS = 2000
"""Points that are kept of a curve; of a longer one every second, fourth, ... epoch, and the last one."""
MOST_SINGLE = 20
"""Up to so many anchors each has a curve of its own; of more, median and band are shown."""


@dataclass
class Series:
    """One quantity by epoch, thinned to at most `MOST_POINTS` + 1 points.

    Attributes:
        epochs, values: of the points that are kept.
    """

    epochs: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    _stride: int = 1
    _loose: bool = False  # whether the last point is there only because it is the last

    def add(self, epoch: int, value: float) -> None:
        """Takes in the next epoch."""
        if self._loose:
            self.epochs.pop()
            self.values.pop()
        self._loose = epoch % self._stride != 0
        self.epochs.append(epoch)
        self.values.append(value)
        while len(self.epochs) > MOST_POINTS and not self._loose:
            self._thin()

    def _thin(self) -> None:
        """Keeps the first point, the last one, and every other one between."""
        self._stride *= 2
        last = len(self.epochs) - 1
        self._loose = self.epochs[last] % self._stride != 0
        kept = [place for place, epoch in enumerate(self.epochs) if epoch % self._stride == 0 or place in (0, last)]
        self.epochs = [self.epochs[place] for place in kept]
        self.values = [self.values[place] for place in kept]


@dataclass
class Pair:
    """Training and validation loss of one model."""

    train: Series = field(default_factory=Series)
    validation: Series = field(default_factory=Series)

    def add(self, epoch: int, train: float, validation: float) -> None:
        """Takes in the next epoch."""
        self.train.add(epoch, train)
        self.validation.add(epoch, validation)


@dataclass
class Band:
    """Median, and what 10 % and 90 % of the anchors stay below."""

    median: Pair = field(default_factory=Pair)
    low: Pair = field(default_factory=Pair)
    high: Pair = field(default_factory=Pair)


@dataclass
class Curves:
    """All curves of one run.

    Attributes:
        models: by name of the model, its losses.
        anchors: a pair for each anchor, in the order of the records; band: of all of them.
        best: by model, the epoch that is best so far and its validation loss.
        changed: rises with every epoch taken in.
    """

    models: dict[str, Pair] = field(default_factory=dict)
    anchors: list[Pair] = field(default_factory=list)
    band: Band = field(default_factory=Band)
    best: dict[str, tuple[int, float]] = field(default_factory=dict)
    changed: int = 0

    def add(self, event: Event) -> None:
        """Takes in one record; only epochs change anything."""
        if not isinstance(event, Epoch):
            return
        self.changed += 1
        self.models.setdefault(event.model, Pair()).add(event.epoch, event.train_loss, event.validation_loss)
        if event.best and math.isfinite(event.validation_loss):
            self.best[event.model] = (event.epoch, event.validation_loss)
        train, validation = event.anchor_train, event.anchor_validation
        if not train or not validation or len(train) != len(validation):
            return
        if not self.anchors:
            self.anchors = [Pair() for _ in train]
        for pair, one, other in zip(self.anchors, train, validation):
            pair.add(event.epoch, one, other)
        ordered = sorted(filter(math.isfinite, train)), sorted(filter(math.isfinite, validation))
        for pair, share in ((self.band.low, 0.1), (self.band.median, 0.5), (self.band.high, 0.9)):
            pair.add(event.epoch, *(_quantile(each, share) for each in ordered))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.models

    def as_csv(self) -> str:
        """What is kept as a table: model, epoch, training and validation loss; anchors by number."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["model", "epoch", "training loss", "validation loss"])
        named = [*self.models.items(), *((f"anchor {number}", pair) for number, pair in enumerate(self.anchors))]
        for name, pair in named:
            for epoch, train, validation in zip(pair.train.epochs, pair.train.values, pair.validation.values):
                writer.writerow([name, epoch, repr(train), repr(validation)])
        return text.getvalue()


def curves_of(events: Iterable[Event]) -> Curves:
    """The curves that some records make."""
    curves = Curves()
    for event in events:
        curves.add(event)
    return curves


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The quantile of rising numbers, between two of them in proportion; NaN of none."""
    if not ordered:
        return math.nan
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
