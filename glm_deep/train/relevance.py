"""Which rig inputs move which part of the mesh, asked of the closed-form model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from glm_deep.kernel import kernel

_SHARE = 0.98  # of the movement that the inputs of a network explain together
MOST_INPUTS = 16
"""Rig inputs that a network is fed with, at the most: published characters have a median of 14 a vertex."""


def changes_by_input(
    weights: NDArray[np.float64],
    metric: NDArray[np.float64],
    centres: NDArray[np.float64],
    x: NDArray[np.float64],
    groups: NDArray[np.integer],
    seed: int,
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """For every input how the prediction changes when it takes another frame's value, in the frames in which it does.

    Permutation importance (Breiman 2001) of a fitted kernel regression. Yields the number of the input and (n,K)
    changes, n the frames whose value is another; all take part, so that an input that moves in a few is not missed.

    Args:
        weights: (m,K). metric: (I,). centres: (m,I).
        x: (F,I) inputs of the frames that are asked. groups: (I,) the rig input of each value.
        seed: of the permutations.
    """
    random = np.random.default_rng(seed)
    before = kernel(x, centres, metric[None])[0] @ weights
    for group in np.unique(groups):
        columns = groups == group
        changed = x.copy()
        changed[:, columns] = x[random.permutation(len(x))][:, columns]
        moved = np.flatnonzero((changed != x).any(axis=1))
        yield int(group), kernel(changed[moved], centres, metric[None])[0] @ weights - before[moved]


def relevant_inputs(moved: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(P,number of inputs): for each part the fewest inputs that explain its movement, strongest first.

    Args:
        moved: (P,number of inputs) mean squared movement that each input causes.
    """
    order = np.argsort(-moved, axis=1, kind="stable")
    strongest = np.take_along_axis(moved, order, axis=1)
    total = np.maximum(strongest.sum(axis=1, keepdims=True), 1e-300)
    before = (np.cumsum(strongest, axis=1) - strongest) / total
    ranks = np.arange(moved.shape[1])[None]
    chosen = (before < _SHARE) & (ranks < MOST_INPUTS) & ((strongest > 0) | (ranks == 0))
    result = np.zeros(moved.shape, bool)
    np.put_along_axis(result, order, chosen, axis=1)
    return result
