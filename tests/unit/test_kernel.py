"""The kernel against loops and the formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.gaussian_process.kernels import Matern

from glm_deep.kernel import PARTS, input_distances, matern, mixed_kernel

FIRSTS = np.array([0, 1, 3])  # three rig inputs of 1, 2 and 2 values


@given(st.floats(0.0, 50.0))
def test_the_matern_kernel_is_that_of_the_formula(distance: float) -> None:
    r = math.sqrt(5.0) * distance
    expected = (1.0 + r + r * r / 3.0) * math.exp(-r)
    assert matern(np.array([distance**2]))[0] == pytest.approx(expected, rel=1e-12, abs=1e-300)


def test_the_matern_kernel_is_that_of_scikit_learn() -> None:
    points = np.random.default_rng(0).normal(size=(20, 3))
    squared = cdist(points, points, "sqeuclidean")
    np.testing.assert_allclose(matern(squared), Matern(nu=2.5)(points), rtol=1e-10)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_distances_are_sums_over_the_values_of_each_rig_input(dtype: type) -> None:
    random = np.random.default_rng(1)
    x, centres = random.normal(size=(7, 5)).astype(dtype), random.normal(size=(4, 5)).astype(dtype)
    found = input_distances(x, centres.T, FIRSTS)
    assert found.dtype == dtype
    expected = np.empty((3, 7, 4))
    for group, values in enumerate(([0], [1, 2], [3, 4])):
        for row in range(7):
            for centre in range(4):
                expected[group, row, centre] = sum((float(x[row, i]) - float(centres[centre, i])) ** 2 for i in values)
    np.testing.assert_allclose(found, expected, rtol=1e-5 if dtype is np.float32 else 1e-12)


def test_rig_inputs_of_one_value_each_have_the_distances_of_their_values() -> None:
    random = np.random.default_rng(2)
    x, centres = random.normal(size=(6, 3)), random.normal(size=(5, 3))
    found = input_distances(x, centres.T, np.arange(3))
    np.testing.assert_allclose(found, (x.T[:, :, None] - centres.T[:, None, :]) ** 2)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.integers(1, 5), st.integers(1, 5), st.integers(0, 99))
def test_the_distances_of_all_rig_inputs_add_up_to_the_squared_distance(
    sizes: list[int], rows: int, count: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    x, centres = random.normal(size=(rows, sum(sizes))), random.normal(size=(count, sum(sizes)))
    found = input_distances(x, centres.T, np.cumsum([0, *sizes[:-1]]))
    assert found.shape == (len(sizes), rows, count)
    np.testing.assert_allclose(found.sum(axis=0), cdist(x, centres, "sqeuclidean"), atol=1e-10)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_kernels_of_several_regions_are_those_of_a_loop(dtype: type, tolerance: float) -> None:
    random = np.random.default_rng(3)
    distances = random.uniform(0, 3, (4, 7, 5)).astype(dtype)
    metrics = random.uniform(0, 0.5, (3, PARTS, 4)).astype(dtype)
    metrics[1, 1, 2] = 0.0
    amounts = random.uniform(0.1, 5.0, (3, PARTS)).astype(dtype)
    found = mixed_kernel(distances, metrics, amounts)
    assert found.dtype == dtype
    expected = np.zeros((3, 7, 5))
    for region in range(3):
        for part in range(PARTS):
            for row in range(7):
                for centre in range(5):
                    squared = sum(float(metrics[region, part, g]) * float(distances[g, row, centre]) for g in range(4))
                    r = math.sqrt(5.0 * squared)
                    matern_value = (1.0 + r + r * r / 3.0) * math.exp(-r)
                    expected[region, row, centre] += float(amounts[region, part]) * matern_value
    np.testing.assert_allclose(found, expected, atol=tolerance)


def test_a_centre_has_the_sum_of_the_amounts_even_far_from_the_origin() -> None:
    x = np.random.default_rng(4).normal(size=(6, 3)) + 1000.0
    metrics, amounts = np.full((1, PARTS, 3), 0.1), np.array([[1.0, 2.5]])
    found = mixed_kernel(input_distances(x, x.T, np.arange(3)), metrics, amounts)[0]
    np.testing.assert_allclose(np.diagonal(found), 3.5, atol=1e-12)


def test_the_arguments_are_left_as_they_were() -> None:
    x, centres, firsts = np.ones((2, 3)), np.zeros((3, 2)), np.array([0, 1])
    distances = input_distances(x, centres, firsts)
    kept, metrics, amounts = distances.copy(), np.full((1, PARTS, 2), 0.5), np.full((1, PARTS), 2.0)
    mixed_kernel(distances, metrics, amounts)
    np.testing.assert_array_equal(distances, kept)
    for argument, value in ((x, 1.0), (centres, 0.0), (metrics, 0.5), (amounts, 2.0)):
        assert (argument == value).all()
    np.testing.assert_array_equal(firsts, [0, 1])


def test_inputs_far_from_zero_keep_their_digits_in_float32() -> None:
    random = np.random.default_rng(5)
    near = random.uniform(0.0, 1.0, (20, 3))
    metrics, amounts = np.full((1, PARTS, 3), 0.5), np.ones((1, PARTS))
    exact = mixed_kernel(input_distances(near, near[:7].T, np.arange(3)), metrics, amounts)
    far = (near * 1e-3 - 1.0).astype(np.float32)  # as a float input whose limits are a thousand times its use
    distances = input_distances(far, far[:7].T, np.arange(3))
    found = mixed_kernel(distances, (metrics * 1e6).astype(np.float32), amounts.astype(np.float32))
    np.testing.assert_allclose(found, exact, atol=4e-3)
