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
_COLUMNS = 4096
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
        vectors = self.vectors[:, :size].copy()  # a view would keep the memory of all of them
        return Pca(self.mean, vectors, self.coefficients[:, :size], self.left + dropped)


def principal_components(values: NDArray[np.floating], rows: NDArray[np.int64], most: int | None, seed: int) -> Pca:
    """The components of the frames `rows` of `values` (F,N), at most `most` of them.

    Up to a thousand rows they are exact, from the products between frames (the snapshot method, Sirovich 1987), which
    suits data with more columns than frames; above it scikit-learn's randomised decomposition finds the strongest ones.
    """
    mean = values[rows].mean(axis=0, dtype=np.float64)
    if most is not None and len(rows) > _EXACT_FRAMES:
        vectors = _randomised(values[rows] - mean.astype(values.dtype), most, seed)
    else:
        vectors = _exact(values, rows, mean, most)
    coefficients, squares = np.zeros((len(values), vectors.shape[1])), np.zeros(len(values))
    for columns in _chunks(values):
        some = values[:, columns] - mean[columns]
        coefficients += some @ vectors[columns]
        squares += np.einsum("fn,fn->f", some, some)
    left = np.maximum(squares - np.sum(coefficients**2, axis=1), 0.0)
    return Pca(mean, vectors, coefficients, left)


def _chunks(values: NDArray[np.floating]) -> list[slice]:
    """Columns in parts, so that no second array of the size of `values` is made."""
    return [slice(first, first + _COLUMNS) for first in range(0, values.shape[1], _COLUMNS)]


def _exact(
    values: NDArray[np.floating], rows: NDArray[np.int64], mean: NDArray[np.float64], most: int | None
) -> NDArray[np.float64]:
    count = len(rows)
    products = np.zeros((count, count))
    for columns in _chunks(values):
        some = values[rows, columns] - mean[columns]
        products += some @ some.T
    first = 0 if most is None else max(0, count - most)
    variances, combinations = eigh(products, subset_by_index=(first, count - 1))
    kept = np.flatnonzero(variances > max(_SMALLEST * variances[-1], 1e-300))[::-1]
    combined = combinations[:, kept] / np.sqrt(variances[kept])
    vectors = np.empty((values.shape[1], len(kept)))
    for columns in _chunks(values):
        vectors[columns] = (values[rows, columns] - mean[columns]).T @ combined
    return vectors


def _randomised(centred: NDArray[np.floating], most: int, seed: int) -> NDArray[np.float64]:
    from sklearn.utils.extmath import randomized_svd

    size = min(most, *centred.shape)
    _, singular, vectors = randomized_svd(centred, size, n_iter=4, random_state=seed)
    kept = singular**2 > max(_SMALLEST * float(singular[0]) ** 2, 1e-300)
    result: NDArray[np.float64] = vectors[kept].T.astype(np.float64)
    return result
