"""The published recipe: deep differential subspace reconstruction (Song, Shi and Reed 2020), as its paper gives it.

A large network predicts the differential coordinates of all vertices, a small one for every anchor the offset of that
anchor, and least squares put both together. What the paper leaves open is done as usual: Glorot's initial weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.global_kernel import choosing_frames, equal_inputs
from baselines.parts import Part
from baselines.predictor import Fitted, Watch, never
from baselines.published_inputs import scaling
from baselines.published_networks import BATCH, Anchors, Descent, Differential
from baselines.published_solve import LaplacianSolve
from baselines.published_targets import Scaled, differentials, output_basis
from baselines.relevance import growth_without, moving_inputs, skinning_joints
from glm_deep.geometry.anchors import choose_anchors
from glm_deep.train.prepare import Prepared

EPOCHS = 10_000
PART_OF_COMPONENTS, PART_OF_ANCHORS = 0.05, 0.02  # of the vertices
LEAST_GROWTH = 0.005
"""An input moves an anchor when it skins it, or when the anchor's error grows by this part without it."""


def fit(
    prepared: Prepared,
    epochs: int = EPOCHS,
    frames: NDArray[np.int64] | None = None,
    seed: int = 0,
    device: torch.device | None = None,
    watch: Watch = never,
) -> Fitted:
    """The recipe after so many epochs of both kinds of networks, side by side.

    Args:
        prepared: the samples.
        epochs: of each network; the paper has 10,000.
        frames: to learn from, the training frames by default. The recipe chooses nothing, so it may have all of them,
            but then the errors of the validation frames tell nothing.
        seed: of weights and batches.
        device: of the networks.
        watch: sees the recipe after every epoch.
    """
    device = device or torch.device("cpu")
    torch.manual_seed(seed)
    frames = prepared.split.train if frames is None else frames
    anchors = _anchors(prepared)
    factors, shifts = scaling(prepared)
    x = torch.as_tensor(prepared.x[frames] * factors + shifts, dtype=torch.float32, device=device)
    deltas = Scaled.of(differentials(prepared, frames), device)
    offsets = [prepared.targets.offsets[part.mesh][np.ix_(frames, part.vertices)] for part in anchors]
    anchored = Scaled.of(np.concatenate(offsets, axis=1), device)
    basis, mean = output_basis(deltas.values, round(PART_OF_COMPONENTS * prepared.vertex_count), seed)
    large = Differential(x.shape[1], basis, mean).to(device)
    small = Anchors(_fed(prepared, anchors, seed)).to(device)
    descents = Descent(large), Descent(small)
    solves = [LaplacianSolve(graph.laplacian, part.vertices) for graph, part in zip(prepared.graphs, anchors)]

    def predict(new: np.ndarray) -> list[np.ndarray]:
        with torch.no_grad():
            some = torch.as_tensor(new * factors + shifts, dtype=torch.float32, device=device)
            delta = deltas.back(large(some)).reshape(len(new), -1, 3)
            there = anchored.back(small(some))
        return _reconstructed(solves, prepared.targets.vertex_counts, anchors, delta, there)

    done = 0
    for done in range(1, epochs + 1):
        order = torch.randperm(len(x), device=device)
        for batch in torch.split(order, BATCH):
            descents[0].step(torch.nn.functional.l1_loss(large(x[batch]), deltas.values[batch]))
            # each anchor has a loss of its own; their sum gives every network the gradient of its own
            error = torch.nn.functional.mse_loss(small(x[batch]), anchored.values[batch])
            descents[1].step(error * anchored.values.shape[1])
        if watch(done, predict):
            break
    return Fitted(predict, predict, f"{done:,} epochs; the paper has {EPOCHS:,}")


def _anchors(prepared: Prepared) -> list[Part]:
    """Anchors of each mesh, farthest points, at least one in every connected shell."""
    result = []
    for mesh, (rest, graph) in enumerate(zip(prepared.source.meshes, prepared.graphs)):
        count = round(PART_OF_ANCHORS * len(rest.rest))
        result.append(Part(mesh, choose_anchors(rest.rest, graph.shells, count)))
    return result


def _fed(prepared: Prepared, anchors: Sequence[Part], seed: int) -> NDArray[np.bool_]:
    """(A,I) the input values that move each anchor."""
    single = [Part(part.mesh, part.vertices[[place]]) for part in anchors for place in range(len(part.vertices))]
    frames = choosing_frames(prepared, seed)
    growth = growth_without(prepared, single, equal_inputs(prepared), frames, seed)
    fed: NDArray[np.bool_] = moving_inputs(skinning_joints(prepared, single), growth, LEAST_GROWTH)
    return fed[:, prepared.groups]


def _reconstructed(
    solves: Sequence[LaplacianSolve],
    counts: Sequence[int],
    anchors: Sequence[Part],
    delta: np.ndarray,
    there: np.ndarray,
) -> list[np.ndarray]:
    """Offsets of each mesh from the differentials (n,V,3) and the anchors (n,A,3) of all of them."""
    vertices = np.cumsum([0, *counts])
    places = np.cumsum([0, *(len(part.vertices) for part in anchors)])
    return [
        solve(delta[:, vertices[mesh] : vertices[mesh + 1]], there[:, places[mesh] : places[mesh + 1]])
        for mesh, solve in enumerate(solves)
    ]
