"""The verdict on a run while it goes, and at its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from glm_deep.events import Epoch, Event, Judged
from glm_deep.verdict import Curve, Verdict, judge

SECONDS_BETWEEN = 5.0
_LEFT_OUT = (
    "It is left out of the model, for on the validation frames it is not surely better than the closed form alone."
)


class Verdicts:
    """Follows the epochs of a run and judges them.

    Args:
        tell: receives the verdicts.
        frames: how many frames are learned from.
    """

    def __init__(self, tell: Callable[[Event], None], frames: int) -> None:
        self._tell, self._frames = tell, frames
        self._epochs: dict[str, list[Epoch]] = {}
        self._judged = time.monotonic()

    def follow(self, event: Epoch) -> None:
        """Takes an epoch in, and says every few seconds how it looks."""
        if event.model not in self._epochs:
            self._judged = time.monotonic()  # of its first epochs there is nothing to say yet
        self._epochs.setdefault(event.model, []).append(event)
        if time.monotonic() - self._judged >= SECONDS_BETWEEN:
            self._judged = time.monotonic()
            curve = self._curve(event.model, _just_above(self._epochs[event.model][0]), ended=False)
            self._say(event.model, judge(curve, live=True), live=True)

    def final(self, losses: Mapping[str, tuple[float, float]], stopped: bool) -> dict[str, Any]:
        """The last verdict on every model that was trained, by name.

        Args:
            losses: validation losses of each before training and as it is kept.
            stopped: whether the training was asked to stop; what it was at then has not ended by itself.
        """
        found = {}
        for model in self._epochs:
            cut = stopped and model == list(self._epochs)[-1]
            before, kept = losses[model]
            verdict = judge(self._curve(model, before, ended=not cut))
            if not kept < before:
                verdict = replace(verdict, evidence=f"{verdict.evidence} {_LEFT_OUT}")
            self._say(model, verdict, live=False)
            found[model] = asdict(verdict)
        return found

    def _curve(self, model: str, start: float | None, *, ended: bool) -> Curve:
        epochs = self._epochs[model]
        total = epochs[-1].epochs
        return Curve(
            model,
            [each.epoch for each in epochs],
            [each.train_loss for each in epochs],
            [each.validation_loss for each in epochs],
            total,
            early_stopped=ended and epochs[-1].epoch < total,
            start_validation=start,
            frames=self._frames,
        )

    def _say(self, model: str, verdict: Verdict, *, live: bool) -> None:
        self._tell(Judged(model, verdict.kind, verdict.headline, verdict.evidence, verdict.advice, live))


def _just_above(first: Epoch) -> float:
    """Stands for the loss before training while it goes on: that of the first epoch, which is hardly lower."""
    return first.validation_loss * (1.0 + 1e-9)
