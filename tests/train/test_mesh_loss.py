"""The quadratic form of the vertex errors against the errors of the vertices, and the training on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from glm_deep.runtime.evaluator import Evaluator
from glm_deep.train.assemble import assemble
from glm_deep.train.differential import make_differential
from glm_deep.train.fine_tune import Both, fine_tune, vertex_errors
from glm_deep.train.mesh_loss import MeshLoss, mesh_loss
from glm_deep.train.patches import find_patches, follow
from glm_deep.train.schedule import Schedule
from glm_deep.train.subspaces import describe_anchors, make_subspaces, place_anchors
from learning import QUICK, Character, trained


class Parts:
    """A trained character taken apart, with networks that say something at random."""

    def __init__(self, folder: Path, meshes: tuple[str, ...]) -> None:
        learned, _ = trained(folder, character=Character(frames=90, meshes=meshes))
        self.prepared, self.solved = learned.prepared, learned.solved
        self.anchors = describe_anchors(self.prepared, self.solved, place_anchors(self.prepared, 8.0, {}))
        self.followed = []
        for mesh, graph in enumerate(self.prepared.graphs):
            vertices = self.anchors.of_mesh[mesh]
            weights = np.linspace(0.3, 2.0, len(vertices))
            patches = find_patches(self.prepared, mesh, vertices, 0)
            self.followed.append([follow(graph.laplacian, patch, vertices, weights) for patch in patches])
        differential = make_differential(self.prepared, self.solved, QUICK)
        subspaces = make_subspaces(self.prepared, self.anchors, QUICK)
        random = torch.Generator().manual_seed(0)
        for network, size in ((differential, 0.05), (subspaces, 0.02)):
            for value in network.parameters():
                value.data = size * torch.randn(value.shape, generator=random)
        scales = (np.linspace(0.5, 1.5, len(self.solved.regions)), np.linspace(0.5, 1.5, int(self.anchors.starts[-1])))
        self.both = Both(differential, subspaces, scales, np.diff(self.solved.starts))
        self.loss = self.made()

    def made(self) -> MeshLoss:
        predicted = self.solved.predict(self.prepared.x)
        return mesh_loss(self.prepared, self.solved, self.anchors, self.followed, predicted, lambda done, total: None)

    def errors(self) -> np.ndarray:
        """(F,) squared distances of the vertices as the player gives them, in the scale of the loss."""
        model = assemble(self.prepared, self.solved, self.anchors, self.followed, *self.both.stacked())
        offsets = Evaluator(model).offsets_of(self.prepared.x)
        targets = self.prepared.targets
        return np.sum(
            [
                np.sum((scale * (said.astype(float) - truth)) ** 2, axis=(1, 2))
                for said, truth, scale in zip(offsets, targets.offsets, targets.scales)
            ],
            axis=0,
        )


@pytest.fixture(scope="module", params=[("body",), ("body", "shirt")], ids=["one mesh", "two meshes"])
def parts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Parts:
    torch.set_num_threads(1)
    return Parts(tmp_path_factory.mktemp("parts"), request.param)


def test_the_loss_is_the_squared_error_of_the_vertices_that_the_player_makes(parts: Parts) -> None:
    frames = torch.arange(len(parts.prepared.x))
    with torch.no_grad():
        found = parts.loss(frames, *parts.both(torch.from_numpy(parts.prepared.x))).numpy()
    expected = parts.errors()
    assert expected.min() > 1e-4  # the random networks are far off
    np.testing.assert_allclose(found, expected, rtol=2e-3)


def test_the_gradient_of_the_loss_is_that_of_the_vertices(parts: Parts) -> None:
    frames = torch.arange(10)
    coefficients, added = (
        each.detach().requires_grad_() for each in parts.both(torch.from_numpy(parts.prepared.x[:10]))
    )
    parts.loss(frames, coefficients, added).sum().backward()
    random = torch.Generator().manual_seed(1)
    for value in (coefficients, added):
        direction = torch.randn(value.shape, generator=random)
        with torch.no_grad():
            step = 0.05 * direction
            either = [
                parts.loss(frames, *(each + sign * step if each is value else each for each in (coefficients, added)))
                for sign in (1.0, -1.0)
            ]
            slope = float((either[0] - either[1]).double().sum()) / 0.1
        assert value.grad is not None
        assert slope == pytest.approx(float((value.grad * direction).sum()), rel=2e-2)


class Tuning:
    """Fine-tuning of the networks of a character, which it changes."""

    def __init__(self, parts: Parts) -> None:
        self._both, self._loss, self._x = parts.both, parts.loss, torch.from_numpy(parts.prepared.x)
        split = parts.prepared.split
        self._train, self._validation = torch.from_numpy(split.train), torch.from_numpy(split.validation)
        self.blocks = torch.from_numpy(split.blocks[split.validation])

    def errors(self) -> torch.Tensor:
        """(n,) of the validation frames."""
        return vertex_errors(self._both, self._loss, self._x, self._validation)

    def run(self, rate: float, blocks: torch.Tensor, stopped: bool = False) -> list[float]:
        """Ten epochs; the validation error after each."""
        schedule, frames = Schedule(rate, 10, 0, 2.0), (self._train, self._validation, blocks)
        told = fine_tune(self._both, self._loss, self._x, *frames, schedule, 2, 0, lambda: stopped)
        return [float(epoch.validation) for epoch in told]


def test_vertex_errors_are_the_loss_of_each_frame(parts: Parts) -> None:
    found = Tuning(parts).errors().numpy()
    np.testing.assert_allclose(found, parts.errors()[parts.prepared.split.validation], rtol=2e-3)


def test_fine_tuning_whose_gain_is_not_proved_leaves_the_networks_as_they_were(parts: Parts) -> None:
    tuning = Tuning(parts)
    before, errors = [value.detach().clone() for value in parts.both.parameters], tuning.errors()
    told = tuning.run(1e-3, torch.zeros_like(tuning.blocks))  # all frames of one block
    assert min(told) < 0.9 * float(errors.mean())
    for now, then in zip(parts.both.parameters, before):
        assert torch.equal(now, then)
    assert torch.equal(tuning.errors(), errors)


def test_fine_tuning_never_ends_worse_than_it_began(parts: Parts) -> None:
    tuning = Tuning(parts)
    before = float(tuning.errors().mean())
    told = tuning.run(1e-3, tuning.blocks)
    after = float(tuning.errors().mean())
    assert len(told) == 10
    assert after == pytest.approx(min(told))
    assert after < 0.9 * before
    tuning.run(10.0, tuning.blocks)  # far too fast: the best state, which is the first, comes back
    assert float(tuning.errors().mean()) == pytest.approx(after, rel=1e-6)


def test_fine_tuning_stops_when_asked(parts: Parts) -> None:
    tuning = Tuning(parts)
    assert tuning.run(1e-3, tuning.blocks, stopped=True) == []
