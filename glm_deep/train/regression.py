"""Regression in closed form: kernel regression with metrics of its own for every region, and ridge.

All of it is solved exactly. The error of leaving each frame out, or each block of neighbours in time, follows from the
same decomposition (Rasmussen and Williams 2006, section 5.4.2), so the residuals that the networks learn from are those
of frames that the fit has not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from glm_deep.kernel import matern

MOST_CENTRES = 1200
"""Above it a random subset of the frames carries the kernel (Nystroem), or training and playing would cost too much."""

_SMALLEST = 1e-12

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Inputs:
    """How input values make rig inputs.

    Attributes:
        unit: (I,) factors of squared differences with which every rig input has the same variance, however many values
            it has.
        groups: (I,) the rig input of each value, numbered without gaps.
        names: (G,) numbers of these among all inputs of the rig.
    """

    unit: Array
    groups: NDArray[np.int64]
    names: NDArray[np.int64]

    @property
    def firsts(self) -> NDArray[np.int64]:
        """(G,) the first value of each rig input."""
        return np.flatnonzero(np.diff(self.groups, prepend=-1))


def inputs_of(x: Array, numbers: NDArray[np.integer]) -> Inputs:
    """The rig inputs of values x (n,I); `numbers` (I,) says which input each value is of, in ascending order."""
    names, groups = np.unique(numbers, return_inverse=True)
    variances = np.bincount(groups, x.var(axis=0), minlength=len(names))
    return Inputs(1.0 / np.maximum(variances[groups], _SMALLEST), groups, names)


@dataclass(frozen=True)
class Kernel:
    """What was chosen for a region: sum_p amount_p matern(sum_g metric_pg distance_g), as in `glm_deep.kernel`.

    Attributes:
        metrics: (PARTS,G) factors of the squared distances in each rig input. amounts: (PARTS,) of each part.
        ridge: noise that the fit allows for, in the same units.
        error: mean squared left-out error.
    """

    metrics: Array
    amounts: Array
    ridge: float
    error: float

    def between(self, x: Array, centres: Array, inputs: Inputs) -> Array:
        """(n,m) kernels of x (n,I) with centres (m,I), by matrix products, which suit many frames at once."""
        origin = centres.mean(axis=0)
        result = np.zeros((len(x), len(centres)))
        for metric, amount in zip(self.metrics, self.amounts):
            root = np.sqrt(metric[inputs.groups] * inputs.unit)
            result += amount * matern(_squared_distances((x - origin) * root, (centres - origin) * root))
        return result


def _squared_distances(x: Array, centres: Array) -> Array:
    squared = -2.0 * (x @ centres.T)
    squared += np.sum(x**2, axis=1)[:, None]
    squared += np.sum(centres**2, axis=1)[None]
    result: Array = np.maximum(squared, 0.0, out=squared)
    return result


def kernel_weights(chosen: Kernel, inputs: Inputs, x: Array, y: Array, centres: NDArray[np.int64]) -> Array:
    """Weights (m,K) of the kernels about the centres.

    Args:
        chosen: the kernel. inputs: how values make rig inputs.
        x: (n,I) inputs. y: (n,K) coefficients.
        centres: (m,) rows that carry the kernel; all of them unless there are very many.
    """
    own, cross = _kernel_matrices(chosen, inputs, x, centres)
    if cross is None:
        result: Array = cho_solve(cho_factor(own + chosen.ridge * np.eye(len(x))), y)
        return result
    weights: Array = _hat(chosen, own, cross) @ y
    return weights


def regress(
    chosen: Kernel, inputs: Inputs, x: Array, y: Array, centres: NDArray[np.int64], blocks: NDArray[np.int64]
) -> tuple[Array, Array]:
    """Weights (m,K) as of `kernel_weights`, and what they get wrong in each frame when its block (n,) is left out."""
    own, cross = _kernel_matrices(chosen, inputs, x, centres)
    if cross is None:
        inverse = cho_solve(cho_factor(own + chosen.ridge * np.eye(len(x))), np.eye(len(x)))
        weights: Array = inverse @ y
        return weights, _leave_out(weights, inverse, blocks)
    hat = _hat(chosen, own, cross)
    weights = hat @ y
    return weights, _leave_out_rows(y - cross @ weights, cross, hat, blocks)


def _kernel_matrices(
    chosen: Kernel, inputs: Inputs, x: Array, centres: NDArray[np.int64]
) -> tuple[Array, Array | None]:
    """Kernels among the centres (m,m), and of all rows with them (n,m), None when the centres are all rows."""
    own = chosen.between(x[centres], x[centres], inputs)
    return own, None if len(centres) == len(x) else chosen.between(x, x[centres], inputs)


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


def _leave_out(weights: Array, inverse: Array, blocks: NDArray[np.int64]) -> Array:
    """(n,K) residuals with the own block B left out: (M_BB)^-1 (M y)_B, M = `inverse`, M y = `weights`."""
    result = weights / np.maximum(np.diag(inverse), _SMALLEST)[:, None]
    for rows in blocks_of_several(blocks):
        result[rows] = np.linalg.lstsq(inverse[np.ix_(rows, rows)], weights[rows], rcond=_SMALLEST)[0]
    return result


def _leave_out_rows(residuals: Array, cross: Array, hat: Array, blocks: NDArray[np.int64]) -> Array:
    """The same for a hat matrix H = cross @ hat of low rank: (1 - H_BB)^-1 residuals_B."""
    own = np.einsum("nm,mn->n", cross, hat)
    result: Array = residuals / np.maximum(1.0 - own, _SMALLEST)[:, None]
    for rows in blocks_of_several(blocks):
        keep = np.eye(len(rows)) - cross[rows] @ hat[:, rows]
        result[rows] = np.linalg.lstsq(keep, residuals[rows], rcond=_SMALLEST)[0]
    return result


def blocks_of_several(blocks: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The rows of each block of more than one frame."""
    labels, sizes = np.unique(blocks, return_counts=True)
    return [np.flatnonzero(blocks == label) for label in labels[sizes > 1]]
