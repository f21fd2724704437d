"""What was measured in the scene guides a training where the samples alone mislead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from glm_deep.config import Relevance
from glm_deep.dataset.fingerprint import fingerprint
from glm_deep.dataset.frames import Frames, MeshFrames, Skinning
from glm_deep.dataset.measured_relevance import UNMOVED, MeasuredRelevance, extents
from glm_deep.dataset.source import ArchiveSource
from glm_deep.inputs import InputFrames, InputLayout
from glm_deep.train.learn import Learned
from glm_deep.train.left_out import LeftOver
from glm_deep.train.measured import Measured, measured_of
from glm_deep.train.prepare import Prepared, prepare
from glm_deep.train.region_facts import relevance_warnings
from glm_deep.train.regions import Region, find_regions
from glm_deep.train.subspaces import place_anchors
from glm_deep.train.told import kept_out_as_measured, told_at, told_of_regions
from learning import QUICK, Character, Run, rms, tube
from measured import same_everywhere

TWINS = ("worker", "idler")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def pair(together: bool, frames: int = 80, seed: int = 3) -> ArchiveSource:
    """A tube that one float pushes in and out, beside another float that does nothing, and may move just alike."""
    random = np.random.default_rng(seed)
    worker = random.uniform(-1.0, 1.0, frames)
    idler = worker.copy() if together else random.uniform(-1.0, 1.0, frames)
    rest = tube("body")
    place = np.exp(-((rest.rest[:, 0] - 3.0) ** 2))[:, None] * rest.rest * (0.0, 1.0, 1.0)
    linear = np.repeat(rest.rest[None], frames, axis=0)
    deformed = linear + 0.3 * np.sin(2.0 * worker)[:, None, None] * place
    none = np.zeros((0, 4, 4))
    layout = InputLayout(TWINS, np.full((2, 2), np.nan), (), np.zeros(0, np.int32), none, ())
    inputs = InputFrames(
        np.column_stack([worker, idler]), np.tile(none, (frames, 1, 1, 1)), np.tile(none, (frames, 1, 1, 1))
    )
    mesh = MeshFrames(rest, deformed.astype(np.float32), linear.astype(np.float32), Skinning())
    return ArchiveSource(Frames(layout, inputs, ("poses",) * frames, (mesh,)))


def farthest(source: ArchiveSource, **moving: float) -> Measured:
    """What a measurement in the numbers of a source of one mesh finds: each input moves every vertex so far."""
    names, (mesh,) = source.layout.group_names, source.meshes
    distances = same_everywhere(names, moving, len(mesh.rest))
    return Measured(np.isin(names, list(moving)), (distances,), (mesh,), "made up")


def learned_with(tmp_path: Path, source: ArchiveSource, known: Measured | None) -> Learned:
    folder = tmp_path / f"work {len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    return Run().learn(source, QUICK, folder, known=known)


def test_of_two_inputs_that_always_move_together_the_one_that_was_measured_to_move_is_taken(tmp_path: Path) -> None:
    source, apart = pair(together=True), pair(together=False, seed=8)
    blind = learned_with(tmp_path, source, None)
    seeing = learned_with(tmp_path, source, farthest(source, worker=0.3, idler=0.0))
    errors = [rms(each, apart)["model"] for each in (blind, seeing)]
    assert rms(blind, source)["model"] < 0.1 * errors[0]  # the samples are learned, and mislead
    assert errors[1] < 0.1 * errors[0]
    assert (seeing.solved.regions[0].moved[1], blind.solved.regions[0].moved[1] > 0) == (0.0, True)


def test_the_one_that_moves_more_counts_more_where_neither_can_be_kept_out(tmp_path: Path) -> None:
    source, apart = pair(together=True), pair(together=False, seed=8)
    blind = learned_with(tmp_path, source, None)
    seeing = learned_with(tmp_path, source, farthest(source, worker=0.3, idler=0.003))
    assert rms(seeing, apart)["model"] < 0.5 * rms(blind, apart)["model"]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Two meshes of 196 vertices, "body" and "sleeve", and the inputs swell, push, root, elbow; the elbow is unknown.

    The swell moves the far half of the body alone, the push nothing, the root the sleeve alone.
    """
    source = Character(meshes=("body", "sleeve")).source()
    body, sleeve = (np.zeros((196, 4), np.float32) for _ in range(2))
    body[98:, 0], sleeve[:, 2] = 0.5, 0.25
    sleeve[:, 1] = 0.99 * UNMOVED * source.meshes[1].diagonal
    known = Measured(np.array([True, True, True, False]), (body, sleeve), tuple(source.meshes), "made up")
    work = tmp_path_factory.mktemp("work")
    return prepare(source, 0.1, 0, work, lambda done, total: None, lambda: False, known)


def region(first: int, last: int, mesh: int = 0) -> Region:
    return Region(mesh, np.arange(first, last), np.ones(last - first), np.array([0]))


def test_an_input_that_does_not_move_a_vertex_is_told_so(ready: Prepared) -> None:
    found = told_at(ready, (), (np.array([97, 98]), np.array([5])))
    assert found.tolist() == [[-1, -1, -1, 0], [0, -1, -1, 0], [-1, -1, 0, 0]]


def test_an_input_is_kept_out_of_regions_of_which_it_moves_nothing(ready: Prepared) -> None:
    regions = (region(0, 98), region(0, 99), region(98, 196), region(0, 196, mesh=1))
    found = told_of_regions(ready, (), regions)
    assert found.tolist() == [[-1, -1, -1, 0], [0, -1, -1, 0], [0, -1, -1, 0], [-1, -1, 0, 0]]


def test_the_share_of_a_vertex_in_a_region_counts(ready: Prepared) -> None:
    limit = UNMOVED * ready.source.meshes[0].diagonal / 0.5
    for share, kept_out in ((0.9 * limit**2, -1), (1.1 * limit**2, 0)):
        faded = Region(0, np.array([97, 98]), np.array([1.0 - share, share]), np.array([0]))
        assert told_of_regions(ready, (), (faded,))[0, 0] == kept_out


def test_what_the_configuration_tells_wins(ready: Prepared) -> None:
    entries = (Relevance("push", "body", (), True), Relevance("swell", "body", (), False))
    regions = (region(98, 196), region(0, 196, mesh=1))
    assert told_of_regions(ready, entries, regions).tolist() == [[-1, 1, -1, 0], [-1, -1, 0, 0]]
    assert told_at(ready, entries, (np.array([98]), np.array([5]))).tolist() == [[-1, 1, -1, 0], [-1, -1, 0, 0]]
    by_measurement = kept_out_as_measured(ready, entries, regions)
    assert by_measurement.tolist() == [[False, False, True, False], [True, True, False, False]]


def test_samples_and_measurement_meet_at_their_geometric_mean(ready: Prepared) -> None:
    assert ready.measured is not None
    body, sleeve = np.full((196, 4), 0.2, np.float32), np.full((196, 4), 0.1, np.float32)
    body[:, 1] = 0.8
    known = replace(ready.measured, distances=(body, sleeve))
    moved = np.array([[4.0, 1.0, 0.0, 7.0], [0.5, 2.0, 1.0, 3.0]])
    found = known.blended_with(moved, (np.array([4]), np.array([9])), (2.0, 3.0))
    measured = np.array([[0.4, 1.6, 0.4], [0.3, 0.3, 0.3]]) ** 2
    measured *= (4.0 + 1.0 + 0.5 + 2.0 + 1.0) / measured.sum()
    np.testing.assert_allclose(found[:, :3], np.sqrt(moved[:, :3] * measured), rtol=1e-6)
    np.testing.assert_array_equal(found[:, 3], moved[:, 3])


def test_few_frames_make_more_regions_where_it_is_known_what_moves_what(ready: Prepared) -> None:
    samples = place_anchors(ready, 0.0, {}, 60)
    moved = np.random.default_rng(0).uniform(size=(120, 4))
    counts = [len(find_regions(each, samples, moved, 0)) for each in (ready, replace(ready, measured=None))]
    assert counts == [4, 2]


def test_inputs_are_matched_by_their_names_and_unknown_where_the_samples_go_beyond(tmp_path: Path) -> None:
    source = Character().source()
    gone = extents(source.layout, source.inputs)
    described = fingerprint(source.layout, source.meshes, [True])
    rows = np.stack([np.full(196, 3.0, np.float32), np.full(196, 1.0, np.float32)])
    found = measured_of(source, MeasuredRelevance(described, ("elbow", "swell"), gone[[3, 0]], (rows,)))
    assert found.known.tolist() == [True, False, False, True]
    np.testing.assert_array_equal(found.distances[0][:, [0, 3]], rows[::-1].T)
    assert found.remarks == ()
    less = measured_of(source, MeasuredRelevance(described, ("elbow", "swell"), gone[[3, 0]] * [[0.5], [1]], (rows,)))
    assert less.known.tolist() == [True, False, False, False]
    (remark,) = less.remarks
    assert remark.endswith("so it does not count for them: elbow.")


def test_an_input_that_was_measured_to_move_nothing_and_seems_left_out_is_named_with_what_to_do(
    tmp_path: Path,
) -> None:
    source = Character().source()
    learned = learned_with(tmp_path, source, farthest(source, swell=0.0, push=0.3, elbow=0.3))
    count = len(learned.solved.regions)
    explained = np.zeros((count, 4))
    explained[0, 0] = 0.3
    left = LeftOver(np.eye(count)[0], explained, np.zeros(count))
    (told,) = relevance_warnings(learned, left, ())
    assert told.endswith(
        '"swell" (30%), which hardly counts there; the measured relevance keeps that out: measure again with '
        "glmDeepRelevance, or tell of it in training.relevance with moves true."
    )
    entries = (Relevance("swell", "body", (), False),)
    (told,) = relevance_warnings(learned, left, entries)
    assert told.endswith("an entry of training.relevance keeps that out: take it away.")
