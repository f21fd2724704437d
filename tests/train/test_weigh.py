"""How much each anchor is trusted in the reconstruction."""

from __future__ import annotations

import numpy as np
import pytest

from glm_deep.geometry.differential import graph_laplacian
from glm_deep.geometry.reconstruction import response
from glm_deep.train.patches import Patch
from glm_deep.train.weigh import anchor_weights

CHAIN = 60
ANCHORS = np.arange(2, 60, 6)


def chain() -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """True offsets (30,V,3) of a line of vertices, those of a model that has them wrong, and more random numbers."""
    random = np.random.default_rng(0)
    truth = random.normal(size=(30, CHAIN, 3))
    return truth, truth + 0.3 * random.normal(size=truth.shape), random


LAPLACIAN = graph_laplacian(CHAIN, np.column_stack([np.arange(CHAIN - 1), np.arange(1, CHAIN)]))
WHOLE = (Patch(np.arange(CHAIN), np.ones(CHAIN), np.arange(CHAIN), np.arange(len(ANCHORS))),)


def weights_of(
    truth: np.ndarray, direct: np.ndarray, anchored: np.ndarray, patches: tuple[Patch, ...] = WHOLE
) -> np.ndarray:
    single = [array.astype(np.float32) for array in (truth, direct, anchored)]
    return anchor_weights(LAPLACIAN, patches, ANCHORS, *single)


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


def plain_weights(truth: np.ndarray, direct: np.ndarray, anchored: np.ndarray) -> np.ndarray:
    """The weights of generalised least squares: rms(D delta error) / rms(anchor error)."""
    of_differentials = np.sqrt(np.mean(np.einsum("vw,fwd->fvd", LAPLACIAN.toarray(), truth - direct) ** 2))
    return of_differentials / np.sqrt(np.mean((anchored - truth[:, ANCHORS]) ** 2, axis=(0, 2)))


@pytest.mark.parametrize(("summed", "noise", "factor"), [(1, 1.0, 0.01), (1, 0.3, 0.1), (2, 0.3, 1.0), (2, 0.1, 10.0)])
def test_the_common_factor_is_that_with_the_smallest_error(summed: int, noise: float, factor: float) -> None:
    """The more alike the errors of neighbours are, the less of them the differentials see."""
    truth, direct, random = chain()
    error = direct - truth
    for _ in range(summed):
        error = np.cumsum(error, axis=1) / 3
    direct = truth + error
    anchored = truth[:, ANCHORS] + noise * random.normal(size=(30, 10, 3))
    plain = plain_weights(truth, direct, anchored)
    errors = {}
    for each in (0.01, 0.1, 1.0, 10.0):
        follow = response(LAPLACIAN, ANCHORS, each * plain)
        played = [pose + follow @ (there - pose[ANCHORS]) for pose, there in zip(direct, anchored)]
        errors[each] = np.mean((played - truth) ** 2)
    assert min(errors, key=lambda key: errors[key]) == factor  # else this test would show nothing
    np.testing.assert_allclose(weights_of(truth, direct, anchored), factor * plain, rtol=1e-3)


def test_the_errors_of_all_patches_together_tell_the_factor() -> None:
    """What two halves say that see the whole chain is what one patch of the whole chain says."""
    truth, direct, random = chain()
    anchored = truth[:, ANCHORS] + 0.1 * random.normal(size=(30, 10, 3))
    halves = tuple(
        Patch(own, np.ones(len(own)), np.arange(CHAIN), np.arange(len(ANCHORS)))
        for own in (np.arange(17), np.arange(17, CHAIN))
    )
    shared = tuple(
        Patch(np.arange(CHAIN), np.full(CHAIN, share), np.arange(CHAIN), np.arange(len(ANCHORS)))
        for share in (0.3, 0.7)
    )
    expected = weights_of(truth, direct, anchored)
    for patches in (halves, shared):
        np.testing.assert_allclose(weights_of(truth, direct, anchored, patches), expected, rtol=1e-6)


def test_no_weight_is_so_small_that_the_mesh_loses_its_hold() -> None:
    truth, direct, random = chain()
    hopeless = truth[:, ANCHORS] + 1e6 * random.normal(size=(30, 10, 3))
    assert weights_of(truth, direct, hopeless).min() == pytest.approx(1e-4)


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
