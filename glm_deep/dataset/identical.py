"""Samples whose inputs are there already."""

from __future__ import annotations

import numpy as np

from glm_deep.inputs import InputLayout, InputStatistics

_FILTERS = 8


def distinct(layout: InputLayout, stored: np.ndarray, new: np.ndarray, tolerance: float) -> np.ndarray:
    """Which new frames differ from all stored frames and from the new frames that were kept before them.

    Two frames are identical when no input value differs by more than `tolerance` times its scale. The scale is that
    of `InputStatistics`, fitted to all these frames: half the range of a float, the spread of all rotation entries,
    the spread of all translation entries.

    Args:
        layout: the inputs.
        stored: (N, I) raw values that are there already.
        new: (n, I) raw values in their order.
        tolerance: in units of the scale of the input; 0 is exactly equal.

    Returns:
        (n,) bool, True for frames to keep.
    """
    raw = np.concatenate([stored, new])
    statistics = InputStatistics.fit(layout, raw)
    scaled = (raw[:, statistics.kept] - statistics.centre) / statistics.scale
    typical = np.median(scaled, axis=0)
    columns = np.asfortranarray(scaled)
    count = len(stored)
    kept = np.zeros(len(new), bool)
    for number, sample in enumerate(scaled[len(stored) :]):
        if not _is_among(sample, columns[:count], typical, tolerance):
            kept[number] = True
            columns[count] = sample
            count += 1
    return kept


def _is_among(sample: np.ndarray, others: np.ndarray, typical: np.ndarray, tolerance: float) -> bool:
    """Whether one of the others (N, I) is within tolerance of the sample (I,) in every value."""
    candidates = np.arange(len(others))
    # few frames share a value that is far from its usual, so such values thin the candidates out at once
    unusual = np.argsort(-np.abs(sample - typical), kind="stable")[:_FILTERS]
    for column in unusual:
        near = np.abs(others[candidates, column] - sample[column]) <= tolerance
        candidates = candidates[near]
        if not len(candidates):
            return False
    return bool((np.abs(others[candidates] - sample) <= tolerance).all(axis=1).any())
