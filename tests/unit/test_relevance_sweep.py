"""Sample characters are swept as the plug-in sweeps a rig."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench_relevance import frames_of, main, swept
from glm_deep.dataset.measured_relevance import MeasuredRelevance
from relevance_bench.sweep import AROUND, VALUES, measured_by, sweeps
from sample_limb.character import bodies


def test_every_channel_goes_from_low_to_high_while_the_others_stay() -> None:
    low, high = np.array([-1.0, 2.0, 0.0]), np.array([3.0, 4.0, 0.0])
    poses = sweeps(low, high).reshape(AROUND, 3, VALUES, 3)
    np.testing.assert_array_equal(poses[0, 0], [[value, 2, 0] for value in (0, -1, 0, 1, 2, 3)])
    np.testing.assert_array_equal(poses[1, 1], [[-1, value, 0] for value in (2, 2, 2.5, 3, 3.5, 4)])
    np.testing.assert_array_equal(poses[2, 2], [[3, 4, 0]] * VALUES)
    between = poses[3, 2, :, :2]
    assert ((between > low[:2]) & (between < high[:2])).all()
    assert (between == between[0]).all()


@pytest.fixture(scope="module")
def arm() -> MeasuredRelevance:
    """Of the arm in its sleeve."""
    return measured_by(swept("arm"))


def names_that_move(found: MeasuredRelevance, mesh: int, vertices: np.ndarray) -> set[str]:
    distances = found.distances[mesh][:, vertices].max(axis=1)
    return {name for name, far in zip(found.inputs, distances) if far > 1e-3}


def test_what_moves_the_arm_follows_from_how_it_was_modelled(arm: MeasuredRelevance) -> None:
    along = bodies()[0].shape.along
    floats = {"biceps_flex", "triceps_flex", "fist", "skin_slide", "veins"}
    tips = names_that_move(arm, 0, along > 68.0)
    assert tips.isdisjoint({"biceps_flex", "triceps_flex", "veins", "skin_slide", "clavicle", "shoulder", "elbow"})
    assert {"fist", "fingers"} <= tips
    upper = names_that_move(arm, 0, (along > 8.0) & (along < 14.0))
    assert {"biceps_flex", "triceps_flex", "shoulder", "elbow", "skin_slide"} <= upper
    assert upper.isdisjoint({"wrist", "fingers", "fingertips", "thumb"})
    assert floats < set(arm.inputs)
    assert len(arm.inputs) == 13


def test_random_poses_of_the_same_limits_stay_within_what_was_tried(arm: MeasuredRelevance) -> None:
    frames = frames_of("arm", "train", 120, 7)
    diagonal = frames.meshes[0].rest.diagonal
    assert arm.beyond(frames.layout, frames.inputs, diagonal) == ()
    less = replace(arm, tried=0.2 * arm.tried)
    assert set(less.beyond(frames.layout, frames.inputs, diagonal)) == set(arm.inputs)


def test_the_table_has_a_row_for_every_training(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    assert main(["--kinds", "arm", "--frames", "24", "--seeds", "3", "--json", str(figures)]) == 0
    *_, row = capsys.readouterr().out.splitlines()
    (found,) = json.loads(figures.read_text(encoding="utf-8"))["rows"]
    before, after = found["without"]["mean"], found["with"]["mean"]
    assert row.startswith(f"| arm | 24 | 3 | {found['with']['linear']:.4f} | {before:.4f} | {after:.4f} | ")
    assert after < before < found["with"]["linear"]
