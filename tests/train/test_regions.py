"""Regions of a mesh."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from glm_deep.train.prepare import Prepared
from glm_deep.train.regions import MOST_REGIONS, Region, find_regions
from glm_deep.train.subspaces import place_anchors
from sheets import SIZE, prepared, sheets


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


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
