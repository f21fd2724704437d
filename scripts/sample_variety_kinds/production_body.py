"""The bind shape of the `production` character: a body grown from a lattice of cells, and a tunic around it.

The faces between filled and empty cells are the coarse mesh; each line of the lattice has a place on the body
(interpolated tables), and subdivision rounds it. T-pose, facing +Z, the left arm along +X.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt

from sample_limb.quads import subdivide
from sample_variety_kinds.surfaces import Neighbours, Surface

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Cell = tuple[int, int, int]

_CROTCH_ROW, _ARM_ROW, _NECK_ROW, _ROWS = 5, 9, 10, 16
_TRUNK = 2.5  # lattice line between trunk and arm

# Where the lines of the lattice lie, in cm. Upwards: height, half depth, half width of a leg, width of the trunk.
# fmt: off
_UP = np.array([   0.0, 1.0,  2.0,  3.0,  4.0,  5.0,  6.0,   7.0,   8.0,   9.0,  10.0,  11.0,  12.0,  16.0])
_HEIGHT = np.array([0., 9.0, 30.0, 50.0, 68.0, 85.0, 98.0, 108.0, 118.0, 129.0, 144.0, 150.0, 154.0, 178.0])
_DEPTH = np.array([6.5, 6.5,  7.5,  8.0, 10.5, 12.5, 13.0,  12.0,  12.5,  13.5,  11.0,   8.5,  12.0,  12.0])
_LEG = np.array([  5.0, 5.0,  6.0,  6.5,  8.0,  8.5,  8.5,   8.5,   8.5,   8.5,   8.5,   8.5,   8.5,   8.5])
_WIDTH = np.array([1.0, 1.0,  1.0,  1.0,  1.0,  1.0, 1.02,  0.92,  0.95,   1.0,   1.0,  0.75,   1.0,  0.95])
# Along an arm: place across, half height, half depth.
_OUT = np.array([  2.5,  3.5,  4.5,  5.5,  6.5,  7.5,  8.5,  9.5, 10.5, 11.5])
_ACROSS = np.array([18., 28.0, 39., 50.0, 63.0, 71.0, 78.0, 82.0, 86.0, 90.0])
_THICK = np.array([7.5,  7.5,  6.5,  6.2,  4.5,  3.2,  2.8,  2.2,  2.0,  1.8])
_BROAD = np.array([9.0,  7.5,  6.5,  6.2,  5.0,  5.0,  6.0,  6.0,  6.0,  5.6])
# fmt: on


def body(level: int) -> Surface:
    """Return the body, subdivided so many times; it is closed."""
    points, quads = _lattice_surface(_cells())
    placed = np.stack([_place(*point) for point in points])
    for _ in range(level):
        placed, quads = subdivide(placed, quads)
    return Surface.of(placed, quads)


def tunic(skin: Surface) -> tuple[Surface, Ints]:
    """Return the tunic (from the neck to the knee, with short sleeves) and the vertex of the body under each point."""
    points = skin.points
    covered = (points[:, 1] > 66.0) & (points[:, 1] < 143.0) & (np.abs(points[:, 0]) < 38.0)
    quads = skin.quads[covered[skin.quads].all(axis=1)]
    under, renumbered = np.unique(quads, return_inverse=True)
    quads = renumbered.reshape(-1, 4)
    smooth = Neighbours.of(quads, len(under)).smoothed(skin.normals[under], 4)
    smooth /= np.linalg.norm(smooth, axis=1, keepdims=True)
    return Surface.of(points[under] + 1.2 * smooth, quads), under


def _cells() -> set[Cell]:
    """Return the filled cells: across (0 in the middle), up, and front to back (5 cells, more for thumbs and feet)."""
    deep = range(5)
    cells = {(i, j, k) for i, j, k in product(range(-2, 3), range(_CROTCH_ROW, _NECK_ROW), deep)}
    cells |= {(i, j, k) for i, j, k in product((-1, 0, 1), range(_NECK_ROW, _ROWS), deep)}
    for side in (-1, 1):
        cells |= {(side * i, j, k) for i, j, k in product((1, 2), range(_CROTCH_ROW), deep)}
        cells |= {(side * i, 0, k) for i, k in product((1, 2), (5, 6))}
        cells |= {(side * i, _ARM_ROW, k) for i, k in product(range(3, 9), deep)}
        cells |= {(side * i, _ARM_ROW, k) for i, k in product(range(9, 12), (0, 2, 4))}
        cells |= {(side * 7, _ARM_ROW, k) for k in (5, 6)}
    return cells


def _lattice_surface(cells: set[Cell]) -> tuple[Floats, Ints]:
    """Return the corners (n, 3) in lattice coordinates and the quads (P, 4) around the filled cells."""
    numbers: dict[Cell, int] = {}
    quads = []
    for cell in sorted(cells):
        for axis, side in product(range(3), (0, 1)):
            beside = list(cell)
            beside[axis] += 2 * side - 1
            if (beside[0], beside[1], beside[2]) in cells:
                continue
            corners = []
            for first, second in ((0, 0), (1, 0), (1, 1), (0, 1)):
                corner = list(cell)
                corner[axis] += side
                corner[(axis + 1) % 3] += first
                corner[(axis + 2) % 3] += second
                corners.append(numbers.setdefault((corner[0], corner[1], corner[2]), len(numbers)))
            quads.append(corners if side else corners[::-1])
    return np.array(list(numbers), np.float64) - np.array([0.5, 0.0, 0.0]), np.array(quads, np.int64)


def _place(across: float, up: float, deep: float) -> Floats:
    """Return the place in cm of a corner of the lattice."""
    side, out = np.sign(across), abs(across)
    if out > _TRUNK:
        x, half_depth = np.interp(out, _OUT, _ACROSS), np.interp(out, _OUT, _BROAD)
        y = 137.0 + np.interp(out, _OUT, _THICK) * (2.0 * (up - _ARM_ROW) - 1.0)
    else:
        y, half_depth = np.interp(up, _UP, _HEIGHT), np.interp(up, _UP, _DEPTH)
        if up <= _CROTCH_ROW:
            x = 9.5 + (out - 1.5) * np.interp(up, _UP, _LEG)
        else:
            x = np.interp(out, [0.5, 1.5, 2.5], [3.5, 9.5, 17.5]) * np.interp(up, _UP, _WIDTH)
    return np.array([side * x, y, (deep - 2.5) / 2.5 * half_depth])
