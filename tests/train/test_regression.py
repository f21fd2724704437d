"""The regressions in closed form against really refitting without what is left out, and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from glm_deep.kernel import kernel
from glm_deep.train.regression import (
    Kernel,
    choose_kernel,
    kernel_weights,
    left_out_residuals,
    ridge_regression,
    squared_distances,
)

RIDGES = [1e-4, 1e-3, 1e-2, 1e-1, 1.0]


def problem(frames: int = 45) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (n,4) of which the last one does nothing, and a smooth response (n,3) with a little noise."""
    random = np.random.default_rng(3)
    x = random.uniform(-1, 1, (frames, 4))
    y = np.column_stack([np.sin(2 * x[:, 0]), x[:, 1] * x[:, 2], x[:, 0] - x[:, 1] ** 2])
    return x, y + 0.02 * random.normal(size=y.shape)


BLOCKS = {
    "frames": np.arange(45),
    "blocks": np.arange(45) // 5,
    "both": np.where(np.arange(45) < 20, np.arange(45), 20 + np.arange(45) // 4),
}
CHOSEN = Kernel(np.array([1.5, 0.8, 0.9, 0.1]), 1e-2, 0.0, 0.0)


@pytest.mark.parametrize("blocks", BLOCKS.values(), ids=BLOCKS.keys())
def test_left_out_residuals_are_those_of_fitting_without_the_block(blocks: np.ndarray) -> None:
    x, y = problem()
    weights, residuals = (
        kernel_weights(CHOSEN, x, y, np.arange(45)),
        left_out_residuals(CHOSEN, x, y, np.arange(45), blocks),
    )
    own = kernel(x, x, CHOSEN.metric[None])[0]
    np.testing.assert_allclose((own + CHOSEN.ridge * np.eye(45)) @ weights, y, atol=1e-9)
    for block in np.unique(blocks):
        out, kept = blocks == block, blocks != block
        refitted = np.linalg.solve(own[np.ix_(kept, kept)] + CHOSEN.ridge * np.eye(kept.sum()), y[kept])
        np.testing.assert_allclose(residuals[out], y[out] - own[np.ix_(out, kept)] @ refitted, atol=1e-8)


@pytest.mark.parametrize("blocks", BLOCKS.values(), ids=BLOCKS.keys())
def test_left_out_residuals_with_few_centres_are_those_of_fitting_without_the_block(blocks: np.ndarray) -> None:
    x, y = problem()
    centres = np.arange(0, 45, 3)
    weights, residuals = kernel_weights(CHOSEN, x, y, centres), left_out_residuals(CHOSEN, x, y, centres, blocks)
    own = kernel(x[centres], x[centres], CHOSEN.metric[None])[0]
    cross = kernel(x, x[centres], CHOSEN.metric[None])[0]

    def fitted(kept: np.ndarray) -> np.ndarray:
        # the penalty that keeps it solvable is small, so the plain normal equations are the reference
        normal = cross[kept].T @ cross[kept] + CHOSEN.ridge * own
        return np.linalg.solve(normal, cross[kept].T @ y[kept])

    np.testing.assert_allclose(cross @ weights, cross @ fitted(np.ones(45, bool)), atol=1e-5)
    for block in np.unique(blocks):
        out = blocks == block
        np.testing.assert_allclose(residuals[out], y[out] - cross[out] @ fitted(~out), atol=1e-4)


def test_all_frames_as_centres_give_the_same_prediction_either_way() -> None:
    """The route over few centres ends where the exact one does."""
    x, y = problem()
    x = np.concatenate([x, x[:1]])  # one frame more than centres, at the place of the first
    y = np.concatenate([y, y[:1]])
    exact = kernel_weights(CHOSEN, x, y, np.arange(46))
    few = kernel_weights(CHOSEN, x, y, np.arange(45))
    metric = CHOSEN.metric[None]
    np.testing.assert_allclose(kernel(x, x[:45], metric)[0] @ few, kernel(x, x, metric)[0] @ exact, atol=1e-4)


def test_distances_are_those_of_a_loop() -> None:
    x, _ = problem()
    metric = np.array([2.0, 0.0, 1.0, 0.5])
    expected = [[np.sum(metric * (a - b) ** 2) for b in x] for a in x]
    np.testing.assert_allclose(squared_distances(x, metric), expected, atol=1e-12)


def test_the_metric_that_ignores_an_input_without_effect_is_chosen() -> None:
    x, y = problem()
    with_it, without = np.ones(4), np.array([1.0, 1.0, 1.0, 0.0])
    chosen = choose_kernel(x, y, [(0.0, with_it), (1.0, without)], np.arange(45))
    assert chosen.power == 1.0
    assert chosen.metric[3] == 0.0
    assert chosen.metric[0] == chosen.metric[1] == chosen.metric[2] > 0


@pytest.mark.parametrize(("waves", "length"), [(0.2, 64.0), (2.0, 4.0)])
def test_the_rougher_the_response_the_shorter_the_length(waves: float, length: float) -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (60, 1))
    unit = np.median(squared_distances(x, np.ones(1)))
    chosen = choose_kernel(x, np.sin(waves * np.pi * x), [(0.0, np.ones(1))], np.arange(60))
    assert chosen.metric[0] == pytest.approx(1.0 / (length * unit))


@pytest.mark.parametrize("blocks", BLOCKS.values(), ids=BLOCKS.keys())
def test_the_kernel_with_the_smallest_left_out_error_is_chosen(blocks: np.ndarray) -> None:
    x, y = problem()
    metric = np.array([1.0, 1.0, 1.0, 0.2])
    chosen = choose_kernel(x, y, [(0.5, metric)], blocks)
    unit = np.median([np.sum(metric * (a - b) ** 2) for a in x for b in x])
    errors = {}
    for length in (4.0, 16.0, 64.0):
        for ridge in RIDGES:
            candidate = Kernel(metric / (length * unit), ridge, 0.5, 0.0)
            residuals = left_out_residuals(candidate, x, y, np.arange(45), blocks)
            errors[length, ridge] = np.mean(np.sum(residuals**2, axis=1))
    length, ridge = min(errors, key=lambda key: errors[key])
    np.testing.assert_allclose(chosen.metric, metric / (length * unit), rtol=1e-9)
    assert chosen.ridge == ridge
    assert chosen.error == pytest.approx(errors[length, ridge], rel=1e-6)


def test_a_region_that_never_moves_is_fitted_with_nothing() -> None:
    x, _ = problem()
    chosen = choose_kernel(x, np.zeros((45, 0)), [(1.0, np.zeros(4))], np.arange(45) // 5)
    weights, residuals = (
        kernel_weights(chosen, x, np.zeros((45, 0)), np.arange(45)),
        left_out_residuals(chosen, x, np.zeros((45, 0)), np.arange(45), np.arange(45) // 5),
    )
    assert weights.shape == residuals.shape == (45, 0)


@pytest.mark.parametrize("blocks", BLOCKS.values(), ids=BLOCKS.keys())
def test_the_ridge_regression_is_the_best_left_out_one_of_scikit_learn(blocks: np.ndarray) -> None:
    x, y = problem()
    y = y + 5.0
    design = np.column_stack([x, np.ones(45)])
    strongest = np.linalg.norm(design, 2) ** 2
    models, errors = [], []
    for power in range(-10, 1):
        model = Ridge(strongest * 10.0**power, fit_intercept=False, solver="svd")
        squares = np.zeros(45)
        for block in np.unique(blocks):
            out = blocks == block
            model.fit(design[~out], y[~out])
            squares[out] = np.sum((y[out] - model.predict(design[out])) ** 2, axis=1)
        models.append(model.fit(design, y).coef_.T.copy())
        errors.append(squares.mean())
    np.testing.assert_allclose(ridge_regression(x, y, blocks), models[int(np.argmin(errors))], rtol=1e-6, atol=1e-8)


def test_inputs_that_say_the_same_do_not_upset_the_ridge_regression() -> None:
    x, y = problem()
    weights = ridge_regression(np.column_stack([x, x]), y, np.arange(45))
    plain = ridge_regression(x, y, np.arange(45))
    doubled = np.column_stack([x, x, np.ones(45)]) @ weights
    np.testing.assert_allclose(doubled, np.column_stack([x, np.ones(45)]) @ plain, atol=0.05)
    assert np.abs(weights).max() < 10.0
