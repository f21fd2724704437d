"""The reconstruction against a dense solve of its least squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.geometry.differential import differential_coordinates, graph_laplacian
from glm_deep.geometry.reconstruction import induced, response


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

    def found(self) -> np.ndarray:
        return response(graph_laplacian(self.count, self.edges), self.anchors, self.weights)


def chain(count: int) -> np.ndarray:
    """The edges of a line of vertices."""
    return np.column_stack([np.arange(count - 1), np.arange(1, count)])


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
    found = dense.found()
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_offsets_and_response_give_what_the_least_squares_of_both_kinds_of_data_give(dense: Dense) -> None:
    random = np.random.default_rng(2)
    offsets, anchored = random.normal(size=(40, 3)), random.normal(size=(6, 3))
    delta = differential_coordinates(graph_laplacian(40, dense.edges), offsets)
    truth = dense.solve(np.diag(dense.laplacian)[:, None] * delta, anchored)
    found = offsets + dense.found() @ (anchored - offsets[dense.anchors])
    np.testing.assert_allclose(found, truth, atol=1e-8)


def test_anchors_that_agree_move_their_shell_as_they_move_and_no_other(dense: Dense) -> None:
    changes = np.where(dense.anchors[:, None] < 25, 3.0, -1.0)
    np.testing.assert_allclose((dense.found() @ changes)[:25], 3.0, atol=1e-8)
    np.testing.assert_allclose((dense.found() @ changes)[25:], -1.0, atol=1e-8)


def test_a_shell_without_an_anchor_follows_none(dense: Dense) -> None:
    own = dense.anchors < 25
    held = Dense(dense.edges, dense.anchors[own], dense.weights[own])
    np.testing.assert_array_equal(held.found()[25:], 0.0)
    np.testing.assert_allclose(held.found()[:25], dense.found()[:25, own], atol=1e-9)


def test_a_vertex_without_neighbours_takes_the_value_of_its_anchor() -> None:
    laplacian = graph_laplacian(4, np.array([[0, 1], [1, 2]]))
    found = response(laplacian, np.array([1, 3]), np.array([1.0, 0.25]))
    np.testing.assert_allclose(found, [[1, 0], [1, 0], [1, 0], [0, 1]], atol=1e-9)


def test_the_columns_are_in_the_order_of_the_anchors() -> None:
    laplacian, anchors = graph_laplacian(150, chain(150)), np.random.default_rng(3).permutation(150)[:131]
    weights = np.random.default_rng(4).uniform(0.5, 2.0, 131)
    order = np.argsort(anchors)
    found = response(laplacian, anchors, weights)
    np.testing.assert_allclose(found[:, order], response(laplacian, anchors[order], weights[order]), atol=1e-10)


def test_a_strong_anchor_holds_its_vertex_and_a_weak_one_bends_to_the_others() -> None:
    laplacian, anchors = graph_laplacian(9, chain(9)), np.array([0, 4, 8])
    pull = np.array([0.0, 1.0, 0.0])
    firm = response(laplacian, anchors, np.array([1.0, 100.0, 1.0])) @ pull
    weak = response(laplacian, anchors, np.array([1.0, 0.01, 1.0])) @ pull
    assert firm[4] > 0.999
    assert abs(weak[4]) < 0.001


@given(st.integers(4, 30), st.integers(0, 1000), st.data())
def test_the_part_of_a_mesh_between_some_vertices_is_a_mesh_of_its_own(
    count: int, seed: int, data: st.DataObject
) -> None:
    """Its Laplacian is that of the edges that do not leave it."""
    random = np.random.default_rng(seed)
    pairs = np.array([(a, b) for a in range(count) for b in range(a + 1, count)])
    edges = pairs[random.random(len(pairs)) < 0.3]
    vertices = np.array(sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1))))
    number = np.full(count, -1)
    number[vertices] = np.arange(len(vertices))
    inside = number[edges]
    expected = graph_laplacian(len(vertices), inside[(inside >= 0).all(axis=1)])
    found = induced(graph_laplacian(count, edges), vertices)
    np.testing.assert_array_equal(found.toarray(), expected.toarray())
