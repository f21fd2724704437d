"""The bookkeeping of the closed form: sizes, scales, threads, and what is solved from samples."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch

from glm_deep.basis.pca import principal_components
from glm_deep.train.closed_form import (
    Solved,
    SolvedRegion,
    region_basis,
    solve,
    solve_again,
    some_frames,
    survey,
)
from glm_deep.train.pca_size import kept_by_size, share_kept, size_errors, smallest_size
from glm_deep.train.prepare import Prepared, prepare
from glm_deep.train.regions import Region, find_regions
from glm_deep.train.regression import Inputs, Kernel, kernel_weights, regress
from glm_deep.train.subspaces import numbered_through, place_anchors
from glm_deep.train.threads import in_threads
from glm_deep.train.told import starting_shares
from learning import Character, trained

FRAMES, TRAIN, UNSEEN = 40, np.arange(0, 40, 2), np.arange(1, 40, 2)


@pytest.fixture
def inputs() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (FRAMES, 3))


@pytest.fixture
def solved(inputs: np.ndarray) -> Solved:
    """Two regions of 4 and 6 columns with bases of 4 and 5 components; the last two values are one rig input."""
    regions = []
    rig = Inputs(np.array([1.5, 0.7, 0.7]), np.array([0, 1, 1]), np.arange(2))
    for number, (columns, most) in enumerate([(4, 4), (6, 5)]):
        random = np.random.default_rng(number)
        values = np.sin(2 * inputs @ random.normal(size=(3, columns))) + 0.1 * random.normal(size=(FRAMES, columns))
        pca = principal_components(values, TRAIN, most, 0)
        chosen = Kernel(random.uniform(0.05, 0.4, (2, 2)), np.array([1.0, 0.3 + number]), 1e-2, 0.0)
        weights, residuals = regress(chosen, rig, inputs[TRAIN], pca.coefficients[TRAIN], np.arange(20), np.arange(20))
        region = Region(0, np.arange(1), np.ones(1), np.arange(1))
        regions.append(SolvedRegion(region, pca, chosen, weights, residuals, np.ones(3)))
    return Solved(tuple(regions), TRAIN, inputs[TRAIN], rig)


def predicted(solved: Solved, each: SolvedRegion, x: np.ndarray) -> np.ndarray:
    return each.kernel.between(x, solved.centres, solved.inputs) @ each.weights


def test_predictions_are_those_of_each_region_side_by_side(solved: Solved, inputs: np.ndarray) -> None:
    assert solved.starts.tolist() == [0, 4, 9]
    for each, first, last in zip(solved.regions, (0, 4), (4, 9)):
        expected = predicted(solved, each, inputs)
        np.testing.assert_allclose(solved.predict(inputs)[:, first:last], expected, atol=1e-9)
        np.testing.assert_array_equal(solved.coefficients[:, first:last], each.pca.coefficients)
        np.testing.assert_array_equal(solved.residuals[:, first:last], each.residuals)
    np.testing.assert_allclose(solved.left, solved.regions[0].pca.left + solved.regions[1].pca.left)


def test_what_is_held_out_is_predicted_by_a_fit_that_has_not_seen_it(solved: Solved, inputs: np.ndarray) -> None:
    found = solved.held_out(inputs)
    np.testing.assert_array_equal(found[UNSEEN], solved.predict(inputs[UNSEEN]))
    for frame in TRAIN[:5]:
        others = np.setdiff1d(TRAIN, frame)
        for each, first, last in zip(solved.regions, (0, 4), (4, 9)):
            truth = each.pca.coefficients[others]
            weights = kernel_weights(each.kernel, solved.inputs, inputs[others], truth, np.arange(len(others)))
            expected = each.kernel.between(inputs[[frame]], inputs[others], solved.inputs) @ weights
            np.testing.assert_allclose(found[frame, first:last], expected[0], atol=1e-9)


def test_the_error_of_every_size_is_that_of_playing_with_so_many_components(solved: Solved, inputs: np.ndarray) -> None:
    errors, owners = size_errors(solved, inputs, UNSEEN)
    assert len(errors) == len(owners) == 9
    for size in range(1, 10):
        kept = np.bincount(owners[:size], minlength=2)
        squares = np.zeros(len(UNSEEN))
        for each, count in zip(solved.regions, kept):
            small = each.truncated(int(count))
            missed = small.pca.coefficients[UNSEEN] - predicted(solved, small, inputs[UNSEEN])
            squares += np.sum(missed**2, axis=1) + small.pca.left[UNSEEN]
        assert errors[size - 1] == pytest.approx(np.sqrt(squares.mean()), rel=1e-9)


def test_components_of_all_regions_come_in_the_order_of_their_variance(solved: Solved, inputs: np.ndarray) -> None:
    _, owners = size_errors(solved, inputs, UNSEEN)
    variances = [list(np.mean(each.pca.coefficients[TRAIN] ** 2, axis=0)) for each in solved.regions]
    taken = [variances[owner].pop(0) for owner in owners]
    assert taken == sorted(taken, reverse=True)


def test_the_share_that_is_kept_is_that_of_the_variance_of_the_training_frames(solved: Solved) -> None:
    dropped = solved.left[TRAIN].sum()  # of the second region, of whose 6 columns the basis holds 5
    whole = sum(np.sum(each.pca.coefficients[TRAIN] ** 2) for each in solved.regions) + dropped
    assert 0 < dropped < 0.2 * whole
    assert share_kept(solved) == pytest.approx(1 - dropped / whole)


def test_each_size_keeps_what_its_strongest_components_hold(solved: Solved) -> None:
    kept = dict(kept_by_size(solved))
    assert list(kept) == list(range(1, 10))
    assert kept[9] == pytest.approx(share_kept(solved), abs=1e-5)
    squares = np.sum(solved.coefficients[TRAIN] ** 2, axis=0)
    whole = squares.sum() + solved.left[TRAIN].sum()
    for size, share in kept.items():
        best = max(sum(some) for some in combinations(squares, size))
        assert share == pytest.approx(best / whole, abs=1e-5)


@pytest.mark.parametrize(
    ("errors", "bound", "size"),
    [
        ([5.0, 2.0, 1.004, 1.0, 1.2], 5, 3),
        ([5.0, 2.0, 1.006, 1.0, 1.2], 5, 4),
        ([5.0, 2.0, 1.006, 1.0, 1.2], 2, 2),
        ([5.0, 4.0], 0, 1),
    ],
)
def test_the_smallest_size_is_within_half_a_percent_of_the_best(errors: list[float], bound: int, size: int) -> None:
    assert smallest_size(np.array(errors), bound) == size


def test_work_in_threads_comes_back_in_order() -> None:
    def slow(item: int) -> int:
        time.sleep(0.02 if item == 0 else 0.0)
        return item * item

    told: list[tuple[int, int]] = []
    assert in_threads(slow, range(5), 3, lambda done, total: told.append((done, total))) == [0, 1, 4, 9, 16]
    assert told == [(done, 5) for done in range(1, 6)]


def test_an_error_in_a_thread_reaches_the_caller() -> None:
    def fail(item: int) -> int:
        raise ZeroDivisionError(item)

    with pytest.raises(ZeroDivisionError):
        in_threads(fail, range(3), 2, lambda done, total: None)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Two tubes, each with a ring around it."""
    torch.set_num_threads(1)
    source = Character(frames=100, meshes=("body", "shirt")).source()
    folder = tmp_path_factory.mktemp("offsets")
    return prepare(source, 0.1, 0, folder, lambda done, total: None, lambda: False)


def solved_from(ready: Prepared, samples: tuple[np.ndarray, ...], moved: np.ndarray) -> Solved:
    """The closed form of regions that begin with what a survey says."""
    regions = find_regions(ready, samples, moved, 0)
    told = np.zeros((len(regions), moved.shape[1]), np.int8)
    shares = starting_shares(ready, regions, moved, told)
    return solve(ready, regions, shares, 10, 0, 1, lambda done, total: None, lambda: False)


@pytest.fixture(scope="module")
def found(ready: Prepared) -> tuple[tuple[np.ndarray, ...], np.ndarray, Solved]:
    """Sample vertices of the meshes, what moves them, and the closed form of their regions."""
    samples = place_anchors(ready, 0.0, {}, 60)
    moved = survey(ready, numbered_through(ready, samples), 0)
    return samples, moved, solved_from(ready, samples, moved)


def test_the_survey_tells_which_input_moves_which_vertices(
    ready: Prepared, found: tuple[tuple[np.ndarray, ...], np.ndarray, Solved]
) -> None:
    """The elbow moves what is near x = 2 and 3, both floats together what is near x = 5."""
    samples, moved, _ = found
    assert moved.shape == (120, 4)
    names = list(ready.input_names)
    elbow, swell, push, root = (moved[:, names.index(name)] for name in ("elbow", "swell", "push", "root"))
    assert (root == 0).all()  # never moves
    x = np.concatenate([mesh.rest[own, 0] for mesh, own in zip(ready.source.meshes, samples)])
    near, far = np.abs(x - 2.5) < 1, x > 4.8
    assert elbow[near].min() > 20 * max(swell[near].max(), push[near].max())
    assert min(swell[far].mean(), push[far].mean()) > 5 * elbow[far].mean()


def test_the_movement_in_the_survey_is_that_of_the_offsets_in_parts_of_what_the_linear_mesh_leaves(
    ready: Prepared, found: tuple[tuple[np.ndarray, ...], np.ndarray, Solved]
) -> None:
    """An input that acts alone moves each vertex by twice the variance of its offsets."""
    samples, moved, _ = found
    elbow = moved[:, list(ready.input_names).index("elbow")]
    for mesh, own in enumerate(samples):
        rest, rows = ready.source.meshes[mesh].rest, slice(60 * mesh, 60 * mesh + 60)
        near = np.abs(rest[own, 0] - 2.0) < 0.6
        offsets = ready.targets.scales[mesh] * ready.targets.offsets[mesh][:, own[near]].astype(float)
        expected = 2.0 * np.sum(np.var(offsets, axis=0), axis=1)
        assert elbow[rows][near].sum() == pytest.approx(expected.sum(), rel=0.35)


def test_every_region_is_the_regression_of_its_own_offsets(
    ready: Prepared, found: tuple[tuple[np.ndarray, ...], np.ndarray, Solved]
) -> None:
    _, _, solved = found
    train = ready.split.train
    assert {each.region.mesh for each in solved.regions} == {0, 1}
    np.testing.assert_array_equal(solved.centres, ready.x[train])
    x = ready.x[train].astype(float)
    for each in solved.regions:
        scale = ready.targets.scales[each.region.mesh]
        values = ready.targets.offsets[each.region.mesh][:, each.region.vertices].astype(float)
        values = (scale * np.sqrt(each.region.blend)[:, None] * values).reshape(len(values), -1)
        rebuilt = each.pca.mean + each.pca.coefficients @ each.pca.vectors.T
        np.testing.assert_allclose(np.sum((rebuilt - values) ** 2, axis=1), each.pca.left, atol=1e-6)
        y = each.pca.coefficients[train]
        weights, residuals = regress(each.kernel, solved.inputs, x, y, np.arange(len(x)), ready.split.blocks[train])
        np.testing.assert_allclose(each.weights, weights, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(each.residuals, residuals, atol=1e-9)
        assert np.mean(residuals**2) < 0.1 * np.mean(y**2)


def test_the_regions_blend_into_the_offsets(
    ready: Prepared, found: tuple[tuple[np.ndarray, ...], np.ndarray, Solved]
) -> None:
    _, _, solved = found
    for mesh, offsets in enumerate(ready.targets.offsets):
        total = np.zeros(offsets.shape)
        for each in solved.regions:
            if each.region.mesh == mesh:
                mean, basis = region_basis(ready, each)
                total[:, each.region.vertices] += mean + np.einsum("vdk,fk->fvd", basis, each.pca.coefficients)
        left = np.sqrt(np.mean((total - offsets) ** 2) / np.mean(offsets.astype(float) ** 2))
        assert left < 0.02


def test_solving_again_takes_all_frames_with_the_kernels_and_bases_that_were_found(
    ready: Prepared, found: tuple[tuple[np.ndarray, ...], np.ndarray, Solved]
) -> None:
    _, _, solved = found
    again = solve_again(ready, solved, 0, 1)
    np.testing.assert_array_equal(again.centres, ready.x)
    assert again.inputs is solved.inputs
    x = ready.x.astype(float)
    for before, after in zip(solved.regions, again.regions):
        assert after.kernel is before.kernel
        assert after.pca is before.pca
        expected = kernel_weights(before.kernel, solved.inputs, x, before.pca.coefficients, np.arange(len(x)))
        np.testing.assert_allclose(after.weights, expected, rtol=1e-6, atol=1e-9)


def test_an_input_that_the_survey_has_missed_is_found_by_the_regions(
    ready: Prepared, found: tuple[tuple[np.ndarray, ...], np.ndarray, Solved]
) -> None:
    samples, moved, _ = found
    names = list(ready.input_names)
    swell, push, elbow = (names.index(name) for name in ("swell", "push", "elbow"))
    missed = moved.copy()
    missed[:, push] = 0.0
    again = solved_from(ready, samples, missed)
    assert again.inputs.names.tolist() == [swell, push, elbow]
    of_floats = [each for each in again.regions if each.moved[swell] > each.moved[elbow]]
    assert {each.region.mesh for each in of_floats} == {0, 1}
    for each in of_floats:
        assert each.moved[push] > 0.5 * each.moved[swell]
        assert each.kernel.error < 0.02 * np.mean(np.sum(each.pca.coefficients**2, axis=1))


def test_an_input_without_a_share_stays_out_of_a_region(
    ready: Prepared, found: tuple[tuple[np.ndarray, ...], np.ndarray, Solved]
) -> None:
    samples, moved, _ = found
    regions = find_regions(ready, samples, moved, 0)
    shares = np.ones((len(regions), 4))
    shares[:, 0] = 0.0
    solved = solve(ready, regions, shares, 10, 0, 1, lambda done, total: None, lambda: False)
    for each in solved.regions:
        assert (each.kernel.metrics[:, 0] == 0.0).all()
        assert each.moved[0] == 0.0


def test_a_solve_that_is_stopped_leaves_regions_out(
    ready: Prepared, found: tuple[tuple[np.ndarray, ...], np.ndarray, Solved]
) -> None:
    samples, moved, _ = found
    regions = find_regions(ready, samples, moved, 0)
    told: list[int] = []
    shares = np.ones((len(regions), 4))
    solved = solve(ready, regions, shares, 10, 0, 1, lambda done, total: told.append(done), lambda: len(told) > 0)
    assert 0 < len(solved.regions) < len(regions)


def test_frames_of_an_input_that_seldom_moves_are_among_those_that_choose(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path)
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, (1500, 3)).astype(np.float32)
    x[:, 2] = 0.0
    moving = np.array([7, 300, 301, 650, 900, 1210, 1400, 1499])
    x[moving, 2] = 1.0
    prepared = replace(learned.prepared, x=x)
    for seed in range(5):
        chosen = some_frames(prepared, np.arange(1500), 400, seed)
        assert (np.diff(chosen) > 0).all()
        assert 400 <= len(chosen) <= 405
        assert np.isin(moving, chosen).sum() >= 5
    np.testing.assert_array_equal(some_frames(prepared, np.arange(10, 300), 400, 0), np.arange(10, 300))
