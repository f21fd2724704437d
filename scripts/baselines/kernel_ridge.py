"""Kernel ridge regression whose length and ridge are chosen on held-out frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

LENGTHS = (1.0, 4.0, 16.0, 64.0)
"""Squared lengths that are tried, in units of the median squared distance between frames."""

RIDGES = (1e-6, 1e-4, 1e-2, 1.0)

_ROUNDING = 1e-9  # of the mean squared distance


def rbf(squared: Array) -> Array:
    """exp(-d^2 / 2) of squared distances in units of the length."""
    result: Array = np.exp(-0.5 * squared)
    return result


def matern(squared: Array) -> Array:
    """The Matern 5/2 kernel of the same (Rasmussen and Williams 2006, equation 4.17)."""
    root = np.sqrt(5.0 * squared)
    result: Array = (1.0 + root + root**2 / 3.0) * np.exp(-root)
    return result


SHAPES: Mapping[str, Callable[[Array], Array]] = {"RBF": rbf, "Matern 5/2": matern}


@dataclass(frozen=True)
class Choice:
    """A kernel: its shape, the square of its length, the ridge, and the squared error of the held-out frames."""

    shape: str
    length: float
    ridge: float
    error: float

    def kernel(self, squared: Array) -> Array:
        """The kernel of squared distances."""
        return SHAPES[self.shape](squared / self.length)


def choose(squared: Array, y: Array, train: Rows, validation: Rows, shapes: Sequence[str] = tuple(SHAPES)) -> Choice:
    """The kernel with the smallest error in the frames `validation` when it is fitted to the frames `train`.

    Args:
        squared: (F,F) squared distances between the inputs of the frames.
        y: (F,N) targets.
        train, validation: frame numbers.
        shapes: of the kernels to try.
    """
    apart = squared[np.ix_(train, train)]
    different = apart[apart > _ROUNDING * apart.mean()]
    unit = float(np.median(different)) if different.size else 1.0
    found = []
    for shape, length in product(shapes, LENGTHS):
        kernel = SHAPES[shape](squared / (length * unit))
        for ridge in RIDGES:
            error = float(np.sum(held_out_error(kernel, ridge, y, train, validation)))
            found.append(Choice(shape, length * unit, ridge, error))
    return min(found, key=lambda choice: choice.error)


def held_out_error(kernel: Array, ridge: float, y: Array, train: Rows, validation: Rows) -> Array:
    """(N,) squared error over the frames `validation` of a fit to the frames `train`."""
    mean = y[train].mean(axis=0)
    factor = cho_factor(kernel[np.ix_(train, train)] + ridge * np.eye(len(train)), overwrite_a=True)
    weights = cho_solve(factor, kernel[np.ix_(train, validation)], overwrite_b=True).T
    result: Array = np.sum((y[validation] - mean - weights @ (y[train] - mean)) ** 2, axis=0)
    return result


class Smoother:
    """A fitted kernel as the weights of the frames that it was fitted to: their targets are not needed to fit.

    Args:
        x: (m,I) inputs of these frames.
        choice: the kernel.
    """

    def __init__(self, x: Array, choice: Choice) -> None:
        self._x, self._choice = x, choice
        own = choice.kernel(squared_distances(x, x))
        self._factor = cho_factor(own + choice.ridge * np.eye(len(x)), overwrite_a=True)

    def __call__(self, x: Array) -> Array:
        """(n,m) weights for inputs (n,I): the prediction is `mean + weights @ (y - mean)`."""
        result: Array = cho_solve(self._factor, self._choice.kernel(squared_distances(self._x, x)), overwrite_b=True).T
        return result


def squared_distances(first: Array, second: Array) -> Array:
    """(n,m) squared distances between rows (n,I) and (m,I)."""
    origin = first.mean(axis=0)  # far from zero the squares would cancel to nothing
    first, second = first - origin, second - origin
    norms = np.sum(first**2, axis=1)[:, None] + np.sum(second**2, axis=1)
    result: Array = np.maximum(norms - 2.0 * (first @ second.T), 0.0)
    return result
