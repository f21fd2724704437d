"""The quality dial against reconstructions that never had the other anchors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.geometry.anchors import choose_anchors
from glm_deep.geometry.differential import graph_laplacian
from glm_deep.geometry.reconstruction import Reconstruction
from glm_deep.geometry.topology import shells_of
from glm_deep.runtime.model import MeshModel
from glm_deep.runtime.quality import kept_anchors, with_anchors

SIZE, ANCHORS = 8, 20


def edges() -> np.ndarray:
    """Two square sheets and a vertex alone."""
    found = []
    for start in (0, SIZE**2):
        for row in range(SIZE):
            for column in range(SIZE):
                here = start + row * SIZE + column
                found += [(here, here + 1)] * (column + 1 < SIZE) + [(here, here + SIZE)] * (row + 1 < SIZE)
    return np.array(found, np.int64)


VERTICES = 2 * SIZE**2 + 1


def mesh_of(strength: float) -> tuple[MeshModel, np.ndarray]:
    """A mesh with the response of its reconstruction, and the weights of its anchors."""
    random = np.random.default_rng(0)
    rest, shells = random.normal(size=(VERTICES, 3)), shells_of(VERTICES, edges())
    anchors = choose_anchors(rest, shells, ANCHORS)
    weights = strength * random.uniform(0.2, 3.0, ANCHORS)
    response = Reconstruction(graph_laplacian(VERTICES, edges()), anchors, weights).response()
    basis = random.normal(size=(ANCHORS, 3, 4)).astype(np.float32)
    mean = np.zeros((VERTICES, 3), np.float32)
    everywhere, at_anchors = response.everywhere, response.at_anchors
    return MeshModel("body", 3, 1.0, mean, everywhere, at_anchors, anchors.astype(np.int32), basis), weights


def dense_response(anchors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    laplacian = np.zeros((VERTICES, VERTICES))
    for first, second in edges():
        laplacian[first, second] = laplacian[second, first] = -1
        laplacian[first, first] += 1
        laplacian[second, second] += 1
    picking = np.eye(VERTICES)[anchors]
    weighted = picking.T @ np.diag(weights**2)
    return np.linalg.solve(laplacian.T @ laplacian + weighted @ picking, weighted)


@pytest.mark.parametrize(("strength", "tolerance"), [(0.03, 1e-5), (1.0, 1e-6), (300.0, 1e-6)])
@pytest.mark.parametrize("count", [3, 4, 11, 19, 20])
def test_fewer_anchors_play_as_if_the_others_had_never_been_there(
    strength: float, tolerance: float, count: int
) -> None:
    mesh, weights = mesh_of(strength)
    found = with_anchors(mesh, count)
    expected = dense_response(mesh.anchors[:count], weights[:count])
    np.testing.assert_allclose(found.response, expected, atol=tolerance)
    assert found.response.dtype == np.float32
    np.testing.assert_allclose(found.at_anchors, expected[mesh.anchors[:count]], atol=1e-6)
    np.testing.assert_array_equal(found.anchors, mesh.anchors[:count])
    np.testing.assert_array_equal(found.anchor_basis, mesh.anchor_basis[:count])


def test_turning_down_in_two_steps_is_turning_down_in_one() -> None:
    mesh, _ = mesh_of(10.0)
    twice, once = with_anchors(with_anchors(mesh, 12), 5), with_anchors(mesh, 5)
    np.testing.assert_allclose(twice.response, once.response, atol=1e-5)


def test_more_anchors_than_there_are_change_nothing() -> None:
    mesh, _ = mesh_of(1.0)
    assert with_anchors(mesh, 21) is mesh


def test_fewer_anchors_than_shells_are_refused() -> None:
    with pytest.raises(ValueError, match="2 anchors cannot hold 3 shells"):
        with_anchors(mesh_of(1.0)[0], 2)


def small(anchors: int, shells: int) -> MeshModel:
    zeros = np.zeros((anchors, anchors), np.float32)
    return MeshModel("m", shells, 1.0, zeros, zeros, zeros, np.arange(anchors), np.zeros((anchors, 3, 1)))


def test_the_dial_goes_from_three_anchors_to_all() -> None:
    mesh = small(103, 1)
    assert [kept_anchors(mesh, quality) for quality in (0.0, 0.25, 0.5, 1.0)] == [3, 28, 53, 103]


def test_every_shell_keeps_its_anchor() -> None:
    assert [kept_anchors(small(20, 7), quality) for quality in (0.0, 0.5, 1.0)] == [7, 13, 20]


def test_a_mesh_with_fewer_than_three_anchors_keeps_them() -> None:
    assert [kept_anchors(small(2, 1), quality) for quality in (0.0, 1.0)] == [2, 2]


@given(st.integers(1, 50), st.integers(1, 50), st.floats(-2, 3), st.floats(-2, 3))
def test_the_kept_anchors_rise_with_the_quality_and_stay_within_bounds(
    anchors: int, shells: int, low: float, high: float
) -> None:
    mesh = small(anchors, min(shells, anchors))
    fewer, more = (kept_anchors(mesh, quality) for quality in sorted((low, high)))
    assert min(anchors, max(3, mesh.shell_count)) <= fewer <= more <= anchors
