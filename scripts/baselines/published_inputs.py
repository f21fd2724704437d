"""Inputs of the published recipe: controls from 0 to 1, and matrices whose translations share one range from 0 to 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glm_deep.inputs import FLOAT, TRANSLATION
from glm_deep.train.prepare import Prepared

_VALUES = 12  # of a matrix: its top three rows
_DIAGONAL = (0, 5, 10)

Array = NDArray[np.float64]


def scaling(prepared: Prepared) -> tuple[Array, Array]:
    """Factors and shifts (I,) that make scaled inputs, times the factors, plus the shifts, those of the recipe.

    A joint is the matrix local to its parent and relative to its rest, which a linear layer cannot tell from the matrix
    local to its parent.
    """
    layout, statistics = prepared.source.layout, prepared.statistics
    kinds = layout.value_kinds[statistics.kept]
    factors, shifts = statistics.scale.copy(), statistics.centre.copy()
    shifts += _identity(len(layout.float_names), len(layout.joint_names), len(statistics.kept))[statistics.kept]
    # floats are in -1..1 by their range already
    factors[kinds == FLOAT] = shifts[kinds == FLOAT] = 0.5
    moved = kinds == TRANSLATION
    if moved.any():
        values = prepared.x[:, moved] * factors[moved] + shifts[moved]
        low, extent = float(values.min()), float(np.ptp(values))
        factors[moved] /= extent
        shifts[moved] = (shifts[moved] - low) / extent
    return factors, shifts


def _identity(floats: int, joints: int, values: int) -> Array:
    """(values,) 1 on the diagonal of every joint, from which `glm_deep.inputs` takes the identity away."""
    result = np.zeros(values)
    for joint in range(joints):
        result[[floats + _VALUES * joint + entry for entry in _DIAGONAL]] = 1.0
    return result
