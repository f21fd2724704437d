"""Warnings about frames on their way into the samples."""

from __future__ import annotations

import dataclasses

import numpy as np

from glm_deep.dataset.contradictions import contradictions, outside_limits
from glm_deep.dataset.frames import Frames, MeshFrames, Skinning
from store_frames import make_frames


def with_mesh(frames: Frames, **changes: object) -> Frames:
    mesh: MeshFrames = dataclasses.replace(frames.meshes[0], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(frames, meshes=(mesh, *frames.meshes[1:]))


def twins_of(frame: int, other: int, count: int = 4) -> np.ndarray:
    twins = np.full(count, -1)
    twins[frame] = other
    return twins


def test_the_distance_must_exceed_a_thousandth_of_the_diagonal() -> None:
    frames = make_frames(4, kind="none")
    mesh = frames.meshes[0]
    for share, warned in ((0.0009, 0), (0.0011, 1)):
        deformed, linear = np.array(mesh.deformed), np.array(mesh.linear)
        deformed[3] = deformed[1]
        linear[3] = linear[1]
        deformed[3, 2, 0] += share * mesh.rest.diagonal
        odd = with_mesh(frames, deformed=deformed, linear=linear)
        odd = dataclasses.replace(odd, meshes=odd.meshes[:1])
        assert len(contradictions(odd, twins_of(3, 1), None)) == warned


def test_a_pose_that_is_turned_as_a_whole_is_no_contradiction() -> None:
    frames = make_frames(2, kind="affine")
    mesh = frames.meshes[0]
    turn = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]], np.float32)
    deformed, linear = np.array(mesh.deformed), np.array(mesh.linear)
    deformed[1], linear[1] = deformed[0] @ turn.T, linear[0] @ turn.T
    affine = np.tile(np.eye(3, 4, dtype=np.float32), (*linear.shape[:2], 1, 1))
    affine[1, :, :, :3] = turn
    odd = with_mesh(frames, deformed=deformed, linear=linear, skinning=Skinning(affine=affine))
    odd = dataclasses.replace(odd, meshes=odd.meshes[:1])
    assert contradictions(odd, twins_of(1, 0, 2), None) == []


def test_only_the_limit_that_is_given_is_held_against_the_values() -> None:
    frames = make_frames(3)
    frames.inputs.floats[:] = [[0.0, 0.5], [-2.0, 0.75], [1.5, 0.25]]
    for limits, words in (
        ((-3.0, 1.0), ['float "smile" is 1.5 in frame 2, outside of its limits -3 to 1; the range']),
        ((-1.0, np.nan), ['float "smile" is -2 in frame 1, outside of its limits from -1; the range']),
        ((np.nan, 1.25), ['float "smile" is 1.5 in frame 2, outside of its limits up to 1.25; the range']),
        ((-2.0, 1.5), []),
        ((np.nan, np.nan), []),
    ):
        layout = dataclasses.replace(frames.layout, float_limits=np.array([limits, (np.nan, np.nan)]))
        found = outside_limits(dataclasses.replace(frames, layout=layout))
        assert [text[: text.index(" of the data")] for text in found] == words
