"""The part of the model that is solved, not trained: basis, kernel regression, and how many components to keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glm_deep.basis.pca import FrameProducts, Pca, principal_components
from glm_deep.train.regression import ClosedForm, Kernel, choose_kernel, fit_kernel

WITHIN = 0.005
"""The default PCA size is the smallest whose validation error is within this part of the best."""


@dataclass(frozen=True)
class Solved:
    """A basis and a regression of its coefficients, on some frames.

    Attributes:
        pca: basis; its coefficients are those of all frames.
        kernel: what was chosen.
        fitted: inputs to coefficients.
        residuals: (n,K) errors in the frames of the fit, each frame left out of the fit in its turn.
    """

    pca: Pca
    kernel: Kernel
    fitted: ClosedForm
    residuals: NDArray[np.float64]

    def truncated(self, size: int) -> Solved:
        """The same with the first `size` components."""
        fitted = ClosedForm(
            self.fitted.multipliers,
            self.fitted.centres,
            self.fitted.length,
            self.fitted.weights[:, :size],
            self.fitted.linear[:, :size],
        )
        return Solved(self.pca.truncated(size), self.kernel, fitted, self.residuals[:, :size])


def solve(
    products: FrameProducts,
    x: NDArray[np.float32],
    groups: NDArray[np.integer],
    blocks: NDArray[np.int64],
    rows: NDArray[np.int64],
    seed: int,
    kernel: Kernel | None = None,
    most: int | None = None,
) -> Solved:
    """Basis and regression on the frames `rows`.

    Args:
        products: inner products of the offsets of all frames.
        x: (F,I) scaled inputs of all frames. groups: (I,) rig input of each value. blocks: (F,) blocks in time.
        rows: (n,) frames to use.
        seed: of the choice.
        kernel: one that was chosen before; None chooses.
        most: components at the most.
    """
    pca = principal_components(products, np.isin(products.columns, rows), most)
    inputs, targets = x[rows].astype(np.float64), pca.coefficients[rows]
    if kernel is None:
        kernel = choose_kernel(inputs, targets, groups, blocks[rows], seed)
    fitted, residuals, kernel = fit_kernel(kernel, inputs, targets, blocks[rows], seed)
    return Solved(pca, kernel, fitted, residuals)


def size_errors(solved: Solved, x: NDArray[np.float32], frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """(K,) root of the mean squared error on `frames` with the first 1, 2, ... K components.

    A component that is left out costs its whole variance, one that is kept costs its error.
    """
    truth = solved.pca.coefficients[frames]
    error = truth - solved.fitted.predict(x[frames])
    dropped = float(np.mean(np.sum(truth**2, axis=1) + solved.pca.left[frames]))
    gains = np.mean(error**2 - truth**2, axis=0)
    result: NDArray[np.float64] = np.sqrt(np.maximum(dropped + np.cumsum(gains), 0.0))
    return result


def smallest_size(errors: NDArray[np.float64], bound: int) -> int:
    """The smallest size up to `bound` whose error is within half a percent of the best up to there, searched upwards."""
    allowed = errors[: max(1, bound)]
    return int(np.flatnonzero(allowed <= (1.0 + WITHIN) * allowed.min())[0]) + 1
