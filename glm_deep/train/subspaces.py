"""The subspace models: where the anchors are, which inputs move them, and the networks that learn them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from glm_deep.config import Training
from glm_deep.geometry.anchors import choose_anchors
from glm_deep.train.closed_form import Solved, region_basis
from glm_deep.train.fit import Problem
from glm_deep.train.networks import StackedNetworks
from glm_deep.train.prepare import Prepared
from glm_deep.train.relevance import relevant_inputs
from glm_deep.train.told import told_at

_SMALLEST = 1e-12


@dataclass(frozen=True)
class Anchors:
    """The anchors of all meshes.

    Attributes:
        of_mesh: (A,) vertices of each mesh, in nested order.
        starts: where the anchors of each mesh begin in arrays over all anchors; one more than there are meshes.
        basis: (A,3,K) the basis of the offsets there, in scene units. mean: (A,3) their mean.
        truth: (F,A,3) their offsets in all frames.
        moved: (A,number of inputs) how much each rig input moves each.
    """

    of_mesh: tuple[NDArray[np.int64], ...]
    starts: NDArray[np.int64]
    basis: NDArray[np.float64]
    mean: NDArray[np.float64]
    truth: NDArray[np.float32]
    moved: NDArray[np.float64]


def place_anchors(
    prepared: Prepared, percent: float, additional: Mapping[str, Sequence[int]], least: int = 1
) -> tuple[NDArray[np.int64], ...]:
    """Anchor vertices of each mesh: `percent` of its vertices, but `least`, and the additional ones by mesh name."""
    placed = []
    for mesh, graph in zip(prepared.source.meshes, prepared.graphs):
        count = max(least, round(len(mesh.rest) * percent / 100))
        placed.append(choose_anchors(mesh.rest, graph.shells, count, additional.get(mesh.name, ())))
    return tuple(placed)


def numbered_through(prepared: Prepared, of_mesh: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Vertices of each mesh as numbers through all meshes."""
    first = np.concatenate([[0], np.cumsum(prepared.targets.vertex_counts)])
    return np.concatenate([vertices + first[mesh] for mesh, vertices in enumerate(of_mesh)])


def describe_anchors(prepared: Prepared, solved: Solved, of_mesh: tuple[NDArray[np.int64], ...]) -> Anchors:
    """Offsets, basis and inputs of the anchors."""
    starts = np.concatenate([[0], np.cumsum([len(vertices) for vertices in of_mesh])])
    count = int(starts[-1])
    basis, mean = np.zeros((count, 3, int(solved.starts[-1]))), np.zeros((count, 3))
    moved = np.zeros((count, len(solved.regions[0].moved)))
    for each, first, last in zip(solved.regions, solved.starts[:-1], solved.starts[1:]):
        region = each.region
        of_region = {int(vertex): row for row, vertex in enumerate(region.vertices)}
        here = [
            (int(starts[region.mesh]) + place, of_region[int(vertex)])
            for place, vertex in enumerate(of_mesh[region.mesh])
            if int(vertex) in of_region
        ]
        if not here:
            continue
        places, rows = np.array(here).T
        region_mean, vectors = region_basis(prepared, each)
        basis[places, :, first:last] = vectors[rows]
        mean[places] += region_mean[rows]
        moved[places] += region.blend[rows][:, None] * (each.moved / max(float(each.moved.sum()), 1e-300))
    truth = prepared.targets.at(numbered_through(prepared, of_mesh))
    return Anchors(of_mesh, starts, basis, mean, truth, moved)


def subspace_problem(prepared: Prepared, solved: Solved, anchors: Anchors) -> tuple[Problem, NDArray[np.float64]]:
    """What the networks learn, and the (A,) scales by which their outputs are to be multiplied.

    As for the differential model, the closed form at the anchor is taken off, each training frame left out of it.
    """
    train, validation = prepared.split.train, prepared.split.validation
    unseen = solved.held_out(prepared.x)
    left, unknown = (_left(anchors, frames, unseen[frames]) for frames in (train, validation))
    whole = max(float(np.mean(np.sum(anchors.truth[train].astype(np.float64) ** 2, axis=2))), _SMALLEST)
    scales = np.maximum(np.sqrt(np.mean(left**2, axis=(0, 2))), 1e-6 * np.sqrt(whole))
    unit = scales**2 / (whole * len(scales))

    def tensor(values: NDArray[np.floating]) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.float32)

    problem = Problem(
        tensor(prepared.x[train]),
        tensor(left / scales[:, None]),
        tensor(prepared.x[validation]),
        tensor(unknown / scales[:, None]),
        tensor(unit),
    )
    return problem, scales


def make_subspaces(prepared: Prepared, anchors: Anchors, settings: Training) -> StackedNetworks:
    """The untrained networks; their weights depend on the seed alone."""
    told = told_at(prepared, settings.relevance, anchors.of_mesh)
    fed = relevant_inputs(anchors.moved, prepared.input_sizes, told)[:, prepared.groups]
    return StackedNetworks(fed, settings.subspaces.layers, settings.subspaces.neurons, 3, settings.seed + 1)


def _left(anchors: Anchors, frames: NDArray[np.int64], coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,A,3) what coefficients (n,K) leave of the anchors' offsets."""
    count = len(anchors.basis)
    predicted = (coefficients @ anchors.basis.reshape(3 * count, -1).T).reshape(-1, count, 3)
    result: NDArray[np.float64] = anchors.truth[frames] - anchors.mean - predicted
    return result
