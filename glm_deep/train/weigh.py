"""How much the reconstruction trusts each anchor, from frames that were held out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from glm_deep.train.patches import Followed, Patch, follow

FACTORS = (0.1, 1.0, 10.0)
WORTH = 0.99
"""Anchors that leave more of a patch's squared error than this part are left out of it."""

_RANGE = 30.0  # of the weights about their median: one lucky anchor must not pin the mesh


def anchor_weights(
    laplacian: csr_matrix,
    anchors: NDArray[np.int64],
    cells: NDArray[np.int64],
    error: NDArray[np.float64],
    of_anchors: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(A,) weights W of the anchors in the reconstruction.

    Generalised least squares weighs each term by the inverse of its error: W = rms(D delta error) / rms(anchor error),
    the first among the vertices about the anchor: where next to nothing moves, an anchor has little to say.

    Args:
        laplacian: (V,V). anchors: (A,) vertices. cells: (V,) the anchor that each vertex is nearest to.
        error: (V,N) what the differential model leaves in held-out frames. of_anchors: (A,N) what the subspace models
            leave there.
    """
    squares = np.mean((laplacian @ error) ** 2, axis=1)
    vertices = np.bincount(cells, minlength=len(anchors))
    of_differentials = np.sqrt(np.bincount(cells, squares, minlength=len(anchors)) / np.maximum(vertices, 1))
    of_subspaces = np.sqrt(np.mean(of_anchors**2, axis=1))
    moving = (of_subspaces > 0) & (of_differentials > 0)
    if not moving.any():
        return np.ones(len(anchors))
    weights = np.zeros(len(anchors))
    weights[moving] = of_differentials[moving] / of_subspaces[moving]
    typical = float(np.median(weights[moving]))
    return np.where(moving, np.clip(weights, typical / _RANGE, typical * _RANGE), typical)


def best_followed(
    laplacian: csr_matrix,
    anchors: NDArray[np.int64],
    weights: NDArray[np.float64],
    error: NDArray[np.float64],
    correction: NDArray[np.float64],
    patch: Patch,
) -> Followed | None:
    """How a patch follows its anchors at the factor of the weights that leaves the least error, None if none helps.

    Generalised least squares holds where the errors of neighbours are independent; they are not, so a factor of all
    weights is chosen for every patch by the error of its reconstruction itself.

    Args:
        laplacian: (V,V). anchors: (A,) vertices. weights: (A,) from `anchor_weights`.
        error: (V,N) what the differential model leaves in held-out frames.
        correction: (A,N) how far the subspace models pull the anchors in these frames.
        patch: of the mesh.
    """
    own = error[patch.vertices] * patch.shares[:, None]
    best, lowest = None, WORTH * float(np.sum(own**2))
    for factor in FACTORS:
        found = follow(laplacian, patch, anchors, factor * weights)
        left = float(np.sum((own - found.response @ correction[found.anchors]) ** 2))
        if left < lowest:
            best, lowest = found, left
    return best
