"""One kernel regression for every region of the meshes, fed only with the inputs that move the region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baselines.global_kernel import carrying_frames, choosing_frames, equal_inputs
from baselines.kernel_ridge import Choice, Smoother, choose, squared_distances
from baselines.parts import Part, regions, sampled_offsets
from baselines.predictor import Fitted, Predictor
from baselines.relevance import growth_without, moving_inputs, skinning_joints
from glm_deep.train.prepare import Prepared

REGIONS = 48
GROWTHS = (0.1, 0.03, 0.005, -np.inf)
"""How much the error must grow without an input for it to count: strict and lax masks, and no mask at all."""

_VERTICES = 100  # of a region, for choosing


@dataclass(frozen=True)
class _Region:
    """A region, the input values (I',) that it is fed with, its kernel, and the offsets (m,3V) of its frames."""

    part: Part
    values: NDArray[np.int64]
    choice: Choice
    offsets: NDArray[np.float32]


def fit(prepared: Prepared, seed: int = 0) -> Fitted:
    """Mask, length and ridge of every region with the smallest error on the validation frames."""
    factors = equal_inputs(prepared)
    parts = regions(prepared, REGIONS, seed)
    frames = choosing_frames(prepared, seed)
    joints = skinning_joints(prepared, parts)
    growth = growth_without(prepared, parts, factors, frames, seed)
    masks = np.stack([moving_inputs(joints, growth, least) for least in GROWTHS], axis=1)
    kept = carrying_frames(prepared, seed)
    x = prepared.x * factors
    sampled = sampled_offsets(prepared, parts, _VERTICES, np.concatenate(frames), seed)
    found = []
    for part, candidates, y in zip(parts, masks, sampled):
        values, choice = _choose(x[np.concatenate(frames)], prepared.groups, candidates, y, len(frames[0]))
        block = prepared.targets.offsets[part.mesh][np.ix_(kept, part.vertices)].reshape(len(kept), -1)
        found.append(_Region(part, values, choice, block))
    training = np.flatnonzero(np.isin(kept, prepared.split.train))
    inputs = np.median([len(np.unique(prepared.groups[each.values])) for each in found])
    return Fitted(
        _predictor(prepared, found, x[kept], factors, np.arange(len(kept))),
        _predictor(prepared, found, x[kept], factors, training),
        f"{len(found)} regions, {inputs:g} inputs each (median)",
    )


def _choose(
    x: NDArray[np.float64], groups: NDArray[np.int32], masks: NDArray[np.bool_], y: NDArray[np.float64], training: int
) -> tuple[NDArray[np.int64], Choice]:
    """The input values of the best of the masks (N,G), and the kernel; the first `training` rows are to be fitted."""
    train, validation = np.arange(training), np.arange(training, len(x))
    found = []
    for mask in np.unique(masks, axis=0):
        values = np.flatnonzero(mask[groups])
        squared = squared_distances(x[:, values], x[:, values])
        found.append((values, choose(squared, y, train, validation, ["Matern 5/2"])))
    return min(found, key=lambda each: each[1].error)


def _predictor(
    prepared: Prepared,
    found: Sequence[_Region],
    x: NDArray[np.float64],
    factors: NDArray[np.float64],
    rows: NDArray[np.int64],
) -> Predictor:
    """What the regions predict when they are fitted to the frames `rows` of x."""
    used = np.isin(np.arange(len(x)), rows)
    smoothers = [Smoother(x[np.ix_(rows, each.values)], each.choice) for each in found]
    means = [each.offsets.mean(axis=0, dtype=np.float64, where=used[:, None]).astype(np.float32) for each in found]
    counts = prepared.targets.vertex_counts

    def predict(new: np.ndarray) -> list[np.ndarray]:
        scaled = new * factors
        results = [np.empty((len(new), count, 3), np.float32) for count in counts]
        for region, smoother, mean in zip(found, smoothers, means):
            some = smoother(scaled[:, region.values])
            weights = np.zeros((len(new), len(used)), np.float32)
            weights[:, rows] = some
            rest = (1.0 - some.sum(axis=1)).astype(np.float32)[:, None]
            offsets = weights @ region.offsets + rest * mean
            results[region.part.mesh][:, region.part.vertices] = offsets.reshape(len(new), -1, 3)
        return results

    return predict
