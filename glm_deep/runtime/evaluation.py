"""How far a prediction is from the truth, after skinning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from glm_deep.dataset.source import FrameSource, frames_of_meshes
from glm_deep.geometry.skinning import posed
from glm_deep.inputs import InputFrames
from glm_deep.metrics import VertexErrors

FRAMES_AT_ONCE = 8

Predictor = Callable[[InputFrames], Sequence[np.ndarray]]


def some_inputs(inputs: InputFrames, frames: np.ndarray) -> InputFrames:
    """The inputs of some frames."""
    return InputFrames(inputs.floats[frames], inputs.joints[frames], inputs.matrices[frames])


def measure(
    source: FrameSource,
    frames: np.ndarray,
    mesh_names: Sequence[str],
    predictors: Mapping[str, Predictor],
) -> dict[str, dict[str, VertexErrors]]:
    """Vertex errors of several predictors, and of the linear mesh under the name `linear_only`.

    Args:
        source: inputs and truth.
        frames: (n,) frames to measure.
        mesh_names: what each predictor's results are of, in order.
        predictors: by name, from inputs to offsets (n,V,3) of each mesh.

    Returns:
        by mesh and predictor.
    """
    numbers = frames_of_meshes(source, mesh_names)
    names = ["linear_only", *predictors]
    errors = {mesh: {name: VertexErrors() for name in names} for mesh in mesh_names}
    for start in range(0, len(frames), FRAMES_AT_ONCE):
        some = frames[start : start + FRAMES_AT_ONCE]
        inputs = some_inputs(source.inputs, some)
        predicted = {name: predict(inputs) for name, predict in predictors.items()}
        for index, (mesh, number) in enumerate(zip(mesh_names, numbers)):
            pose = source.read(number, some)
            truth = pose.deformed
            if truth is None:
                raise ValueError("errors need the deformed positions")
            errors[mesh]["linear_only"].add(truth, pose.linear, some)
            for name, offsets in predicted.items():
                result = posed(pose.linear, pose.linear_part, offsets[index])
                errors[mesh][name].add(truth, result, some)
    return errors


def mesh_report(errors: Mapping[str, VertexErrors], diagonal: float, vertices: int) -> dict[str, Any]:
    """The report of one mesh: the predictor `model` at the top, the others by name below it."""

    def summary(name: str) -> dict[str, Any]:
        found = errors[name].summary(diagonal)
        return {"percent_of_diagonal": dict(found.percent_of_diagonal), "scene_units": dict(found.scene_units)}

    others = {name: summary(name) for name in errors if name != "model"}
    return {"vertices": vertices, "diagonal": diagonal, **summary("model"), **others}


def worst_frames(errors: VertexErrors, clips: Sequence[str], count: int = 5) -> list[dict[str, Any]]:
    """The frames with the largest errors: clip, number within the clip, largest and mean error in scene units."""
    return [
        {
            "frame": clips[: int(frame)].count(clips[int(frame)]),
            "clip": clips[int(frame)],
            "max": float(largest),
            "mean": float(mean),
        }
        for frame, largest, mean in errors.worst_frames(count)
    ]
