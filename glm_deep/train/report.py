"""The held-out report of a training: vertex errors after skinning, beside the linear mesh and a ridge regression."""

from __future__ import annotations

from typing import Any

import numpy as np

from glm_deep.inputs import InputFrames
from glm_deep.runtime.evaluation import Predictor, measure, mesh_report, worst_frames
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.train.learn import Learned


def held_out_report(learned: Learned) -> dict[str, Any]:
    """Errors in the validation frames of the model that has not seen them."""
    source = learned.prepared.source
    frames = learned.prepared.split.validation
    evaluator = Evaluator(learned.measured)
    predictors = {
        "model": evaluator.offsets,
        "direct": evaluator.direct_offsets,
        "ridge": ridge_predictor(learned, evaluator),
    }
    errors = measure(source, frames, evaluator.mesh_names, predictors)
    meshes: dict[str, Any] = {}
    for rest in source.meshes:
        found = errors[rest.name]
        report = mesh_report(found, rest.diagonal, len(rest.rest))
        report["worst_frames"] = worst_frames(found["model"], source.clips)
        meshes[rest.name] = report
    return {"frames": len(frames), "trained_frames": len(learned.prepared.split.train), "meshes": meshes}


def ridge_predictor(learned: Learned, evaluator: Evaluator) -> Predictor:
    """Offsets by ridge regression of the coefficients, in the basis of the model."""
    weights = learned.ridge

    def predict(inputs: InputFrames) -> list[np.ndarray]:
        x = evaluator.scaled(inputs)
        return evaluator.offsets_of_coefficients((np.column_stack([x, np.ones(len(x))]) @ weights).astype(np.float32))

    return predict
