"""Smooth one-dimensional curves from which the limb and its motion are drawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def smoothstep(value: Floats, start: float, end: float) -> Floats:
    """Return 0 below `start`, 1 above `end` and a curve with continuous curvature between them."""
    t = np.clip((np.asarray(value, dtype=np.float64) - start) / (end - start), 0.0, 1.0)
    risen: Floats = t**3 * (t * (6.0 * t - 15.0) + 10.0)
    return risen


def bell(value: Floats, centre: Floats | float, width: Floats | float) -> Floats:
    """Return a Gaussian of height 1."""
    curve: Floats = np.exp(-0.5 * ((value - centre) / width) ** 2)
    return curve


def around(angle: Floats, centre: Floats | float, sharpness: float) -> Floats:
    """Return a bump of height 1 on the circle (von Mises); angles in degrees."""
    curve: Floats = np.exp(sharpness * (np.cos(np.radians(angle - centre)) - 1.0))
    return curve


def positive(value: Floats, softness: Floats | float) -> Floats:
    """Return max(value, 0) with the corner rounded over about `softness`."""
    rounded: Floats = 0.5 * (value + np.sqrt(value * value + softness * softness))
    return rounded


def rise(value: Floats, softness: float) -> Floats:
    """Return 0 at 0, about `value` above and about -softness / 2 far below: a muscle that only pulls."""
    curve: Floats = positive(value, softness) - 0.5 * softness
    return curve


def spline(at: Floats, knots: Floats, values: Floats) -> Floats:
    """Return a cubic through the knots with central-difference tangents (non-uniform Catmull-Rom)."""
    slopes = np.gradient(values, knots)
    k = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    step = knots[k + 1] - knots[k]
    t = np.clip((at - knots[k]) / step, 0.0, 1.0)
    keep, reach = (1.0 + 2.0 * t) * (1.0 - t) ** 2, t * (1.0 - t) ** 2
    curve: Floats = (
        keep * values[k] + (1.0 - keep) * values[k + 1] + step * (reach * slopes[k] - t * t * (1.0 - t) * slopes[k + 1])
    )
    return curve
