"""Regions of a mesh, and how much each anchor is trusted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from glm_deep.dataset.frames import Frames, MeshFrames, MeshRest, Skinning
from glm_deep.dataset.source import ArchiveSource
from glm_deep.geometry.differential import graph_laplacian
from glm_deep.geometry.reconstruction import Reconstruction
from glm_deep.inputs import InputFrames, InputLayout
from glm_deep.train.prepare import Prepared, prepare
from glm_deep.train.regions import MOST_REGIONS, Region, find_regions
from glm_deep.train.subspaces import place_anchors
from glm_deep.train.weigh import anchor_weights

SIZE = 20  # of a square sheet, in vertices


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def sheets(name: str, at: tuple[float, ...]) -> MeshRest:
    """Square sheets that begin at these x, each a shell; and one vertex alone."""
    points, corners = [], []
    for number, start in enumerate(at):
        x, y = np.meshgrid(np.arange(SIZE) + start, np.arange(SIZE), indexing="ij")
        points.append(np.column_stack([x.ravel(), y.ravel(), np.zeros(SIZE**2)]))
        first = number * SIZE**2 + (np.arange(SIZE - 1)[:, None] * SIZE + np.arange(SIZE - 1)).ravel()
        corners.append(np.column_stack([first, first + 1, first + SIZE + 1, first + SIZE]))
    rest = np.concatenate([*points, [[-5.0, 0.0, 0.0]]]).astype(np.float32)
    quads = np.concatenate(corners).astype(np.int32)
    return MeshRest(name, rest, np.full(len(quads), 4, np.int32), quads.ravel())


def prepared(folder: Path, *meshes: MeshRest, frames: int = 400) -> Prepared:
    random = np.random.default_rng(0)
    floats = random.uniform(-1, 1, (frames, 2))
    layout = InputLayout(("a", "b"), np.full((2, 2), np.nan), (), np.zeros(0, np.int32), np.zeros((0, 4, 4)), ())
    inputs = InputFrames(floats, np.zeros((frames, 0, 4, 4)), np.zeros((frames, 0, 4, 4)))
    made = []
    for rest in meshes:
        linear = np.tile(rest.rest, (frames, 1, 1))
        deformed = linear + floats[:, :1, None].astype(np.float32)
        made.append(MeshFrames(rest, deformed, linear, Skinning()))
    source = ArchiveSource(Frames(layout, inputs, ("poses",) * frames, tuple(made)))
    return prepare(source, 0.1, 0, folder, lambda done, total: None, lambda: False)


def regions_of(ready: Prepared, moved_by: np.ndarray | None = None, seed: int = 0) -> tuple[Region, ...]:
    samples = place_anchors(ready, 0.0, {}, 100)
    count = sum(map(len, samples))
    moved = np.ones((count, 2)) if moved_by is None else moved_by
    return find_regions(ready, samples, moved, seed)


def shares_of(ready: Prepared, regions: tuple[Region, ...], mesh: int = 0) -> np.ndarray:
    """(V,R) of one mesh."""
    result = np.zeros((len(ready.source.meshes[mesh].rest), len(regions)))
    for number, region in enumerate(regions):
        if region.mesh == mesh:
            result[region.vertices, number] = region.blend
    return result


def test_shares_are_positive_and_add_up_to_one_at_every_vertex(tmp_path: Path) -> None:
    ready = prepared(tmp_path, sheets("one", (0.0, 40.0)), sheets("two", (0.0,)))
    regions = regions_of(ready)
    assert {region.mesh for region in regions} == {0, 1}
    for region in regions:
        assert (region.blend > 0).all()
        assert (np.diff(region.vertices) > 0).all()
    for mesh in (0, 1):
        np.testing.assert_allclose(shares_of(ready, regions, mesh).sum(axis=1), 1.0, atol=1e-12)


def test_shares_fade_over_borders_within_a_shell(tmp_path: Path) -> None:
    ready = prepared(tmp_path, sheets("one", (0.0,)))
    regions = regions_of(ready)
    assert len(regions) == 5
    shares = shares_of(ready, regions)
    assert (shares.max(axis=1) < 0.9).mean() > 0.1
    assert (shares.max(axis=1) > 0.999).mean() > 0.05
    laplacian = ready.graphs[0].laplacian.tocoo()
    joined = laplacian.row != laplacian.col
    steps = np.abs(shares[laplacian.row[joined]] - shares[laplacian.col[joined]])
    assert steps.max() < 0.5  # without blending it would be 1


def test_a_region_does_not_reach_from_one_shell_into_another(tmp_path: Path) -> None:
    ready = prepared(tmp_path, sheets("one", (0.0, 40.0)))
    regions = regions_of(ready)
    shells, samples = ready.graphs[0].shells, place_anchors(ready, 0.0, {}, 100)[0]
    for region in regions:
        assert set(shells[region.vertices].tolist()) == set(shells[samples[region.samples]].tolist())


def test_a_vertex_alone_belongs_to_the_region_of_its_own_sample(tmp_path: Path) -> None:
    ready = prepared(tmp_path, sheets("one", (0.0,)))
    samples = place_anchors(ready, 0.0, {}, 100)[0]
    alone = SIZE**2
    for region in regions_of(ready):
        assert (alone in region.vertices) == (alone in samples[region.samples])


def test_every_sample_makes_exactly_one_region(tmp_path: Path) -> None:
    ready = prepared(tmp_path, sheets("one", (0.0, 40.0)), sheets("two", (0.0,)))
    made = np.concatenate([region.samples for region in regions_of(ready)])
    assert sorted(made.tolist()) == list(range(200))


def test_what_different_inputs_move_are_different_regions(tmp_path: Path) -> None:
    """The border lies where the input changes, not where the mesh would be halved."""
    ready = prepared(tmp_path, sheets("one", (0.0,)), frames=56)
    samples = place_anchors(ready, 0.0, {}, 100)[0]
    near = ready.source.meshes[0].rest[samples, 0] < 6
    regions = regions_of(ready, np.column_stack([near, ~near]) * 1.0)
    assert len(regions) == 2
    for region in regions:
        assert len(set(near[region.samples].tolist())) == 1


@pytest.mark.parametrize(("frames", "count"), [(26, 1), (90, 3), (400, 5)])
def test_regions_are_as_many_as_frames_and_vertices_allow(tmp_path: Path, frames: int, count: int) -> None:
    """One for every 25 training frames and every 80 vertices."""
    assert len(regions_of(prepared(tmp_path, sheets("one", (0.0,)), frames=frames))) == count


def test_there_are_never_more_regions_than_a_model_may_have(tmp_path: Path) -> None:
    ready = prepared(tmp_path, sheets("one", tuple(range(0, 300, 50))), frames=1000)
    assert len(regions_of(ready)) == MOST_REGIONS == 24


def test_the_same_seed_gives_the_same_regions(tmp_path: Path) -> None:
    ready = prepared(tmp_path, sheets("one", (0.0, 40.0)))
    for first, second in zip(regions_of(ready, seed=3), regions_of(ready, seed=3)):
        np.testing.assert_array_equal(first.vertices, second.vertices)
        np.testing.assert_array_equal(first.blend, second.blend)


def test_a_mesh_that_nothing_moves_has_regions_too(tmp_path: Path) -> None:
    ready = prepared(tmp_path, sheets("one", (0.0,)))
    shares = shares_of(ready, regions_of(ready, np.zeros((100, 2))))
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-12)


CHAIN = 60
ANCHORS = np.arange(2, 60, 6)


def chain() -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """True offsets (30,V,3) of a line of vertices, those of a model that has them wrong, and more random numbers."""
    random = np.random.default_rng(0)
    truth = random.normal(size=(30, CHAIN, 3))
    return truth, truth + 0.3 * random.normal(size=truth.shape), random


def weights_of(truth: np.ndarray, direct: np.ndarray, anchored: np.ndarray) -> np.ndarray:
    laplacian = graph_laplacian(CHAIN, np.column_stack([np.arange(CHAIN - 1), np.arange(1, CHAIN)]))
    single = [array.astype(np.float32) for array in (truth, direct, anchored)]
    return anchor_weights(laplacian, ANCHORS, *single)


def test_anchors_that_err_less_weigh_more_in_proportion() -> None:
    truth, direct, random = chain()
    sigma = np.where(np.arange(10) < 5, 0.01, 0.03)
    noise = random.normal(size=(30, 10, 3)) * sigma[:, None]
    weights = weights_of(truth, direct, truth[:, ANCHORS] + noise)
    rms = np.sqrt(np.mean(noise**2, axis=(0, 2)))
    np.testing.assert_allclose(weights * rms, (weights * rms)[0], rtol=1e-3)
    assert weights[:5].min() > 2 * weights[5:].max()


def test_one_lucky_anchor_does_not_outweigh_the_others_beyond_thirty_times() -> None:
    truth, direct, random = chain()
    noise = 0.02 * random.normal(size=(30, 10, 3))
    noise[:, 3] = 0.0
    noise[:, 4] *= 1e4
    weights = weights_of(truth, direct, truth[:, ANCHORS] + noise)
    assert weights[3] / np.median(weights) == pytest.approx(30.0, rel=0.1)
    assert weights[4] / np.median(weights) == pytest.approx(1 / 30.0, rel=0.1)


def test_the_common_factor_is_that_with_the_smallest_error() -> None:
    truth, direct, random = chain()
    anchored = truth[:, ANCHORS] + 0.1 * random.normal(size=(30, 10, 3))
    weights = weights_of(truth, direct, anchored)
    laplacian = graph_laplacian(CHAIN, np.column_stack([np.arange(CHAIN - 1), np.arange(1, CHAIN)]))
    of_differentials = np.sqrt(np.mean(np.einsum("vw,fwd->fvd", laplacian.toarray(), truth - direct) ** 2))
    plain = of_differentials / np.sqrt(np.mean((anchored - truth[:, ANCHORS]) ** 2, axis=(0, 2)))
    errors = {}
    for factor in (0.01, 0.1, 1.0, 10.0):
        follow = Reconstruction(laplacian, ANCHORS, factor * plain).follow
        played = [pose + follow(there - pose[ANCHORS]) for pose, there in zip(direct, anchored)]
        errors[factor] = np.mean((played - truth) ** 2)
    np.testing.assert_allclose(weights, min(errors, key=lambda key: errors[key]) * plain, rtol=1e-4)


def test_anchors_worse_than_the_differentials_are_trusted_less_than_better_ones() -> None:
    truth, direct, random = chain()
    noise = random.normal(size=(30, 10, 3))
    good = weights_of(truth, direct, truth[:, ANCHORS] + 0.01 * noise)
    bad = weights_of(truth, direct, direct[:, ANCHORS] + 3.0 * noise)
    assert good.min() > 50 * bad.max()


def test_differentials_without_error_leave_all_weights_at_one() -> None:
    truth, _, random = chain()
    anchored = truth[:, ANCHORS] + 0.1 * random.normal(size=(30, 10, 3))
    np.testing.assert_array_equal(weights_of(truth, truth, anchored), np.ones(10))


def test_anchors_without_error_leave_all_weights_at_one() -> None:
    truth, direct, _ = chain()
    single = truth.astype(np.float32)
    np.testing.assert_array_equal(weights_of(single, direct, single[:, ANCHORS]), np.ones(10))
