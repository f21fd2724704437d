"""Surfaces of quads: tubes and sheets with their coordinates, and smoothing over the neighbours of a vertex."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_limb.quads import grid_quads, vertex_normals

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Surface:
    """A mesh at bind: points (V, 3) in cm, quads (P, 4), and unit normals (V, 3)."""

    points: Floats
    quads: Ints
    normals: Floats

    @classmethod
    def of(cls, points: Floats, quads: Ints) -> Surface:
        """Return the surface; points are rounded as the archive stores them."""
        rounded = points.astype(np.float32).astype(np.float64)
        return cls(rounded, quads, vertex_normals(rounded, quads))


def tube(vertices: int, around: int, length: float, radius: tuple[float, float]) -> tuple[Surface, Floats, Floats]:
    """Return an open tube along +X, with the place along it (V,) in cm and the angle around it (V,) in radians.

    Args:
        vertices: about how many.
        around: points of a ring; 0 radians is +Z.
        length: cm.
        radius: at both ends, cm.
    """
    rings = max(6, round(vertices / around))
    ring, place = (grid.ravel() for grid in np.meshgrid(np.arange(rings), np.arange(around), indexing="ij"))
    along, turn = length * ring / (rings - 1), 2.0 * np.pi * place / around
    off = radius[0] + (radius[1] - radius[0]) * along / length
    points = np.stack([along, off * np.sin(turn), off * np.cos(turn)], axis=1)
    return Surface.of(points, closed_grid_quads(rings, around)), along, turn


def closed_grid_quads(rows: int, around: int) -> Ints:
    """Return the quads of rows of points, stored row by row, whose last column meets the first."""
    first = np.arange(rows - 1)[:, None] * around
    here, following = np.arange(around), np.roll(np.arange(around), -1)
    corners = [first + here, first + following, first + around + following, first + around + here]
    return np.stack(corners, axis=2).reshape(-1, 4)


def sheet(vertices: int, width: float, height: float) -> tuple[Ints, Floats, Floats]:
    """Return the quads of a sheet and where its points are (V,), (V,): across and up, cm, 0 in the middle."""
    columns = max(5, round(float(np.sqrt(vertices * width / height))))
    rows = max(5, round(vertices / columns))
    up, across = np.meshgrid(
        np.linspace(0.5 * height, -0.5 * height, rows), np.linspace(-0.5 * width, 0.5 * width, columns), indexing="ij"
    )
    return grid_quads(rows, columns), across.ravel(), up.ravel()


@dataclass(frozen=True)
class Neighbours:
    """The neighbours of each vertex along edges: numbers (V, m), filled up with the vertex itself, and counts (V,)."""

    numbers: Ints
    counts: Floats

    @classmethod
    def of(cls, quads: Ints, vertices: int) -> Neighbours:
        """Return the neighbours in a mesh."""
        sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=2).reshape(-1, 2)
        both = np.unique(np.concatenate([sides, sides[:, ::-1]]), axis=0)
        counts = np.bincount(both[:, 0], minlength=vertices)
        numbers = np.tile(np.arange(vertices)[:, None], (1, int(counts.max())))
        place = np.arange(len(both)) - np.repeat(np.cumsum(counts) - counts, counts)
        numbers[both[:, 0], place] = both[:, 1]
        return cls(numbers, counts.astype(np.float64))

    def smoothed(self, values: Floats, times: int) -> Floats:
        """Return values (..., V, n) after so many steps halfway to the mean of the neighbours."""
        rows = np.ascontiguousarray(np.moveaxis(values, -2, 0))  # whole rows are gathered several times faster
        shape = (-1, *(1,) * (rows.ndim - 1))
        own = (self.numbers.shape[1] - self.counts).reshape(shape)
        counts = np.maximum(self.counts, 1.0).reshape(shape)
        for _ in range(times):
            total = -own * rows
            for column in self.numbers.T:
                total += rows[column]
            total /= counts
            total += rows
            rows = 0.5 * total
        smooth: Floats = np.moveaxis(rows, 0, -2)
        return smooth
