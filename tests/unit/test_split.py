"""What is held out of the training."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glm_deep.dataset.split import Split, is_continuous, split
from glm_deep.errors import DataError


def poses(frames: int, inputs: int = 4, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (frames, inputs))


def walk(frames: int) -> np.ndarray:
    time = np.linspace(0, 6 * np.pi, frames)
    return np.stack([np.sin(time), np.cos(time), np.sin(2 * time)], axis=1)


def sweeps(inputs: int, frames_each: int) -> np.ndarray:
    """One control after the other goes from rest to full and back."""
    values = np.zeros((inputs * frames_each, inputs))
    for control in range(inputs):
        ramp = np.sin(np.linspace(0, np.pi, frames_each))
        values[control * frames_each : (control + 1) * frames_each, control] = ramp
    return values


def assert_whole(parts: Split, frames: int) -> None:
    np.testing.assert_array_equal(np.sort(np.concatenate([parts.train, parts.validation])), np.arange(frames))
    assert (np.diff(parts.train) > 0).all()
    assert (np.diff(parts.validation) > 0).all()
    assert not set(parts.blocks[parts.train]) & set(parts.blocks[parts.validation])
    assert len(parts.blocks) == frames


def assert_variation_kept(parts: Split, values: np.ndarray, of_range: float, of_variance: float) -> None:
    training = values[parts.train]
    assert (np.ptp(training, axis=0) >= of_range * np.ptp(values, axis=0) - 1e-9).all()
    assert (training.var(axis=0) >= of_variance * values.var(axis=0) - 1e-9).all()


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
def test_unrelated_poses_are_scattered_one_by_one(share: float) -> None:
    values = poses(400)
    parts = split(("random",) * 400, values, share, 1)
    assert_whole(parts, 400)
    assert len(parts.validation) == round(share * 400)
    assert len(set(parts.blocks)) == 400
    assert_variation_kept(parts, values, 0.9, 0.5)


def test_a_continuous_clip_is_held_out_in_whole_blocks() -> None:
    parts = split(("walk",) * 500, walk(500), 0.2, 1)
    assert_whole(parts, 500)
    assert abs(len(parts.validation) - 100) <= 12
    sizes = np.bincount(parts.blocks)
    assert sizes.min() == sizes.max() == 25
    assert (np.diff(parts.blocks) >= 0).all()


def test_a_continuous_clip_of_some_seconds_has_blocks_of_a_second() -> None:
    assert set(np.bincount(split(("walk",) * 240, walk(240), 0.2, 1).blocks)) == {24}


def test_a_short_continuous_clip_has_five_blocks() -> None:
    assert np.bincount(split(("walk",) * 60, walk(60), 0.2, 1).blocks).tolist() == [12] * 5


def test_a_very_short_continuous_clip_still_has_five_blocks() -> None:
    assert np.bincount(split(("walk",) * 20, walk(60)[:20], 0.2, 1).blocks).tolist() == [4] * 5


def test_ten_frames_of_a_continuous_clip_can_be_split() -> None:
    parts = split(("walk",) * 10, walk(10), 0.1, 0)
    assert_whole(parts, 10)
    assert len(parts.validation) == 2


def test_every_clip_gives_its_part() -> None:
    values = np.concatenate([walk(200), poses(200, 3, seed=5), walk(100)])
    clips = ("walk",) * 200 + ("random",) * 200 + ("again",) * 100
    parts = split(clips, values, 0.2, 3)
    assert_whole(parts, 500)
    held = [clips[frame] for frame in parts.validation]
    assert [abs(held.count(clip) - count) <= 15 for clip, count in (("walk", 40), ("random", 40), ("again", 20))] == [
        True
    ] * 3


def test_clips_that_alternate_frame_by_frame_are_told_apart() -> None:
    values = np.empty((200, 3))
    values[::2], values[1::2] = walk(100), poses(100, 3)
    parts = split(("walk", "random") * 100, values, 0.1, 0)
    assert len(set(parts.blocks[::2])) == 5
    assert len(set(parts.blocks[1::2])) == 100


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("frames_each", [5, 12, 30])
def test_no_control_of_a_sweep_loses_its_variation(frames_each: int, seed: int) -> None:
    values = sweeps(8, frames_each)
    parts = split(("sweep",) * len(values), values, 0.3, seed)
    assert_whole(parts, len(values))
    assert_variation_kept(parts, values, 0.9, 0.5)


def test_a_control_that_moves_in_one_frame_only_stays_in_training() -> None:
    values = np.concatenate([poses(100), np.zeros((100, 1))], axis=1)
    values[37, 4] = 1
    for seed in range(10):
        assert 37 in split(("random",) * 100, values, 0.4, seed).train


def test_values_that_never_move_hinder_nothing() -> None:
    values = np.concatenate([poses(100), np.full((100, 3), 0.1)], axis=1)
    assert len(split(("random",) * 100, values, 0.25, 0).validation) == 25


def test_sparse_data_is_split_with_less_variation_rather_than_refused() -> None:
    values = np.repeat(np.eye(5), 2, axis=0) * np.tile([1.0, 0.6], 5)[:, None]
    parts = split(("shapes",) * 10, values, 0.2, 0)
    assert_whole(parts, 10)
    assert_variation_kept(parts, values, 0.1, 0.05)


def test_inputs_that_move_once_each_way_are_split_with_one_of_them() -> None:
    values = np.concatenate([np.eye(6), -np.eye(6)])
    parts = split(("shapes",) * 12, values, 0.2, 0)
    assert len(parts.validation) == 2
    assert_variation_kept(parts, values, 0.5, 0.25)


def test_data_that_cannot_be_split_is_refused() -> None:
    with pytest.raises(DataError, match="every input moves in too few of them"):
        split(("shapes",) * 12, np.eye(12), 0.2, 0)


@pytest.mark.parametrize("frames", [0, 1, 9])
def test_too_few_frames_are_refused_with_the_number_that_is_needed(frames: int) -> None:
    with pytest.raises(DataError, match=f"^{frames} frames are too few to train: at least 10 are needed"):
        split(("a",) * frames, poses(frames), 0.1, 0)


def test_the_share_leaves_at_least_eight_frames_for_training() -> None:
    parts = split(("a",) * 12, poses(12, 1), 0.9, 0)
    assert len(parts.train) >= 8


def test_the_seed_decides() -> None:
    values, clips = poses(200), ("a",) * 200
    first, again, other = (split(clips, values, 0.1, seed).validation for seed in (4, 4, 5))
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(other)


def test_clips_are_told_continuous_by_the_distance_of_successive_frames() -> None:
    random = np.random.default_rng(0)
    assert is_continuous(walk(50), random)
    assert is_continuous(sweeps(5, 20), random)
    assert is_continuous(np.zeros((20, 3)), random)
    assert not is_continuous(poses(50), random)
    assert not is_continuous(random.permutation(walk(50)), random)


@pytest.mark.parametrize(("ratio", "continuous"), [(0.4, True), (0.6, False)])
def test_steps_of_half_the_distance_of_random_frames_are_where_a_clip_stops_being_continuous(
    ratio: float, continuous: bool
) -> None:
    random = np.random.default_rng(1)
    noise = random.standard_normal((1000, 20))
    values = noise.copy()
    # of a stationary process with this correlation, steps are `ratio` times the distance of unrelated frames
    correlation = 1 - ratio**2
    for frame in range(1, len(values)):
        values[frame] = correlation * values[frame - 1] + np.sqrt(1 - correlation**2) * noise[frame]
    assert is_continuous(values, random) == continuous


@settings(max_examples=60, deadline=None)
@given(
    frames=st.integers(10, 60),
    inputs=st.integers(1, 5),
    share=st.floats(0.02, 0.5),
    seed=st.integers(0, 1000),
    smooth=st.booleans(),
)
def test_every_split_is_whole_and_keeps_the_variation(
    frames: int, inputs: int, share: float, seed: int, smooth: bool
) -> None:
    values = poses(frames, inputs, seed)
    if smooth:
        values = np.cumsum(values, axis=0)
    parts = split(tuple("ab"[frame % 2] for frame in range(frames)), values, share, seed)
    assert_whole(parts, frames)
    assert len(parts.train) >= 8
    assert len(parts.validation) >= 2
    assert_variation_kept(parts, values, 0.1, 0.05)
