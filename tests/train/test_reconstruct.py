"""What a trained model plays against the least squares that it stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from glm_deep.config import Anchors
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.train.learn import Learned
from glm_deep.train.patches import find_patches
from glm_deep.train.weigh import anchor_weights
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


PATCHES = {8.0: 1, 22.0: 3}  # by the percentage of anchors


@pytest.fixture(scope="module", params=list(PATCHES), ids=["one patch", "three patches"])
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Two tubes with a ring each, with so few epochs that the networks are not trained together."""
    torch.set_num_threads(1)
    training = replace(with_differential(epochs=4), learning_rate=1e-2, anchors=Anchors(percent=request.param))
    learned, _ = trained(tmp_path_factory.mktemp("t"), training, Character(meshes=("body", "shirt"), noise=0.01))
    frames, player = learned.prepared.split.validation, Evaluator(learned.measured)
    closed, networks = player.coefficients(learned.prepared.x[frames])
    truth = [offsets[frames].astype(float) for offsets in learned.prepared.targets.offsets]
    direct = player.offsets_of_coefficients(closed + networks)
    return Played(request.param, learned, truth, direct, player.offsets_of(learned.prepared.x[frames]))


@pytest.mark.parametrize("mesh", [0, 1])
def test_offsets_are_the_least_squares_of_differentials_and_anchors(played: Played, mesh: int) -> None:
    """|| L o - L o_direct ||^2 + || W (C o - a) ||^2, one dense solve a frame."""
    laplacian = played.learned.prepared.graphs[mesh].laplacian
    vertices = played.learned.measured.meshes[mesh].anchors.astype(np.int64)
    patches = find_patches(played.learned.prepared, mesh, vertices, 0)
    assert len(patches) == PATCHES[played.percent]
    anchored, direct = played.anchored(mesh), played.direct[mesh]
    single = (each.astype(np.float32) for each in (played.truth[mesh], direct, anchored))
    weights = anchor_weights(laplacian, patches, vertices, *single)
    system = np.concatenate([laplacian.toarray(), np.diag(weights) @ np.eye(len(direct[0]))[vertices]])
    expected = np.empty_like(direct)
    for frame in range(len(direct)):
        right = np.concatenate([laplacian @ direct[frame], weights[:, None] * anchored[frame]])
        expected[frame] = np.linalg.lstsq(system, right, rcond=None)[0]
    moved, wrong = (np.sqrt(np.mean((played.offsets[mesh] - each) ** 2)) for each in (direct, expected))
    assert moved > 2e-4
    assert wrong < (0.01 if len(patches) == 1 else 0.4) * moved  # weak anchors reach beyond the margin of a patch
    found, best = (np.sqrt(np.mean((each - played.truth[mesh]) ** 2)) for each in (played.offsets[mesh], expected))
    assert found < 1.001 * best


def test_each_mesh_follows_its_own_anchors(played: Played) -> None:
    """Of each shell the sum of all responses is the translation of all of its anchors, within half precision."""
    for mesh, graph in zip(played.learned.measured.meshes, played.learned.prepared.graphs):
        total = np.zeros((len(mesh.mean), len(mesh.anchors)))
        for patch in mesh.patches:
            total[np.ix_(patch.vertices, patch.anchors)] += patch.response
        np.testing.assert_allclose(total.sum(axis=1), 1.0, atol=0.02)
        apart = graph.shells[:, None] != graph.shells[mesh.anchors][None]
        assert np.abs(total[apart]).max() < 1e-3
