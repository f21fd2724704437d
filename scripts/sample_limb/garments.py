"""The smaller shells: five fingernails, and the shirt sleeve as a mesh of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sample_limb.arm_shape import Shape, finger_frame, finger_rows, limb_ring, shape_of, thumb_frame
from sample_limb.quads import grid_quads

Floats = npt.NDArray[np.float64]

_NAIL_ROWS, _NAIL_COLUMNS = 4, 5
_SLEEVE_AROUND = 32
# From the inside of the hem over the fold and up to the shoulder: along the arm (cm), distance from the skin (cm).
# fmt: off
_SLEEVE_ALONG = np.array([6.9, 7.9, 8.6, 8.6, 7.8, 6.3, 4.8, 3.3, 1.8, 0.3, -1.2, -2.7, -4.2, -5.7, -7.2])
_SLEEVE_GAP = np.array([ 0.55, 0.55, 0.6, 0.90, 0.95, 0.95, 0.9, 0.9, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6])
# fmt: on


def nails() -> tuple[Shape, ...]:
    """Return the five nails, each a small open shell, from the index finger to the thumb."""
    return tuple(_nail(digit) for digit in range(5))


def _nail(digit: int) -> Shape:
    """Return the nail of a finger (0 to 3) or of the thumb (4)."""
    span = np.linspace(0.0, 1.0, _NAIL_ROWS)
    turns = np.linspace(38.0, 142.0, _NAIL_COLUMNS)
    rows = []
    for part in span:
        if digit < 4:
            share = 0.79 + 0.17 * part
            place, _, side, up = finger_frame(digit, share)
            along, thumb = share, 0.0
        else:
            thumb = 5.7 + 1.2 * part
            place, _, side, up = thumb_frame(thumb)
            along = 0.0
        # The free edge is narrower and lies flatter than the root.
        reach = 1.05 - 0.13 * part**2
        cosine, sine = np.cos(np.radians(turns))[:, None], np.sin(np.radians(turns))[:, None]
        points = place + reach * (cosine * side * (1.0 - 0.12 * part) + sine * up)
        rows.append(finger_rows(points, along, turns, thumb=thumb, digit=digit))
    return shape_of(np.concatenate(rows), grid_quads(_NAIL_ROWS, _NAIL_COLUMNS))


def sleeve() -> Shape:
    """Return the short sleeve: one open shell with a folded hem."""
    angle = 360.0 * np.arange(_SLEEVE_AROUND) / _SLEEVE_AROUND
    rows = []
    for along, gap in zip(_SLEEVE_ALONG, _SLEEVE_GAP):
        # A sleeve hangs: it lies close on top and stands off below.
        hang = 0.45 * (0.5 - 0.5 * np.sin(np.radians(angle))) * np.clip((along + 4.0) / 12.0, 0.0, 1.0)
        rows.append(limb_ring(float(along), angle, gap + hang))
    points = np.concatenate(rows)
    first = np.arange(len(_SLEEVE_ALONG) - 1)[:, None] * _SLEEVE_AROUND
    here, following = np.arange(_SLEEVE_AROUND), np.roll(np.arange(_SLEEVE_AROUND), -1)
    corners = [first + here, first + following, first + _SLEEVE_AROUND + following, first + _SLEEVE_AROUND + here]
    shape = shape_of(points, np.stack(corners, axis=2).reshape(-1, 4))
    # The lining looks inwards, and yet is lifted outwards by the flesh as the cloth is.
    turn = np.radians(shape.angle)
    outwards = np.stack([np.zeros_like(turn), np.sin(turn), np.cos(turn)], axis=1)
    return replace(shape, normals=outwards)
