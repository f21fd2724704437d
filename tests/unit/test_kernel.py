"""The kernel against loops and the formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.gaussian_process.kernels import Matern

from glm_deep.kernel import kernel, matern


@given(st.floats(0.0, 50.0))
def test_the_matern_kernel_is_that_of_the_formula(distance: float) -> None:
    r = math.sqrt(5.0) * distance
    expected = (1.0 + r + r * r / 3.0) * math.exp(-r)
    assert matern(np.array([distance**2]))[0] == pytest.approx(expected, rel=1e-12, abs=1e-300)


def test_the_matern_kernel_is_that_of_scikit_learn() -> None:
    points = np.random.default_rng(0).normal(size=(20, 3))
    squared = cdist(points, points, "sqeuclidean")
    np.testing.assert_allclose(matern(squared), Matern(nu=2.5)(points), rtol=1e-10)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_kernels_in_several_metrics_are_those_of_a_loop(dtype: type, tolerance: float) -> None:
    random = np.random.default_rng(1)
    x, centres = random.normal(size=(7, 4)).astype(dtype), random.normal(size=(5, 4)).astype(dtype)
    metrics = random.uniform(0, 0.5, (3, 4)).astype(dtype)
    metrics[1, 2] = 0.0
    found = kernel(x, centres, metrics)
    assert found.dtype == dtype
    expected = np.empty((3, 7, 5))
    for region in range(3):
        for row in range(7):
            for centre in range(5):
                squared = sum(metrics[region, i] * (x[row, i] - centres[centre, i]) ** 2 for i in range(4))
                r = math.sqrt(5.0 * squared)
                expected[region, row, centre] = (1.0 + r + r * r / 3.0) * math.exp(-r)
    np.testing.assert_allclose(found, expected, atol=tolerance)


def test_an_input_is_one_to_itself_even_far_from_the_origin() -> None:
    x = np.random.default_rng(2).normal(size=(6, 3)) + 1000.0
    np.testing.assert_allclose(np.diagonal(kernel(x, x, np.full((1, 3), 0.1))[0]), 1.0, atol=1e-6)


def test_the_arguments_are_left_as_they_were() -> None:
    arguments = [np.ones((2, 3)), np.zeros((2, 3)), np.full((1, 3), 0.5)]
    kernel(*arguments)
    for argument, value in zip(arguments, (1.0, 0.0, 0.5)):
        assert (argument == value).all()


def test_inputs_far_from_zero_keep_their_digits_in_float32() -> None:
    random = np.random.default_rng(4)
    near = random.uniform(0.0, 1.0, (20, 3))
    metrics = np.full((1, 3), 0.5)
    exact = kernel(near, near[:7], metrics)
    far = (near * 1e-3 - 1.0).astype(np.float32)  # as a float input whose limits are a thousand times its use
    found = kernel(far, far[:7], (metrics * 1e6).astype(np.float32))
    np.testing.assert_allclose(found, exact, atol=2e-3)
