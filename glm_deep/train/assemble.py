"""Puts what was learned together as a model that plays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from glm_deep.runtime.model import ClosedForm, MeshModel, Model, PatchModel, RegionModel, Stacked
from glm_deep.train.closed_form import Solved, region_basis
from glm_deep.train.networks import StackedNetworks
from glm_deep.train.patches import Followed
from glm_deep.train.prepare import Prepared
from glm_deep.train.subspaces import Anchors


def stacked(networks: StackedNetworks, scales: NDArray[np.float64]) -> Stacked:
    """The networks as arrays; the targets of each were divided by its scale (P,)."""
    layers = [
        (weight.detach().cpu().numpy().copy(), bias.detach().cpu().numpy().copy())
        for weight, bias in zip(networks.weights, networks.biases)
    ]
    present = networks.present.cpu().numpy()
    layers[0] = (layers[0][0] * present[:, :, None], layers[0][1])
    factors = scales.astype(np.float32)[:, None, None]
    layers[-1] = (layers[-1][0] * factors, layers[-1][1] * factors)
    return Stacked(networks.inputs_of.cpu().numpy().astype(np.int32), tuple(layers))


def assemble(
    prepared: Prepared,
    solved: Solved,
    anchors: Anchors,
    followed: Sequence[Sequence[Followed]],
    differential: Stacked,
    subspaces: Stacked,
) -> Model:
    """The model that plays.

    Args:
        followed: of each mesh, the patches of its reconstruction.
        differential, subspaces: the networks, from `stacked`.
    """
    means = [np.zeros((count, 3)) for count in prepared.targets.vertex_counts]
    regions = []
    for each in solved.regions:
        region = each.region
        mean, vectors = region_basis(prepared, each)
        means[region.mesh][region.vertices] += mean
        regions.append(RegionModel(region.mesh, region.vertices.astype(np.int32), vectors.astype(np.float32)))
    meshes = []
    for mesh, (rest, graph) in enumerate(zip(prepared.source.meshes, prepared.graphs)):
        patches = [
            PatchModel(each.vertices.astype(np.int32), each.anchors.astype(np.int32), each.response.astype(np.float32))
            for each in followed[mesh]
        ]
        own = anchors.of_mesh[mesh].astype(np.int32)
        mean = means[mesh].astype(np.float32)
        meshes.append(MeshModel(rest.name, graph.shell_count, rest.diagonal, mean, own, tuple(patches)))
    return Model(
        layout=prepared.source.layout,
        statistics=prepared.statistics,
        closed_form=closed_form(solved),
        differential=differential,
        subspaces=subspaces,
        regions=tuple(regions),
        meshes=tuple(meshes),
    )


def closed_form(solved: Solved) -> ClosedForm:
    """The kernel regressions as the player uses them."""
    return ClosedForm(
        unit=solved.inputs.unit.astype(np.float32),
        firsts=solved.inputs.firsts.astype(np.int32),
        centres=solved.centres.astype(np.float32),
        metrics=np.array([each.kernel.metrics for each in solved.regions], np.float32),
        amounts=np.array([each.kernel.amounts for each in solved.regions], np.float32),
        weights=np.concatenate([each.weights for each in solved.regions], axis=1).astype(np.float32),
    )
