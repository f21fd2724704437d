"""Whether an input that hardly counts in a region explains what the model leaves there.

A relevance that was found wrongly loses deformation for good, so it is checked with what the fit has not seen. What is
left is regressed on the values of each such input and on their squares, and measured in frames that are left out once
more (cross-validation over whole blocks). How much chance explains is told by the same inputs with the values of other
frames, as shadow features do (Kursa and Rudnicki 2010).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glm_deep.train.closed_form import some_frames
from glm_deep.train.learn import Learned

EXPLAINED = 0.05
"""Part of what is left in a region that an input has to explain to be suspected."""

MATTERS = 0.01
"""The least part of all that is left in the mesh that it has to explain besides."""

_LITTLE = 0.01  # of the movement of a region: an input with less hardly counts
_MOST_FRAMES = 800
_FOLDS = 5
_RIDGE = 0.01  # of the variance of the features
_SMALLEST = 1e-12

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LeftOver:
    """What the model leaves in frames that its fit has not seen.

    Attributes:
        share: (R,) the part of all that is left that lies in each region.
        explained: (R,number of inputs) the part of a region's that each input explains; 0 for inputs that count there.
        by_chance: (R,) the largest part that such inputs explain with the values of other frames.
    """

    share: Array
    explained: Array
    by_chance: Array

    def suspects(self, region: int) -> list[int]:
        """Inputs that seem to have been left out of a region, the one that explains most first."""
        found = self.explained[region]
        least = max(EXPLAINED, float(self.by_chance[region]), MATTERS / max(float(self.share[region]), _SMALLEST))
        return [int(index) for index in np.argsort(-found, kind="stable") if found[index] > least]


def left_over(learned: Learned) -> LeftOver:
    """Looks for left-out inputs in the training frames, each left out of the closed form, and the validation frames."""
    prepared, solved = learned.prepared, learned.solved
    frames = some_frames(prepared, np.arange(len(prepared.x)), _MOST_FRAMES, 0)
    x, left = prepared.x[frames].astype(np.float64), _residuals(learned, frames)
    folds = _folds(left, prepared.split.blocks[frames])
    outside = np.sum([each.pca.left[frames] for each in solved.regions], axis=1)
    energy = _of_regions(np.sum(left**2, axis=0), solved.starts) + outside
    features, owner = np.column_stack([x, x**2]), np.tile(prepared.groups, 2)
    elsewhere = np.roll(features, len(features) // 2, axis=0)
    counting = _counting(learned)
    explained, shadow = (
        np.where(counting, 0.0, _explained(each, owner, counting.shape[1], folds, solved.starts, energy))
        for each in (features, elsewhere)
    )
    return LeftOver(energy / max(float(energy.sum()), _SMALLEST), explained, shadow.max(axis=1))


def _residuals(learned: Learned, frames: NDArray[np.int64]) -> Array:
    """(n,K) what closed form and networks leave of the coefficients in some frames."""
    prepared, solved = learned.prepared, learned.solved
    left = (solved.coefficients - solved.held_out(prepared.x))[frames]
    networks = learned.measured.differential(prepared.x[frames])
    for region, (first, last) in enumerate(zip(solved.starts[:-1], solved.starts[1:])):
        left[:, first:last] -= networks[region, :, : last - first]
    return left


def _counting(learned: Learned) -> NDArray[np.bool_]:
    """(R,number of inputs) the inputs that move a region noticeably, and feed its network if it has one."""
    groups, networks = learned.prepared.groups, learned.measured.differential
    moved = np.array([each.moved for each in learned.solved.regions])
    counting = moved >= _LITTLE * np.maximum(moved.sum(axis=1, keepdims=True), 1e-300)
    fed = np.ones_like(counting)
    for region in networks.heard:
        inputs, weights = networks.inputs[region], networks.layers[0][0][region]
        fed[region] = np.isin(np.arange(counting.shape[1]), groups[inputs[(weights != 0).any(axis=1)]])
    result: NDArray[np.bool_] = counting & fed
    return result


@dataclass(frozen=True)
class _Fold:
    """Some frames `out` (n,) bool, targets (n',K) about their mean in the others, and in these about the same mean."""

    out: NDArray[np.bool_]
    known: Array
    error: Array


def _folds(y: Array, blocks: NDArray[np.int64]) -> list[_Fold]:
    """Targets (n,K) in folds of whole blocks (n,)."""
    numbers = np.random.default_rng(0).permutation(int(blocks.max()) + 1)[blocks] % _FOLDS
    found = []
    for number in np.unique(numbers):
        out = numbers == number
        if not out.all():
            mean = y[~out].mean(axis=0)
            found.append(_Fold(out, y[~out] - mean, y[out] - mean))
    return found


def _explained(
    features: Array,
    owner: NDArray[np.integer],
    inputs: int,
    folds: list[_Fold],
    starts: NDArray[np.int64],
    energy: Array,
) -> Array:
    """(R,number of inputs) by which part of a region's energy (R,) the features (n,m) of each input lower the error."""
    gains = _of_regions(_gains(features, owner, inputs, folds), starts).T
    return np.asarray(np.maximum(gains, 0.0) / np.maximum(energy, _SMALLEST)[:, None])


def _gains(features: Array, owner: NDArray[np.integer], inputs: int, folds: list[_Fold]) -> Array:
    """(number of inputs,K) by how much the features of each input lower the squared error below that of the mean.

    With weights w from the known frames, the squared error of frames that were left out falls by w (2 Z'e - Z'Z w):
    products with the targets are made for the features of all inputs at once.
    """
    spread = features.std(axis=0)
    moving = spread > _SMALLEST
    z, owner = (features - features.mean(axis=0))[:, moving] / spread[moving], owner[moving]
    gains = np.zeros((inputs, folds[0].known.shape[1]))
    for fold in folds:
        centre = z[~fold.out].mean(axis=0)
        known, unseen = z[~fold.out] - centre, z[fold.out] - centre
        with_known, with_error = known.T @ fold.known, unseen.T @ fold.error
        for number in np.unique(owner):
            own = np.flatnonzero(owner == number)
            normal = known[:, own].T @ known[:, own] + _RIDGE * len(known) * np.eye(len(own))
            weights = np.linalg.solve(normal, with_known[own])
            squares = unseen[:, own].T @ unseen[:, own]
            gains[number] += np.einsum("mk,mk->k", weights, 2.0 * with_error[own] - squares @ weights)
    return gains


def _of_regions(values: Array, starts: NDArray[np.int64]) -> Array:
    """(...,R) sums of values (...,K) over the coefficients of each region, of which some may have none."""
    parts = zip(starts[:-1], starts[1:])
    return np.stack([values[..., first:last].sum(axis=-1) for first, last in parts], axis=-1)
