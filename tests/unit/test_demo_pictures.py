"""What the demo chooses to draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from demo_pictures import curves_of, telling_poses
from glm_deep.events import Epoch, EventWriter, Started, Warned


def epoch(model: str, number: int, losses: tuple[float, float], best: bool = False, **anchors: object) -> Epoch:
    return Epoch(model, number, 3, *losses, 1e-3, best=best, **anchors)


def test_a_curve_holds_the_losses_of_its_model_and_its_best_epoch(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with EventWriter(path) as writer:
        writer.write(Started("0001", "arm", 1, "here", "0.1.0"))
        writer.write(epoch("differential", 1, (4.0, 5.0), best=True))
        writer.write(Warned("few frames"))
        writer.write(epoch("differential", 2, (2.0, 3.0), best=True))
        writer.write(epoch("differential", 3, (1.0, 3.5)))
    curves = curves_of(path)
    assert list(curves) == ["differential"]
    curve = curves["differential"]
    assert_array_equal(curve.epochs, [1, 2, 3])
    assert_array_equal(curve.training, [4.0, 2.0, 1.0])
    assert_array_equal(curve.validation, [5.0, 3.0, 3.5])
    assert curve.best_epoch == 2


def test_without_validation_no_epoch_is_called_the_best(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with EventWriter(path) as writer:
        writer.write(Started("0001", "arm", 1, "here", "0.1.0"))
        writer.write(epoch("differential", 1, (4.0, float("nan")), best=True))
    assert curves_of(path)["differential"].best_epoch is None


def test_the_models_of_the_anchors_have_a_line_each(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with EventWriter(path) as writer:
        writer.write(Started("0001", "arm", 1, "here", "0.1.0"))
        for number in (1, 2):
            losses = {"anchor_train": (1.0 / number, 2.0, 3.0), "anchor_validation": (4.0, 5.0, 6.0 / number)}
            writer.write(epoch("subspaces", number, (2.0, 5.0), **losses))
    curve = curves_of(path)["subspaces"]
    assert_array_equal(curve.training, [[1.0, 0.5], [2.0, 2.0], [3.0, 3.0]])
    assert_array_equal(curve.validation, [[4.0, 4.0], [5.0, 5.0], [6.0, 3.0]])
    assert curve.best_epoch is None


@pytest.fixture
def truth() -> dict[str, np.ndarray]:
    """Five frames of a triangle in two clips; linear skinning is off by 1, 3, 2, 5 and 4."""
    deformed = np.zeros((5, 3, 3))
    linear = deformed.copy()
    linear[:, :, 0] = np.array([1.0, 3.0, 2.0, 5.0, 4.0])[:, None]
    return {
        "meshes": np.array(["body"]),
        "clip": np.array(["walk", "walk", "walk", "jump", "jump"]),
        "body.face_sizes": np.array([3]),
        "body.face_vertices": np.array([0, 1, 2]),
        "body.linear": linear,
        "body.deformed": deformed,
    }


def test_the_worst_linear_frame_of_each_clip_is_drawn_and_the_worst_predicted(truth: dict[str, np.ndarray]) -> None:
    posed = np.full((5, 3, 3), 0.1)
    posed[2] = 0.5
    poses = telling_poses(truth, {"body.posed": posed})
    assert [pose.name for pose in poses] == [
        "jump, frame 0: where linear skinning is worst",
        "walk, frame 1: where linear skinning is worst",
        "walk, frame 2: where the prediction is worst",
    ]
    mesh = poses[0].meshes[0]
    assert_array_equal(mesh.linear, truth["body.linear"][3])
    assert_array_equal(mesh.predicted, posed[3])
    assert_array_equal(mesh.truth, truth["body.deformed"][3])


def test_a_frame_that_is_worst_in_both_ways_is_drawn_once(truth: dict[str, np.ndarray]) -> None:
    posed = np.zeros((5, 3, 3))
    posed[1] = 0.5
    names = [pose.name for pose in telling_poses(truth, {"body.posed": posed})]
    assert names == ["jump, frame 0: where linear skinning is worst", "walk, frame 1: where the prediction is worst"]
