"""Principal components of the deformation of a region.

Learning happens among their coefficients: the basis is orthonormal, so the squared error of the coefficients is the
squared vertex error, and no step costs more on a heavier mesh.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

_EXACT_FRAMES = 1000  # above it the decomposition of all products between frames costs too much
_SMALLEST = 1e-9  # of the largest variance: what is below it is rounding


@dataclass(frozen=True)
class Pca:
    """A basis and what it makes of the data.

    Attributes:
        mean: (N,) of the frames that made the basis. vectors: (N,K) orthonormal, strongest first.
        coefficients: (F,K) of all frames.
        left: (F,) squared distance of each frame from the basis.
    """

    mean: NDArray[np.float64]
    vectors: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    left: NDArray[np.float64]

    def truncated(self, size: int) -> Pca:
        """The same with the first `size` components."""
        dropped = np.sum(self.coefficients[:, size:] ** 2, axis=1)
        return Pca(self.mean, self.vectors[:, :size], self.coefficients[:, :size], self.left + dropped)


def principal_components(values: NDArray[np.floating], rows: NDArray[np.int64], most: int | None, seed: int) -> Pca:
    """The components of the frames `rows` of `values` (F,N), at most `most` of them.

    Up to a thousand rows they are exact, from the products between frames (the snapshot method, Sirovich 1987), which
    suits data with more columns than frames; above it scikit-learn's randomised decomposition finds the strongest ones.
    """
    data = np.asarray(values, np.float64)
    mean = data[rows].mean(axis=0)
    centred = data - mean
    basis = centred[rows]
    vectors = _randomised(basis, most, seed) if most is not None and len(rows) > _EXACT_FRAMES else _exact(basis, most)
    coefficients = centred @ vectors
    left = np.maximum(np.einsum("fn,fn->f", centred, centred) - np.sum(coefficients**2, axis=1), 0.0)
    return Pca(mean, vectors, coefficients, left)


def _exact(basis: NDArray[np.float64], most: int | None) -> NDArray[np.float64]:
    count = len(basis)
    first = 0 if most is None else max(0, count - most)
    variances, combinations = eigh(basis @ basis.T, subset_by_index=(first, count - 1))
    kept = np.flatnonzero(variances > max(_SMALLEST * variances[-1], 1e-300))[::-1]
    result: NDArray[np.float64] = basis.T @ (combinations[:, kept] / np.sqrt(variances[kept]))
    return result


def _randomised(basis: NDArray[np.float64], most: int, seed: int) -> NDArray[np.float64]:
    from sklearn.utils.extmath import randomized_svd

    size = min(most, *basis.shape)
    _, singular, vectors = randomized_svd(basis, size, n_iter=4, random_state=seed)
    kept = singular**2 > max(_SMALLEST * float(singular[0]) ** 2, 1e-300)
    result: NDArray[np.float64] = vectors[kept].T
    return result
