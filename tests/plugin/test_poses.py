"""The list of poses: what it holds, in which order, and that a seed makes it again."""

from __future__ import annotations

import numpy as np
import pytest

from glm_deep_maya.poses import STEPS, Control, make_poses, pairs, random_poses, rest_of, surroundings, sweeps

CONTROLS = (
    Control("face.smile", ("face.smile",), 0.0, 1.0, 0.0),
    Control("jaw.rotateX", ("jaw",), -10.0, 30.0, 0.0),
    Control("jaw.rotateY", ("jaw",), -45.0, 45.0, 0.0),
    Control("face.kind", ("face.kind",), 0.0, 4.0, 0.0, whole=True),
    Control("brow.up", ("brow.up",), 0.25, 1.0, 0.25),
)
MANY = 2000


def moved(pose: np.ndarray) -> list[int]:
    """The controls that are not at rest."""
    return [int(number) for number in np.flatnonzero(pose != rest_of(CONTROLS))]


def test_the_same_seed_makes_the_same_poses_and_another_one_others() -> None:
    for count in (7, 300):
        first = make_poses(CONTROLS, count, 3)
        np.testing.assert_array_equal(first, make_poses(CONTROLS, count, 3))
        assert not np.array_equal(first, make_poses(CONTROLS, count, 4))


@pytest.mark.parametrize("count", [1, 2, 3, 10, 50, 333])
def test_there_are_as_many_as_were_asked_for_and_the_rest_comes_first(count: int) -> None:
    poses = make_poses(CONTROLS, count)
    assert poses.shape == (count, len(CONTROLS))
    np.testing.assert_array_equal(poses[0], [0, 0, 0, 0, 0.25])


def test_no_pose_is_outside_the_limits() -> None:
    poses = make_poses(CONTROLS, MANY)
    assert (poses >= [control.low for control in CONTROLS]).all()
    assert (poses <= [control.high for control in CONTROLS]).all()


def test_every_control_is_swept_alone_from_its_lowest_to_its_highest() -> None:
    poses = make_poses(CONTROLS, MANY)
    for number, control in enumerate(CONTROLS):
        alone = [pose[number] for pose in poses[: len(sweeps(CONTROLS)) + 1] if moved(pose) == [number]]
        expected = np.linspace(control.low, control.high, STEPS)
        np.testing.assert_allclose(alone, expected[expected != control.rest])


def test_every_two_controls_are_at_their_ends_together() -> None:
    poses = make_poses(CONTROLS, MANY)
    there = {tuple(pose) for pose in poses}
    ends = ((1,), (-10, 30), (-45, 45), (4,), (1,))
    for first in range(len(CONTROLS)):
        for second in range(first):
            for one in ends[first]:
                for other in ends[second]:
                    pose = rest_of(CONTROLS)
                    pose[[first, second]] = one, other
                    assert tuple(pose) in there


def test_no_pose_of_the_sweeps_and_pairs_is_there_twice() -> None:
    structured = make_poses(CONTROLS, MANY)[: 1 + len(sweeps(CONTROLS)) + len(pairs(CONTROLS))]
    assert len({tuple(pose) for pose in structured}) == len(structured)


def test_random_poses_move_about_a_third_of_the_controls_and_never_none() -> None:
    controls = [Control(f"c.{number}", (f"c.{number}",), -1.0, 1.0, 0.0) for number in range(30)]
    poses = random_poses(controls, 400, np.random.default_rng(0))
    active = (poses != 0).sum(axis=1)
    assert active.min() >= 1
    assert 8 < active.mean() < 12
    few = random_poses(CONTROLS[:2], 400, np.random.default_rng(0))
    assert (few != 0).any(axis=1).all()


def test_random_values_are_spread_evenly_between_the_limits() -> None:
    values = random_poses(CONTROLS, 4000, np.random.default_rng(1))[:, 1]
    counts, _ = np.histogram(values[values != 0], bins=4, range=(-10, 30))
    assert counts.min() > 0.8 * counts.mean()


def test_a_control_without_fractions_gets_whole_numbers() -> None:
    values = make_poses(CONTROLS, MANY)[:, 3]
    assert set(values) == {0, 1, 2, 3, 4}


def test_a_small_number_of_poses_still_holds_some_of_each_kind() -> None:
    counts = [len(moved(pose)) for pose in make_poses(CONTROLS, 20)]
    assert counts[0] == 0
    assert counts[1:10].count(1) == 9
    assert counts[10:15].count(2) == 5


def test_a_control_that_cannot_move_stays_and_is_no_reason_to_fail() -> None:
    stuck = Control("a.b", ("a.b",), 2.0, 2.0, 2.0)
    assert (make_poses([stuck, CONTROLS[0]], 50)[:, 0] == 2).all()
    assert (make_poses([stuck, CONTROLS[0]], 50)[1:, 1] != 0).all()
    np.testing.assert_array_equal(make_poses([stuck], 50), [[2.0]])


def test_many_controls_do_not_make_their_pairs_dear() -> None:
    controls = [Control(f"c.{number}", (f"c.{number}",), -1.0, 1.0, 0.0) for number in range(300)]
    assert make_poses(controls, 100).shape == (100, 300)


def test_a_control_is_tried_with_the_others_at_rest_and_at_both_ends() -> None:
    np.testing.assert_array_equal(
        surroundings(CONTROLS), [[0, 0, 0, 0, 0.25], [0, -10, -45, 0, 0.25], [1, 30, 45, 4, 1]]
    )
