"""Whether a gain is more than luck, against the statistics of textbooks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import t, ttest_1samp

from glm_deep.train.luck import proved

PARTS = 6
seeds = st.integers(0, 10_000)
block_sizes = st.lists(st.integers(1, 7), min_size=2, max_size=9)


def is_proved(gains: np.ndarray, blocks: np.ndarray) -> list[bool]:
    found: list[bool] = proved(torch.tensor(gains, dtype=torch.float32), torch.tensor(blocks)).tolist()
    return found


def in_blocks(seed: int, sizes: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Gains (n,PARTS) of which the frames of a block resemble each other, the parts gaining more and more."""
    random = np.random.default_rng(seed)
    blocks = np.repeat(np.arange(len(sizes)), sizes)
    gains = random.normal(size=(len(sizes), PARTS))[blocks] + random.normal(size=(len(blocks), PARTS))
    return (gains + np.linspace(-0.5, 3.0, PARTS)).astype(np.float32).astype(float), blocks


def errors_above_nothing(gains: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """(P,) the mean gain in standard errors: that of a ratio, the sum of a block over its size (Cochran 1977, 2.11)."""
    labels = sorted(set(blocks.tolist()))
    mean, spread = gains.mean(axis=0), np.zeros(gains.shape[1])
    for label in labels:
        own = gains[blocks == label]
        spread += (own.sum(axis=0) - len(own) * mean) ** 2
    variance = spread / (len(labels) - 1) / len(labels)
    result: np.ndarray = mean / (np.sqrt(variance) / (len(gains) / len(labels)))
    return result


def beyond_chance(errors: np.ndarray, blocks: int) -> list[bool]:
    """By chance alone one mean gain in forty is as many standard errors above nothing."""
    most = t.ppf(0.975, blocks - 1)
    assume(np.abs(errors - most).min() > 1e-4 * most)
    found: list[bool] = (errors > most).tolist()
    return found


def surely_above_nothing(values: np.ndarray) -> list[bool]:
    chance = ttest_1samp(values, 0.0, alternative="greater").pvalue
    assume(np.abs(chance - 0.025).min() > 1e-5)
    found: list[bool] = (chance < 0.025).tolist()
    return found


@given(seed=seeds, sizes=block_sizes)
def test_a_gain_is_proved_by_its_standard_errors_with_a_block_as_one_observation(seed: int, sizes: list[int]) -> None:
    gains, blocks = in_blocks(seed, sizes)
    assert is_proved(gains, blocks) == beyond_chance(errors_above_nothing(gains, blocks), len(sizes))


@given(seed=seeds, count=st.integers(2, 40))
def test_with_one_frame_a_block_it_is_the_t_test_of_the_frames(seed: int, count: int) -> None:
    gains, blocks = in_blocks(seed, [1] * count)
    assert is_proved(gains, blocks) == surely_above_nothing(gains)


@given(seed=seeds, count=st.integers(2, 9), size=st.integers(2, 7))
def test_with_as_many_frames_in_every_block_it_is_the_t_test_of_their_means(seed: int, count: int, size: int) -> None:
    gains, blocks = in_blocks(seed, [size] * count)
    means = gains.reshape(count, size, PARTS).mean(axis=1)
    assert is_proved(gains, blocks) == surely_above_nothing(means)


@given(seed=seeds, sizes=block_sizes, times=st.integers(2, 5))
def test_frames_that_are_repeated_within_their_blocks_prove_no_more(seed: int, sizes: list[int], times: int) -> None:
    gains, blocks = in_blocks(seed, sizes)
    beyond_chance(errors_above_nothing(gains, blocks), len(sizes))
    again = is_proved(np.repeat(gains, times, axis=0), np.repeat(blocks, times))
    assert again == is_proved(gains, blocks)


@given(seed=seeds, sizes=block_sizes)
def test_order_and_numbers_of_the_blocks_make_no_difference(seed: int, sizes: list[int]) -> None:
    gains, blocks = in_blocks(seed, sizes)
    beyond_chance(errors_above_nothing(gains, blocks), len(sizes))
    order = np.random.default_rng(seed).permutation(len(blocks))
    assert is_proved(gains[order], 1000 - 7 * blocks[order]) == is_proved(gains, blocks)


def test_sixty_frames_of_three_blocks_are_three_observations() -> None:
    blocks = np.repeat([0, 1, 2], 20)
    gains = np.array([-1.0, 1.0, 3.0])[blocks][:, None] + 0.1 * np.random.default_rng(0).normal(size=(60, 1))
    assert is_proved(gains, np.arange(60)) == [True]
    assert is_proved(gains, blocks) == [False]


@pytest.mark.parametrize("frames", [0, 1, 50])
def test_one_block_proves_nothing(frames: int) -> None:
    assert is_proved(np.full((frames, 2), 5.0), np.full(frames, 3)) == [False, False]


@pytest.mark.parametrize("count", [2, 3, 30])
def test_gains_without_a_mean_are_seldom_proved(count: int) -> None:
    random = np.random.default_rng(0)
    blocks = np.repeat(np.arange(count), 6)
    gains = random.normal(size=(count, 8000))[blocks] + random.normal(size=(len(blocks), 8000))
    assert 0.02 < np.mean(is_proved(gains, blocks)) < 0.03


def test_what_gains_in_every_block_is_proved_and_what_loses_is_not() -> None:
    blocks = np.repeat(np.arange(5), 4)
    gains = 1.0 + 0.3 * np.random.default_rng(0).normal(size=(20, 1))
    assert is_proved(np.column_stack([gains, -gains, 0.0 * gains]), blocks) == [True, False, False]
