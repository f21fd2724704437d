"""Which inputs move what."""

from __future__ import annotations

import numpy as np
import pytest

from glm_deep.kernel import kernel
from glm_deep.train.regression import Kernel, kernel_weights
from glm_deep.train.relevance import MOST_INPUTS, changes_by_input, relevant_inputs


@pytest.fixture
def fitted() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs of five values in three groups, and a regression of two outputs: of the first group, of the last."""
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, (120, 5))
    y = np.column_stack([np.sin(x[:, 0]) * 3 + x[:, 1], x[:, 4] ** 2])
    metric = np.full(5, 0.3)
    weights = kernel_weights(Kernel(metric, 1e-3, 0.0, 0.0), x, y, np.arange(120))
    return x, metric, weights


GROUPS = np.array([0, 0, 2, 1, 1])


def energies(weights: np.ndarray, metric: np.ndarray, x: np.ndarray, seed: int) -> np.ndarray:
    """(inputs, outputs): mean squared change of each output by each input."""
    found = np.zeros((3, weights.shape[1]))
    for group, changes in changes_by_input(weights, metric, x, x, GROUPS, seed):
        found[group] = np.sum(changes**2, axis=0) / len(x)
    return found


def test_the_inputs_that_an_output_depends_on_move_it(fitted: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    x, metric, weights = fitted
    first, second = energies(weights, metric, x, 0).T
    assert first[0] > 50 * max(first[1], first[2])
    assert second[1] > 50 * max(second[0], second[2])


def test_the_movement_by_an_input_is_twice_the_variance_that_it_causes(
    fitted: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """As the mean over pairs of frames tells, of which the permutation is a sample."""
    x, metric, weights = fitted
    total = 0.0
    for other in range(0, 120, 4):
        changed = x.copy()
        changed[:, :2] = x[other, :2]
        difference = (kernel(changed, x, metric[None])[0] - kernel(x, x, metric[None])[0]) @ weights
        total += np.mean(difference[:, 0] ** 2) / 30
    found = energies(weights, metric, x, 0)[0, 0]
    assert found == pytest.approx(total, rel=0.35)


def test_changes_are_repeatable_and_follow_the_seed(
    fitted: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    x, metric, weights = fitted
    found = energies(weights, metric, x, 1)
    np.testing.assert_array_equal(found, energies(weights, metric, x, 1))
    assert not np.array_equal(found, energies(weights, metric, x, 2))


def test_an_input_that_the_metric_ignores_moves_nothing(
    fitted: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    x, metric, weights = fitted
    found = energies(weights, metric * np.array([1, 1, 0, 1, 1]), x, 0)
    assert found[2] == pytest.approx(0, abs=1e-18)
    assert found[0, 0] > 0


def test_an_input_that_moves_in_one_frame_of_many_is_found() -> None:
    x = np.zeros((300, 2))
    x[:, 0] = np.linspace(-1, 1, 300)
    x[123, 1] = 1.0
    y = x[:, :1] + 2 * x[:, 1:]
    metric = np.ones(2)
    weights = kernel_weights(Kernel(metric, 1e-4, 0.0, 0.0), x, y, np.arange(300))
    found = dict(changes_by_input(weights, metric, x, x, np.array([0, 1]), 0))
    assert len(found[1]) == 2  # the frame that loses it and the one that gets it
    assert np.sum(found[1] ** 2) > 1


def test_as_few_inputs_are_chosen_as_explain_nearly_all_movement() -> None:
    moved = np.array([[60.0, 0.0, 37.9, 1.1, 1.0], [0.5, 0.5, 98.0, 0.5, 0.5], [20.0, 20.0, 20.0, 20.0, 20.0]])
    np.testing.assert_array_equal(
        relevant_inputs(moved),
        [[True, False, True, True, False], [False, False, True, False, False], [True] * 5],
    )


def test_no_more_inputs_are_chosen_than_a_network_may_have() -> None:
    moved = 1.0 + 0.001 * np.arange(40.0)[None]
    chosen = relevant_inputs(moved)
    assert chosen.sum() == MOST_INPUTS == 16
    assert chosen[0, -16:].all()


def test_what_nothing_moves_is_fed_with_one_input() -> None:
    assert relevant_inputs(np.zeros((2, 5))).sum(axis=1).tolist() == [1, 1]


def test_a_chosen_input_has_always_moved_the_part() -> None:
    assert relevant_inputs(np.array([[0.0, 3.0, 0.0]])).tolist() == [[False, True, False]]
