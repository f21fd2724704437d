"""Which rig inputs move which part of the meshes: what the skin weights say, and what the samples say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from baselines.kernel_ridge import choose, held_out_error, squared_distances
from baselines.parts import Part, sampled_offsets
from glm_deep.train.prepare import Prepared

_LEAST_WEIGHT = 0.01  # mean skin weight of a part
_VERTICES = 60  # of a part, for the statistics

Mask = NDArray[np.bool_]


def skinning_joints(prepared: Prepared, parts: Sequence[Part]) -> Mask:
    """(P,G) the joints that skin each part, with their parents and children, among all rig inputs."""
    layout = prepared.source.layout
    result = np.zeros((len(parts), len(layout.group_names)), bool)
    near = _neighbours(np.asarray(layout.joint_parents))
    for mesh in range(len(prepared.source.meshes)):
        skin = prepared.source.skin_weights(mesh)
        if skin is None:
            continue
        weights = np.asarray(skin.weights)
        for column, name in enumerate(skin.influence_names):
            if name not in layout.joint_names:
                continue
            moving = len(layout.float_names) + np.flatnonzero(near[layout.joint_names.index(name)])
            for number, part in enumerate(parts):
                if part.mesh == mesh and weights[part.vertices, column].mean() > _LEAST_WEIGHT:
                    result[number, moving] = True
    return result


def growth_without(
    prepared: Prepared,
    parts: Sequence[Part],
    factors: NDArray[np.float64],
    frames: tuple[NDArray[np.int64], NDArray[np.int64]],
    seed: int,
) -> NDArray[np.float64]:
    """(P,G) by how much the held-out error of each part grows when a rig input is left out, relative to it.

    The error is that of one kernel regression on all inputs, which sees products of inputs too. Negative where the
    error falls; 0 for inputs that never change.

    Args:
        factors: (I,) of the inputs in the kernel.
        frames: training and validation frames.
    """
    some = np.concatenate(frames)
    train, validation = np.arange(len(frames[0])), np.arange(len(frames[0]), len(some))
    sampled = sampled_offsets(prepared, parts, _VERTICES, some, seed)
    y = np.concatenate([each - each[train].mean(axis=0) for each in sampled], axis=1)
    starts = np.concatenate([[0], np.cumsum([each.shape[1] for each in sampled])[:-1]])
    x = prepared.x[some] * factors
    squared = squared_distances(x, x)
    sizes = np.array([each.shape[1] for each in sampled])
    norms = np.sqrt(np.maximum(np.add.reduceat(np.sum(y**2, axis=0), starts), 1e-300))
    chosen = choose(squared, y / np.repeat(norms, sizes), train, validation, ["Matern 5/2"])

    def errors(distances: NDArray[np.float64]) -> NDArray[np.float64]:
        of_columns = held_out_error(chosen.kernel(distances), chosen.ridge, y, train, validation)
        result: NDArray[np.float64] = np.add.reduceat(of_columns, starts)
        return result

    with_all = np.maximum(errors(squared), 1e-300)
    result = np.zeros((len(parts), len(prepared.input_names)))
    for group in np.unique(prepared.groups):
        own = x[:, prepared.groups == group]
        result[:, group] = errors(np.maximum(squared - squared_distances(own, own), 0.0)) / with_all - 1.0
    return result


def moving_inputs(joints: Mask, growth: NDArray[np.float64], least: float) -> Mask:
    """(P,G) the joints that skin each part and the inputs without which its error grows by `least`; never none."""
    result: Mask = joints | (growth > least)
    result[~result.any(axis=1)] = True
    return result


def _neighbours(parents: NDArray[np.integer]) -> Mask:
    """(J,J) each joint with its parent and its children."""
    near = np.eye(len(parents), dtype=bool)
    children = np.flatnonzero(parents >= 0)
    near[children, parents[children]] = near[parents[children], children] = True
    return near
