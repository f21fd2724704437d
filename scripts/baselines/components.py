"""Principal components of the offsets of all meshes together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from glm_deep.train.prepare import Prepared

MOST_FRAMES = 2000
"""Above it a random subset of the frames makes the basis: the decomposition costs the cube of their number."""

_SMALLEST = 1e-10  # of the largest variance: what is below it is rounding
_VERTICES_AT_ONCE = 2048

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Components:
    """Offsets as coefficients in a basis in which every mesh has the same mean square.

    Attributes:
        means: (V,3) of each mesh. bases: (K,3V) float32 of each mesh, in scene units.
        coefficients: (F,K) of all frames, strongest first.
    """

    means: tuple[Array, ...]
    bases: tuple[NDArray[np.float32], ...]
    coefficients: Array

    def offsets(self, coefficients: np.ndarray) -> list[np.ndarray]:
        """Offsets (n,V,3) float32 of each mesh for coefficients (n,K)."""
        some = np.asarray(coefficients, np.float32)
        return [
            (some @ basis).reshape(len(some), -1, 3) + mean.astype(np.float32)
            for mean, basis in zip(self.means, self.bases)
        ]


def principal_components(prepared: Prepared, rows: NDArray[np.int64], most: int | None, seed: int) -> Components:
    """The strongest components of the frames `rows`, at most `most` of them, found from the products between frames.

    The snapshot method (Sirovich 1987): exact, and the mesh is read in chunks.
    """
    if len(rows) > MOST_FRAMES:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_FRAMES, replace=False))
    means: list[Array] = [each[rows].mean(axis=0, dtype=np.float64) for each in prepared.targets.offsets]
    products = [_products(offsets, mean, rows) for offsets, mean in zip(prepared.targets.offsets, means)]
    squares = [float(np.trace(each[rows])) for each in products]
    scales = [1.0 / np.sqrt(square) if square > 0 else 0.0 for square in squares]
    among = sum((scale**2 * each for scale, each in zip(scales, products)), np.zeros_like(products[0]))
    variances, combinations = eigh(among[rows])
    kept = np.flatnonzero(variances > _SMALLEST * max(float(variances[-1]), 1e-300))[::-1][:most]
    turned = combinations[:, kept] / np.sqrt(variances[kept])
    bases = tuple(_basis(offsets, mean, rows, turned) for offsets, mean in zip(prepared.targets.offsets, means))
    return Components(tuple(means), bases, among @ turned)


def _products(offsets: np.ndarray, mean: Array, rows: NDArray[np.int64]) -> Array:
    """(F,n) products of the centred frames with those of `rows`."""
    result = np.zeros((len(offsets), len(rows)))
    for start in range(0, len(mean), _VERTICES_AT_ONCE):
        piece = slice(start, start + _VERTICES_AT_ONCE)
        centred = (offsets[:, piece] - mean[piece]).reshape(len(offsets), -1)
        result += centred @ centred[rows].T
    return result


def _basis(offsets: np.ndarray, mean: Array, rows: NDArray[np.int64], turned: Array) -> NDArray[np.float32]:
    """(K,3V) combinations (n,K) of the centred frames of a mesh."""
    result = np.empty((turned.shape[1], 3 * len(mean)), np.float32)
    for start in range(0, len(mean), _VERTICES_AT_ONCE):
        piece = slice(start, start + _VERTICES_AT_ONCE)
        centred = (offsets[rows, piece] - mean[piece]).reshape(len(rows), -1)
        result[:, 3 * start : 3 * start + centred.shape[1]] = turned.T @ centred
    return result
