"""Which inputs move what."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from glm_deep.train.regression import Inputs, Kernel, inputs_of, kernel_weights
from glm_deep.train.relevance import MOST_INPUTS, MOST_VALUES, changes_by_input, relevant_inputs


@dataclass(frozen=True)
class Fitted:
    """A kernel regression of all frames."""

    x: np.ndarray
    inputs: Inputs
    chosen: Kernel
    weights: np.ndarray

    def changes(self, seed: int, chosen: Kernel | None = None) -> dict[int, np.ndarray]:
        kernel = chosen or self.chosen
        return dict(changes_by_input(kernel, self.inputs, self.weights, self.x, self.x, seed))

    def energies(self, seed: int, chosen: Kernel | None = None) -> np.ndarray:
        """(rig inputs, outputs): mean squared change of each output by each input."""
        found = np.zeros((len(self.inputs.names), self.weights.shape[1]))
        for group, changes in self.changes(seed, chosen).items():
            found[group] = np.mean(changes**2, axis=0)
        return found


def fit(x: np.ndarray, y: np.ndarray, numbers: np.ndarray, ridge: float = 1e-3) -> Fitted:
    inputs = inputs_of(x, numbers)
    count = len(inputs.names)
    chosen = Kernel(np.array([np.full(count, 0.1), np.full(count, 0.02)]), np.array([1.0, 0.5]), ridge, 0.0)
    return Fitted(x, inputs, chosen, kernel_weights(chosen, inputs, x, y, np.arange(len(x))))


@pytest.fixture
def fitted() -> Fitted:
    """Inputs of five values in three rig inputs, and a regression of two outputs: of the first, of the last."""
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, (120, 5))
    return fit(x, np.column_stack([np.sin(x[:, 0]) * 3 + x[:, 1], x[:, 4] ** 2]), np.array([0, 0, 1, 2, 2]))


def test_the_inputs_that_an_output_depends_on_move_it(fitted: Fitted) -> None:
    first, second = fitted.energies(0).T
    assert first[0] > 50 * max(first[1], first[2])
    assert second[2] > 50 * max(second[0], second[1])


def test_the_movement_by_an_input_is_twice_the_variance_that_it_causes(fitted: Fitted) -> None:
    """As the mean over pairs of frames tells, of which the permutation is a sample."""
    total = 0.0
    for other in range(0, 120, 4):
        changed = fitted.x.copy()
        changed[:, :2] = fitted.x[other, :2]
        kernels = fitted.chosen.between(changed, fitted.x, fitted.inputs)
        kernels -= fitted.chosen.between(fitted.x, fitted.x, fitted.inputs)
        total += np.mean((kernels @ fitted.weights)[:, 0] ** 2) / 30
    assert fitted.energies(0)[0, 0] == pytest.approx(total, rel=0.35)


def test_changes_are_repeatable_and_follow_the_seed(fitted: Fitted) -> None:
    found = fitted.energies(1)
    np.testing.assert_array_equal(found, fitted.energies(1))
    assert not np.array_equal(found, fitted.energies(2))


def test_an_input_that_both_metrics_ignore_is_not_asked(fitted: Fitted) -> None:
    metrics = fitted.chosen.metrics * np.array([1.0, 0.0, 1.0])
    assert set(fitted.changes(0, replace(fitted.chosen, metrics=metrics))) == {0, 2}


@pytest.mark.parametrize("part", [0, 1])
def test_an_input_that_one_metric_knows_is_asked(fitted: Fitted, part: int) -> None:
    metrics = fitted.chosen.metrics.copy()
    metrics[part, 0] = 0.0
    assert fitted.energies(0, replace(fitted.chosen, metrics=metrics))[0, 0] > 0.01


@pytest.mark.parametrize(("reach", "asked"), [(0.9e-4, False), (1.1e-4, True)])
def test_an_input_that_does_not_reach_from_one_end_to_the_other_is_not_asked(
    fitted: Fitted, reach: float, asked: bool
) -> None:
    """The squared distance between its extremes, in the metric, is what it reaches."""
    extent = np.ptp(fitted.x[:, 2]) ** 2 * fitted.inputs.unit[2]
    metrics = fitted.chosen.metrics.copy()
    metrics[:, 1] = reach / extent, 0.0
    assert (1 in fitted.changes(0, replace(fitted.chosen, metrics=metrics))) == asked


def test_an_input_that_moves_in_one_frame_of_many_is_found() -> None:
    x = np.zeros((1000, 2))
    x[:, 0] = np.linspace(-1, 1, 1000)
    x[723, 1] = 1.0
    some = np.unique(np.concatenate([np.arange(0, 1000, 4), [723]]))
    inputs = inputs_of(x, np.arange(2))
    chosen = Kernel(np.full((2, 2), [0.1, 0.001]), np.array([1.0, 0.5]), 1e-4, 0.0)
    weights = kernel_weights(chosen, inputs, x[some], (x[:, :1] + 2 * x[:, 1:])[some], np.arange(len(some)))
    for seed in range(5):
        found = dict(changes_by_input(chosen, inputs, weights, x[some], x, seed))
        assert len(found[0]) == len(found[1]) == 200
        moved = np.flatnonzero(found[1].any(axis=1))
        assert len(moved) == 2  # the frame that loses it and the one that gets it
        np.testing.assert_allclose(np.abs(found[1][moved]), 2.0, rtol=0.2)


def test_all_frames_are_asked_where_there_are_few(fitted: Fitted) -> None:
    assert {len(changes) for changes in fitted.changes(0).values()} == {120}


def test_as_few_inputs_are_chosen_as_explain_nearly_all_movement() -> None:
    moved = np.array([[60.0, 0.0, 37.9, 1.1, 1.0], [0.5, 0.5, 98.0, 0.5, 0.5], [20.0, 20.0, 20.0, 20.0, 20.0]])
    np.testing.assert_array_equal(
        relevant_inputs(moved, np.ones(5, int)),
        [[True, False, True, True, False], [False, False, True, False, False], [True] * 5],
    )


def test_no_more_inputs_are_chosen_than_a_network_may_have() -> None:
    moved = 1.0 + 0.001 * np.arange(40.0)[None]
    chosen = relevant_inputs(moved, np.ones(40, int))
    assert chosen.sum() == MOST_INPUTS == 16
    assert chosen[0, -16:].all()


def test_joints_count_with_all_their_values() -> None:
    moved = 1.0 + 0.001 * np.arange(40.0)[None]
    chosen = relevant_inputs(moved, np.full(40, 12))
    assert 12 * chosen.sum() == 60 <= MOST_VALUES < 12 * (chosen.sum() + 1)
    assert chosen[0, -5:].all()
    assert relevant_inputs(moved, np.full(40, 100)).sum() == 1


def test_what_nothing_moves_is_fed_with_one_input() -> None:
    assert relevant_inputs(np.zeros((2, 5)), np.full(5, 9)).sum(axis=1).tolist() == [1, 1]


def test_a_chosen_input_has_always_moved_the_part() -> None:
    assert relevant_inputs(np.array([[0.0, 3.0, 0.0]]), np.ones(3, int)).tolist() == [[False, True, False]]


def test_of_many_inputs_that_move_in_a_few_frames_each_none_is_missed() -> None:
    frames, count = 2000, 150
    x = np.zeros((frames, count))
    for number in range(count):
        x[10 * number + 5 : 10 * number + 8, number] = 1.0
    inputs = inputs_of(x, np.arange(count))
    chosen = Kernel(np.full((2, count), 0.002), np.array([1.0, 1.0]), 1e-3, 0.0)
    some = np.unique(np.concatenate([np.arange(0, frames, 10), 10 * np.arange(count) + 6]))
    weights = kernel_weights(chosen, inputs, x[some], x[some].sum(axis=1, keepdims=True), np.arange(len(some)))
    found = dict(changes_by_input(chosen, inputs, weights, x[some], x, 0))
    assert [number for number in range(count) if not found[number].any()] == []
