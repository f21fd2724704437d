"""Which rig inputs move which part of the mesh, asked of the closed-form model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from glm_deep.train.regression import Array, Inputs, Kernel

_MOST_ASKED = 200  # frames, of which each input chooses its
_EXTREMES = 2
_NO_REACH = 1e-4
_SHARE = 0.98  # of the movement that the inputs of a network explain together
MOST_INPUTS = 16
"""Rig inputs that a network is fed with, at the most: published characters have a median of 14 a vertex."""

MOST_VALUES = 64
"""Values of these inputs at the most, of which a joint has nine or twelve: there is a network for every anchor."""


def changes_by_input(
    chosen: Kernel, inputs: Inputs, weights: Array, centres: Array, x: Array, seed: int
) -> Iterator[tuple[int, Array]]:
    """How the prediction changes when an input takes another frame's value, for every input that reaches far enough.

    Permutation importance (Breiman 2001) of a fitted kernel regression. Frames in which an input is far from its mean
    are always among those that are asked, so that one that moves in a few frames is not missed. Yields the number of
    the input among those of `inputs`, and changes (frames, K).

    Args:
        chosen: the kernel. inputs: how values make rig inputs.
        weights: (m,K) of the kernels about the centres (m,I).
        x: (n,I) inputs of the frames that may be asked.
        seed: of the choice and of the permutations.
    """
    random = np.random.default_rng(seed)
    asked = x[_telling(x, inputs, random)]
    before = chosen.between(asked, centres, inputs) @ weights
    reach = chosen.metrics * np.bincount(inputs.groups, inputs.unit * np.ptp(x, axis=0) ** 2)
    for group in np.flatnonzero(reach.max(axis=0) > _NO_REACH):
        columns = inputs.groups == group
        changed = asked.copy()
        changed[:, columns] = asked[random.permutation(len(asked))][:, columns]
        moved = np.flatnonzero((changed != asked).any(axis=1))
        changes = np.zeros_like(before)
        changes[moved] = chosen.between(changed[moved], centres, inputs) @ weights - before[moved]
        yield int(group), changes


def _telling(x: Array, inputs: Inputs, random: np.random.Generator) -> NDArray[np.int64]:
    """Rows of x (n,I) that show every input away from its mean, and others at random."""
    if len(x) <= _MOST_ASKED:
        return np.arange(len(x))
    away = np.add.reduceat((x - x.mean(axis=0)) ** 2, inputs.firsts, axis=1)
    extreme = np.unique(np.argsort(-away, axis=0, kind="stable")[:_EXTREMES])
    others = np.setdiff1d(np.arange(len(x)), extreme)
    count = min(max(_MOST_ASKED - len(extreme), _MOST_ASKED // 2), len(others))
    return np.sort(np.concatenate([extreme, random.choice(others, count, replace=False)]))


def relevant_inputs(
    moved: NDArray[np.float64], sizes: NDArray[np.integer], told: NDArray[np.int8] | None = None
) -> NDArray[np.bool_]:
    """(P,number of inputs): for each part the fewest inputs that explain its movement, strongest first.

    Args:
        moved: (P,number of inputs) mean squared movement that each input causes.
        sizes: (number of inputs,) values of each input.
        told: (P,number of inputs) 1 for an input that is always among them, -1 for one that never is; see `told`.
    """
    if told is not None:
        moved = np.where(told < 0, 0.0, moved)
        return (relevant_inputs(moved, sizes) | (told > 0)) & (told >= 0)
    order = np.argsort(-moved, axis=1, kind="stable")
    strongest = np.take_along_axis(moved, order, axis=1)
    total = np.maximum(strongest.sum(axis=1, keepdims=True), 1e-300)
    before = (np.cumsum(strongest, axis=1) - strongest) / total
    ranks = np.arange(moved.shape[1])[None]
    few = (ranks < MOST_INPUTS) & (np.cumsum(sizes[order], axis=1) <= MOST_VALUES)
    chosen = ((before < _SHARE) & few & (strongest > 0)) | (ranks == 0)
    result = np.zeros(moved.shape, bool)
    np.put_along_axis(result, order, chosen, axis=1)
    return result
