"""The kernel of the closed-form regression; the same lines fit it and play it.

It is a sum of two Matern kernels, each with a metric of its own over the rig inputs: one finds the inputs that act
together, the other those whose effect reaches far, and a sum of kernels is a sum of functions, one of each sort.
"""

from __future__ import annotations

import numpy as np

PARTS = 2
"""Matern kernels that are added up."""


def input_distances(x: np.ndarray, centres: np.ndarray, firsts: np.ndarray) -> np.ndarray:
    """How far inputs are from centres in every rig input.

    Differences are taken before they are squared, so that float32 keeps its digits however far from zero inputs are.

    Args:
        x: (n,I) input values, each times the root of its unit. centres: (I,m) likewise, one a column.
        firsts: (G,) the first value of each rig input.

    Returns:
        (G,n,m) sums of the squared differences over the values of each rig input.
    """
    apart: np.ndarray = x.T[:, :, None] - centres[:, None, :]
    if len(firsts) == len(centres):
        apart *= apart
        return apart
    sizes = np.diff(firsts, append=len(centres))
    result = np.empty((len(firsts), *apart.shape[1:]), apart.dtype)
    runs = np.flatnonzero(np.diff(sizes, prepend=0))  # inputs with as many values lie together, and are summed at once
    for run, end in zip(runs, [*runs[1:], len(firsts)]):
        first, size = firsts[run], sizes[run]
        values = apart[first : first + size * (end - run)].reshape(end - run, size, *apart.shape[1:])
        np.einsum("gvnm,gvnm->gnm", values, values, out=result[run:end])
    return result


def mixed_kernel(distances: np.ndarray, metrics: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """The kernels of several regions: sum_p amount_p matern(sum_g metric_pg distance_g).

    Args:
        distances: (G,n,m) from `input_distances`.
        metrics: (R,PARTS,G) not negative. amounts: (R,PARTS) of each part.

    Returns:
        (R,n,m).
    """
    count, parts, inputs = metrics.shape
    squared = metrics.reshape(count * parts, inputs) @ distances.reshape(inputs, -1)
    values = matern(squared).reshape(count, parts, -1)
    values *= amounts[:, :, None]
    summed: np.ndarray = values[:, 0]
    for part in range(1, parts):
        summed += values[:, part]
    return summed.reshape(count, *distances.shape[1:])


def matern(squared: np.ndarray) -> np.ndarray:
    """The Matern 5/2 kernel of squared distances in units of the length scale.

    (1 + r + r^2/3) exp(-r) with r = sqrt(5 d^2): twice differentiable, so smoother than the deformation of a contact
    and rougher than a Gaussian (Rasmussen and Williams 2006, equation 4.17).
    """
    root = np.sqrt(5.0 * squared)
    result: np.ndarray = root / 3.0
    result += 1.0
    result *= root
    result += 1.0
    result *= np.exp(np.negative(root, out=root), out=root)
    return result
