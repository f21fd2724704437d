from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glm_deep.metrics import VertexErrors

KEYS = ["mean", "p95", "p99", "frame_max", "max", "rms"]


def poses(seed: int, frames: int, vertices: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.standard_normal((frames, vertices, 3)).astype(np.float32)
    return truth, truth + (0.1 * random.standard_normal(truth.shape) ** 3).astype(np.float32)


def collected(truth: np.ndarray, predicted: np.ndarray, block: int) -> VertexErrors:
    errors = VertexErrors()
    for start in range(0, len(truth), block):
        rows = slice(start, start + block)
        errors.add(truth[rows], predicted[rows], np.arange(len(truth))[rows] + 100)
    return errors


def percentile(values: list[float], q: float) -> float:
    """By hand: linear between the two values around position q (n - 1)."""
    ordered = sorted(values)
    position = q * (len(ordered) - 1)
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (position - low) * (ordered[high] - ordered[low])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 999), st.integers(1, 9), st.integers(1, 12), st.integers(1, 9))
def test_the_summary_agrees_with_sums_written_out_by_hand(seed, frames, vertices, block):
    truth, predicted = poses(seed, frames, vertices)
    by_frame = [[math.dist(*map(list, pair)) for pair in zip(*pose)] for pose in zip(truth.astype(float), predicted)]
    pooled = [distance for frame in by_frame for distance in frame]
    expected = {
        "mean": sum(pooled) / len(pooled),
        "p95": percentile(pooled, 0.95),
        "p99": percentile(pooled, 0.99),
        "frame_max": sum(map(max, by_frame)) / frames,
        "max": max(pooled),
        "rms": math.sqrt(sum(distance**2 for distance in pooled) / len(pooled)),
    }
    summary = collected(truth, predicted, block).summary(4.0)
    assert list(summary.scene_units) == KEYS
    assert summary.scene_units == pytest.approx(expected, rel=1e-5)
    assert summary.percent_of_diagonal == pytest.approx({key: 25 * value for key, value in expected.items()}, rel=1e-5)


def test_a_shift_of_three_four_five_is_five_units_everywhere():
    truth = np.zeros((2, 6, 3), np.float32)
    summary = collected(truth, truth + np.float32([0, 3, 4]), 1).summary(50.0)
    assert summary.scene_units == dict.fromkeys(KEYS, 5.0)
    assert summary.percent_of_diagonal == dict.fromkeys(KEYS, 10.0)


def test_the_size_of_the_blocks_does_not_matter():
    truth, predicted = poses(3, 20, 30)
    whole = collected(truth, predicted, 20)
    parts = collected(truth, predicted, 7)
    assert parts.summary(2.0) == whole.summary(2.0)
    assert parts.worst_frames(20) == whole.worst_frames(20)


def test_small_errors_far_from_the_origin_are_not_rounded_away():
    truth = np.full((1, 4, 3), 1000.0)
    predicted = truth + np.array([1e-6, 0, 0])
    assert collected(truth, predicted, 1).summary(1.0).scene_units["mean"] == pytest.approx(1e-6, rel=1e-6)


def test_the_worst_frames_come_by_their_worst_vertex_and_with_their_names():
    truth = np.zeros((4, 2, 3))
    predicted = truth.copy()
    predicted[:, 0, 0] = [1, 5, 2, 5]
    predicted[:, 1, 0] = [3, 1, 2, 0]
    errors = collected(truth, predicted, 3)
    assert errors.worst_frames(3) == [(101, 5.0, 3.0), (103, 5.0, 2.5), (100, 3.0, 2.0)]
    assert [frame for frame, _, _ in errors.worst_frames(99)] == [101, 103, 100, 102]


def test_a_frame_of_nan_is_the_worst():
    truth = np.zeros((3, 2, 3))
    predicted = truth + 1.0
    predicted[1, 0] = np.nan
    errors = collected(truth, predicted, 3)
    assert errors.worst_frames(1)[0][0] == 101
    assert math.isnan(errors.summary(1.0).scene_units["max"])


def test_the_positions_are_not_kept():
    truth = np.zeros((1, 50_000, 3))
    errors = VertexErrors()
    tracemalloc.start()
    for frame in range(10):
        errors.add(truth, truth, np.array([frame]))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 1.1 * 10 * 50_000 * 4


def test_what_does_not_belong_together_is_a_mistake_of_the_program():
    errors = VertexErrors()
    with pytest.raises(ValueError, match="no frames"):
        errors.summary(1.0)
    with pytest.raises(ValueError, match="do not belong together"):
        errors.add(np.zeros((2, 4, 3)), np.zeros((1, 4, 3)), np.arange(2))
    with pytest.raises(ValueError, match="do not belong together"):
        errors.add(np.zeros((2, 4, 3)), np.zeros((2, 4, 3)), np.arange(3))
    errors.add(np.zeros((2, 4, 3)), np.zeros((2, 4, 3)), np.arange(2))
    with pytest.raises(ValueError, match="5 vertices after 4"):
        errors.add(np.zeros((2, 5, 3)), np.zeros((2, 5, 3)), np.arange(2))
    with pytest.raises(ValueError, match="the diagonal is 0"):
        errors.summary(0.0)
