"""Samples whose inputs are there already."""

from __future__ import annotations

import numpy as np

from glm_deep.inputs import InputLayout, InputStatistics

_FILTERS = 8


def earlier_twins(layout: InputLayout, raw: np.ndarray, tolerance: float, *, known: int = 0) -> np.ndarray:
    """For every frame an earlier one with identical inputs.

    Two frames are identical when no input value differs by more than `tolerance` times its scale. The scale is that
    of `InputStatistics`, fitted to all these frames: half the range of a float, the spread of all rotation entries,
    the spread of all translation entries. A frame is compared with those that have no twin themselves, so that a slow
    drift does not become one identical crowd.

    Args:
        layout: the inputs.
        raw: (F, I) raw values.
        tolerance: in units of the scale of the input; 0 is exactly equal.
        known: the first so many frames are taken to have no twin.

    Returns:
        (F,) int64 frame numbers, -1 for frames without a twin.
    """
    statistics = InputStatistics.fit(layout, raw)
    scaled = (raw[:, statistics.kept] - statistics.centre) / statistics.scale
    typical = np.median(scaled, axis=0)
    columns = np.asfortranarray(scaled)
    originals = np.arange(len(raw))
    count = known
    twins = np.full(len(raw), -1, np.int64)
    for frame in range(known, len(raw)):
        found = _first_near(scaled[frame], columns[:count], typical, tolerance)
        if found >= 0:
            twins[frame] = originals[found]
        else:
            columns[count], originals[count] = scaled[frame], frame
            count += 1
    return twins


def _first_near(sample: np.ndarray, others: np.ndarray, typical: np.ndarray, tolerance: float) -> int:
    """The first of the others (N, I) that is within tolerance of the sample (I,) in every value, or -1."""
    candidates = np.arange(len(others))
    # few frames share a value that is far from its usual, so such values thin the candidates out at once
    unusual = np.argsort(-np.abs(sample - typical), kind="stable")[:_FILTERS]
    for column in unusual:
        near = np.abs(others[candidates, column] - sample[column]) <= tolerance
        candidates = candidates[near]
        if not len(candidates):
            return -1
    near = (np.abs(others[candidates] - sample) <= tolerance).all(axis=1)
    return int(candidates[near][0]) if near.any() else -1
