"""Regression in closed form: ridge, and a kernel regression that is chosen by leaving frames out.

Both are solved exactly. The error of leaving each frame out, or each block of neighbours in time, follows from the
same decomposition (Rasmussen and Williams 2006, section 5.4.2), so choosing costs no refitting, and the residuals that
the networks learn from are those of frames that the fit has not seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from glm_deep.kernel import matern, squared_distances

_MOST_CENTRES = 2000  # above it the cubic cost shows: a random subset of the frames carries the kernel (Nystroem)
_CHOOSING_FRAMES = 800
_LENGTHS = (1.0, 4.0, 16.0, 64.0)
_LINEAR = (0.0, 1.0)
_RIDGES = tuple(10.0**power for power in range(-8, 1))
_SMALLEST = 1e-12


@dataclass(frozen=True)
class Kernel:
    """What the choice found; `multipliers` (I,) scale the inputs, `length` divides squared distances."""

    multipliers: NDArray[np.float64]
    length: float
    linear: float
    ridge: float
    error: float


@dataclass(frozen=True)
class ClosedForm:
    """A fitted regression: y = x @ linear + matern(|m x - centre|^2 / length) @ weights.

    Attributes:
        multipliers: (I,) m above. centres: (n,I), already multiplied. weights: (n,K). linear: (I,K).
    """

    multipliers: NDArray[np.float64]
    centres: NDArray[np.float64]
    length: float
    weights: NDArray[np.float64]
    linear: NDArray[np.float64]

    def predict(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """(n,K) for inputs (n,I)."""
        scaled = np.asarray(x, np.float64) * self.multipliers
        radial = matern(squared_distances(scaled, self.centres) / self.length)
        result: NDArray[np.float64] = x @ self.linear + radial @ self.weights
        return result


@dataclass(frozen=True)
class _Smoother:
    """A linear smoother in its eigenbasis: H = V diag(s / (s + ridge)) V^T."""

    vectors: NDArray[np.float64]
    values: NDArray[np.float64]

    def residuals(self, y: NDArray[np.float64], ridge: float, blocks: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n,K) what is left of y when a frame's own block is left out of the fit."""
        shrink = ridge / (self.values + ridge)
        whole = self.vectors.shape[0] == self.vectors.shape[1]
        along = self.vectors.T @ y
        left = self.vectors @ (shrink[:, None] * along)
        if not whole:
            left += y - self.vectors @ along
        labels, sizes = np.unique(blocks, return_counts=True)
        own = (self.vectors**2) @ shrink + (0.0 if whole else 1.0 - np.sum(self.vectors**2, axis=1))
        result = left / np.maximum(own, _SMALLEST)[:, None]
        for label in labels[sizes > 1]:
            rows = np.flatnonzero(blocks == label)
            v = self.vectors[rows]
            keep = (v * shrink) @ v.T + (0.0 if whole else np.eye(len(rows)) - v @ v.T)
            result[rows] = np.linalg.lstsq(keep, left[rows], rcond=_SMALLEST)[0]
        return result

    def best_ridge(
        self, y: NDArray[np.float64], ridges: NDArray[np.float64], blocks: NDArray[np.int64]
    ) -> tuple[float, float]:
        """(mean squared left-out error, ridge) of the best of `ridges`."""
        errors = [float(np.mean(np.sum(self.residuals(y, ridge, blocks) ** 2, axis=1))) for ridge in ridges]
        best = int(np.argmin(errors))
        return errors[best], float(ridges[best])


def choose_kernel(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    groups: NDArray[np.integer],
    blocks: NDArray[np.int64],
    seed: int,
) -> Kernel:
    """The kernel whose left-out error is the smallest.

    Args:
        x: (F,I) scaled inputs. y: (F,K) coefficients. groups: (I,) the rig input each value belongs to.
        blocks: (F,) frames with the same number are left out together.
        seed: picks the frames that choose when there are many.
    """
    rows = _some(len(x), _CHOOSING_FRAMES, seed)
    best: Kernel | None = None
    for multipliers in _scalings(x, groups):
        scaled = x[rows] * multipliers
        distances = squared_distances(scaled, scaled)
        unit = float(np.median(distances)) or 1.0
        products = scaled @ scaled.T
        products /= max(float(np.trace(products)) / len(rows), _SMALLEST)
        for length in _LENGTHS:
            radial = matern(distances / (length * unit))
            for linear in _LINEAR:
                values, vectors = eigh(radial + linear * products)
                smoother = _Smoother(vectors, np.maximum(values, 0.0))
                error, ridge = smoother.best_ridge(y[rows], np.array(_RIDGES), blocks[rows])
                if best is None or error < best.error:
                    best = Kernel(multipliers, length * unit, linear, ridge, error)
    if best is None:
        raise ValueError("no kernel was tried")
    return best


def fit_kernel(
    kernel: Kernel, x: NDArray[np.float64], y: NDArray[np.float64], blocks: NDArray[np.int64], seed: int
) -> tuple[ClosedForm, NDArray[np.float64], Kernel]:
    """The regression on all frames given, its left-out residuals (F,K), and the kernel with the ridge settled.

    The ridge is chosen again on these frames within a factor of ten, since more frames need less of it.
    """
    scaled = x * kernel.multipliers
    centres = scaled[_some(len(x), _MOST_CENTRES, seed)]
    norm = kernel.linear / max(float(np.mean(np.sum(scaled**2, axis=1))), _SMALLEST)
    own = matern(squared_distances(centres, centres) / kernel.length) + norm * (centres @ centres.T)
    values, vectors = eigh(own)
    kept = values > _SMALLEST * values[-1]
    values, vectors = values[kept], vectors[:, kept]
    if len(centres) == len(x):
        smoother, to_weights = _Smoother(vectors, values), vectors / values
    else:
        cross = matern(squared_distances(scaled, centres) / kernel.length) + norm * (scaled @ centres.T)
        features = cross @ (vectors / np.sqrt(values))
        spread, turn = eigh(features.T @ features)
        used = spread > _SMALLEST * spread[-1]
        spread, turn = spread[used], turn[:, used]
        smoother = _Smoother(features @ (turn / np.sqrt(spread)), spread)
        to_weights = (vectors / np.sqrt(values)) @ (turn / np.sqrt(spread))
    ridges = kernel.ridge * np.array([0.1, 0.3, 1.0, 3.0, 10.0])
    error, ridge = smoother.best_ridge(y, ridges, blocks)
    shrunk = (smoother.values / (smoother.values + ridge))[:, None] * (smoother.vectors.T @ y)
    weights = to_weights @ shrunk
    linear = kernel.multipliers[:, None] * (norm * (centres.T @ weights))
    fitted = ClosedForm(kernel.multipliers, centres, kernel.length, weights, linear)
    return fitted, smoother.residuals(y, ridge, blocks), replace(kernel, ridge=ridge, error=error)


def ridge_regression(x: NDArray[np.float64], y: NDArray[np.float64], blocks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights (I+1,K) of a ridge regression with an intercept in the last row: the baseline of every report."""
    design = np.column_stack([x, np.ones(len(x))])
    left, singular, right = np.linalg.svd(design, full_matrices=False)
    kept = singular > 1e-9 * singular[0]
    smoother = _Smoother(left[:, kept], singular[kept] ** 2)
    ridges = float(singular[0] ** 2) * np.array([10.0**power for power in range(-10, 1)])
    _, ridge = smoother.best_ridge(y, ridges, blocks)
    shrink = singular[kept] / (singular[kept] ** 2 + ridge)
    result: NDArray[np.float64] = right[kept].T @ (shrink[:, None] * (left[:, kept].T @ y))
    return result


def _scalings(x: NDArray[np.float64], groups: NDArray[np.integer]) -> list[NDArray[np.float64]]:
    """Two metrics of the inputs: every value by itself, and every rig input as a whole with the same variance."""
    variance = x.var(axis=0)
    of_group = np.zeros(int(groups.max(initial=0)) + 1)
    np.add.at(of_group, groups, variance)
    return [np.ones(x.shape[1]), 1.0 / np.sqrt(np.maximum(of_group[groups], _SMALLEST))]


def _some(count: int, most: int, seed: int) -> NDArray[np.int64]:
    """All of `count` rows, or `most` of them at random, in order."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False))
