"""Edges, shells, differential coordinates and anchors, against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.geometry.anchors import choose_anchors
from glm_deep.geometry.differential import differential_coordinates, graph_laplacian
from glm_deep.geometry.topology import edges_of, shells_of

Polygons = list[list[int]]

polygon_lists = st.lists(st.lists(st.integers(0, 19), max_size=6), max_size=12)


def flat(polygons: Polygons) -> tuple[np.ndarray, np.ndarray]:
    """Polygons as the samples hold them."""
    return (
        np.array([len(polygon) for polygon in polygons], np.int32),
        np.array([vertex for polygon in polygons for vertex in polygon], np.int32),
    )


def edges_by_hand(polygons: Polygons) -> list[tuple[int, int]]:
    found = set()
    for polygon in polygons:
        for first, second in zip(polygon, polygon[1:] + polygon[:1]):
            if first != second:
                found.add((min(first, second), max(first, second)))
    return sorted(found)


def neighbours_by_hand(vertices: int, edges: list[tuple[int, int]]) -> list[set[int]]:
    around: list[set[int]] = [set() for _ in range(vertices)]
    for first, second in edges:
        around[first].add(second)
        around[second].add(first)
    return around


def shell_by_hand(vertex: int, around: list[set[int]]) -> set[int]:
    reached, waiting = {vertex}, [vertex]
    while waiting:
        for other in around[waiting.pop()] - reached:
            reached.add(other)
            waiting.append(other)
    return reached


def strip(columns: int, at: float) -> tuple[np.ndarray, Polygons]:
    """Two rows of vertices joined by quads, beginning at x = `at`."""
    x = at + np.arange(columns, dtype=float)
    rest = np.concatenate([np.column_stack([x, 0 * x + row, 0 * x]) for row in (0.0, 1.0)])
    return rest, [[i, i + 1, columns + i + 1, columns + i] for i in range(columns - 1)]


def test_edges_of_a_triangle_a_quad_and_a_pentagon_are_found_once() -> None:
    polygons = [[0, 1, 2], [1, 3, 4, 2], [4, 3, 5, 6, 7]]
    edges = edges_of(*flat(polygons))
    assert edges.tolist() == [
        *([0, 1], [0, 2], [1, 2], [1, 3], [2, 4], [3, 4]),
        *([3, 5], [4, 7], [5, 6], [6, 7]),
    ]


def test_a_polygon_without_vertices_and_a_repeated_corner_make_no_edge() -> None:
    assert edges_of(*flat([[], [0, 0, 1], [], [2]])).tolist() == [[0, 1]]
    assert edges_of(*flat([])).shape == (0, 2)


@given(polygon_lists)
def test_edges_are_those_of_a_loop_over_the_corners(polygons: Polygons) -> None:
    assert [tuple(edge) for edge in edges_of(*flat(polygons)).tolist()] == edges_by_hand(polygons)


@given(polygon_lists)
def test_two_vertices_share_a_shell_where_a_path_of_edges_joins_them(polygons: Polygons) -> None:
    edges = edges_by_hand(polygons)
    around = neighbours_by_hand(20, edges)
    shells = shells_of(20, np.array(edges, np.int64).reshape(-1, 2))
    for vertex in range(20):
        assert set(np.flatnonzero(shells == shells[vertex]).tolist()) == shell_by_hand(vertex, around)
    assert sorted(set(shells.tolist())) == list(range(max(shells) + 1))


@given(polygon_lists)
def test_the_laplacian_has_valences_on_its_diagonal_and_minus_one_for_each_neighbour(polygons: Polygons) -> None:
    edges = edges_by_hand(polygons)
    around = neighbours_by_hand(20, edges)
    expected = np.zeros((20, 20))
    for vertex, others in enumerate(around):
        expected[vertex, vertex] = len(others)
        expected[vertex, list(others)] = -1
    np.testing.assert_array_equal(graph_laplacian(20, np.array(edges, np.int64).reshape(-1, 2)).toarray(), expected)


@given(polygon_lists, st.integers(0, 2**31))
def test_differential_coordinates_are_offsets_minus_the_mean_of_the_neighbours(polygons: Polygons, seed: int) -> None:
    offsets = np.random.default_rng(seed).normal(size=(20, 5))
    edges = edges_by_hand(polygons)
    found = differential_coordinates(graph_laplacian(20, np.array(edges, np.int64).reshape(-1, 2)), offsets)
    for vertex, others in enumerate(neighbours_by_hand(20, edges)):
        expected = offsets[vertex] - np.mean(offsets[list(others)], axis=0) if others else np.zeros(5)
        np.testing.assert_allclose(found[vertex], expected, atol=1e-12)


def test_a_translation_of_a_shell_has_no_differential_coordinates() -> None:
    _, polygons = strip(6, 0.0)
    laplacian = graph_laplacian(12, edges_of(*flat(polygons)))
    np.testing.assert_allclose(differential_coordinates(laplacian, np.full((12, 3), 7.0)), 0.0, atol=1e-14)


@pytest.fixture
def character() -> tuple[np.ndarray, np.ndarray]:
    """A large shell, a small one, and a vertex alone: positions and shells."""
    large, polygons = strip(20, 0.0)
    small, more = strip(4, 100.0)
    rest = np.concatenate([large, small, [[50.0, 9.0, 0.0]]])
    shifted = [[vertex + len(large) for vertex in polygon] for polygon in more]
    return rest, shells_of(len(rest), edges_of(*flat(polygons + shifted)))


def test_the_first_anchors_lie_in_different_shells_the_largest_first(
    character: tuple[np.ndarray, np.ndarray],
) -> None:
    rest, shells = character
    anchors = choose_anchors(rest, shells, 10)
    assert shells[anchors[:3]].tolist() == [shells[0], shells[40], shells[48]]
    assert anchors[0] in (9, 10, 29, 30)  # the middle of the large one


def test_no_shell_is_left_without_an_anchor_however_few_are_wanted(
    character: tuple[np.ndarray, np.ndarray],
) -> None:
    rest, shells = character
    assert sorted(shells[choose_anchors(rest, shells, 1)].tolist()) == [0, 1, 2]


def test_fewer_anchors_are_the_first_of_more(character: tuple[np.ndarray, np.ndarray]) -> None:
    rest, shells = character
    most = choose_anchors(rest, shells, 49, [3, 44])
    assert sorted(most.tolist()) == list(range(49))
    for count in range(1, 46):
        fewer = choose_anchors(rest, shells, count, [3, 44])
        np.testing.assert_array_equal(fewer, most[: len(fewer)])


def test_additional_anchors_come_right_after_the_shells_and_once(character: tuple[np.ndarray, np.ndarray]) -> None:
    rest, shells = character
    anchors = choose_anchors(rest, shells, 6, [5, 17, 5, 45, 17, 6])
    assert len(anchors) == len(set(anchors.tolist()))
    assert set(anchors[:3].tolist()) == {5, 45, 48}  # where a shell has one, it serves as the anchor of the shell
    assert anchors[3:5].tolist() == [17, 6]


def test_additional_anchors_are_counted_beside_those_that_are_wanted(
    character: tuple[np.ndarray, np.ndarray],
) -> None:
    rest, shells = character
    assert len(choose_anchors(rest, shells, 6)) == 6
    assert len(choose_anchors(rest, shells, 6, [5, 17, 5, 45])) == 9
    assert len(choose_anchors(rest, shells, 6, [5])) == 7
    assert len(choose_anchors(rest, shells, 48, [5, 6, 7])) == 49  # there are no more vertices


@given(st.integers(0, 2**31), st.integers(1, 30))
def test_each_further_anchor_is_the_farthest_from_those_of_its_shell(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    rest = random.normal(size=(30, 3))
    shells = random.integers(0, 3, 30)
    anchors = choose_anchors(rest, shells, count, [4])
    start = len(set(shells.tolist()))
    start += 4 not in anchors[:start]
    for number in range(start, len(anchors)):
        chosen = anchors[:number]
        nearest = [
            min(np.linalg.norm(rest[vertex] - rest[other]) for other in chosen if shells[other] == shells[vertex])
            for vertex in range(30)
        ]
        assert nearest[anchors[number]] == pytest.approx(max(nearest), rel=1e-9)


def test_vertices_at_one_place_still_become_as_many_anchors_as_are_wanted() -> None:
    anchors = choose_anchors(np.zeros((8, 3)), np.zeros(8, int), 5)
    assert len(set(anchors.tolist())) == 5
