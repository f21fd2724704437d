"""Chooses the kernel of a regression: how much every rig input counts, and how much noise is allowed for.

The error of leaving each frame out, or each block of neighbours in time, follows from one factorisation, and so does
its gradient in all the numbers of the kernel. An input that does not matter thus stops counting, without a hard mask
that could lose deformation for good.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import Tensor

from glm_deep.kernel import PARTS
from glm_deep.train.regression import Array, Inputs, Kernel, blocks_of_several

# Of the strongest input's: where the search begins for inputs that seem to do nothing.
_LEAST_SHARE = 1e-4
# Squared length scales of the two parts at the beginning, in variances of the strongest input, and what is tried
# beside the first ridge: a search that begins far below the noise of the samples does not find it.
_LENGTHS = (16.0, 256.0)
_RIDGES = (1e-3, 3e-2, 1.0, 10.0)
_STEPS = 25
# Resistance against leaving the beginning, in log error a squared log factor: it keeps inputs that the frames tell
# nothing about where the survey of the whole mesh has put them.
_RESISTANCE = 5e-4
# What the log error falls by chance for every number that is fitted, times the number of blocks: up to a third was seen
# where much cannot be learned (cloth), from a half up where there was something to find.
_CHANCE = 0.4
_CLEARLY = 0.75  # of what the guess leaves in the other half of the blocks
_LEAST_BLOCKS = 4  # for halves of two or more
_LONGER = (1.0, 4.0, 16.0)  # lengths that are tried where no search pays
_RIDGE_RESISTANCE = 0.01
_LOG_METRIC = (-25.0, 8.0)
_LOG_STRENGTH = (-4.0, 2.5)
# Less noise, or a stronger second part, fits no better, and the weights grow so large that float32 cannot play them.
_LOG_RIDGE = (float(np.log(1e-4)), float(np.log(30.0)))


def choose_kernel(x: Array, y: Array, inputs: Inputs, shares: Array, blocks: NDArray[np.int64]) -> Kernel:
    """The kernel with the smallest left-out error near a first guess, found by L-BFGS.

    Every number that is fitted lowers that error by chance, the more the fewer blocks there are. Where the search gains
    no more than that, and what it finds in half of the blocks does not clearly hold in the other half, the guess stays,
    with another length and ridge: so it is with cloth, most of which no pose tells.

    Args:
        x: (n,I) inputs. y: (n,K) coefficients.
        inputs: how values make rig inputs.
        shares: (G,) how much each rig input is thought to count; 0 keeps one out.
        blocks: (n,) frames with the same number are left out together.
    """
    present = np.flatnonzero(shares > 0)
    largest = max(float(shares.max(initial=0.0)), 1e-300)
    logs = np.log(np.maximum(shares[present] / largest, _LEAST_SHARE))
    guess = np.concatenate([logs - np.log(length) for length in _LENGTHS])

    def search_in(rows: NDArray[np.int64]) -> _Search:
        return _Search(x[rows], y[rows], inputs, present, blocks[rows], guess)

    search, labels = search_in(np.arange(len(x))), np.unique(blocks)
    found, error = search.best()
    gain = np.log(max(search.error(search.begin)[0], 1e-300) / max(error, 1e-300))
    if gain * len(labels) < _CHANCE * len(found):
        halves = [np.flatnonzero(np.isin(blocks, labels[first::2])) for first in (0, 1)]
        if len(labels) < _LEAST_BLOCKS or not _holds(search_in(halves[0]), search_in(halves[1])):
            found, error = search.guess(_LONGER)
    metrics = np.zeros((PARTS, len(shares)))
    metrics[:, present] = np.exp(found[:-2]).reshape(PARTS, -1)
    return Kernel(metrics, np.array([1.0, np.exp(found[-2])]), float(np.exp(found[-1])), error)


def _holds(one: _Search, other: _Search) -> bool:
    """Whether what each of two searches finds leaves clearly less in the frames of the other than the guess does."""
    found = other.error(one.best()[0])[0] + one.error(other.best()[0])[0]
    guessed = other.error(one.guess(_LONGER)[0])[0] + one.error(other.guess(_LONGER)[0])[0]
    return found < _CLEARLY * guessed


class _Search:
    """The logarithm of the left-out error, and its gradient, in the logarithms of metrics, strength and ridge."""

    def __init__(
        self, x: Array, y: Array, inputs: Inputs, present: NDArray[np.int64], blocks: NDArray[np.int64], metrics: Array
    ) -> None:
        columns = np.isin(inputs.groups, present)
        scaled = (x - x.mean(axis=0))[:, columns] * np.sqrt(inputs.unit[columns])
        self._x = torch.from_numpy(np.ascontiguousarray(scaled))
        self._group = torch.from_numpy(np.searchsorted(present, inputs.groups[columns]))
        self._y = torch.from_numpy(np.ascontiguousarray(y, np.float64))
        self._blocks = [torch.from_numpy(rows) for rows in blocks_of_several(blocks)]
        self._metrics = metrics
        self._resistance = np.full(len(metrics) + 2, _RESISTANCE)
        self._resistance[-1] *= _RIDGE_RESISTANCE
        self.begin, _ = self.guess((1.0,))

    def best(self) -> tuple[Array, float]:
        """What L-BFGS finds from the guess on, and its left-out error."""
        bounds = [_LOG_METRIC] * len(self._metrics) + [_LOG_STRENGTH, _LOG_RIDGE]
        options = {"maxiter": _STEPS, "maxfun": 2 * _STEPS}
        found: Array = minimize(self, self.begin, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
        return found, self.error(found)[0]

    def guess(self, longer: Sequence[float]) -> tuple[Array, float]:
        """The best of the first metrics, some times longer, with one of a few ridges, and its left-out error."""
        best, lowest = np.concatenate([self._metrics, [0.0, np.log(_RIDGES[-1])]]), np.inf
        for factor in longer:
            metrics = self._metrics - np.log(factor)
            first, second = torch.from_numpy(np.exp(metrics)).reshape(PARTS, -1)
            matrix = self._matern(first)[0] + self._matern(second)[0]
            for ridge in _RIDGES:
                error, _ = _left_out(matrix + ridge * torch.eye(len(matrix), dtype=matrix.dtype), self._y, self._blocks)
                if error < lowest:
                    best, lowest = np.concatenate([metrics, [0.0, np.log(ridge)]]), error
        return best, lowest

    def __call__(self, logs: Array) -> tuple[float, Array]:
        error, gradient = self.error(logs)
        away = logs - self.begin
        value = np.log(max(error, 1e-300)) + float(np.sum(self._resistance * away**2))
        return value, gradient / max(error, 1e-300) + 2.0 * self._resistance * away

    def error(self, logs: Array) -> tuple[float, Array]:
        """Mean squared left-out error, and its gradient."""
        values = torch.from_numpy(np.exp(logs))
        metrics, strength, ridge = values[:-2].reshape(PARTS, -1), values[-2], values[-1]
        first, slope = self._matern(metrics[0])
        second, second_slope = self._matern(metrics[1])
        second *= strength
        second_slope *= strength
        matrix = first + second
        matrix.diagonal().add_(ridge)
        error, by_matrix = _left_out(matrix, self._y, self._blocks)
        gradient = [
            self._by_metric(by_matrix * slope, metrics[0]),
            self._by_metric(by_matrix * second_slope, metrics[1]),
            torch.sum(by_matrix * second)[None],
            (by_matrix.trace() * ridge)[None],
        ]
        return error, torch.cat(gradient).numpy()

    def _matern(self, metric: Tensor) -> tuple[Tensor, Tensor]:
        """The Matern kernel (n,n) in a metric (G,), and its derivative in the squared distance."""
        weighted = self._x * metric[self._group]
        norms = torch.sum(weighted * self._x, dim=1)
        squared = torch.addmm(norms[:, None] + norms[None], weighted, self._x.T, alpha=-2.0).clamp_(min=0.0)
        root = torch.sqrt(5.0 * squared)
        falling = torch.exp(-root)
        return (1.0 + root + root * root / 3.0) * falling, (-5.0 / 6.0) * (1.0 + root) * falling

    def _by_metric(self, by_distance: Tensor, metric: Tensor) -> Tensor:
        """(G,) the gradient in the logarithm of a metric, from that (n,n) in the squared distances."""
        sums = by_distance.sum(dim=1)[:, None] * self._x - by_distance @ self._x
        of_value = 2.0 * torch.sum(sums * self._x, dim=0)
        return torch.zeros_like(metric).index_add_(0, self._group, of_value) * metric


def _left_out(matrix: Tensor, y: Tensor, blocks: list[Tensor]) -> tuple[float, Tensor]:
    """Mean squared left-out error of a regression with kernel and noise in `matrix`, and its gradient in that (n,n).

    With P the inverse and B a block, the left-out residuals are r_B = P_BB^-1 (P y)_B (Rasmussen and Williams 2006,
    section 5.4.2, for blocks). The gradient follows from dP = -P dK P.
    """
    count = len(matrix)
    factor, failed = torch.linalg.cholesky_ex(matrix)
    if int(failed):
        return float(torch.sum(y * y)) / count, torch.zeros_like(matrix)
    inverse = torch.cholesky_inverse(factor)
    weights = inverse @ y
    diagonal = inverse.diagonal()
    residuals = weights / diagonal[:, None]
    by_weights = residuals / diagonal[:, None]
    by_diagonal = torch.sum(residuals * by_weights, dim=1)
    small = []
    for rows in blocks:
        own = inverse[rows[:, None], rows]
        residuals[rows] = torch.linalg.solve(own, weights[rows])
        by_weights[rows] = torch.linalg.solve(own, residuals[rows])
        by_diagonal[rows] = 0.0
        small.append((rows, by_weights[rows] @ residuals[rows].T))
    pulled = inverse * torch.sqrt(by_diagonal)
    gradient = pulled @ pulled.T
    for rows, of_block in small:
        gradient += inverse[:, rows] @ (of_block + of_block.T) @ inverse[rows] / 2.0
    through_weights = (inverse @ by_weights) @ weights.T
    gradient -= (through_weights + through_weights.T) / 2.0
    return float(torch.sum(residuals * residuals)) / count, gradient * (2.0 / count)
