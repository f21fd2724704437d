"""What is said about samples before they are learned."""

from __future__ import annotations

import numpy as np
import pytest

from glm_deep.dataset import preflight as preflight_module
from glm_deep.dataset.frames import Frames, MeshFrames, MeshRest, Skinning
from glm_deep.dataset.preflight import preflight
from glm_deep.dataset.source import ArchiveSource
from glm_deep.inputs import InputFrames, InputLayout

FRAMES = 12
REST = np.array([[0, 0, 0], [3, 0, 0], [3, 4, 0], [0, 4, 0]], np.float32)  # a diagonal of 5


def make_frames(floats: np.ndarray, offsets: np.ndarray, turn: np.ndarray | None = None) -> Frames:
    """One quad; `turn` (F, 4, 4) is the second of two influences that share all vertices equally."""
    names = tuple(f"c{number}" for number in range(floats.shape[1]))
    layout = InputLayout(names, np.full((len(names), 2), np.nan), (), np.zeros(0, np.int32), np.zeros((0, 4, 4)), ())
    count = len(floats)
    empty = np.zeros((count, 0, 4, 4))
    linear = np.tile(REST, (count, 1, 1))
    skinning = Skinning()
    if turn is not None:
        matrices = np.stack([np.tile(np.eye(4), (count, 1, 1)), turn], axis=1)
        skinning = Skinning(np.full((4, 2), 0.5, np.float32), matrices)
    mesh = MeshFrames(
        MeshRest("quad", REST, np.array([4]), np.arange(4)), (linear + offsets).astype(np.float32), linear, skinning
    )
    clips = tuple("walk" if frame < 6 else "run" for frame in range(count))
    return Frames(layout, InputFrames(floats, empty, empty), clips, (mesh,))


def texts(frames: Frames) -> list[str]:
    findings = preflight(ArchiveSource(frames))
    assert {finding.severity for finding in findings} <= {"warning"}
    return [finding.text for finding in findings]


def ordinary() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.uniform(0, 1, (FRAMES, 3)), rng.uniform(-0.1, 0.1, (FRAMES, 4, 3))


def test_ordinary_samples_are_passed_without_a_word() -> None:
    assert texts(make_frames(*ordinary())) == []


def test_inputs_that_never_move_are_named() -> None:
    floats, offsets = ordinary()
    floats[:, 1] = 0.5
    assert texts(make_frames(floats, offsets)) == ["the input c1 never moves and is left out"]
    floats = np.concatenate([floats, np.ones((FRAMES, 6))], axis=1)
    assert texts(make_frames(floats, offsets)) == [
        "7 inputs never move and are left out: c1, c3, c4, c5, c6 and 2 more"
    ]


def test_contradictory_frames_are_named_with_their_clips_and_distance() -> None:
    floats, offsets = ordinary()
    floats[9], offsets[9] = floats[2] + 0.9e-3 * np.ptp(floats, axis=0) / 2, offsets[2]
    assert texts(make_frames(floats, offsets)) == []
    offsets[9, 3, 0] += 0.5
    assert texts(make_frames(floats, offsets)) == [
        'mesh "quad": 1 pair of frames with the same inputs but shapes up to 10.00% of the diagonal apart: '
        "2 (walk) and 9 (run); an input may be missing"
    ]


def test_inputs_that_differ_by_more_than_a_thousandth_of_their_scale_contradict_nothing() -> None:
    floats, offsets = ordinary()
    floats[9] = floats[2] + 1.1e-3 * np.ptp(floats, axis=0) / 2
    assert texts(make_frames(floats, offsets)) == []


def test_shapes_that_differ_by_less_than_a_thousandth_of_the_diagonal_are_no_contradiction() -> None:
    floats, offsets = ordinary()
    for distance, count in ((0.0049, 0), (0.0051, 1)):
        floats[9], offsets[9] = floats[2], offsets[2]
        offsets[9, 0, 1] += distance
        assert len(texts(make_frames(floats, offsets))) == count


def test_frames_with_offsets_larger_than_the_mesh_are_named() -> None:
    floats, offsets = ordinary()
    offsets[4, 1], offsets[8, 2] = (6, 0, 0), (0, 10, 0)
    assert texts(make_frames(floats, offsets)) == [
        'mesh "quad": 2 frames with offsets larger than the mesh, up to 2.0 diagonals: 8 (run), 4 (walk)'
    ]


def test_nearly_singular_skinning_is_counted() -> None:
    floats, offsets = ordinary()
    turn = np.tile(np.eye(4), (FRAMES, 1, 1))
    turn[[1, 5], :3, :3] = np.diag([1.0, -1.0, -1.0])
    (text,) = texts(make_frames(floats, offsets, turn))
    assert "nearly singular in 8 places (0.17 of all" in text


def test_samples_are_read_piece_by_piece_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    floats, offsets = ordinary()
    floats[9], floats[11] = floats[2], floats[3]
    offsets[8, 2] = 0, 10, 0
    frames = make_frames(floats, offsets)
    whole = texts(frames)
    assert len(whole) == 2
    assert "2 pairs" in whole[0]
    monkeypatch.setattr(preflight_module, "_VERTICES_AT_ONCE", 8)
    assert texts(frames) == whole


def test_frames_without_truth_are_only_asked_for_their_inputs() -> None:
    frames = make_frames(*ordinary())
    object.__setattr__(frames.meshes[0], "deformed", None)
    assert texts(frames) == []
