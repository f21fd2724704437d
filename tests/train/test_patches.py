"""The reconstruction in patches against one solve of the whole mesh."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from glm_deep.dataset.frames import MeshRest
from glm_deep.geometry.anchors import choose_anchors
from glm_deep.geometry.reconstruction import response
from glm_deep.train.patches import Patch, find_patches, follow
from glm_deep.train.prepare import Prepared
from sheets import prepared, sheets

SIZE = 40


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """One large sheet and a vertex alone."""
    return prepared(tmp_path_factory.mktemp("sheet"), sheets("one", (0.0,), SIZE), frames=30)


def anchors_of(ready: Prepared, count: int) -> np.ndarray:
    return choose_anchors(ready.source.meshes[0].rest, ready.graphs[0].shells, count)


def together(ready: Prepared, patches: Sequence[Patch], anchors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(V,A) the response that the patches make up."""
    total = np.zeros((len(ready.source.meshes[0].rest), len(anchors)))
    for patch in patches:
        found = follow(ready.graphs[0].laplacian, patch, anchors, weights)
        total[np.ix_(found.vertices, found.anchors)] += found.response
    return total


def shares_of(ready: Prepared, patches: Sequence[Patch]) -> np.ndarray:
    """(V,number of patches)."""
    result = np.zeros((len(ready.source.meshes[0].rest), len(patches)))
    for number, patch in enumerate(patches):
        result[patch.vertices, number] = patch.shares
    return result


def rms(array: np.ndarray) -> float:
    return float(np.sqrt(np.mean(array**2)))


@pytest.mark.parametrize(("count", "patches"), [(5, 1), (23, 1), (24, 2), (80, 5), (160, 10)])
def test_there_is_a_patch_for_every_sixteen_anchors(sheet: Prepared, count: int, patches: int) -> None:
    assert len(find_patches(sheet, 0, anchors_of(sheet, count), 0)) == patches


@pytest.mark.parametrize("count", [5, 80])
def test_shares_are_positive_and_add_up_to_one_at_every_vertex(sheet: Prepared, count: int) -> None:
    patches = find_patches(sheet, 0, anchors_of(sheet, count), 0)
    for patch in patches:
        assert (patch.shares > 0).all()
        assert (np.diff(patch.vertices) > 0).all()
    np.testing.assert_allclose(shares_of(sheet, patches).sum(axis=1), 1.0, atol=1e-12)


def test_a_patch_sees_all_within_two_anchor_spacings_and_no_more(sheet: Prepared) -> None:
    anchors = anchors_of(sheet, 80)
    hops = int(np.ceil(2.0 * np.sqrt((SIZE**2 + 1) / 80)))
    for patch in find_patches(sheet, 0, anchors, 0):
        edges = dijkstra(sheet.graphs[0].laplacian != 0, unweighted=True, indices=patch.vertices, min_only=True)
        np.testing.assert_array_equal(patch.reach, np.flatnonzero(edges <= hops))
        np.testing.assert_array_equal(patch.anchors, np.flatnonzero(np.isin(anchors, patch.reach)))


@pytest.mark.parametrize("strength", [0.03, 1.0, 30.0])
def test_the_response_of_a_mesh_of_one_patch_is_that_of_the_dense_least_squares(
    tmp_path: Path, strength: float
) -> None:
    ready = prepared(tmp_path, sheets("one", (0.0,), 7), frames=30)
    anchors = anchors_of(ready, 9)
    weights = strength * np.random.default_rng(0).uniform(0.5, 2.0, 9)
    (patch,) = find_patches(ready, 0, anchors, 0)
    laplacian, picking = ready.graphs[0].laplacian.toarray(), np.eye(50)[anchors]
    weighted = picking.T @ np.diag(weights**2)
    expected = np.linalg.solve(laplacian.T @ laplacian + weighted @ picking, weighted)
    felt = np.abs(expected).max(axis=0) > 0.01
    found = together(ready, [patch], anchors, weights)
    np.testing.assert_allclose(found[:, felt], expected[:, felt], atol=1e-8)
    assert (found[:, ~felt] == 0).all()


@pytest.mark.parametrize(("strength", "tolerance"), [(1.0, 0.02), (3.0, 0.01), (10.0, 0.01)])
@pytest.mark.parametrize("count", [32, 80, 160])
def test_several_patches_are_close_to_one_solve_of_the_whole_mesh(
    sheet: Prepared, count: int, strength: float, tolerance: float
) -> None:
    anchors = anchors_of(sheet, count)
    weights = strength * np.random.default_rng(0).uniform(0.7, 1.4, count)
    exact = response(sheet.graphs[0].laplacian, anchors, weights)
    found = together(sheet, find_patches(sheet, 0, anchors, 0), anchors, weights)
    assert 0 < rms(found - exact) < tolerance * rms(exact)
    pull = np.random.default_rng(1).normal(size=(count, 3))
    assert rms((found - exact) @ pull) < tolerance * rms(exact @ pull)


@pytest.mark.parametrize("strength", [1.0, 10.0])
def test_no_seam_shows_between_patches(sheet: Prepared, strength: float) -> None:
    """From vertex to vertex the mesh moves across borders as it does inside, and as the whole solve has it."""
    anchors = anchors_of(sheet, 80)
    patches = find_patches(sheet, 0, anchors, 0)
    weights = np.full(80, strength)
    at = sheet.source.meshes[0].rest[anchors].astype(float)
    pull = np.column_stack([np.sin(at[:, 0] / 6), np.cos(at[:, 1] / 5), np.sin((at[:, 0] + at[:, 1]) / 7)])
    played = together(sheet, patches, anchors, weights) @ pull
    exact = response(sheet.graphs[0].laplacian, anchors, weights) @ pull
    joined = sheet.graphs[0].laplacian.tocoo()
    first, second = (side[joined.row < joined.col] for side in (joined.row, joined.col))
    inside = (shares_of(sheet, patches).max(axis=1) > 1 - 1e-12)[[first, second]].all(axis=0)
    assert 0.2 < inside.mean() < 0.8
    steps = np.abs(played[first] - played[second]).max(axis=1)
    assert steps[~inside].max() <= 1.05 * steps[inside].max()
    apart = np.abs((played - exact)[first] - (played - exact)[second]).max(axis=1)
    assert apart.max() < 0.08 * steps.max()


def test_anchors_that_agree_move_the_whole_mesh_along(sheet: Prepared) -> None:
    anchors = anchors_of(sheet, 80)
    found = together(sheet, find_patches(sheet, 0, anchors, 0), anchors, np.full(80, 2.0))
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=0.02)


def test_anchors_that_a_patch_does_not_feel_are_left_out_of_it(sheet: Prepared) -> None:
    """Those that move none of its vertices by more than a hundredth of their own way."""
    anchors, weights = anchors_of(sheet, 80), np.full(80, 3.0)
    whole = response(sheet.graphs[0].laplacian, anchors, weights)
    for patch in find_patches(sheet, 0, anchors, 0):
        seeing_all = replace(patch, reach=np.arange(SIZE**2 + 1), anchors=np.arange(80))
        found = follow(sheet.graphs[0].laplacian, seeing_all, anchors, weights)
        own = whole[patch.vertices]
        felt = np.flatnonzero(np.abs(own).max(axis=0) > 0.01)
        assert found.anchors.tolist() == felt.tolist()
        assert 16 <= len(felt) < 72
        np.testing.assert_allclose(found.response, own[:, felt] * patch.shares[:, None], atol=1e-9)


def test_a_shell_follows_its_own_anchors_alone(tmp_path: Path) -> None:
    ready = prepared(tmp_path, sheets("one", (0.0, 40.0)), frames=30)
    anchors = anchors_of(ready, 60)
    found = together(ready, find_patches(ready, 0, anchors, 0), anchors, np.ones(60))
    shells = ready.graphs[0].shells
    apart = shells[:, None] != shells[anchors][None]
    assert (found[apart] == 0).all()
    alone = len(shells) - 1
    np.testing.assert_allclose(found[alone], (anchors == alone) * 1.0, atol=1e-9)


def test_a_shell_without_an_anchor_in_reach_follows_none(tmp_path: Path) -> None:
    ready = prepared(tmp_path, sheets("one", (0.0, 40.0)), frames=30)
    shells, whole = ready.graphs[0].shells, np.arange(801)
    anchors = np.flatnonzero(shells == shells[0])[::29]
    patch = Patch(whole, np.ones(801), whole, np.arange(len(anchors)))
    found = together(ready, [patch], anchors, np.ones(len(anchors)))
    assert (found[shells != shells[0]] == 0).all()
    np.testing.assert_allclose(found[shells == shells[0]].sum(axis=1), 1.0, atol=1e-6)


def test_the_same_seed_gives_the_same_patches(sheet: Prepared) -> None:
    anchors = anchors_of(sheet, 80)
    for first, second in zip(find_patches(sheet, 0, anchors, 3), find_patches(sheet, 0, anchors, 3)):
        for name in vars(first):
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_each_mesh_has_patches_of_its_own(tmp_path: Path) -> None:
    ready = prepared(tmp_path, sheets("one", (0.0,)), sheets("two", (0.0, 40.0)), frames=30)
    for mesh, vertices in ((0, 401), (1, 801)):
        rest, graph = ready.source.meshes[mesh].rest, ready.graphs[mesh]
        patches = find_patches(ready, mesh, choose_anchors(rest, graph.shells, 40), 0)
        assert sorted(set(np.concatenate([patch.vertices for patch in patches]).tolist())) == list(range(vertices))


@settings(max_examples=25)
@given(
    st.integers(2, 14), st.sampled_from([(0.0,), (0.0, 30.0), (0.0, 1.0, 60.0)]), st.integers(1, 200), st.integers(0, 9)
)
def test_any_sheets_and_anchors_give_patches_that_move_with_their_shells(
    size: int, at: tuple[float, ...], count: int, seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ready = prepared(Path(folder), sheets("one", at, size), frames=26)
    anchors = anchors_of(ready, count)
    patches = find_patches(ready, 0, anchors, seed)
    np.testing.assert_allclose(shares_of(ready, patches).sum(axis=1), 1.0, atol=1e-12)
    found = together(ready, patches, anchors, np.full(len(anchors), 2.0))
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=0.05)
    shells = ready.graphs[0].shells
    assert (found[shells[:, None] != shells[anchors][None]] == 0).all()


def folded(dense: int) -> MeshRest:
    """A sheet with a tongue that is folded back under it, whose vertices are closer together."""
    wide, width, length = 60, 5, 40

    def quads(first: int, rows: int, columns: int) -> np.ndarray:
        here = first + (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
        return np.column_stack([here, here + 1, here + columns + 1, here + columns])

    x, z = (grid.ravel() for grid in np.meshgrid(np.arange(wide), np.arange(wide), indexing="ij"))
    along, across = np.meshgrid(np.arange(length * dense) / dense, np.arange(width), indexing="ij")
    top = np.column_stack([x, 0 * x, z])
    tongue = np.column_stack([wide - 1 - along.ravel(), np.full(along.size, -0.5), across.ravel() + wide // 2])
    under, edge = wide**2 + np.arange(width - 1), (wide - 1) * wide + wide // 2 + np.arange(width - 1)
    seam = np.column_stack([under, under + 1, edge + 1, edge])
    faces = np.concatenate([quads(0, wide, wide), quads(wide**2, length * dense, width), seam]).astype(np.int32)
    rest = np.concatenate([top, tongue]).astype(np.float32)
    return MeshRest("folded", rest, np.full(len(faces), 4, np.int32), faces.ravel())


@pytest.mark.parametrize("count", [24, 48, 96])
def test_every_vertex_follows_anchors_where_a_mesh_is_folded(tmp_path: Path, count: int) -> None:
    """The nearest anchor of a fold may be on the other side of it, many edges away."""
    ready = prepared(tmp_path, folded(dense=6), frames=30)
    assert ready.graphs[0].shell_count == 1
    anchors = anchors_of(ready, count)
    found = together(ready, find_patches(ready, 0, anchors, 0), anchors, np.full(count, 2.0))
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=0.05)
