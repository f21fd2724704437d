"""Matrices the way Maya has them: row vectors, `p' = p M`, translation in the last row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maya_fake.node_types import ORDERS


def square(numbers: Sequence[float]) -> np.ndarray:
    """(4, 4) of 16 numbers."""
    return np.array(numbers, np.float64).reshape(4, 4)


def flat(matrix: np.ndarray) -> tuple[float, ...]:
    """The 16 numbers of a (4, 4) matrix."""
    return tuple(float(number) for number in np.asarray(matrix).ravel())


def turned(degrees: Sequence[float], order: str = "xyz") -> np.ndarray:
    """(4, 4) rotation; the axis that the order names first turns first."""
    matrix = np.eye(4)
    for axis in order:
        angle = np.radians(degrees["xyz".index(axis)])
        first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        one = np.eye(4)
        one[first, first] = one[second, second] = np.cos(angle)
        one[first, second], one[second, first] = np.sin(angle), -np.sin(angle)
        matrix = matrix @ one
    return matrix


def local(
    translate: Sequence[float],
    rotate: Sequence[float],
    scale: Sequence[float],
    shear: Sequence[float] = (0.0, 0.0, 0.0),
    order: int = 0,
    orient: Sequence[float] = (0.0, 0.0, 0.0),
    axis: Sequence[float] = (0.0, 0.0, 0.0),
    inverse_scale: Sequence[float] = (1.0, 1.0, 1.0),
) -> np.ndarray:
    """(4, 4) S SH RA R JO IS T of a transform or a joint."""
    matrix = np.diag([*scale, 1.0])
    slant = np.eye(4)
    slant[1, 0], slant[2, 0], slant[2, 1] = shear
    matrix = matrix @ slant @ turned(axis) @ turned(rotate, ORDERS[order]) @ turned(orient)
    matrix = matrix @ np.diag([*inverse_scale, 1.0])
    matrix[3, :3] = translate
    return matrix


def euler(matrix: np.ndarray, order: str = "xyz") -> np.ndarray:
    """Degrees about x, y and z that make the rotation of a (4, 4) matrix in this order."""
    axes = ["xyz".index(axis) for axis in order]
    first, second, third = axes
    sign = 1.0 if axes in ([0, 1, 2], [1, 2, 0], [2, 0, 1]) else -1.0
    rows = np.asarray(matrix, np.float64)[:3, :3]
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    angles = np.zeros(3)
    sine = np.clip(-sign * rows[first, third], -1.0, 1.0)
    angles[second] = np.arcsin(sine)
    if abs(sine) < 1.0 - 1e-12:
        angles[first] = np.arctan2(sign * rows[second, third], rows[third, third])
        angles[third] = np.arctan2(sign * rows[first, second], rows[first, first])
    else:
        angles[first] = np.arctan2(-sign * rows[third, second], rows[second, second])
    return np.degrees(angles)


def apart(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scale (3,), rotation (3, 3) and translation (3,) of a matrix without shear."""
    rows = np.asarray(matrix, np.float64)[:3, :3]
    scale = np.linalg.norm(rows, axis=1)
    if np.linalg.det(rows) < 0:
        scale = -scale
    return scale, rows / scale[:, None], np.asarray(matrix)[3, :3].copy()
