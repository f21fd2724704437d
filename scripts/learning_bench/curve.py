"""The error of a fit over its time, measured while its clock stands still."""

from __future__ import annotations

import time
from collections.abc import Callable

from baselines.predictor import Predictor

STEP = 1.15
"""The error is measured each time that the fit has taken so much longer: to that a time to an error is exact."""

Point = tuple[float, float]
"""Seconds, and the mean error on the validation frames in percent of the diagonal."""


class Curve:
    """A watch that measures, and that ends the fit at its time limit.

    Args:
        begun: when the fit began, by `time.perf_counter`.
        error: of a predictor on the validation frames.
        limit: seconds, None for a fit that ends by itself.

    Attributes:
        points: what was measured.
    """

    def __init__(self, begun: float, error: Callable[[Predictor], float], limit: float | None) -> None:
        self.points: list[Point] = []
        self._error, self._limit = error, limit
        self._begun, self._stood, self._next = begun, 0.0, 0.0

    @property
    def seconds(self) -> float:
        """What the fit has taken so far."""
        return time.perf_counter() - self._begun - self._stood

    def __call__(self, epochs: int, predict: Predictor) -> bool:
        """Measures when it is time to; True at the limit."""
        now = self.seconds
        if now >= self._next:
            self.measure(predict, now)
            self._next = STEP * now
        return self._limit is not None and now >= self._limit

    def measure(self, predict: Predictor, seconds: float) -> None:
        """Adds the point of what the fit had made by then."""
        before = time.perf_counter()
        self.points.append((seconds, self._error(predict)))
        self._stood += time.perf_counter() - before
