"""The regressions in closed form against really refitting without what is left out, and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from glm_deep.kernel import input_distances, mixed_kernel
from glm_deep.train.regression import Inputs, Kernel, inputs_of, kernel_weights, regress, ridge_regression


def problem(frames: int = 45) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (n,4) of three rig inputs, of which the last one does nothing, and a smooth response (n,3)."""
    random = np.random.default_rng(3)
    x = random.uniform(-1, 1, (frames, 4))
    y = np.column_stack([np.sin(2 * x[:, 0]), x[:, 1] * x[:, 2], x[:, 0] - x[:, 1] ** 2])
    return x, y + 0.02 * random.normal(size=y.shape)


BLOCKS = {
    "frames": np.arange(45),
    "blocks": np.arange(45) // 5,
    "both": np.where(np.arange(45) < 20, np.arange(45), 20 + np.arange(45) // 4),
}
by_blocks = pytest.mark.parametrize("blocks", BLOCKS.values(), ids=BLOCKS.keys())
INPUTS = Inputs(np.array([2.0, 0.5, 0.5, 1.0]), np.array([0, 1, 1, 2]), np.array([0, 3, 4]))
CHOSEN = Kernel(np.array([[0.9, 1.6, 0.1], [0.05, 0.01, 0.0]]), np.array([1.0, 2.0]), 1e-2, 0.0)


def kernels(x: np.ndarray, centres: np.ndarray, chosen: Kernel = CHOSEN, inputs: Inputs = INPUTS) -> np.ndarray:
    """(n,m) as the player has them."""
    root = np.sqrt(inputs.unit).astype(x.dtype)
    distances = input_distances(x * root, np.ascontiguousarray((centres * root).T), inputs.firsts)
    return mixed_kernel(distances, chosen.metrics[None].astype(x.dtype), chosen.amounts[None].astype(x.dtype))[0]


def test_every_rig_input_has_the_same_variance_however_many_values_it_has() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(500, 4)) * np.array([1.0, 3.0, 0.2, 5.0])
    inputs = inputs_of(x, np.array([0, 2, 2, 2]))  # input 1 was constant
    assert inputs.names.tolist() == [0, 2]
    assert inputs.groups.tolist() == [0, 1, 1, 1]
    assert inputs.firsts.tolist() == [0, 1]
    for group in (0, 1):
        columns = inputs.groups == group
        pairs = (x[:, None, columns] - x[None, :, columns]) ** 2 @ inputs.unit[columns]
        assert np.mean(pairs) == pytest.approx(2.0)
        assert len(set(inputs.unit[columns].tolist())) == 1


@given(st.lists(st.integers(1, 3), min_size=1, max_size=5), st.integers(0, 99), st.floats(-300, 300))
def test_the_training_has_the_kernels_of_the_player(sizes: list[int], seed: int, away: float) -> None:
    random = np.random.default_rng(seed)
    values = sum(sizes)
    x, centres = random.uniform(-1, 1, (6, values)) + away, random.uniform(-1, 1, (9, values)) + away
    inputs = inputs_of(random.normal(size=(20, values)), np.repeat(np.arange(len(sizes)), sizes))
    metrics, amounts = random.uniform(0, 0.3, (2, len(sizes))), random.uniform(0.1, 5.0, 2)
    chosen = Kernel(metrics, amounts, 1e-3, 0.0)
    found = chosen.between(x, centres, inputs)
    np.testing.assert_allclose(found, kernels(x, centres, chosen, inputs), atol=1e-9)


def test_the_kernels_of_the_player_in_single_precision_are_those_of_the_training() -> None:
    x, _ = problem()
    found = kernels(x.astype(np.float32), x[:9].astype(np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, CHOSEN.between(x, x[:9], INPUTS), atol=3e-6)


@by_blocks
def test_left_out_residuals_are_those_of_fitting_without_the_block(blocks: np.ndarray) -> None:
    x, y = problem()
    weights, residuals = regress(CHOSEN, INPUTS, x, y, np.arange(45), blocks)
    np.testing.assert_allclose(kernel_weights(CHOSEN, INPUTS, x, y, np.arange(45)), weights, atol=1e-9)
    own = kernels(x, x)
    np.testing.assert_allclose((own + CHOSEN.ridge * np.eye(45)) @ weights, y, atol=1e-9)
    for block in np.unique(blocks):
        out, kept = blocks == block, blocks != block
        refitted = np.linalg.solve(own[np.ix_(kept, kept)] + CHOSEN.ridge * np.eye(kept.sum()), y[kept])
        np.testing.assert_allclose(residuals[out], y[out] - own[np.ix_(out, kept)] @ refitted, atol=1e-8)


@by_blocks
def test_left_out_residuals_with_few_centres_are_those_of_fitting_without_the_block(blocks: np.ndarray) -> None:
    x, y = problem()
    centres = np.arange(0, 45, 3)
    weights, residuals = regress(CHOSEN, INPUTS, x, y, centres, blocks)
    np.testing.assert_allclose(kernel_weights(CHOSEN, INPUTS, x, y, centres), weights, atol=1e-9)
    own, cross = kernels(x[centres], x[centres]), kernels(x, x[centres])

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
    exact = kernel_weights(CHOSEN, INPUTS, x, y, np.arange(46))
    few = kernel_weights(CHOSEN, INPUTS, x, y, np.arange(45))
    np.testing.assert_allclose(kernels(x, x[:45]) @ few, kernels(x, x) @ exact, atol=1e-4)


def test_a_region_that_never_moves_is_fitted_with_nothing() -> None:
    x, _ = problem()
    weights, residuals = regress(CHOSEN, INPUTS, x, np.zeros((45, 0)), np.arange(45), np.arange(45) // 5)
    assert weights.shape == residuals.shape == (45, 0)


@by_blocks
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
