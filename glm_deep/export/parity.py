"""How far an exported model is from the player, after skinning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glm_deep.dataset.source import FrameSource, frames_of_meshes
from glm_deep.errors import GlmDeepError
from glm_deep.inputs import InputFrames, raw_values
from glm_deep.runtime.evaluation import Predictor, some_inputs
from glm_deep.runtime.model import Model

LIMITS = {"fp32": (1e-6, 1e-6), "fp16": (1e-5, 1e-4)}
"""Mean and largest difference that are allowed, in parts of the diagonal, by precision."""

_FRAMES = 48


@dataclass(frozen=True)
class Parity:
    """Mean and largest distance of vertices, in parts of the diagonal of their mesh; over all meshes."""

    mean: float
    largest: float


def some_frames(source: FrameSource) -> np.ndarray:
    """Some frames, spread over all."""
    return np.unique(np.linspace(0, source.frame_count - 1, min(_FRAMES, source.frame_count)).round().astype(int))


def raw_inputs(model: Model, inputs: InputFrames) -> np.ndarray:
    """(N,I) float32: what exported graphs are fed with."""
    return raw_values(model.layout, inputs).astype(np.float32)


def parity(
    source: FrameSource, frames: np.ndarray, mesh_names: Sequence[str], player: Predictor, other: Predictor
) -> Parity:
    """How far two predictors are from each other in some frames (n,), one frame after the other."""
    numbers = frames_of_meshes(source, mesh_names)
    total, count, largest = 0.0, 0, 0.0
    for frame in frames:
        some = np.array([frame])
        inputs = some_inputs(source.inputs, some)
        for number, ours, theirs in zip(numbers, player(inputs), other(inputs)):
            pose = source.read(number, some)
            apart = np.asarray(theirs, np.float64) - ours
            if pose.linear_part is not None:
                apart = np.einsum("nvij,nvj->nvi", pose.linear_part, apart)
            distances = np.linalg.norm(apart, axis=2) / source.meshes[number].diagonal
            total, count = total + float(distances.sum()), count + distances.size
            largest = float(np.fmax(largest, distances.max())) if np.isfinite(distances).all() else float("inf")
    return Parity(total / max(count, 1), largest)


def refuse_beyond(found: Parity, precision: str, what: str) -> None:
    """Raises `GlmDeepError` when the difference is above the limits of its precision."""
    mean, largest = LIMITS[precision]
    if found.mean <= mean and found.largest <= largest:
        return
    raise GlmDeepError(
        f"{what} does not play as the model does: vertices differ by {found.mean:.2g} of the diagonal in the mean and "
        f"{found.largest:.2g} at the most, where {mean:.0e} and {largest:.0e} are allowed with {precision}",
        hint="Export with --precision fp32" if precision != "fp32" else "Report it, with the model file",
    )
