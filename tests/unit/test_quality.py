"""The quality dial against playing with the other anchors where the differential model has them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.runtime.mesh_player import MeshPlayer
from glm_deep.runtime.model import MeshModel, PatchModel, RegionModel
from glm_deep.runtime.quality import kept_anchors, with_anchors

VERTICES, ANCHORS = 25, 14


def mesh_of(seed: int = 0, patches: int = 6) -> MeshModel:
    """A mesh with patches about random vertices and anchors."""
    random = np.random.default_rng(seed)

    def some(count: int) -> np.ndarray:
        return np.sort(random.choice(count, int(random.integers(1, count)), replace=False)).astype(np.int32)

    made = []
    for _ in range(patches):
        vertices, anchors = some(VERTICES), random.permutation(some(ANCHORS))
        made.append(PatchModel(vertices, anchors, random.normal(size=(len(vertices), len(anchors))).astype(np.float32)))
    anchors = random.choice(VERTICES, ANCHORS, replace=False).astype(np.int32)
    return MeshModel("body", 3, 1.0, random.normal(size=(VERTICES, 3)).astype(np.float32), anchors, tuple(made))


def played(mesh: MeshModel, pull: np.ndarray) -> np.ndarray:
    elsewhere = RegionModel(1, np.array([0]), np.ones((1, 3, 1), np.float32))  # a model has one component or more
    player = MeshPlayer(mesh, [elsewhere], 0)
    return player.offsets(np.zeros((pull.shape[1], 1), np.float32), pull[player.asked])


@given(st.integers(0, 200), st.integers(1, ANCHORS))
def test_an_anchor_that_is_dropped_is_one_whose_pull_is_zero(seed: int, count: int) -> None:
    mesh = mesh_of(seed)
    pull = np.random.default_rng(seed + 1).normal(size=(ANCHORS, 4, 3)).astype(np.float32)
    fewer = with_anchors(mesh, count)
    assert fewer.anchors.tolist() == mesh.anchors[:count].tolist()
    still = pull.copy()
    still[count:] = 0.0
    np.testing.assert_allclose(played(fewer, pull[:count]), played(mesh, still), atol=2e-5)


def test_dropped_anchors_cost_nothing() -> None:
    mesh = mesh_of()
    for count in range(1, ANCHORS + 1):
        patches = with_anchors(mesh, count).patches
        assert len(patches) == sum(1 for patch in mesh.patches if (patch.anchors < count).any())
        for patch in patches:
            assert 0 < len(patch.anchors) == patch.response.shape[1]
            assert (patch.anchors < count).all()
            assert patch.response.flags.c_contiguous
            assert patch.response.dtype == np.float32


def test_a_patch_whose_anchors_are_all_dropped_goes() -> None:
    response = np.ones((2, 1), np.float32)
    patches = tuple(PatchModel(np.array([0, 1]), np.array([anchor]), response) for anchor in (0, 3, 1))
    mesh = MeshModel("m", 1, 1.0, np.zeros((2, 3), np.float32), np.arange(4), patches)
    assert [each.anchors.tolist() for each in with_anchors(mesh, 3).patches] == [[0], [1]]


def test_turning_down_in_two_steps_is_turning_down_in_one() -> None:
    twice, once = with_anchors(with_anchors(mesh_of(), 12), 5), with_anchors(mesh_of(), 5)
    assert len(twice.patches) == len(once.patches)
    for first, second in zip(twice.patches, once.patches):
        np.testing.assert_array_equal(first.response, second.response)
        np.testing.assert_array_equal(first.anchors, second.anchors)
        np.testing.assert_array_equal(first.vertices, second.vertices)


def test_full_quality_drops_none() -> None:
    mesh = mesh_of()
    assert kept_anchors(mesh, 1.0) == ANCHORS
    full = with_anchors(mesh, ANCHORS)
    assert full.patches == mesh.patches  # the very arrays
    np.testing.assert_array_equal(full.anchors, mesh.anchors)


def test_what_is_no_matter_of_anchors_stays() -> None:
    mesh = mesh_of()
    fewer = with_anchors(mesh, 4)
    assert (fewer.name, fewer.shell_count, fewer.diagonal) == ("body", 3, 1.0)
    assert fewer.mean is mesh.mean
    assert len(mesh.anchors) == ANCHORS


def small(anchors: int, shells: int) -> MeshModel:
    return MeshModel("m", shells, 1.0, np.zeros((anchors, 3), np.float32), np.arange(anchors), ())


def test_the_dial_goes_from_three_anchors_to_all() -> None:
    mesh = small(103, 1)
    assert [kept_anchors(mesh, quality) for quality in (0.0, 0.25, 0.5, 1.0)] == [3, 28, 53, 103]


def test_every_shell_keeps_its_anchor() -> None:
    assert [kept_anchors(small(20, 7), quality) for quality in (0.0, 0.5, 1.0)] == [7, 13, 20]


@pytest.mark.parametrize("anchors", [1, 2, 3])
def test_a_mesh_with_no_more_than_three_anchors_keeps_them(anchors: int) -> None:
    assert [kept_anchors(small(anchors, 1), quality) for quality in (0.0, 1.0)] == [anchors, anchors]


@given(st.integers(1, 50), st.integers(1, 50), st.floats(-2, 3), st.floats(-2, 3))
def test_the_kept_anchors_rise_with_the_quality_and_stay_within_bounds(
    anchors: int, shells: int, low: float, high: float
) -> None:
    mesh = small(anchors, min(shells, anchors))
    fewer, more = (kept_anchors(mesh, quality) for quality in sorted((low, high)))
    assert min(anchors, max(3, mesh.shell_count)) <= fewer <= more <= anchors
