"""Trains the two kinds of networks, each alone and then both together, and tells every epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch

from glm_deep.config import Training
from glm_deep.events import Epoch
from glm_deep.train import fit
from glm_deep.train.closed_form import Solved
from glm_deep.train.differential import differential_problem, make_differential
from glm_deep.train.fine_tune import Both, fine_tune, vertex_errors
from glm_deep.train.luck import proved
from glm_deep.train.mesh_loss import mesh_loss
from glm_deep.train.networks import StackedNetworks
from glm_deep.train.patches import Followed
from glm_deep.train.prepare import Prepared
from glm_deep.train.schedule import Schedule
from glm_deep.train.setting import Setting, progress_of
from glm_deep.train.subspaces import Anchors, make_subspaces, subspace_problem
from glm_deep.train.threads import torch_threads

_TOGETHER = 0.1  # epochs of the two kinds of networks together, as a part of those of the differential model
_GENTLE = 0.3  # of the learning rate, since both have learned already
_WORTH_THREADS = 1e9  # operations of a step


def train_networks(
    prepared: Prepared, solved: Solved, anchors: Anchors, training: Training, setting: Setting
) -> tuple[Both, dict[str, tuple[float, float]]]:
    """Both kinds of networks, each trained alone, and the validation losses of each before and after."""
    problem, scales = differential_problem(prepared, solved, setting.device)
    differential = make_differential(prepared, solved, training).to(setting.device)
    losses = {
        "differential": _fit(
            prepared, "differential", differential, problem, training.differential.epochs, training, setting
        )
    }
    problem, of_anchors = subspace_problem(prepared, solved, anchors)
    subspaces = make_subspaces(prepared, anchors, training)
    losses["subspaces"] = _fit(prepared, "subspaces", subspaces, problem, training.subspaces.epochs, training, setting)
    return Both(differential.cpu(), subspaces, (scales, of_anchors), np.diff(solved.starts)), losses


def train_together(
    prepared: Prepared,
    solved: Solved,
    anchors: Anchors,
    followed: Sequence[Sequence[Followed]],
    both: Both,
    training: Training,
    setting: Setting,
) -> tuple[float, float]:
    """Trains both kinds together on the error of the vertices; the validation losses before and after."""
    epochs = round(training.differential.epochs * _TOGETHER)
    train, validation = prepared.split.train, prepared.split.validation
    loss = mesh_loss(
        prepared, solved, anchors, followed, solved.held_out(prepared.x), progress_of(setting, "vertex errors")
    )
    schedule = Schedule(
        training.learning_rate * _GENTLE,
        epochs,
        training.learning_rate_decay_epochs,
        training.learning_rate_decay_divider,
    )
    x, of_train, of_validation = (torch.from_numpy(each) for each in (prepared.x, train, validation))
    batches = training.differential.batch_split
    before = float(vertex_errors(both, loss, x, of_validation).mean())
    blocks = torch.from_numpy(prepared.split.blocks[validation])
    progress = progress_of(setting, "fine-tuning")
    told = fine_tune(both, loss, x, of_train, of_validation, blocks, schedule, batches, training.seed, setting.stopped)
    for epoch in _on_few_threads(told, both.parameters, len(train) / batches):
        progress(epoch.epoch, epochs)
    return before, float(vertex_errors(both, loss, x, of_validation).mean())


def _fit(
    prepared: Prepared,
    name: str,
    networks: StackedNetworks,
    problem: fit.Problem,
    epochs: int,
    training: Training,
    setting: Setting,
) -> tuple[float, float]:
    """Trains networks in place and tells each epoch; the best state of each is restored, if it is better than none.

    The validation losses before and after.
    """
    decay = training.learning_rate_decay_epochs
    schedule = Schedule(training.learning_rate, epochs, decay, training.learning_rate_decay_divider)
    state = fit.begin(networks, problem)
    before = fit.best_loss(state, problem)
    setting.resume(name, state)
    lowest = fit.best_loss(state, problem)
    batches = training.differential.batch_split
    epochs_of = fit.run_epochs(state, problem, schedule, batches, training.early_stop, training.seed, setting.stopped)
    for result in _on_few_threads(epochs_of, networks.parameters(), len(problem.x) / batches):
        count = len(result.train)
        of_anchors = name == "subspaces"
        validated = float(result.validation.sum()) + problem.validation_floor
        best, lowest = validated < lowest, min(validated, lowest)
        setting.tell(
            Epoch(
                model=name,
                epoch=result.epoch,
                epochs=epochs,
                train_loss=float(result.train.sum()) + problem.floor,
                validation_loss=validated,
                learning_rate=result.rate,
                seconds_left=result.seconds_left,
                best=best,
                anchor_train=_short(result.train * count) if of_anchors else None,
                anchor_validation=_short(result.validation * count) if of_anchors else None,
            )
        )
        setting.fitted(name, state)
        if not bool(torch.isfinite(result.train).all()):
            break  # the best state before it is kept; the verdict says what happened
    fit.restore_best(state)
    return before, _without_luck(networks, problem, prepared.split.blocks[prepared.split.validation])


def _without_luck(networks: StackedNetworks, problem: fit.Problem, blocks: np.ndarray) -> float:
    """Lets networks that the validation frames do not prove better than none answer zero; the validation loss then."""
    with torch.no_grad():
        found = fit.errors(networks, problem.validation_x, problem.validation_y)
        none = (problem.validation_y**2).sum(dim=2)
        kept = proved(none - found, torch.from_numpy(blocks))
        networks.silence(~kept)
        losses = torch.where(kept, found, none).mean(dim=0)
        return float((losses * problem.unit).sum()) + problem.validation_floor


def _on_few_threads(
    results: Iterator[fit.EpochResult], parameters: Iterable[torch.Tensor], frames: float
) -> Iterator[fit.EpochResult]:
    """The results, worked out on one thread where a step is so small that threads would wait for one another."""
    operations = 6.0 * frames * sum(value.numel() for value in parameters)
    with torch_threads(1 if operations < _WORTH_THREADS else torch.get_num_threads()):
        yield from results


def _short(losses: torch.Tensor) -> tuple[float, ...]:
    """Losses with four digits: there are hundreds of them in every record."""
    return tuple(float(f"{loss:.4g}") for loss in losses.tolist())
