"""Learning curves of a run, kept in bounded memory however long it is. Without Qt."""

from __future__ import annotations

import csv
import io
import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from glm_deep.events import Epoch, Event

DIFFERENTIAL, SUBSPACES = "differential", "subspaces"
MOST_POINTS = 2000
"""Points that are kept of a curve; of a longer one every second, fourth, ... epoch, and the last one."""
MOST_SINGLE = 20
"""Up to so many anchors each has a curve of its own; more could not be told apart, so median and band are shown."""


Value = TypeVar("Value")


@dataclass
class Series(Generic[Value]):
    """One quantity by epoch, thinned to at most `MOST_POINTS` + 1 points.

    Attributes:
        epochs, values: of the points that are kept; the epochs always rise.
    """

    epochs: list[int] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    _stride: int = 1
    _loose: bool = False  # whether the last point is there only because it is the last

    def add(self, epoch: int, value: Value) -> None:
        """Takes in the next epoch. One not beyond the last is trained again: it takes the place of all from it on."""
        if self.epochs and epoch <= self.epochs[-1]:
            self._cut(epoch)
        elif self._loose:
            self.epochs.pop()
            self.values.pop()
        self._loose = epoch % self._stride != 0
        self.epochs.append(epoch)
        self.values.append(value)
        while len(self.epochs) > MOST_POINTS and not self._loose:
            self._thin()

    def _cut(self, epoch: int) -> None:
        """Forgets what there is from an epoch on."""
        kept = bisect_left(self.epochs, epoch)
        del self.epochs[kept:], self.values[kept:]
        self._stride, self._loose = 1, False

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

    train: Series[float] = field(default_factory=Series)
    validation: Series[float] = field(default_factory=Series)

    def add(self, epoch: int, train: float, validation: float) -> None:
        """Takes in the next epoch."""
        self.train.add(epoch, train)
        self.validation.add(epoch, validation)


@dataclass
class Anchors:
    """The losses of all anchors, which are kept and thinned together: 300 cost hardly more time than one.

    Attributes:
        rows: by epoch, the training losses and behind them the validation losses.
    """

    rows: Series[array[float]] = field(default_factory=Series)

    def add(self, epoch: int, train: Sequence[float], validation: Sequence[float]) -> None:
        """Takes in the next epoch."""
        self.rows.add(epoch, array("d", (*train, *validation)))

    def __len__(self) -> int:
        return len(self.rows.values[-1]) // 2 if self.rows.values else 0

    def __iter__(self) -> Iterator[Pair]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> Pair:
        """The losses of one anchor."""
        behind = number + len(self)
        train = [row[number] for row in self.rows.values]
        validation = [row[behind] for row in self.rows.values]
        return Pair(Series(self.rows.epochs, train), Series(self.rows.epochs, validation))


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
        anchors: a pair for each anchor, in the order of the records. band: of all of them.
        best: by model, the epoch that is best so far and its validation loss.
        changed: rises with every epoch taken in.
    """

    models: dict[str, Pair] = field(default_factory=dict)
    anchors: Anchors = field(default_factory=Anchors)
    band: Band = field(default_factory=Band)
    best: dict[str, tuple[int, float]] = field(default_factory=dict)
    changed: int = 0

    def add(self, event: Event) -> None:
        """Takes in one record; only epochs change anything."""
        if not isinstance(event, Epoch):
            return
        self.changed += 1
        self.models.setdefault(event.model, Pair()).add(event.epoch, event.train_loss, event.validation_loss)
        if event.model in self.best and self.best[event.model][0] >= event.epoch:
            del self.best[event.model]  # that epoch is trained again
        if event.best and math.isfinite(event.validation_loss):
            self.best[event.model] = (event.epoch, event.validation_loss)
        train, validation = event.anchor_train, event.anchor_validation
        if not train or not validation or not len(train) == len(validation) == (len(self.anchors) or len(train)):
            return
        self.anchors.add(event.epoch, train, validation)
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
