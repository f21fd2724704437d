"""From samples to a model: the closed form, the two kinds of networks, the reconstruction. No files, no terminal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from glm_deep.config import Training
from glm_deep.dataset.source import FrameSource
from glm_deep.errors import DataError, GlmDeepError
from glm_deep.events import Warned
from glm_deep.runtime.model import Model, from_bundle, to_bundle
from glm_deep.train.assemble import assemble
from glm_deep.train.closed_form import (
    MOST_COMPONENTS,
    Solved,
    solve,
    solve_again,
    survey,
)
from glm_deep.train.measured import Measured
from glm_deep.train.pca_size import kept_by_size, largest_size, with_size
from glm_deep.train.prepare import Prepared, prepare
from glm_deep.train.reconstruct import reconstruct
from glm_deep.train.regions import find_regions
from glm_deep.train.regression import ridge_regression
from glm_deep.train.setting import Setting, progress_of
from glm_deep.train.subspaces import (
    describe_anchors,
    numbered_through,
    place_anchors,
)
from glm_deep.train.threads import torch_threads
from glm_deep.train.told import starting_shares, told_at, told_of_regions
from glm_deep.train.train_networks import train_networks, train_together

_SURVEYED = 600  # vertices of a mesh that are asked which inputs move them


@dataclass(frozen=True)
class Learned:
    """The result of a training.

    Attributes:
        measured: the model made of the training frames alone, whose held-out errors can be told.
        model: the one to play, its closed form solved again on all frames.
        prepared: what it was made from.
        ridge: (I+1,K) the baseline, in the basis of `solved`.
        solved: the closed form of the training frames.
        kept_by_size: what share of the deformation a PCA of each of these sizes keeps.
        losses: validation losses of "differential", "subspaces" and the "fine-tuning" of both, before training and as
            they are kept; of those that were trained.
        stopped: whether the training was asked to stop before its end.
    """

    measured: Model
    model: Model
    prepared: Prepared
    ridge: np.ndarray
    solved: Solved
    kept_by_size: tuple[tuple[int, float], ...]
    losses: dict[str, tuple[float, float]]
    stopped: bool


class StoppedTooEarly(GlmDeepError):  # noqa: N818 - the name of an outcome
    """Asked to stop before there was anything to keep; nothing has failed."""

    def __init__(self) -> None:
        super().__init__("the training was stopped before there was a model", hint="Start it again")


def learn(source: FrameSource, training: Training, setting: Setting, known: Measured | None = None) -> Learned:
    """Trains; returns early with what was learned when asked to stop.

    Args:
        source: the samples. training: the settings. setting: how it runs.
        known: which inputs move what, where that was measured.

    Raises:
        DataError: the samples cannot be learned from.
        StoppedTooEarly: nothing was learned yet.
    """
    prepared = prepare(
        source,
        training.validation_share,
        training.seed,
        setting.folder,
        progress_of(setting, "offsets"),
        setting.stopped,
        known,
    )
    _go_on(setting)
    solved = _solve(prepared, training, setting)
    kept = kept_by_size(solved)
    if training.pca.enabled:
        solved = _with_pca_size(prepared, solved, training, setting)
    ridge = ridge_regression(
        prepared.x[solved.frames].astype(np.float64),
        solved.coefficients[solved.frames],
        prepared.split.blocks[solved.frames],
    )
    additional: dict[str, tuple[int, ...]] = {}
    for each in training.anchors.additional:
        additional[each.mesh] = additional.get(each.mesh, ()) + each.vertices
    anchors = describe_anchors(prepared, solved, place_anchors(prepared, training.anchors.percent, additional))
    both, losses = train_networks(prepared, solved, anchors, training, setting)
    followed = reconstruct(prepared, solved, anchors, *both.stacked(), training.seed, setting)
    if not setting.stopped():
        losses["fine-tuning"] = train_together(prepared, solved, anchors, followed, both, training, setting)
    stopped = setting.stopped()
    differential, subspaces = both.stacked()
    measured = _as_stored(assemble(prepared, solved, anchors, followed, differential, subspaces))
    again = solve_again(prepared, solved, training.seed, setting.threads)
    model = _as_stored(assemble(prepared, again, anchors, followed, differential, subspaces))
    return Learned(measured, model, prepared, ridge, solved, kept, losses, stopped)


def _go_on(setting: Setting) -> None:
    if setting.stopped():
        raise StoppedTooEarly


def _solve(prepared: Prepared, training: Training, setting: Setting) -> Solved:
    """The closed form with all components that were asked for."""
    samples = place_anchors(prepared, 0.0, {}, _SURVEYED)
    with torch_threads(1), threadpool_limits(1, user_api="blas"):  # the result must not depend on how many there are
        moved = survey(prepared, numbered_through(prepared, samples), training.seed)
    if prepared.measured is not None:
        moved = prepared.measured.blended_with(moved, samples, prepared.targets.scales)
    moved[told_at(prepared, training.relevance, samples) < 0] = 0.0
    regions = find_regions(prepared, samples, moved, training.seed)
    told = told_of_regions(prepared, training.relevance, regions)
    shares = starting_shares(prepared, regions, moved, told)
    most = MOST_COMPONENTS if training.pca.enabled else None
    progress = progress_of(setting, "closed form")
    solved = solve(prepared, regions, shares, most, training.seed, setting.threads, progress, setting.stopped)
    _go_on(setting)
    if solved.starts[-1] == 0:
        raise DataError(
            "the deformation before skinning is the same in every training frame, so there is nothing to learn",
            where=prepared.source.meshes[0].name,
            hint="Extract frames in which the deformed mesh moves beyond the linear mesh",
        )
    return solved


def _with_pca_size(prepared: Prepared, solved: Solved, training: Training, setting: Setting) -> Solved:
    """The closed form with its PCA size settled."""
    size, largest = training.pca.size, largest_size(prepared, solved)
    if size > largest:
        setting.tell(Warned(f"PCA size {size} is more than these samples and meshes allow: {largest} is used."))
    return with_size(prepared, solved, min(size, largest))


def _as_stored(model: Model) -> Model:
    """The model with the precision that its file keeps, so that what is measured is what is played."""
    return from_bundle(to_bundle(model, {}))
