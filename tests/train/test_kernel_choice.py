"""The search for a kernel: its gradient against finite differences, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import approx_fprime, minimize

from glm_deep.train import kernel_choice
from glm_deep.train.kernel_choice import choose_kernel
from glm_deep.train.regression import Inputs, Kernel, inputs_of, regress

FRAMES = 45
BLOCKS = {
    "frames": np.arange(FRAMES),
    "blocks": np.arange(FRAMES) // 5,
    "both": np.where(np.arange(FRAMES) < 20, np.arange(FRAMES), 20 + np.arange(FRAMES) // 4),
}
by_blocks = pytest.mark.parametrize("blocks", BLOCKS.values(), ids=BLOCKS.keys())


def problem(frames: int = FRAMES) -> tuple[np.ndarray, np.ndarray, Inputs]:
    """Inputs (n,5) of three rig inputs with 1, 3 and 1 values, and a response (n,3) to the first two of these."""
    random = np.random.default_rng(3)
    x = random.uniform(-1, 1, (frames, 5)) * np.array([1.0, 0.3, 2.0, 1.0, 5.0])
    y = np.column_stack([np.sin(2 * x[:, 0]), x[:, 1] * x[:, 2], x[:, 0] - x[:, 3] ** 2])
    return x, y + 0.02 * random.normal(size=y.shape), inputs_of(x, np.array([0, 1, 1, 1, 2]))


def left_out(chosen: Kernel, inputs: Inputs, x: np.ndarray, y: np.ndarray, blocks: np.ndarray) -> float:
    """The error of refitting without each block, from the regression."""
    _, residuals = regress(chosen, inputs, x, y, np.arange(len(x)), blocks)
    return float(np.mean(np.sum(residuals**2, axis=1)))


def of_logs(logs: np.ndarray) -> Kernel:
    """The kernel of a point of the search: metrics of both parts, strength of the second, ridge."""
    metrics = np.exp(logs[:-2]).reshape(2, -1)
    return Kernel(metrics, np.array([1.0, np.exp(logs[-2])]), float(np.exp(logs[-1])), 0.0)


Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the search minimises and where it begins, once a kernel was chosen."""
    seen: dict[str, Any] = {}

    def watched(objective: Objective, begin: np.ndarray, **options: Any) -> Any:
        seen.update(objective=objective, begin=begin.copy(), options=options)
        seen["found"] = minimize(objective, begin, **options)
        return seen["found"]

    monkeypatch.setattr(kernel_choice, "minimize", watched)
    return seen


@by_blocks
def test_the_gradient_is_that_of_finite_differences(blocks: np.ndarray, searched: dict[str, Any]) -> None:
    x, y, inputs = problem()
    choose_kernel(x, y, inputs, np.ones(3), blocks)
    objective, begin = searched["objective"], searched["begin"]
    random = np.random.default_rng(0)
    for away in (0.0, 0.5, 1.5):
        logs = begin + away * random.normal(size=len(begin))
        _, gradient = objective(logs)
        expected = approx_fprime(logs, lambda point: objective(point)[0], 1e-6)
        np.testing.assert_allclose(gradient, expected, rtol=2e-4, atol=2e-5)
        assert np.abs(gradient).max() > 0.01


@by_blocks
def test_the_objective_is_the_log_of_the_left_out_error_and_the_way_from_the_beginning(
    blocks: np.ndarray, searched: dict[str, Any]
) -> None:
    x, y, inputs = problem()
    choose_kernel(x, y, inputs, np.array([1.0, 0.5, 0.01]), blocks)
    objective, begin = searched["objective"], searched["begin"]
    assert objective(begin)[0] == pytest.approx(np.log(left_out(of_logs(begin), inputs, x, y, blocks)), abs=1e-8)
    away = np.random.default_rng(1).normal(size=len(begin))
    value = objective(begin + away)[0]
    resistance = 5e-4 * np.sum(away[:-1] ** 2) + 5e-6 * away[-1] ** 2
    expected = np.log(left_out(of_logs(begin + away), inputs, x, y, blocks)) + resistance
    assert value == pytest.approx(expected, abs=1e-7)


@by_blocks
def test_the_error_of_the_kernel_is_that_of_fitting_without_each_block(blocks: np.ndarray) -> None:
    x, y, inputs = problem()
    chosen = choose_kernel(x, y, inputs, np.ones(3), blocks)
    assert chosen.error == pytest.approx(left_out(chosen, inputs, x, y, blocks), rel=1e-7)


@by_blocks
def test_the_kernel_that_is_found_is_far_better_than_the_first_guess(
    blocks: np.ndarray, searched: dict[str, Any]
) -> None:
    x, y, inputs = problem()
    chosen = choose_kernel(x, y, inputs, np.ones(3), blocks)
    assert chosen.error < 0.4 * left_out(of_logs(searched["begin"]), inputs, x, y, blocks)


def test_the_kernel_that_is_found_is_as_good_as_that_of_a_long_search_without_gradients(
    searched: dict[str, Any],
) -> None:
    x, y, inputs = problem()
    choose_kernel(x, y, inputs, np.ones(3), BLOCKS["blocks"])
    objective, found = searched["objective"], searched["found"]
    bounds = searched["options"]["bounds"]
    options = {"maxfev": 1500, "xatol": 1e-3, "fatol": 1e-4, "adaptive": True}
    longer = minimize(lambda point: objective(point)[0], found.x, method="Nelder-Mead", bounds=bounds, options=options)
    assert found.fun < longer.fun + 0.05  # of a log error


def test_an_input_without_effect_is_ignored() -> None:
    x, y, inputs = problem(90)
    chosen = choose_kernel(x, y, inputs, np.ones(3), np.arange(90))
    effects = chosen.amounts @ chosen.metrics
    assert effects[2] < 0.05 * effects[:2].min()


def test_the_inputs_that_matter_are_found_among_several() -> None:
    random = np.random.default_rng(5)
    x = random.uniform(-1, 1, (80, 8))
    y = np.column_stack([np.sin(3 * x[:, 2]) * x[:, 5], x[:, 5] ** 2])
    inputs = inputs_of(x, np.arange(8))
    chosen = choose_kernel(x, y, inputs, np.ones(8), np.arange(80))
    others = [0, 1, 3, 4, 6, 7]
    assert chosen.metrics[0, [2, 5]].min() > 100 * chosen.metrics[0, others].max()
    assert chosen.error < 0.02 * np.mean(np.sum((y - y.mean(axis=0)) ** 2, axis=1))


def test_an_input_whose_share_is_nothing_stays_out_whatever_it_would_tell() -> None:
    x, y, inputs = problem()
    without = choose_kernel(x, y, inputs, np.array([0.0, 1.0, 1.0]), np.arange(FRAMES))
    assert (without.metrics[:, 0] == 0.0).all()
    assert (without.metrics[:, 1:] > 0.0).all()
    assert without.error > 20 * choose_kernel(x, y, inputs, np.ones(3), np.arange(FRAMES)).error
    moved = x.copy()
    moved[:, 0] = np.random.default_rng(0).permutation(x[:, 0])
    again = choose_kernel(moved, y, inputs, np.array([0.0, 1.0, 1.0]), np.arange(FRAMES))
    np.testing.assert_allclose(again.metrics, without.metrics, rtol=1e-6)


def test_an_input_of_which_the_frames_tell_nothing_stays_where_the_survey_has_put_it() -> None:
    """At its share in 16 and 256 variances of the strongest, but no less than a ten-thousandth of that."""
    x, y, _ = problem()
    x = np.column_stack([x, np.zeros((FRAMES, 2))])
    inputs = inputs_of(x, np.array([0, 1, 1, 1, 2, 3, 4]))
    shares = 40.0 * np.array([1.0, 1.0, 0.1, 0.25, 1e-9])
    chosen = choose_kernel(x, y, inputs, shares, np.arange(FRAMES))
    np.testing.assert_allclose(chosen.metrics[:, 3], [0.25 / 16, 0.25 / 256], rtol=1e-9)
    np.testing.assert_allclose(chosen.metrics[:, 4], [1e-4 / 16, 1e-4 / 256], rtol=1e-9)


def test_inputs_in_other_units_count_the_same() -> None:
    x, y, inputs = problem()
    units = np.array([10.0, 0.01, 0.01, 0.01, 1e4])
    plain = choose_kernel(x, y, inputs, np.ones(3), BLOCKS["both"])
    other = choose_kernel(x * units, y, inputs_of(x * units, inputs.groups), np.ones(3), BLOCKS["both"])
    np.testing.assert_allclose(other.metrics, plain.metrics, rtol=1e-3)
    assert other.ridge == pytest.approx(plain.ridge, rel=1e-3)


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_coefficients_in_other_units_are_learned_alike(factor: float) -> None:
    x, y, inputs = problem()
    plain, other = (choose_kernel(x, unit * y, inputs, np.ones(3), BLOCKS["both"]) for unit in (1.0, factor))
    np.testing.assert_allclose(other.metrics, plain.metrics, rtol=1e-3)
    assert other.error == pytest.approx(factor**2 * plain.error, rel=1e-3)


def test_inputs_far_from_zero_count_the_same() -> None:
    x, y, inputs = problem()
    plain, far = (choose_kernel(x + away, y, inputs, np.ones(3), np.arange(FRAMES)) for away in (0.0, 1000.0))
    np.testing.assert_allclose(far.metrics, plain.metrics, rtol=1e-3)


def test_noise_is_allowed_for_where_there_is_noise() -> None:
    x, _, inputs = problem()
    noise = np.random.default_rng(0).normal(size=(FRAMES, 2))
    clean, noisy = (
        choose_kernel(x, x[:, :2] @ np.array([[1.0, 2.0], [3.0, -1.0]]) + some, inputs, np.ones(3), np.arange(FRAMES))
        for some in (0 * noise, 0.5 * noise)
    )
    assert clean.ridge == pytest.approx(1e-4)  # the least that may be
    assert clean.amounts == pytest.approx([1.0, np.exp(2.5)])  # and the most of what reaches far
    assert noisy.ridge > 5 * clean.ridge
    assert clean.error < 1e-4
    assert 0.5 <= noisy.error < 0.6  # a half, squared, in two columns, is what cannot be known


def test_the_search_stays_where_single_precision_can_play_what_it_finds(searched: dict[str, Any]) -> None:
    x, y, inputs = problem()
    choose_kernel(x, y, inputs, np.ones(3), np.arange(FRAMES))
    *metrics, strength, ridge = searched["options"]["bounds"]
    assert len(metrics) == 6
    assert set(metrics) == {(-25.0, 8.0)}
    assert strength == (-4.0, 2.5)
    assert np.exp(ridge) == pytest.approx([1e-4, 30.0])


def test_what_reaches_far_and_what_is_local_are_found_in_parts_of_their_own() -> None:
    """A sum of a slow function of one input and a quick one of the other."""
    x = np.random.default_rng(2).uniform(-1, 1, (150, 2))
    y = np.column_stack([2.0 * x[:, 0] + np.sin(9 * x[:, 1])])
    chosen = choose_kernel(x, y, inputs_of(x, np.arange(2)), np.ones(2), np.arange(150))
    local, far = chosen.metrics
    assert local[1] > 30 * local[0]
    assert far[0] > 30 * far[1] or far.max() < 0.01 * local.max()
    assert chosen.error < 0.01 * y.var()


def test_a_region_that_never_moves_gets_a_kernel_too() -> None:
    x, _, inputs = problem()
    for y in (np.zeros((FRAMES, 0)), np.zeros((FRAMES, 2))):
        chosen = choose_kernel(x, y, inputs, np.zeros(3) + 1e-300, BLOCKS["blocks"])
        assert np.isfinite(chosen.metrics).all()
        assert (chosen.error, chosen.metrics.shape) == (0.0, (2, 3))


def test_frames_that_are_the_same_do_not_upset_the_search() -> None:
    x, y, _ = problem()
    x, y = np.concatenate([x, x, x[:5]]), np.concatenate([y, y, y[:5]])
    chosen = choose_kernel(x, y, inputs_of(x, np.arange(5)), np.ones(5), np.arange(len(x)))
    assert np.isfinite(chosen.metrics).all()
    assert chosen.error < 1e-3


def test_the_same_frames_give_the_same_kernel() -> None:
    x, y, inputs = problem()
    first, second = (choose_kernel(x, y, inputs, np.ones(3), BLOCKS["both"]) for _ in range(2))
    assert first.metrics.tobytes() == second.metrics.tobytes()
    assert (first.ridge, first.error) == (second.ridge, second.error)


RIDGES, LONGER = (1e-3, 3e-2, 1.0, 10.0), (1.0, 4.0, 16.0)


def guess(shares: np.ndarray, longer: float, ridge: float) -> Kernel:
    """Shares of at least a ten-thousandth of the largest, in 16 and 256 variances of it or more."""
    metrics = np.maximum(shares / shares.max(), 1e-4) / longer / np.array([[16.0], [256.0]])
    return Kernel(metrics, np.ones(2), ridge, 0.0)


def apart(random: np.random.Generator, values: int, frames: int = 16, blocks: int = 6) -> np.ndarray:
    """Smooth noise (blocks * frames, values) that begins anew in every block."""
    return np.concatenate([gaussian_filter1d(random.normal(size=(frames, values)), 4.0, axis=0) for _ in range(blocks)])


@pytest.mark.parametrize("seed", [0, 7, 8])
def test_where_a_search_in_few_blocks_finds_no_more_than_chance_the_shares_stay(seed: int) -> None:
    """With the best of three lengths and four ridges."""
    random = np.random.default_rng(seed)
    x, y, blocks = apart(random, 6), apart(random, 2), np.arange(96) // 16
    inputs, shares = inputs_of(x, np.arange(6)), np.array([0.3, 1.0, 0.5, 0.1, 0.02, 1e-9])
    chosen = choose_kernel(x, y, inputs, shares, blocks)
    guesses = [guess(shares, longer, ridge) for longer in LONGER for ridge in RIDGES]
    errors = [left_out(each, inputs, x, y, blocks) for each in guesses]
    best = guesses[int(np.argmin(errors))]
    np.testing.assert_allclose(chosen.metrics, best.metrics, rtol=1e-9)
    np.testing.assert_array_equal(chosen.amounts, [1.0, 1.0])
    assert chosen.ridge == pytest.approx(best.ridge)
    assert chosen.error == pytest.approx(min(errors), rel=1e-6)


def test_where_few_blocks_tell_of_one_input_among_several_the_search_is_followed() -> None:
    random = np.random.default_rng(0)
    x, blocks = random.uniform(-1, 1, (120, 6)), np.arange(120) // 24
    y = np.column_stack([np.sin(4 * x[:, 2]), x[:, 2] ** 2]) + 0.3 * random.normal(size=(120, 2))
    inputs = inputs_of(x, np.arange(6))
    chosen = choose_kernel(x, y, inputs, np.ones(6), blocks)
    assert chosen.metrics[0, 2] > 5 * np.delete(chosen.metrics[0], 2).max()
    errors = [left_out(guess(np.ones(6), longer, ridge), inputs, x, y, blocks) for longer in LONGER for ridge in RIDGES]
    assert chosen.error < 0.4 * min(errors)


def test_among_very_many_inputs_the_few_that_matter_are_found_in_few_blocks() -> None:
    """There are 82 numbers to fit, and what is found in half of the blocks holds in the other half."""
    random = np.random.default_rng(0)
    x, blocks = random.uniform(-1, 1, (240, 40)), np.arange(240) // 24
    y = np.column_stack([np.sin(3 * x[:, 2]), x[:, 2] * x[:, 5]]) + 0.2 * random.normal(size=(240, 2))
    inputs = inputs_of(x, np.arange(40))
    chosen = choose_kernel(x, y, inputs, np.ones(40), blocks)
    assert set(np.argsort(-(chosen.metrics * chosen.amounts[:, None]).max(axis=0))[:2]) == {2, 5}
    errors = [
        left_out(guess(np.ones(40), longer, ridge), inputs, x, y, blocks) for longer in LONGER for ridge in RIDGES
    ]
    assert chosen.error < 0.5 * min(errors)


@pytest.mark.parametrize(("noise", "ridge"), [(0.0, 1e-3), (0.1, 3e-2), (1.0, 1.0), (3.0, 10.0)])
def test_the_search_begins_with_a_ridge_that_suits_the_noise(
    noise: float, ridge: float, searched: dict[str, Any]
) -> None:
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, (120, 4))
    y, blocks = x[:, :2] + noise * random.normal(size=(120, 2)), np.arange(120)
    inputs = inputs_of(x, np.arange(4))
    chosen = choose_kernel(x, y, inputs, np.ones(4), blocks)
    assert np.exp(searched["begin"][-1]) == pytest.approx(ridge)
    dense = [left_out(guess(np.ones(4), 1.0, each), inputs, x, y, blocks) for each in np.geomspace(1e-3, 30.0, 40)]
    assert left_out(of_logs(searched["begin"]), inputs, x, y, blocks) < 1.05 * min(dense)
    assert chosen.error < 1.01 * min(dense)
