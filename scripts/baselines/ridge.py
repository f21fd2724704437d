"""Ridge regression of the offsets on all inputs: the linear baseline of every report."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.components import Components, principal_components
from baselines.predictor import Fitted, Predictor
from glm_deep.train.prepare import Prepared
from glm_deep.train.regression import ridge_regression


def fit(prepared: Prepared, seed: int = 0) -> Fitted:
    """The regression with the ridge of the smallest left-out error, on the coefficients of all components."""
    frames = np.arange(len(prepared.x))
    components = principal_components(prepared, frames, None, seed)
    predict = _fit(prepared, components, frames)
    return Fitted(predict, _fit(prepared, components, prepared.split.train))


def _fit(prepared: Prepared, components: Components, rows: NDArray[np.int64]) -> Predictor:
    weights = ridge_regression(
        prepared.x[rows].astype(np.float64), components.coefficients[rows], prepared.split.blocks[rows]
    )

    def predict(x: np.ndarray) -> list[np.ndarray]:
        return components.offsets(np.column_stack([x, np.ones(len(x))]) @ weights)

    return predict
