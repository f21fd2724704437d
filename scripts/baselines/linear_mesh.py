"""The linear mesh alone: no offsets at all, what every learned deformation has to beat."""

from __future__ import annotations

import numpy as np

from baselines.predictor import Fitted
from glm_deep.train.prepare import Prepared


def fit(prepared: Prepared) -> Fitted:
    """A predictor of zeros."""
    counts = prepared.targets.vertex_counts

    def predict(x: np.ndarray) -> list[np.ndarray]:
        return [np.zeros((len(x), count, 3), np.float32) for count in counts]

    return Fitted(predict, predict)
