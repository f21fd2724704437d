"""How much each anchor is trusted in the reconstruction."""

from __future__ import annotations

import numpy as np
import pytest

from glm_deep.geometry.differential import graph_laplacian
from glm_deep.geometry.reconstruction import response
from glm_deep.train.patches import Followed, Patch
from glm_deep.train.weigh import FACTORS, WORTH, anchor_weights, best_followed

CHAIN = 60
ANCHORS = np.arange(2, 60, 6)


def chain() -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """True offsets (30,V,3) of a line of vertices, those of a model that has them wrong, and more random numbers."""
    random = np.random.default_rng(0)
    truth = random.normal(size=(30, CHAIN, 3))
    return truth, truth + 0.3 * random.normal(size=truth.shape), random


LAPLACIAN = graph_laplacian(CHAIN, np.column_stack([np.arange(CHAIN - 1), np.arange(1, CHAIN)]))
CELLS = np.minimum((np.arange(CHAIN) + 1) // 6, 9)  # the nearest anchor
WHOLE = Patch(np.arange(CHAIN), np.ones(CHAIN), np.arange(CHAIN), np.arange(len(ANCHORS)))


def by_vertex(values: np.ndarray) -> np.ndarray:
    return np.moveaxis(values, 1, 0).reshape(values.shape[1], -1)


def weights_of(truth: np.ndarray, direct: np.ndarray, anchored: np.ndarray) -> np.ndarray:
    errors = by_vertex(truth - direct), by_vertex(anchored - truth[:, ANCHORS])
    return anchor_weights(LAPLACIAN, ANCHORS, CELLS, *errors)


def followed(truth: np.ndarray, direct: np.ndarray, anchored: np.ndarray, patch: Patch = WHOLE) -> Followed | None:
    plain = plain_weights(truth, direct, anchored)
    errors = by_vertex(truth - direct), by_vertex(anchored - direct[:, ANCHORS])
    return best_followed(LAPLACIAN, ANCHORS, plain, *errors, patch)


def test_anchors_that_err_less_weigh_more_in_proportion() -> None:
    truth, direct, random = chain()
    sigma = np.where(np.arange(10) < 5, 0.01, 0.03)
    noise = random.normal(size=(30, 10, 3)) * sigma[:, None]
    weights = weights_of(truth, direct, truth[:, ANCHORS] + noise)
    rms = np.sqrt(np.mean(noise**2, axis=(0, 2)))
    squares = np.mean((LAPLACIAN @ by_vertex(truth - direct)) ** 2, axis=1)
    about = np.sqrt([squares[anchor == CELLS].mean() for anchor in range(10)])
    np.testing.assert_allclose(weights, about / rms, rtol=1e-9)
    assert weights[:5].min() > 2 * weights[5:].max()


def test_one_lucky_anchor_does_not_outweigh_the_others_beyond_thirty_times() -> None:
    truth, direct, random = chain()
    noise = 0.02 * random.normal(size=(30, 10, 3))
    noise[:, 3] *= 1e-4
    noise[:, 4] *= 1e4
    weights = weights_of(truth, direct, truth[:, ANCHORS] + noise)
    assert weights[3] / np.median(weights) == pytest.approx(30.0, rel=0.2)
    assert weights[4] / np.median(weights) == pytest.approx(1 / 30.0, rel=0.2)


def plain_weights(truth: np.ndarray, direct: np.ndarray, anchored: np.ndarray) -> np.ndarray:
    """The weights of generalised least squares: rms(D delta error) / rms(anchor error)."""
    of_differentials = np.sqrt(np.mean(np.einsum("vw,fwd->fvd", LAPLACIAN.toarray(), truth - direct) ** 2))
    return of_differentials / np.sqrt(np.maximum(np.mean((anchored - truth[:, ANCHORS]) ** 2, axis=(0, 2)), 1e-8))


@pytest.mark.parametrize(("summed", "noise", "factor"), [(1, 0.3, 0.1), (2, 0.3, 1.0), (2, 0.1, 10.0)])
def test_the_factor_of_a_patch_is_that_with_the_smallest_error(summed: int, noise: float, factor: float) -> None:
    """The more alike the errors of neighbours are, the less of them the differentials see."""
    truth, direct, random = chain()
    error = direct - truth
    for _ in range(summed):
        error = np.cumsum(error, axis=1) / 3
    direct = truth + error
    anchored = truth[:, ANCHORS] + noise * random.normal(size=(30, 10, 3))
    plain = plain_weights(truth, direct, anchored)
    errors, responses = {}, {}
    for each in FACTORS:
        responses[each] = response(LAPLACIAN, ANCHORS, each * plain)
        played = [pose + responses[each] @ (there - pose[ANCHORS]) for pose, there in zip(direct, anchored)]
        errors[each] = np.mean((played - truth) ** 2)
    assert min(errors, key=lambda key: errors[key]) == factor  # else this test would show nothing
    assert errors[factor] < WORTH * np.mean((direct - truth) ** 2)
    found = followed(truth, direct, anchored)
    assert found is not None
    np.testing.assert_allclose(found.response, responses[factor][:, found.anchors], atol=1e-9)


def test_a_patch_that_gains_nothing_by_its_anchors_follows_none() -> None:
    truth, direct, random = chain()
    assert followed(truth, direct, direct[:, ANCHORS] + 3.0 * random.normal(size=(30, 10, 3))) is None
    assert followed(truth, direct, direct[:, ANCHORS]) is None


def test_every_patch_finds_its_own_factor() -> None:
    """The error of one half is a shift, that of the other is noise: what helps the one harms the other."""
    truth, direct, random = chain()
    error = np.where(np.arange(CHAIN)[:, None] < 30, 0.5, 0.3 * random.normal(size=(30, CHAIN, 3)))
    direct = truth + error
    anchored = truth[:, ANCHORS] + np.where(ANCHORS[:, None] < 30, 0.01, 1.0) * random.normal(size=(30, 10, 3))
    halves = [
        Patch(own, np.ones(30), np.arange(CHAIN), np.arange(len(ANCHORS)))
        for own in (np.arange(30), np.arange(30, CHAIN))
    ]
    assert followed(truth, direct, anchored, halves[0]) is not None
    assert followed(truth, direct, anchored, halves[1]) is None


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
    np.testing.assert_array_equal(weights_of(truth, direct, truth[:, ANCHORS]), np.ones(10))
