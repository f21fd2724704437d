"""Regression in closed form: kernel regression with a metric of its own for every region, and ridge.

All of it is solved exactly. The error of leaving each frame out, or each block of neighbours in time, follows from the
same decomposition (Rasmussen and Williams 2006, section 5.4.2). So choosing costs no refitting, and the residuals that
the networks learn from are those of frames that the fit has not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, eigh

from glm_deep.kernel import kernel, matern

MOST_CENTRES = 1200
"""Above it a random subset of the frames carries the kernel (Nystroem), or training and playing would cost too much."""

_LENGTHS = (4.0, 16.0, 64.0)
# Less noise allowed for fits no better, and its weights grow so large that float32 cannot play them.
_RIDGES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
_SMALLEST = 1e-12
_NOISE = 1e-6

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Kernel:
    """What was chosen for a region.

    Attributes:
        metric: (I,) factors of the squared differences of each input value.
        ridge: noise that the fit allows for, relative to the kernel's variance.
        power: the candidate that won; see `choose_kernel`.
        error: mean squared left-out error.
    """

    metric: Array
    ridge: float
    power: float
    error: float


def choose_kernel(x: Array, y: Array, candidates: Sequence[tuple[float, Array]], blocks: NDArray[np.int64]) -> Kernel:
    """The kernel with the smallest left-out error.

    Args:
        x: (n,I) inputs. y: (n,K) coefficients.
        candidates: named metrics (I,), up to a length that is chosen here.
        blocks: (n,) frames with the same number are left out together.
    """
    found = []
    for power, metric in candidates:
        distances = squared_distances(x, metric)
        unit, mean = float(np.median(distances)), float(np.mean(distances))
        if unit <= _NOISE * mean:  # most frames are at rest, and their distances are rounding
            unit = mean or 1.0
        for length in _LENGTHS:
            values, vectors = eigh(matern(distances / (length * unit)))
            errors = _left_out_errors(np.maximum(values, 0.0), vectors, y, blocks)
            best = int(np.argmin(errors))
            found.append(Kernel(metric / (length * unit), _RIDGES[best], power, errors[best]))
    return min(found, key=lambda kernel: kernel.error)


def squared_distances(x: Array, metric: Array) -> Array:
    """(n,n) squared distances between the rows of x (n,I) in a metric (I,)."""
    scaled = (x - x.mean(axis=0)) * np.sqrt(metric)
    norms = np.sum(scaled**2, axis=1)
    result: Array = np.maximum(norms[:, None] + norms[None] - 2.0 * (scaled @ scaled.T), 0.0)
    return result


def kernel_weights(chosen: Kernel, x: Array, y: Array, centres: NDArray[np.int64]) -> Array:
    """Weights (m,K) of the kernels about the centres.

    Args:
        chosen: the kernel.
        x: (n,I) inputs. y: (n,K) coefficients.
        centres: (m,) rows that carry the kernel; all of them unless there are very many.
    """
    own, cross = _kernel_matrices(chosen, x, centres)
    if cross is None:
        result: Array = cho_solve(cho_factor(own + chosen.ridge * np.eye(len(x))), y)
        return result
    weights: Array = _hat(chosen, own, cross) @ y
    return weights


def left_out_residuals(
    chosen: Kernel, x: Array, y: Array, centres: NDArray[np.int64], blocks: NDArray[np.int64]
) -> Array:
    """(n,K) what `kernel_weights` gets wrong in each frame when its block (n,) is left out of the fit."""
    own, cross = _kernel_matrices(chosen, x, centres)
    if cross is None:
        inverse = cho_solve(cho_factor(own + chosen.ridge * np.eye(len(x))), np.eye(len(x)))
        return _leave_out(inverse @ y, inverse, blocks)
    hat = _hat(chosen, own, cross)
    return _leave_out_rows(y - cross @ (hat @ y), cross, hat, blocks)


def _kernel_matrices(chosen: Kernel, x: Array, centres: NDArray[np.int64]) -> tuple[Array, Array | None]:
    """Kernels among the centres (m,m), and of all rows with them (n,m), None when the centres are all rows."""
    metric = chosen.metric[None]
    own = kernel(x[centres], x[centres], metric)[0]
    return own, None if len(centres) == len(x) else kernel(x, x[centres], metric)[0]


def _hat(chosen: Kernel, own: Array, cross: Array) -> Array:
    """(m,n): from targets to weights."""
    normal = cross.T @ cross + chosen.ridge * own
    normal[np.diag_indices(len(normal))] += 1e-9 * float(np.trace(normal)) / len(normal)
    result: Array = cho_solve(cho_factor(normal), cross.T)
    return result


def ridge_regression(x: Array, y: Array, blocks: NDArray[np.int64]) -> Array:
    """Weights (I+1,K) of a ridge regression with an intercept in the last row: the baseline of every report."""
    design = np.column_stack([x, np.ones(len(x))])
    left, singular, right = np.linalg.svd(design, full_matrices=False)
    kept = singular > 1e-9 * singular[0]
    left, singular, right = left[:, kept], singular[kept], right[kept]
    ridges = float(singular[0]) ** 2 * np.array([10.0**power for power in range(-10, 1)])
    along = left.T @ y
    errors = []
    for ridge in ridges:
        shrunk = left * (singular**2 / (singular**2 + ridge))
        residuals = _leave_out_rows(y - shrunk @ along, shrunk, left.T, blocks)
        errors.append(float(np.mean(np.sum(residuals**2, axis=1))))
    best = ridges[int(np.argmin(errors))]
    result: Array = right.T @ ((singular / (singular**2 + best))[:, None] * along)
    return result


def _left_out_errors(values: Array, vectors: Array, y: Array, blocks: NDArray[np.int64]) -> list[float]:
    """Mean squared left-out error for each of the ridges, from the eigenvectors of the kernel matrix."""
    along = vectors.T @ y
    errors = []
    for ridge in _RIDGES:
        inverse = 1.0 / (values + ridge)
        weights = vectors @ (inverse[:, None] * along)
        if len(np.unique(blocks)) == len(blocks):
            residuals = weights / ((vectors**2) @ inverse)[:, None]
        else:
            residuals = _leave_out(weights, (vectors * inverse) @ vectors.T, blocks)
        errors.append(float(np.mean(np.sum(residuals**2, axis=1))))
    return errors


def _leave_out(weights: Array, inverse: Array, blocks: NDArray[np.int64]) -> Array:
    """(n,K) residuals with the own block B left out: (M_BB)^-1 (M y)_B, M = `inverse`, M y = `weights`."""
    result = weights / np.maximum(np.diag(inverse), _SMALLEST)[:, None]
    for rows in _neighbours(blocks):
        result[rows] = np.linalg.lstsq(inverse[np.ix_(rows, rows)], weights[rows], rcond=_SMALLEST)[0]
    return result


def _leave_out_rows(residuals: Array, cross: Array, hat: Array, blocks: NDArray[np.int64]) -> Array:
    """The same for a hat matrix H = cross @ hat of low rank: (1 - H_BB)^-1 residuals_B."""
    own = np.einsum("nm,mn->n", cross, hat)
    result: Array = residuals / np.maximum(1.0 - own, _SMALLEST)[:, None]
    for rows in _neighbours(blocks):
        keep = np.eye(len(rows)) - cross[rows] @ hat[:, rows]
        result[rows] = np.linalg.lstsq(keep, residuals[rows], rcond=_SMALLEST)[0]
    return result


def _neighbours(blocks: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The rows of each block of more than one frame."""
    labels, sizes = np.unique(blocks, return_counts=True)
    return [np.flatnonzero(blocks == label) for label in labels[sizes > 1]]
