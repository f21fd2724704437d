"""How much the reconstruction trusts each anchor, from frames that were held out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from glm_deep.train.patches import Patch, follow

_FACTORS = (0.01, 0.1, 1.0, 10.0)
_LEAST = 1e-4  # weaker anchors lose their hold on the mean of the mesh in rounding
_PATCHES = 6  # that tell the common factor
_RANGE = 30.0  # of the weights about their median: one lucky anchor must not pin the mesh


def anchor_weights(
    laplacian: csr_matrix,
    patches: Sequence[Patch],
    anchors: NDArray[np.int64],
    truth: NDArray[np.float32],
    direct: NDArray[np.float32],
    anchored: NDArray[np.float32],
) -> NDArray[np.float64]:
    """(A,) weights W of the anchors in the reconstruction.

    Generalised least squares weighs each term by the inverse of its error: W = rms(D delta error) / rms(anchor error),
    the first over the mesh, the second per anchor. That holds where the errors of neighbours are independent; they are
    not, so a common factor is chosen by the error of the reconstruction itself, in some of its patches.

    Args:
        laplacian: (V,V). patches: of the reconstruction.
        anchors: (A,) vertices.
        truth: (n,V,3) offsets of held-out frames. direct: (n,V,3) as the differential model alone gives them.
        anchored: (n,A,3) as the subspace models give them at the anchors.
    """
    error = np.moveaxis(truth - direct, 1, 0).reshape(truth.shape[1], -1).astype(np.float64)
    of_differentials = float(np.sqrt(np.mean((laplacian @ error) ** 2)))
    of_anchors = np.sqrt(np.mean((anchored - truth[:, anchors]).astype(np.float64) ** 2, axis=(0, 2)))
    typical = float(np.median(of_anchors))
    if of_differentials == 0.0 or typical == 0.0:
        return np.ones(len(anchors))
    weights = of_differentials / np.clip(of_anchors, typical / _RANGE, typical * _RANGE)
    correction = np.moveaxis(anchored - direct[:, anchors], 1, 0).reshape(len(anchors), -1).astype(np.float64)
    asked = [patches[index] for index in np.linspace(0, len(patches) - 1, min(_PATCHES, len(patches))).astype(int)]
    errors = [_left(laplacian, asked, anchors, factor * weights, error, correction) for factor in _FACTORS]
    result: NDArray[np.float64] = np.maximum(_FACTORS[int(np.argmin(errors))] * weights, _LEAST)
    return result


def _left(
    laplacian: csr_matrix,
    patches: Sequence[Patch],
    anchors: NDArray[np.int64],
    weights: NDArray[np.float64],
    error: NDArray[np.float64],
    correction: NDArray[np.float64],
) -> float:
    """Squared error that a correction (A,N) of the anchors leaves of the error (V,N) in some patches."""
    total = 0.0
    for patch in patches:
        found = follow(laplacian, patch, anchors, weights)
        left = error[patch.vertices] * patch.shares[:, None] - found.response @ correction[found.anchors]
        total += float(np.sum(left**2))
    return total
