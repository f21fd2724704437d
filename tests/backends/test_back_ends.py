"""Every back-end plays what the formulas say, whatever was played before."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from glm_deep.backends.back_end import NUMPY, ONNXRUNTIME, TORCH_CPU, TORCH_FP16, TORCH_FP32, BackEnd
from glm_deep.backends.opening import ModelFile, open_back_end
from glm_deep.inputs import raw_values
from glm_deep.runtime.evaluator import exact_player

LIMITS = {NUMPY: 1e-5, ONNXRUNTIME: 1e-6, TORCH_CPU: 1e-6, TORCH_FP32: 1e-6, TORCH_FP16: 1e-4}
"""How far each may be from the player in double precision, in parts of the diagonal."""

cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU here")
NAMES = (
    NUMPY,
    ONNXRUNTIME,
    TORCH_CPU,
    pytest.param(TORCH_FP32, marks=cuda),
    pytest.param(TORCH_FP16, marks=cuda),
)


class Played:
    """A back-end, and how far it is from the truth."""

    def __init__(self, name: str, file: ModelFile) -> None:
        self.back_end: BackEnd = open_back_end(name, file, 1)
        self._model, self._limit = file.model, LIMITS[name]
        self._truth = exact_player(file.model)

    def set_quality(self, quality: float) -> None:
        self.back_end.set_quality(quality)
        self._truth.set_quality(quality)

    def check(self, values: np.ndarray, found: list[np.ndarray] | None = None) -> list[np.ndarray]:
        """Plays, unless it is given what was found, and compares."""
        found = self.back_end.play(values) if found is None else found
        expected = self._truth.play(values)
        assert len(found) == len(expected)
        for ours, truth, mesh in zip(found, expected, self._model.meshes):
            assert (ours.shape, ours.dtype) == (truth.shape, np.dtype(np.float32))
            assert np.abs(ours - truth).max() <= self._limit * mesh.diagonal
        return found


@pytest.fixture(params=NAMES)
def played(request: pytest.FixtureRequest, file: ModelFile) -> Played:
    return Played(request.param, file)


@pytest.fixture(scope="module")
def values(model, poses) -> np.ndarray:
    return raw_values(model.layout, poses(30))


@pytest.mark.parametrize("quality", [None, 0.5, 0.0, 1.0])
@pytest.mark.parametrize("count", [1, 5, 20])
def test_a_back_end_plays_as_the_player_in_double_precision(
    played: Played, values: np.ndarray, count: int, quality: float | None
) -> None:
    if quality is not None:
        played.set_quality(quality)
    played.check(values[:count])


def test_the_comparison_would_see_anchors_that_are_left_out(file: ModelFile, values: np.ndarray) -> None:
    player = exact_player(file.model)
    whole = player.play(values)
    player.set_quality(0.5)
    for full, less in zip(whole, player.play(values)):
        assert np.abs(full - less).max() > 10 * max(LIMITS.values())


def test_batches_of_many_sizes_follow_each_other(played: Played, values: np.ndarray) -> None:
    sizes = (1, 5, 2, 7, 3, 9, 1, 7, 9, 5, 3)  # more than those whose buffers a GPU keeps
    for turn, size in enumerate(sizes):
        played.check(values[turn : turn + size])


def test_what_was_played_before_stays_as_it_is(played: Played, values: np.ndarray) -> None:
    parts = [values[:4], values[4:8], values[8:12], values[12:13], values[13:14]]
    found = [played.back_end.play(part) for part in parts]
    for part, offsets in zip(parts, found):
        played.check(part, offsets)


def test_the_result_belongs_to_the_caller(played: Played, values: np.ndarray) -> None:
    for offsets in played.back_end.play(values[:3]):
        offsets += 1.0
    played.check(values[:3])


def test_the_values_are_left_as_they_are(played: Played, values: np.ndarray) -> None:
    given = values[:3].copy()
    played.back_end.play(given)
    np.testing.assert_array_equal(given, values[:3])


def test_the_quality_can_be_turned_between_calls(played: Played, values: np.ndarray) -> None:
    for quality in (1.0, 0.3, 0.0, 1, 0, 0.7, 1.0):
        played.set_quality(quality)
        played.check(values[:5])
        played.check(values[:1])
