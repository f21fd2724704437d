"""Which rig inputs move which part of the mesh, asked of the closed-form model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glm_deep.kernel import kernel

_FRAMES = 200
_SHARE = 0.98  # of the movement that the inputs of a network explain together
MOST_INPUTS = 16
"""Rig inputs that a network is fed with, at the most: published characters have a median of 14 a vertex."""


def moments(
    weights: NDArray[np.float64],
    metric: NDArray[np.float64],
    centres: NDArray[np.float64],
    x: NDArray[np.float64],
    groups: NDArray[np.integer],
    seed: int,
) -> NDArray[np.float64]:
    """(number of inputs,K,K): second moments of the prediction's change when an input takes another frame's value.

    Permutation importance (Breiman 2001) of a fitted kernel regression.

    Args:
        weights: (m,K). metric: (I,). centres: (m,I).
        x: (F,I) inputs. groups: (I,) the rig input of each value.
        seed: of the permutations.
    """
    random = np.random.default_rng(seed)
    rows = np.sort(random.choice(len(x), min(_FRAMES, len(x)), replace=False))
    some = x[rows]
    before = kernel(some, centres, metric[None])[0] @ weights
    result = np.zeros((int(groups.max(initial=-1)) + 1, weights.shape[1], weights.shape[1]))
    for group in np.unique(groups):
        columns = groups == group
        if not metric[columns].any():
            continue
        changed = some.copy()
        changed[:, columns] = some[random.permutation(len(some))][:, columns]
        difference = kernel(changed, centres, metric[None])[0] @ weights - before
        result[group] = difference.T @ difference / len(some)
    return result


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
