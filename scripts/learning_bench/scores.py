"""Errors of all contestants, pooled and by clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from glm_deep.metrics import VertexErrors
from learning_bench.names import OURS

Figures = dict[str, dict[str, float]]
"""`percent_of_diagonal` and `scene_units`, each with mean, p95, p99, rms, frame_max and max."""

ALL = "all clips"


def by_clip(errors: VertexErrors, clips: Sequence[str], diagonal: float) -> dict[str, Figures]:
    """The errors of all frames, and of those of every clip where there are several."""
    names = np.asarray(clips)
    found = {ALL: _figures(errors, diagonal)}
    several = list(dict.fromkeys(clips))
    for clip in several if len(several) > 1 else []:
        found[clip] = _figures(_some(errors, np.flatnonzero(names == clip)), diagonal)
    return found


def to_ours(figures: Mapping[str, Figures], name: str) -> dict[str, float] | None:
    """How many times ours the mean and the rms of a contestant are; None without ours, or where ours has no error."""
    if OURS not in figures:
        return None
    theirs, ours = figures[name]["percent_of_diagonal"], figures[OURS]["percent_of_diagonal"]
    return {key: theirs[key] / ours[key] for key in ("mean", "rms")} if ours["mean"] > 0 else None


def _some(errors: VertexErrors, rows: np.ndarray) -> VertexErrors:
    """The errors of some of the frames."""
    distances = errors.distances[rows]
    apart = np.zeros((*distances.shape, 3), np.float32)  # positions that are as far from zero
    apart[..., 0] = distances
    result = VertexErrors()
    result.add(np.zeros_like(apart), apart, rows)
    return result


def _figures(errors: VertexErrors, diagonal: float) -> Figures:
    summary = errors.summary(diagonal)
    return {"percent_of_diagonal": dict(summary.percent_of_diagonal), "scene_units": dict(summary.scene_units)}
