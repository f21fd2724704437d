"""Networks that learned something are kept, and those that were only lucky answer zero."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from glm_deep.config import Differential, Relevance, Subspaces
from glm_deep.train.closed_form import Solved
from glm_deep.train.differential import differential_problem
from glm_deep.train.fine_tune import Both
from glm_deep.train.fit import FitState, Problem
from glm_deep.train.prepare import Prepared
from glm_deep.train.setting import Setting
from glm_deep.train.subspaces import Anchors, describe_anchors, place_anchors, subspace_problem
from glm_deep.train.train_networks import train_networks
from learning import QUICK, Character, trained

TRAINING = replace(
    QUICK,
    differential=Differential(layers=1, neurons=16, batch_split=2, epochs=40),
    subspaces=Subspaces(epochs=40, layers=1, neurons=16),
    learning_rate=1e-2,
    validation_share=0.5,
    relevance=(Relevance("swell", "body", (), True),),  # so that it feeds every network
)
MODELS = ("differential", "subspaces")
FRAMES, BLOCKS, ANCHORS = 120, 5, 6
FEW = np.arange(FRAMES) * BLOCKS // FRAMES


@dataclass(frozen=True)
class Planted:
    """What is left in the first region and at the first anchors follows an input; all else is noise in a few blocks."""

    prepared: Prepared
    solved: Solved
    anchors: Anchors

    def trained(self, blocks: np.ndarray) -> tuple[Both, dict[str, tuple[float, float]], dict[str, FitState]]:
        """Both kinds of networks, their losses, and the states of the fits, with these blocks of all frames."""
        prepared, states = replace(self.prepared, split=replace(self.prepared.split, blocks=blocks)), {}
        setting = Setting(
            torch.device("cpu"), 1, Path(), lambda event: None, lambda: False, states.__setitem__, lambda *given: None
        )
        both, losses = train_networks(prepared, self.solved, self.anchors, TRAINING, setting)
        return both, losses, states

    def problems(self) -> tuple[tuple[Problem, np.ndarray], ...]:
        """What the networks of both kinds learn, and the scales of their outputs."""
        of_regions = differential_problem(self.prepared, self.solved, torch.device("cpu"))
        return of_regions, subspace_problem(self.prepared, self.solved, self.anchors)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    torch.set_num_threads(1)
    learned, _ = trained(tmp_path_factory.mktemp("t"), TRAINING, Character(frames=FRAMES))
    prepared, solved, random = learned.prepared, learned.solved, np.random.default_rng(0)
    count, validation = len(prepared.x), prepared.split.validation
    told = np.sin(2.0 * prepared.x[:, 0].astype(float))

    def noise(size: int) -> np.ndarray:
        """The frames of a block that validate have much of it in common."""
        result = random.normal(size=(count, size))
        result[validation] = random.normal(size=(BLOCKS, size))[FEW[validation]] + 0.5 * result[validation]
        return result

    def left_of(number: int, known: int, size: int) -> np.ndarray:
        return np.outer(told, np.ones(size)) + 0.5 * noise(size) if number < known else noise(size)

    regions = []
    for number, each in enumerate(solved.regions):
        left = left_of(number, 1, each.residuals.shape[1])
        first, last = solved.starts[number : number + 2]
        truth = solved.predict(prepared.x)[:, first:last] + left
        regions.append(replace(each, residuals=left[solved.frames], pca=replace(each.pca, coefficients=truth)))
    solved = replace(solved, regions=tuple(regions))
    anchors = describe_anchors(prepared, solved, place_anchors(prepared, 10.0, {}))
    left = np.stack([left_of(number, ANCHORS, 3) for number in range(len(anchors.basis))], axis=1)
    of_closed = np.einsum("akc,fc->fak", anchors.basis, solved.held_out(prepared.x)) + anchors.mean
    return Planted(prepared, solved, replace(anchors, truth=(of_closed + left).astype(np.float32)))


def test_networks_that_learned_something_are_kept_and_those_that_learned_noise_answer_zero(planted: Planted) -> None:
    both, _, states = planted.trained(FEW)
    for network, (problem, _), model, known in zip(both.stacked(), planted.problems(), MODELS, (1, ANCHORS)):
        answers = (network(planted.prepared.x) != 0).any(axis=(1, 2))
        assert answers.tolist() == [number < known for number in range(len(answers))]
        none = (problem.validation_y**2).sum(dim=2).mean(dim=0)
        assert (states[model].best_loss[:known] < 0.6 * none[:known]).all()
        assert (states[model].best_loss[known:] < none[known:]).any()  # the best of the epochs looked better


def test_frames_of_a_block_that_counted_one_by_one_would_prove_luck(planted: Planted) -> None:
    both, _, _ = planted.trained(np.arange(FRAMES))
    for network, known in zip(both.stacked(), (1, ANCHORS)):
        assert network(planted.prepared.x)[known:].any()


def test_losses_are_those_of_the_networks_that_are_left(planted: Planted) -> None:
    both, losses, _ = planted.trained(FEW)
    x = planted.prepared.x[planted.prepared.split.validation]
    for network, (problem, scales), model in zip(both.stacked(), planted.problems(), MODELS):
        wanted, said = problem.validation_y.numpy(), np.moveaxis(network(x), 0, 1) / scales[:, None]
        for loss, errors in zip(losses[model], (wanted, wanted - said)):
            expected = np.sum(problem.unit.numpy() * np.mean(np.sum(errors**2, axis=2), axis=0))
            assert loss == pytest.approx(float(expected) + problem.validation_floor, rel=1e-4)
        assert losses[model][1] < 0.95 * losses[model][0]
