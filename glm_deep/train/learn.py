"""From samples to a model: the closed form, the two kinds of networks, the reconstruction. No files, no terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from glm_deep.config import Training
from glm_deep.dataset.source import FrameSource
from glm_deep.errors import DataError, GlmDeepError
from glm_deep.events import Epoch, Event, Phase, Warned
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import Model, Stacked, from_bundle, to_bundle
from glm_deep.train import fit
from glm_deep.train.assemble import assemble
from glm_deep.train.closed_form import (
    MOST_COMPONENTS,
    Solved,
    in_threads,
    size_errors,
    smallest_size,
    solve,
    solve_again,
    survey,
)
from glm_deep.train.differential import differential_problem, make_differential
from glm_deep.train.fine_tune import Both, fine_tune, validation_loss
from glm_deep.train.mesh_loss import mesh_loss
from glm_deep.train.networks import StackedNetworks
from glm_deep.train.patches import Followed, Patch, find_patches, follow
from glm_deep.train.prepare import Prepared, prepare
from glm_deep.train.regions import find_regions
from glm_deep.train.regression import ridge_regression
from glm_deep.train.schedule import Schedule
from glm_deep.train.subspaces import (
    Anchors,
    describe_anchors,
    make_subspaces,
    numbered_through,
    place_anchors,
    subspace_problem,
)
from glm_deep.train.told import starting_shares, told_at, told_of_regions
from glm_deep.train.weigh import anchor_weights

PART_OF_VERTICES = 0.1
"""The PCA size is never above this part of the vertices."""

_WEIGHING_FRAMES = 24
_SURVEYED = 600  # vertices of a mesh that are asked which inputs move them
_SECONDS_BETWEEN = 0.5
_TOGETHER = 0.1  # epochs of the two kinds of networks together, as a part of those of the differential model
_GENTLE = 0.3  # of the learning rate, since both have learned already


@dataclass(frozen=True)
class Setting:
    """How a training runs, beside the settings of the user.

    Attributes:
        device: of the differential model.
        threads: regions that are solved at once.
        folder: for large intermediate files.
        tell: receives the records of the run.
        stopped: asked between steps.
        fitted: called after every epoch with the model's name and its state, to save it.
        resume: gives a network and its optimiser the state of an earlier run, where there is one.
    """

    device: torch.device
    threads: int
    folder: Path
    tell: Callable[[Event], object]
    stopped: Callable[[], bool]
    fitted: Callable[[str, fit.FitState], None]
    resume: Callable[[str, fit.FitState], None]


@dataclass(frozen=True)
class Learned:
    """The result of a training.

    Attributes:
        measured: the model made of the training frames alone, whose held-out errors can be told.
        model: the one to play, its closed form solved again on all frames.
        prepared: what it was made from.
        ridge: (I+1,K) the baseline, in the basis of `solved`.
        solved: the closed form of the training frames.
        losses: validation losses of "differential", "subspaces" and of both "together", before training and at the best
            epoch.
        stopped: whether the training was asked to stop before its end.
    """

    measured: Model
    model: Model
    prepared: Prepared
    ridge: np.ndarray
    solved: Solved
    losses: dict[str, tuple[float, float]]
    stopped: bool


class StoppedTooEarly(GlmDeepError):  # noqa: N818 - the name of an outcome
    """Asked to stop before there was anything to keep; nothing has failed."""

    def __init__(self) -> None:
        super().__init__("the training was stopped before there was a model", hint="Start it again")


def learn(source: FrameSource, training: Training, setting: Setting) -> Learned:
    """Trains; returns early with what was learned when asked to stop.

    Raises:
        DataError: the samples cannot be learned from.
        StoppedTooEarly: nothing was learned yet.
    """
    prepared = prepare(
        source,
        training.validation_share,
        training.seed,
        setting.folder,
        _progress(setting, "offsets"),
        setting.stopped,
    )
    _go_on(setting)
    solved = _solve(prepared, training, setting)
    ridge = ridge_regression(
        prepared.x[solved.frames].astype(np.float64),
        solved.coefficients[solved.frames],
        prepared.split.blocks[solved.frames],
    )
    additional: dict[str, tuple[int, ...]] = {}
    for each in training.anchors.additional:
        additional[each.mesh] = additional.get(each.mesh, ()) + each.vertices
    anchors = describe_anchors(prepared, solved, place_anchors(prepared, training.anchors.percent, additional))
    both, losses = _train_networks(prepared, solved, anchors, training, setting)
    followed = _reconstruction(prepared, solved, anchors, *both.stacked(), training, setting)
    losses["together"] = _fine_tune(prepared, solved, anchors, followed, both, training, setting)
    stopped = setting.stopped()
    differential, subspaces = both.stacked()
    measured = _as_stored(assemble(prepared, solved, anchors, followed, differential, subspaces))
    again = solve_again(prepared, solved, training.seed, setting.threads)
    model = _as_stored(assemble(prepared, again, anchors, followed, differential, subspaces))
    return Learned(measured, model, prepared, ridge, solved, losses, stopped)


def _further(tell: Callable[[int, int], None], before: int, total: int, done: int, _: int) -> None:
    """Tells the progress of one mesh as a part of that of all."""
    tell(before + done, total)


def _progress(setting: Setting, name: str) -> Callable[[int, int], None]:
    """Tells how far a phase is, twice a second at the most."""
    told = [float("-inf")]

    def tell(done: int, total: int) -> None:
        now = time.monotonic()
        if done == total or now - told[0] > _SECONDS_BETWEEN:
            told[0] = now
            setting.tell(Phase(name, done, total))

    return tell


def _go_on(setting: Setting) -> None:
    if setting.stopped():
        raise StoppedTooEarly


def _solve(prepared: Prepared, training: Training, setting: Setting) -> Solved:
    """The closed form with its PCA size settled."""
    samples = place_anchors(prepared, 0.0, {}, _SURVEYED)
    moved = survey(prepared, numbered_through(prepared, samples), training.seed)
    moved[told_at(prepared, training.relevance, samples) < 0] = 0.0
    regions = find_regions(prepared, samples, moved, training.seed)
    told = told_of_regions(prepared, training.relevance, regions)
    shares = starting_shares(prepared, regions, moved, told)
    most = MOST_COMPONENTS if training.pca.enabled else None
    progress = _progress(setting, "closed form")
    solved = solve(prepared, regions, shares, most, training.seed, setting.threads, progress, setting.stopped)
    _go_on(setting)
    if solved.starts[-1] == 0:
        raise DataError(
            "the deformation before skinning is the same in every training frame, so there is nothing to learn",
            where=prepared.source.meshes[0].name,
            hint="Extract frames in which the deformed mesh moves beyond the linear mesh",
        )
    if not training.pca.enabled:
        return solved
    errors, owners = size_errors(solved, prepared.x, prepared.split.validation)
    bound = max(1, min(len(errors), len(solved.frames), round(PART_OF_VERTICES * prepared.vertex_count)))
    size = training.pca.size or smallest_size(errors, bound)
    if size > bound:
        setting.tell(Warned(f"PCA size {size} is more than these samples and meshes allow: {bound} is used."))
        size = bound
    kept = np.bincount(owners[:size], minlength=len(solved.regions))
    return replace(solved, regions=tuple(each.truncated(int(k)) for each, k in zip(solved.regions, kept)))


def _train_networks(
    prepared: Prepared, solved: Solved, anchors: Anchors, training: Training, setting: Setting
) -> tuple[Both, dict[str, tuple[float, float]]]:
    """Both kinds of networks, each trained alone, and the validation losses of each before and after."""
    problem, scales = differential_problem(prepared, solved, setting.device)
    differential = make_differential(prepared, solved, training).to(setting.device)
    losses = {
        "differential": _fit("differential", differential, problem, training.differential.epochs, training, setting)
    }
    problem, of_anchors = subspace_problem(prepared, solved, anchors)
    subspaces = make_subspaces(prepared, anchors, training)
    losses["subspaces"] = _fit("subspaces", subspaces, problem, training.subspaces.epochs, training, setting)
    return Both(differential.cpu(), subspaces, (scales, of_anchors), np.diff(solved.starts)), losses


def _fine_tune(
    prepared: Prepared,
    solved: Solved,
    anchors: Anchors,
    followed: tuple[tuple[Followed, ...], ...],
    both: Both,
    training: Training,
    setting: Setting,
) -> tuple[float, float]:
    """Trains both kinds together on the error of the vertices; the validation losses before and after."""
    epochs = round(training.differential.epochs * _TOGETHER)
    train, validation = prepared.split.train, prepared.split.validation
    predicted = solved.predict(prepared.x)
    predicted[train] = solved.coefficients[train] - solved.residuals
    loss = mesh_loss(prepared, solved, anchors, followed, predicted, _progress(setting, "vertex errors"))
    schedule = Schedule(
        training.learning_rate * _GENTLE,
        epochs,
        training.learning_rate_decay_epochs,
        training.learning_rate_decay_divider,
    )
    x, of_train, of_validation = (torch.from_numpy(each) for each in (prepared.x, train, validation))
    batches = training.differential.batch_split
    before = after = float(validation_loss(both, loss, x, of_validation))
    progress = _progress(setting, "together")
    for epoch in fine_tune(both, loss, x, of_train, of_validation, schedule, batches, training.seed, setting.stopped):
        after = min(after, float(epoch.validation))
        progress(epoch.epoch, epochs)
    return before, after


def _fit(
    name: str,
    networks: StackedNetworks,
    problem: fit.Problem,
    epochs: int,
    training: Training,
    setting: Setting,
) -> tuple[float, float]:
    """Trains networks in place and tells each epoch; the best state of each is restored."""
    decay = training.learning_rate_decay_epochs
    schedule = Schedule(training.learning_rate, epochs, decay, training.learning_rate_decay_divider)
    state = fit.begin(networks, problem)
    before = lowest = fit.best_loss(state, problem)
    setting.resume(name, state)
    batches = training.differential.batch_split
    for result in fit.run_epochs(
        state, problem, schedule, batches, training.early_stop, training.seed, setting.stopped
    ):
        count = len(result.train)
        of_anchors = name == "subspaces"
        validation_loss = float(result.validation.sum()) + problem.validation_floor
        best, lowest = validation_loss < lowest, min(validation_loss, lowest)
        setting.tell(
            Epoch(
                model=name,
                epoch=result.epoch,
                epochs=epochs,
                train_loss=float(result.train.sum()) + problem.floor,
                validation_loss=validation_loss,
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
    return before, fit.best_loss(state, problem)


def _short(losses: torch.Tensor) -> tuple[float, ...]:
    """Losses with four digits: there are hundreds of them in every record."""
    return tuple(float(f"{loss:.4g}") for loss in losses.tolist())


def _as_stored(model: Model) -> Model:
    """The model with the precision that its file keeps, so that what is measured is what is played."""
    return from_bundle(to_bundle(model, {}))


def _reconstruction(
    prepared: Prepared,
    solved: Solved,
    anchors: Anchors,
    differential: Stacked,
    subspaces: Stacked,
    training: Training,
    setting: Setting,
) -> tuple[tuple[Followed, ...], ...]:
    """How each mesh follows its anchors, weighed by some of the validation frames."""
    frames = prepared.split.validation
    frames = frames[np.linspace(0, len(frames) - 1, min(len(frames), _WEIGHING_FRAMES)).astype(int)]
    play = Evaluator(assemble(prepared, solved, anchors, ((),) * len(prepared.graphs), differential, subspaces))
    x = prepared.x[frames]
    closed, _ = play.coefficients(x)
    added = np.moveaxis(subspaces(x), 0, 1)
    at_anchors = anchors.mean + np.einsum("adk,fk->fad", anchors.basis, closed, optimize=True) + added
    direct = play.offsets_of(x)  # there are no patches yet, so no anchor is asked
    patches = [find_patches(prepared, mesh, own, training.seed) for mesh, own in enumerate(anchors.of_mesh)]
    progress, total, done = _progress(setting, "reconstruction"), sum(map(len, patches)), 0
    result = []
    for mesh, graph in enumerate(prepared.graphs):
        truth = prepared.targets.offsets[mesh][frames]
        own = at_anchors[:, anchors.starts[mesh] : anchors.starts[mesh + 1]]
        vertices = anchors.of_mesh[mesh]
        weights = anchor_weights(graph.laplacian, patches[mesh], vertices, truth, direct[mesh], own)

        def one(patch: Patch, mesh: int = mesh, weights: np.ndarray = weights) -> Followed:
            return follow(prepared.graphs[mesh].laplacian, patch, anchors.of_mesh[mesh], weights)

        found = in_threads(one, patches[mesh], setting.threads, partial(_further, progress, done, total))
        done += len(found)
        result.append(tuple(found))
    return tuple(result)
