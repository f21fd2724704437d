"""Skinning and its inverse on offsets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glm_deep.geometry import skinning


def rotation(axis: int, angle: float) -> np.ndarray:
    cos, sin = np.cos(angle), np.sin(angle)
    first, second = [other for other in range(3) if other != axis]
    matrix = np.eye(4)
    matrix[first, first] = matrix[second, second] = cos
    matrix[first, second], matrix[second, first] = -sin, sin
    return matrix


def test_blending_weighs_the_matrices_of_every_frame() -> None:
    weights = np.array([[1.0, 0.0], [0.25, 0.75]])
    matrices = np.array([[2.0 * np.eye(4), 4.0 * np.eye(4)], [np.eye(4), rotation(2, np.pi / 2)]])
    blended = skinning.blend(weights, matrices)
    assert blended.shape == (2, 2, 3, 3)
    assert blended.dtype == np.float64
    np.testing.assert_allclose(blended[0, 0], 2.0 * np.eye(3))
    np.testing.assert_allclose(blended[0, 1], 3.5 * np.eye(3))
    np.testing.assert_allclose(blended[1, 1], [[0.25, -0.75, 0], [0.75, 0.25, 0], [0, 0, 1]], atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_offsets_agree_with_a_dense_solve_and_pose_back_to_the_truth(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames, vertices = 3, 7
    parts = np.eye(3) + 0.2 * rng.standard_normal((frames, vertices, 3, 3))
    linear = rng.standard_normal((frames, vertices, 3)).astype(np.float32)
    deformed = linear + 0.1 * rng.standard_normal((frames, vertices, 3)).astype(np.float32)
    offsets, near_singular = skinning.offsets_before_skinning(deformed, linear, parts)
    regular = np.linalg.cond(parts) < 30
    expected = np.linalg.solve(parts, (deformed.astype(float) - linear)[..., None])[..., 0]
    assert near_singular <= np.count_nonzero(~regular)
    assert offsets.dtype == np.float32
    np.testing.assert_allclose(offsets[regular], expected[regular], rtol=1e-5, atol=1e-6)
    back = skinning.posed(linear, parts, offsets)
    assert back.dtype == np.float32
    np.testing.assert_allclose(back[regular], deformed[regular], atol=1e-5)


def test_more_matrices_than_one_chunk_are_all_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skinning, "_CHUNK_MATRICES", 4)
    rng = np.random.default_rng(3)
    parts = np.eye(3) * rng.uniform(1, 2, (2, 5, 1, 1))
    linear, deformed = np.zeros((2, 5, 3), np.float32), rng.standard_normal((2, 5, 3)).astype(np.float32)
    offsets, _ = skinning.offsets_before_skinning(deformed, linear, parts)
    np.testing.assert_allclose(offsets, deformed / parts[..., 0, :1], rtol=1e-6)


def test_opposed_rotations_are_counted_and_give_no_huge_offsets() -> None:
    angles = np.array([179.0, 179.9, 179.999, 180.0, 90.0, 178.0])
    matrices = np.array([[np.eye(4), rotation(0, np.radians(angle))] for angle in angles])
    parts = skinning.blend(np.array([[0.5, 0.5]]), matrices)
    linear = np.zeros((len(angles), 1, 3), np.float32)
    deformed = np.full((len(angles), 1, 3), 0.3, np.float32)
    offsets, near_singular = skinning.offsets_before_skinning(deformed, linear, parts)
    assert near_singular == 4
    assert np.isfinite(offsets).all()
    residual = 0.3 * np.sqrt(3)
    assert np.linalg.norm(offsets, axis=-1).max() <= residual * skinning.CONDITION_LIMIT
    # the x axis does not collapse, so it is solved as if nothing had happened
    np.testing.assert_allclose(offsets[:, 0, 0], 0.3, rtol=1e-6)


def test_the_regularised_solve_continues_the_exact_one() -> None:
    def offset(smallest: float) -> float:
        parts = np.diag([1.0, 1.0, smallest])[None, None]
        one = np.ones((1, 1, 3), np.float32)
        return float(skinning.offsets_before_skinning(one, np.zeros_like(one), parts)[0][0, 0, 2])

    floor = 1 / skinning.CONDITION_LIMIT
    assert offset(floor * 1.0001) == pytest.approx(offset(floor * 0.9999), rel=1e-3)
    assert offset(floor) == pytest.approx(skinning.CONDITION_LIMIT)
    assert offset(floor / 2) == pytest.approx(skinning.CONDITION_LIMIT / 2)
    assert offset(floor * 2) == pytest.approx(skinning.CONDITION_LIMIT / 2)


def test_a_skinning_that_collapses_everything_gives_zero_offsets() -> None:
    one = np.ones((1, 1, 3), np.float32)
    offsets, near_singular = skinning.offsets_before_skinning(one, np.zeros_like(one), np.zeros((1, 1, 3, 3)))
    assert near_singular == 1
    np.testing.assert_array_equal(offsets, 0)


def test_without_skinning_offsets_are_differences_in_mesh_space() -> None:
    rng = np.random.default_rng(5)
    linear, deformed = rng.standard_normal((2, 2, 4, 3)).astype(np.float32)
    offsets, near_singular = skinning.offsets_before_skinning(deformed, linear, None)
    assert near_singular == 0
    np.testing.assert_allclose(offsets, deformed - linear, atol=1e-6)
    np.testing.assert_allclose(skinning.posed(linear, None, offsets), deformed, atol=1e-6)
