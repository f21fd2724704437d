"""The sums of the mesh player against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.runtime.mesh_player import MeshPlayer
from glm_deep.runtime.model import MeshModel, PatchModel, RegionModel

OWN = 1  # the number of the mesh that is played, of three
ELSEWHERE = RegionModel(0, np.array([0], np.int32), np.ones((1, 3, 1), np.float32))  # a model has one component or more


def some(most: int) -> st.SearchStrategy[list[int]]:
    """Some of so many things, at least one, in order."""
    return st.sets(st.integers(0, most - 1), min_size=1).map(sorted)


@st.composite
def cases(draw: st.DrawFn) -> tuple[MeshModel, list[RegionModel], np.random.Generator]:
    """A mesh whose regions and patches overlap anyhow, and leave some vertices out, among regions of other meshes."""
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    count = draw(st.integers(1, 12))

    def single(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    regions = [ELSEWHERE]
    for _ in range(draw(st.integers(0, 5))):
        vertices = np.array(draw(some(count)), np.int32)
        size = draw(st.integers(0, 3))
        regions.append(RegionModel(draw(st.integers(0, 2)), vertices, single(len(vertices), 3, size)))
    anchors = random.choice(count, draw(st.integers(1, count)), replace=False).astype(np.int32)
    patches = []
    for _ in range(draw(st.integers(0, 5))):
        vertices, near = np.array(draw(some(count)), np.int32), np.array(draw(some(len(anchors))), np.int32)
        patches.append(PatchModel(vertices, near, single(len(vertices), len(near))))
    return MeshModel("m", 1, 1.0, single(count, 3), anchors, tuple(patches)), regions, random


def direct_by_loop(mesh: MeshModel, regions: list[RegionModel], coefficients: np.ndarray) -> np.ndarray:
    """(n,V,3) mean and regions in double precision."""
    result = np.tile(mesh.mean.astype(float), (len(coefficients), 1, 1))
    first = 0
    for region in regions:
        size = region.basis.shape[2]
        if region.mesh == OWN:
            for frame in range(len(coefficients)):
                own = coefficients[frame, first : first + size].astype(float)
                np.add.at(result[frame], region.vertices, region.basis.astype(float) @ own)
        first += size
    return result


def coefficients_for(regions: list[RegionModel], frames: int, random: np.random.Generator) -> np.ndarray:
    return random.normal(size=(frames, sum(region.basis.shape[2] for region in regions))).astype(np.float32)


@given(cases(), st.integers(1, 4))
def test_offsets_are_mean_regions_and_patches_added_up(
    case: tuple[MeshModel, list[RegionModel], np.random.Generator], frames: int
) -> None:
    mesh, regions, random = case
    coefficients = coefficients_for(regions, frames, random)
    pull = random.normal(size=(len(mesh.anchors), frames, 3)).astype(np.float32)
    expected = direct_by_loop(mesh, regions, coefficients)
    player = MeshPlayer(mesh, regions, OWN)
    direct = player.offsets(coefficients, None)
    assert (direct.dtype, direct.shape) == (np.float32, (frames, len(mesh.mean), 3))
    np.testing.assert_allclose(direct, expected, atol=1e-5)
    for patch in mesh.patches:
        for frame in range(frames):
            np.add.at(expected[frame], patch.vertices, patch.response.astype(float) @ pull[patch.anchors, frame])
    np.testing.assert_allclose(player.offsets(coefficients, pull[player.asked]), expected, atol=2e-5)
    np.testing.assert_array_equal(player.offsets(coefficients, None), direct)


@given(cases(), st.integers(1, 4))
def test_the_pull_goes_from_where_the_networks_have_the_anchors(
    case: tuple[MeshModel, list[RegionModel], np.random.Generator], frames: int
) -> None:
    mesh, regions, random = case
    learned = coefficients_for(regions, frames, random)
    added = random.normal(size=(len(mesh.anchors), frames, 3)).astype(np.float32)
    there = direct_by_loop(mesh, regions, learned) - mesh.mean
    player = MeshPlayer(mesh, regions, OWN)
    asked = sorted({int(anchor) for patch in mesh.patches for anchor in patch.anchors})
    assert player.asked.tolist() == asked
    found = player.pull(added[asked], learned)
    assert found.shape == (len(asked), frames, 3)
    np.testing.assert_allclose(found, (added - np.moveaxis(there[:, mesh.anchors], 1, 0))[asked], atol=1e-5)


def test_a_mesh_that_nothing_moves_stays_at_its_mean() -> None:
    mean = np.arange(6, dtype=np.float32).reshape(2, 3)
    player = MeshPlayer(MeshModel("m", 2, 1.0, mean, np.array([1, 0]), ()), [ELSEWHERE], OWN)
    assert player.anchor_count == 2
    for pull in (None, np.ones((0, 4, 3), np.float32)):
        np.testing.assert_array_equal(player.offsets(np.ones((4, 1), np.float32), pull), np.tile(mean, (4, 1, 1)))


@pytest.mark.parametrize("frames", [1, 5])
def test_a_vertex_of_many_parts_gets_all_of_them(frames: int) -> None:
    """Forty patches of one vertex, which are forty layers of one sum."""
    ones = np.ones((1, 1), np.float32)
    patches = tuple(PatchModel(np.array([number % 2]), np.array([0]), (number + 1) * ones) for number in range(40))
    mesh = MeshModel("m", 1, 1.0, np.zeros((3, 3), np.float32), np.array([2]), patches)
    player, pull = MeshPlayer(mesh, [ELSEWHERE], OWN), np.ones((1, frames, 3), np.float32)
    found = player.offsets(np.zeros((frames, 1), np.float32), pull)
    np.testing.assert_array_equal(found, np.tile(np.array([400.0, 420.0, 0.0])[:, None], (frames, 1, 3)))
