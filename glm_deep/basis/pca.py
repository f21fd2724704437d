"""Principal components of the deformation, from inner products between frames.

All of the training happens among coefficients: because the basis is orthonormal, their squared error is the squared
vertex error, and no step costs more on a heavier mesh. Only inner products between frames are needed (the snapshot
method, Sirovich 1987), so the mesh data is read in chunks and never held whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable

import numpy as np
from numpy.typing import NDArray

_SMALLEST = 1e-9  # of the largest variance: components below it are rounding


@dataclass(frozen=True)
class FrameProducts:
    """Inner products of all frames with some of them.

    Attributes:
        products: (F,S) products of every frame with the `columns`.
        columns: (S,) frame numbers.
        squared: (F,) product of each frame with itself.
    """

    products: NDArray[np.float64]
    columns: NDArray[np.int64]
    squared: NDArray[np.float64]


@dataclass(frozen=True)
class Pca:
    """A basis given by the frames that span it.

    A basis vector is `sum_j projection[j, k] (frame_j - mean)` over the basis frames j, and mean their average; so it can be
    made for any chunk of vertices at any time.

    Attributes:
        frames: (n,) the frames that span the basis.
        projection: (n,K).
        coefficients: (F,K) of all frames.
        left: (F,) squared norm of each centred frame outside the basis.
        products_with_mean: (F,) product of each frame with the mean.
        mean_squared: product of the mean with itself.
    """

    frames: NDArray[np.int64]
    projection: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    left: NDArray[np.float64]
    products_with_mean: NDArray[np.float64]
    mean_squared: float

    def truncated(self, size: int) -> Pca:
        """The same with the first `size` components."""
        dropped = np.sum(self.coefficients[:, size:] ** 2, axis=1)
        return Pca(
            self.frames,
            self.projection[:, :size],
            self.coefficients[:, :size],
            self.left + dropped,
            self.products_with_mean,
            self.mean_squared,
        )

    def vectors(self, values: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean (N,) and basis vectors (N,K) for some columns of the data.

        Args:
            values: (n,N) those columns for the basis frames, in the order of `frames`.
        """
        mean = values.mean(axis=0, dtype=np.float64)
        centred = np.asarray(values - mean, np.float64)
        return mean.astype(np.float32), (centred.T @ self.projection).astype(np.float32)


def frame_products(chunks: Iterable[NDArray[np.floating]], columns: NDArray[np.int64]) -> FrameProducts:
    """Products of all frames with the frames `columns`, from chunks (F,c) of the data, in float64."""
    products: NDArray[np.float64] | None = None
    squared: NDArray[np.float64] | None = None
    for chunk in chunks:
        block = np.asarray(chunk, np.float64)
        if products is None or squared is None:
            products, squared = np.zeros((len(block), len(columns))), np.zeros(len(block))
        products += block @ block[columns].T
        squared += np.einsum("fc,fc->f", block, block)
    if products is None or squared is None:
        raise ValueError("no data")
    return FrameProducts(products, np.asarray(columns, np.int64), squared)


def principal_components(data: FrameProducts, use: NDArray[np.bool_], most: int | None = None) -> Pca:
    """The components of the columns `use` (S,) marks, strongest first, at most `most` of them."""
    frames = data.columns[use]
    products = data.products[:, use]
    with_mean = products.mean(axis=1)
    mean_squared = float(with_mean[frames].mean())
    centred = products - with_mean[:, None] - with_mean[frames][None] + mean_squared
    inner = centred[frames]
    variances, vectors = np.linalg.eigh((inner + inner.T) / 2)
    order = np.argsort(variances)[::-1]
    kept = order[variances[order] > _SMALLEST * max(variances[order[0]], 1e-300)][:most]
    projection = vectors[:, kept] / np.sqrt(variances[kept])
    coefficients = centred @ projection
    norms = data.squared - 2 * with_mean + mean_squared
    left = np.maximum(norms - np.sum(coefficients**2, axis=1), 0.0)
    return Pca(frames, projection, coefficients, left, with_mean, mean_squared)


def transfer(data: FrameProducts, old: Pca, new: Pca) -> NDArray[np.float64]:
    """(K old, K new): maps coefficients in the old basis to the nearest ones in the new basis, about zero."""
    column_of = {int(frame): index for index, frame in enumerate(data.columns)}
    columns = [column_of[int(frame)] for frame in old.frames]
    products = data.products[np.ix_(new.frames, columns)]
    centred = products - products.mean(axis=1)[:, None] - products.mean(axis=0)[None] + products.mean()
    result: NDArray[np.float64] = (new.projection.T @ centred @ old.projection).T
    return result
