"""The bookkeeping of the closed form: sizes, scales, threads."""

from __future__ import annotations

import time

import numpy as np
import pytest

from glm_deep.basis.pca import principal_components
from glm_deep.kernel import kernel
from glm_deep.train.closed_form import (
    Solved,
    SolvedRegion,
    equal_inputs,
    in_threads,
    size_errors,
    smallest_size,
)
from glm_deep.train.regions import Region
from glm_deep.train.regression import Kernel, kernel_weights, left_out_residuals

FRAMES, TRAIN, UNSEEN = 40, np.arange(0, 40, 2), np.arange(1, 40, 2)


@pytest.fixture
def inputs() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (FRAMES, 3))


@pytest.fixture
def solved(inputs: np.ndarray) -> Solved:
    """Two regions of 4 and 6 columns with bases of 4 and 5 components."""
    regions = []
    for number, (columns, most) in enumerate([(4, 4), (6, 5)]):
        random = np.random.default_rng(number)
        values = np.sin(2 * inputs @ random.normal(size=(3, columns))) + 0.1 * random.normal(size=(FRAMES, columns))
        pca = principal_components(values, TRAIN, most, 0)
        chosen = Kernel(np.array([0.3, 0.2, 0.4]), 1e-2, 1.0, 0.0)
        weights = kernel_weights(chosen, inputs[TRAIN], pca.coefficients[TRAIN], np.arange(20))
        residuals = left_out_residuals(chosen, inputs[TRAIN], pca.coefficients[TRAIN], np.arange(20), np.arange(20))
        region = Region(0, np.arange(1), np.ones(1), np.arange(1))
        regions.append(SolvedRegion(region, pca, chosen, weights, residuals, np.ones(3)))
    return Solved(tuple(regions), TRAIN, inputs[TRAIN])


def test_predictions_are_those_of_each_region_side_by_side(solved: Solved, inputs: np.ndarray) -> None:
    assert solved.starts.tolist() == [0, 4, 9]
    for each, first, last in zip(solved.regions, (0, 4), (4, 9)):
        expected = kernel(inputs, inputs[TRAIN], each.kernel.metric[None])[0] @ each.weights
        np.testing.assert_allclose(solved.predict(inputs)[:, first:last], expected)
        np.testing.assert_array_equal(solved.coefficients[:, first:last], each.pca.coefficients)
        np.testing.assert_array_equal(solved.residuals[:, first:last], each.residuals)
    np.testing.assert_allclose(solved.left, solved.regions[0].pca.left + solved.regions[1].pca.left)


def test_the_error_of_every_size_is_that_of_playing_with_so_many_components(solved: Solved, inputs: np.ndarray) -> None:
    errors, owners = size_errors(solved, inputs, UNSEEN)
    assert len(errors) == len(owners) == 9
    for size in range(1, 10):
        kept = np.bincount(owners[:size], minlength=2)
        squares = np.zeros(len(UNSEEN))
        for each, count in zip(solved.regions, kept):
            small = each.truncated(int(count))
            predicted = kernel(inputs[UNSEEN], inputs[TRAIN], small.kernel.metric[None])[0] @ small.weights
            missed = small.pca.coefficients[UNSEEN] - predicted
            squares += np.sum(missed**2, axis=1) + small.pca.left[UNSEEN]
        assert errors[size - 1] == pytest.approx(np.sqrt(squares.mean()), rel=1e-9)


def test_components_of_all_regions_come_in_the_order_of_their_variance(solved: Solved, inputs: np.ndarray) -> None:
    _, owners = size_errors(solved, inputs, UNSEEN)
    variances = [list(np.mean(each.pca.coefficients[TRAIN] ** 2, axis=0)) for each in solved.regions]
    taken = [variances[owner].pop(0) for owner in owners]
    assert taken == sorted(taken, reverse=True)


@pytest.mark.parametrize(
    ("errors", "bound", "size"),
    [
        ([5.0, 2.0, 1.004, 1.0, 1.2], 5, 3),
        ([5.0, 2.0, 1.006, 1.0, 1.2], 5, 4),
        ([5.0, 2.0, 1.006, 1.0, 1.2], 2, 2),
        ([5.0, 4.0], 0, 1),
    ],
)
def test_the_smallest_size_is_within_half_a_percent_of_the_best(errors: list[float], bound: int, size: int) -> None:
    assert smallest_size(np.array(errors), bound) == size


def test_each_rig_input_varies_alike_in_the_first_metric() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(500, 4)) * np.array([1.0, 3.0, 0.2, 5.0])
    groups = np.array([0, 2, 2, 2])  # input 1 was constant
    metric = equal_inputs(x, groups)
    for group in (0, 2):
        columns = groups == group
        pairs = (x[:, None, columns] - x[None, :, columns]) ** 2 @ metric[columns]
        assert np.mean(pairs) == pytest.approx(2.0)
        assert len(set(metric[columns].tolist())) == 1


def test_work_in_threads_comes_back_in_order() -> None:
    def slow(item: int) -> int:
        time.sleep(0.02 if item == 0 else 0.0)
        return item * item

    told: list[tuple[int, int]] = []
    assert in_threads(slow, range(5), 3, lambda done, total: told.append((done, total))) == [0, 1, 4, 9, 16]
    assert told == [(done, 5) for done in range(1, 6)]


def test_an_error_in_a_thread_reaches_the_caller() -> None:
    def fail(item: int) -> int:
        raise ZeroDivisionError(item)

    with pytest.raises(ZeroDivisionError):
        in_threads(fail, range(3), 2, lambda done, total: None)
