"""What a trained model plays against the least squares that it stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from glm_deep.config import Anchors
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.train.learn import Learned
from glm_deep.train.regions import nearest_sample
from glm_deep.train.weigh import FACTORS, WORTH, anchor_weights
from learning import Character, trained, with_differential


@dataclass(frozen=True)
class Played:
    """A training, and of each mesh in the validation frames: truth, and offsets without and with the anchors."""

    percent: float
    learned: Learned
    truth: list[np.ndarray]
    direct: list[np.ndarray]
    offsets: list[np.ndarray]

    def anchored(self, mesh: int) -> np.ndarray:
        """(n,A,3) where closed form and subspace models have the anchors."""
        model, x = self.learned.measured, self.learned.prepared.x[self.learned.prepared.split.validation]
        closed, _ = Evaluator(model).coefficients(x)
        of_closed = Evaluator(model).offsets_of_coefficients(closed)[mesh]
        before = sum(len(each.anchors) for each in model.meshes[:mesh])
        vertices = model.meshes[mesh].anchors
        added = model.subspaces(x)[before : before + len(vertices)]
        return of_closed[:, vertices] + np.moveaxis(added, 0, 1)


PERCENTAGES = (8.0, 22.0)  # of anchors: one patch, three patches


@pytest.fixture(scope="module", params=PERCENTAGES, ids=["one patch", "three patches"])
def played(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    hold_back: Callable[[pytest.MonkeyPatch], None],
) -> Played:
    """Two tubes with a ring each, with so few epochs that the networks are not trained together."""
    torch.set_num_threads(1)
    training = replace(with_differential(epochs=4), learning_rate=1e-2, anchors=Anchors(percent=request.param))
    with pytest.MonkeyPatch.context() as patch:
        hold_back(patch)
        learned, _ = trained(tmp_path_factory.mktemp("t"), training, Character(meshes=("body", "shirt"), noise=0.01))
    for before, after in (learned.losses["differential"], learned.losses["subspaces"]):
        assert after < 0.9 * before
    frames, player = learned.prepared.split.validation, Evaluator(learned.measured)
    closed, networks = player.coefficients(learned.prepared.x[frames])
    truth = [offsets[frames].astype(float) for offsets in learned.prepared.targets.offsets]
    direct = player.offsets_of_coefficients(closed + networks)
    return Played(request.param, learned, truth, direct, player.offsets_of(learned.prepared.x[frames]))


def candidates(played: Played, mesh: int) -> list[np.ndarray]:
    """|| L o - L o_direct ||^2 + || W (C o - a) ||^2, one dense solve a frame, for every factor of the weights."""
    graph, rest = played.learned.prepared.graphs[mesh], played.learned.prepared.source.meshes[mesh].rest
    vertices = played.learned.measured.meshes[mesh].anchors.astype(np.int64)
    anchored, direct, truth = played.anchored(mesh), played.direct[mesh], played.truth[mesh]
    cells = nearest_sample(rest, graph.laplacian, vertices)
    errors = by_vertex(truth - direct), by_vertex(anchored - truth[:, vertices])
    weights = anchor_weights(graph.laplacian, vertices, cells, *errors)
    found = []
    for factor in FACTORS:
        system = np.concatenate(
            [graph.laplacian.toarray(), np.diag(factor * weights) @ np.eye(direct.shape[1])[vertices]]
        )
        solved = np.empty_like(direct)
        for frame in range(len(direct)):
            right = np.concatenate([graph.laplacian @ direct[frame], factor * weights[:, None] * anchored[frame]])
            solved[frame] = np.linalg.lstsq(system, right, rcond=None)[0]
        found.append(solved)
    return found


def by_vertex(values: np.ndarray) -> np.ndarray:
    return np.moveaxis(values, 1, 0).reshape(values.shape[1], -1).astype(float)


@pytest.mark.parametrize("mesh", [0, 1])
def test_offsets_are_the_least_squares_of_differentials_and_anchors(played: Played, mesh: int) -> None:
    """The best of the factors, or the differential model alone where none of them helps."""
    truth, direct, offsets = played.truth[mesh], played.direct[mesh], played.offsets[mesh]
    solved = candidates(played, mesh)
    errors = [np.sum((each - truth) ** 2) for each in solved]
    helps = min(errors) < WORTH * np.sum((direct - truth) ** 2)
    best = solved[int(np.argmin(errors))] if helps else direct
    moved, wrong = (np.sqrt(np.mean((offsets - each) ** 2)) for each in (solved[int(np.argmin(errors))], best))
    if played.percent == 8.0:  # one patch
        assert wrong < 0.02 * max(moved, np.sqrt(np.mean((solved[0] - direct) ** 2)))
    assert np.sum((offsets - truth) ** 2) < 1.01 * min(*errors, np.sum((direct - truth) ** 2))


def test_each_mesh_follows_its_own_anchors(played: Played) -> None:
    """Of each shell the sum of all responses is the translation of all of its anchors, where a patch follows any."""
    for mesh, graph in zip(played.learned.measured.meshes, played.learned.prepared.graphs):
        total = np.zeros((len(mesh.mean), len(mesh.anchors)))
        for patch in mesh.patches:
            total[np.ix_(patch.vertices, patch.anchors)] += patch.response
        sums = total.sum(axis=1)
        assert sums.max() < 1.1
        assert sums.min() > -0.1
        apart = graph.shells[:, None] != graph.shells[mesh.anchors][None]
        assert np.abs(total[apart]).max() < 1e-3
