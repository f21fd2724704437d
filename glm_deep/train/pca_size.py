"""How many components the regions keep."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from glm_deep.config import PCA_PART_OF_VERTICES
from glm_deep.train.closed_form import Solved
from glm_deep.train.prepare import Prepared

WITHIN = 0.005
"""The default PCA size of a mesh is the smallest whose validation error is within this part of the best."""

_SIZES = 32  # of which is told what they keep


def largest_size(prepared: Prepared, solved: Solved) -> int:
    """What vertices and frames allow."""
    return max(1, min(int(solved.starts[-1]), len(solved.frames), round(PCA_PART_OF_VERTICES * prepared.vertex_count)))


def with_size(prepared: Prepared, solved: Solved, size: int) -> Solved:
    """The closed form with its strongest `size` components; with size 0 no more than each mesh needs.

    Of the size 0 each mesh is asked by itself: beside one that cannot be learned, what another needs would not show.
    """
    _, owners = size_errors(solved, prepared.x, prepared.split.validation)
    count = len(solved.regions)
    if not size:
        size, enough = largest_size(prepared, solved), _enough(prepared, solved)
        before = np.cumsum(owners[:, None] == np.arange(count), axis=0)[np.arange(len(owners)), owners] - 1
        owners = owners[before < enough[owners]]
    kept = np.bincount(owners[:size], minlength=count)
    return replace(solved, regions=tuple(each.truncated(int(k)) for each, k in zip(solved.regions, kept)))


def _enough(prepared: Prepared, solved: Solved) -> NDArray[np.int64]:
    """(R,) components of each region that leave its mesh as good as the best."""
    enough, bound = np.zeros(len(solved.regions), np.int64), largest_size(prepared, solved)
    for mesh in range(len(prepared.graphs)):
        own = np.array([number for number, each in enumerate(solved.regions) if each.region.mesh == mesh])
        part = replace(solved, regions=tuple(solved.regions[number] for number in own))
        if part.starts[-1]:
            errors, owners = size_errors(part, prepared.x, prepared.split.validation)
            enough[own] = np.bincount(owners[: smallest_size(errors, bound)], minlength=len(own))
    return enough


def size_errors(
    solved: Solved, x: NDArray[np.float32], frames: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Root mean squared error on `frames` with 1, 2, ... K components, and the region that each component is of.

    Components of all regions come in the order of their variance. One that is left out costs its whole variance, one
    that is kept costs its error.
    """
    fitted = solved.frames
    truth = solved.coefficients
    error = truth[frames] - solved.predict(x[frames])
    gains = np.mean(error**2 - truth[frames] ** 2, axis=0)
    dropped = float(np.mean(np.sum(truth[frames] ** 2, axis=1) + solved.left[frames]))
    order = np.argsort(-np.mean(truth[fitted] ** 2, axis=0), kind="stable")
    owner = np.repeat(np.arange(len(solved.regions)), np.diff(solved.starts))
    return np.sqrt(np.maximum(dropped + np.cumsum(gains[order]), 0.0)), owner[order]


def share_kept(solved: Solved) -> float:
    """The part of the deformation of the training frames, about their mean, that the components can show: 0 to 1."""
    frames = solved.frames
    inside = float(np.mean(np.sum(solved.coefficients[frames] ** 2, axis=1)))
    return inside / max(inside + float(np.mean(solved.left[frames])), np.finfo(float).tiny)


def kept_by_size(solved: Solved) -> tuple[tuple[int, float], ...]:
    """What `share_kept` would be with fewer components, the strongest ones, for sizes from 1 up to all of them."""
    variances = np.sort(np.mean(solved.coefficients[solved.frames] ** 2, axis=0))[::-1]
    shares = share_kept(solved) * np.cumsum(variances) / max(float(variances.sum()), np.finfo(float).tiny)
    sizes = np.unique(np.round(np.geomspace(1, len(shares), _SIZES)).astype(int))
    return tuple((int(size), round(float(shares[size - 1]), 5)) for size in sizes)


def smallest_size(errors: NDArray[np.float64], bound: int) -> int:
    """The smallest size up to `bound` whose error is within half a percent of the best up to there."""
    allowed = errors[: max(1, bound)]
    return int(np.flatnonzero(allowed <= (1.0 + WITHIN) * allowed.min())[0]) + 1
