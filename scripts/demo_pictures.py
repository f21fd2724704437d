"""What the demo draws: the learning curves of a run, and telling test frames beside the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glm_deep.events import Epoch, Event, read_events
from pictures import Curve, Pose, PosedMesh

Archive = Mapping[str, NDArray[Any]]


def every_event(path: Path) -> Iterator[Event]:
    """All records of a run, the oldest first."""
    offset = 0
    while True:
        events, offset = read_events(path, offset)
        if not events:
            return
        yield from events


def curves_of(path: Path) -> dict[str, Curve]:
    """The curves of each model of a run, by its name; for the models of the anchors one line each."""
    epochs: dict[str, list[Epoch]] = {}
    for event in every_event(path):
        if isinstance(event, Epoch):
            epochs.setdefault(event.model, []).append(event)
    return {model: _curve(found) for model, found in epochs.items()}


def _curve(epochs: list[Epoch]) -> Curve:
    numbers = np.array([each.epoch for each in epochs], dtype=np.float64)
    if all(each.anchor_train is not None and each.anchor_validation is not None for each in epochs):
        training = np.array([each.anchor_train for each in epochs]).T
        validation = np.array([each.anchor_validation for each in epochs]).T
        return Curve(numbers, training, validation, best_epoch=None)
    training = np.array([each.train_loss for each in epochs])
    validation = np.array([each.validation_loss for each in epochs])
    best = None if np.isnan(validation).all() else int(numbers[np.nanargmin(validation)])
    return Curve(numbers, training, validation, best)


def telling_poses(truth: Archive, prediction: Archive) -> tuple[Pose, ...]:
    """The frame of each clip where linear skinning fails most, and the frame that was predicted worst.

    Args:
        truth: an archive of the import contract, with `clip`.
        prediction: what `glm-deep predict` wrote for it.
    """
    names = [str(name) for name in truth["meshes"]]
    posed = {name: prediction[f"{name}.posed"] for name in names}
    linear_errors = _mean_errors({name: truth[f"{name}.linear"] for name in names}, truth)
    errors = _mean_errors(posed, truth)
    clips = truth["clip"]
    reasons = {int(np.argmax(errors)): "where the prediction is worst"}
    for clip in dict.fromkeys(clips.tolist()):
        frame = int(np.argmax(np.where(clips == clip, linear_errors, -1.0)))
        reasons.setdefault(frame, "where linear skinning is worst")
    return tuple(
        Pose(
            f"{clips[frame]}, frame {np.count_nonzero(clips[:frame] == clips[frame])}: {reason}",
            tuple(_posed_mesh(name, frame, truth, posed[name]) for name in names),
        )
        for frame, reason in reversed(reasons.items())
    )


def _mean_errors(positions: Archive, truth: Archive) -> NDArray[np.float64]:
    """(F,) mean distance of all vertices from the truth, by frame."""
    distances = [np.linalg.norm(found - truth[f"{name}.deformed"], axis=2) for name, found in positions.items()]
    means: NDArray[np.float64] = np.concatenate(distances, axis=1).mean(axis=1, dtype=np.float64)
    return means


def _posed_mesh(name: str, frame: int, truth: Archive, posed: NDArray[Any]) -> PosedMesh:
    return PosedMesh(
        truth[f"{name}.face_sizes"],
        truth[f"{name}.face_vertices"],
        truth[f"{name}.linear"][frame],
        posed[frame],
        truth[f"{name}.deformed"][frame],
    )
