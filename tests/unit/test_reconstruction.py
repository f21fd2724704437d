"""The reconstruction against a dense solve of its least squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from glm_deep.geometry.differential import differential_coordinates, graph_laplacian
from glm_deep.geometry.reconstruction import Reconstruction


@dataclass(frozen=True)
class Dense:
    """A random mesh of two shells, its anchors, and the matrices of the formula."""

    edges: np.ndarray
    anchors: np.ndarray
    weights: np.ndarray

    count: int = 40

    @property
    def laplacian(self) -> np.ndarray:
        result = np.zeros((self.count, self.count))
        for first, second in self.edges:
            result[first, second] = result[second, first] = -1.0
        np.fill_diagonal(result, -result.sum(axis=1))
        return result

    @property
    def picking(self) -> np.ndarray:
        return np.eye(self.count)[self.anchors]

    def solve(self, d_delta: np.ndarray, anchored: np.ndarray) -> np.ndarray:
        """The minimum of || L o - D delta ||^2 + || W (C o - a) ||^2."""
        system = np.concatenate([self.laplacian, np.diag(self.weights) @ self.picking])
        right = np.concatenate([d_delta, self.weights[:, None] * anchored])
        return np.linalg.lstsq(system, right, rcond=None)[0]


@pytest.fixture(params=[0.1, 1.0, 30.0])
def dense(request: pytest.FixtureRequest) -> Dense:
    random = np.random.default_rng(5)
    chains = [(i, i + 1) for i in range(39) if i != 24]  # vertices 0 to 24 and 25 to 39
    crossing = {tuple(sorted(random.choice(25, 2, replace=False).tolist())) for _ in range(30)}
    edges = np.array(sorted({*chains, *crossing}), np.int64)
    anchors = np.array([12, 30, 0, 24, 39, 7])
    return Dense(edges, anchors, request.param * random.uniform(0.5, 2.0, len(anchors)))


def test_the_response_is_that_of_the_dense_normal_equations(dense: Dense) -> None:
    laplacian, picking, squared = dense.laplacian, dense.picking, np.diag(dense.weights**2)
    expected = np.linalg.solve(laplacian.T @ laplacian + picking.T @ squared @ picking, picking.T @ squared)
    found = Reconstruction(graph_laplacian(40, dense.edges), dense.anchors, dense.weights)
    response = found.response()
    assert response.everywhere.dtype == np.float32
    np.testing.assert_allclose(response.everywhere, expected, atol=2e-6)
    np.testing.assert_allclose(response.at_anchors, expected[dense.anchors], atol=1e-10)
    changes = np.random.default_rng(1).normal(size=(6, 4))
    np.testing.assert_allclose(found.follow(changes), expected @ changes, atol=1e-8)


def test_offsets_and_response_give_what_the_least_squares_of_both_kinds_of_data_give(dense: Dense) -> None:
    random = np.random.default_rng(2)
    offsets, anchored = random.normal(size=(40, 3)), random.normal(size=(6, 3))
    laplacian = graph_laplacian(40, dense.edges)
    delta = differential_coordinates(laplacian, offsets)
    truth = dense.solve(np.diag(dense.laplacian)[:, None] * delta, anchored)
    follow = Reconstruction(laplacian, dense.anchors, dense.weights).follow
    np.testing.assert_allclose(offsets + follow(anchored - offsets[dense.anchors]), truth, atol=1e-8)


def test_anchors_that_agree_with_the_differentials_change_nothing_but_the_translation_of_their_shell(
    dense: Dense,
) -> None:
    follow = Reconstruction(graph_laplacian(40, dense.edges), dense.anchors, dense.weights).follow
    changes = np.where(dense.anchors[:, None] < 25, 3.0, -1.0)
    np.testing.assert_allclose(follow(changes)[:25], 3.0, atol=1e-8)
    np.testing.assert_allclose(follow(changes)[25:], -1.0, atol=1e-8)


def test_a_vertex_without_neighbours_takes_the_value_of_its_anchor() -> None:
    laplacian = graph_laplacian(4, np.array([[0, 1], [1, 2]]))
    found = Reconstruction(laplacian, np.array([1, 3]), np.array([1.0, 0.25])).response().everywhere
    np.testing.assert_allclose(found, [[1, 0], [1, 0], [1, 0], [0, 1]], atol=1e-6)


def test_more_anchors_than_are_solved_at_once_give_every_column() -> None:
    count = 150
    laplacian = graph_laplacian(count, np.column_stack([np.arange(count - 1), np.arange(1, count)]))
    anchors = np.random.default_rng(3).permutation(count)[:131]
    found = Reconstruction(laplacian, anchors, np.ones(131))
    expected, response = found.follow(np.eye(131)), found.response()
    np.testing.assert_allclose(response.everywhere, expected, atol=1e-6)
    np.testing.assert_allclose(response.at_anchors, expected[anchors], atol=1e-12)
