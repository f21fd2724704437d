"""Quad cages: a builder, vertex normals, and Catmull-Clark subdivision."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Cage:
    """Collects the points (position and further attributes in one row) and the quads of a coarse mesh."""

    def __init__(self) -> None:
        self._rows: list[Floats] = []
        self._quads: list[tuple[int, int, int, int]] = []
        self._count = 0

    def add(self, rows: Floats) -> list[int]:
        """Return the indices of the new points; `rows` is (n, attributes)."""
        first = self._count
        self._rows.append(np.atleast_2d(rows))
        self._count += len(self._rows[-1])
        return list(range(first, self._count))

    def quad(self, a: int, b: int, c: int, d: int) -> None:
        """Add one face, counter-clockwise seen from outside."""
        self._quads.append((a, b, c, d))

    def bridge(self, near: Sequence[int], far: Sequence[int], *, skip: Sequence[int] = ()) -> None:
        """Join two closed loops of equal length; `skip` names the quads (by their first point) to leave open."""
        count = len(near)
        for k in range(count):
            if k not in skip:
                following = (k + 1) % count
                self.quad(near[k], far[k], far[following], near[following])

    def arrays(self) -> tuple[Floats, Ints]:
        """Return the points (n, attributes) and the quads (P, 4)."""
        return np.concatenate(self._rows), np.array(self._quads, dtype=np.int64)


def subdivide(points: Floats, quads: Ints) -> tuple[Floats, Ints]:
    """Return one Catmull-Clark step of a closed quad mesh.

    Every column of `points` (n, attributes) is subdivided alike, so weights stay a partition of unity.
    Source: Catmull and Clark, "Recursively generated B-spline surfaces on arbitrary topological meshes", 1978.
    """
    count, faces = len(points), len(quads)
    sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=2).reshape(-1, 2)
    edges, edge_of_side = np.unique(np.sort(sides, axis=1), axis=0, return_inverse=True)
    edge_of_side = edge_of_side.reshape(faces, 4)

    face_points = points[quads].mean(axis=1)
    face_sums = np.zeros((len(edges), points.shape[1]))
    np.add.at(face_sums, edge_of_side.ravel(), np.repeat(face_points, 4, axis=0))
    middles = points[edges].mean(axis=1)
    edge_points = (2.0 * middles + face_sums) / 4.0

    valence = np.bincount(edges.ravel(), minlength=count).astype(np.float64)[:, None]
    around = np.zeros_like(points)
    np.add.at(around, quads.ravel(), np.repeat(face_points, 4, axis=0))
    along = np.zeros_like(points)
    np.add.at(along, edges.ravel(), np.repeat(middles, 2, axis=0))
    moved = (around / valence + 2.0 * along / valence + (valence - 3.0) * points) / valence

    at_edge = count + edge_of_side
    at_face = np.broadcast_to(count + len(edges) + np.arange(faces)[:, None], (faces, 4))
    finer = np.stack([quads, at_edge, at_face, np.roll(at_edge, 1, axis=1)], axis=2)
    return np.concatenate([moved, edge_points, face_points]), finer.reshape(-1, 4)


def vertex_normals(positions: Floats, quads: Ints) -> Floats:
    """Return unit normals (V, 3), weighted by the area of the quads around each vertex."""
    corners = positions[quads]
    face = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normals = np.zeros_like(positions)
    np.add.at(normals, quads.ravel(), np.repeat(face, 4, axis=0))
    unit: Floats = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return unit


def grid_quads(rows: int, columns: int) -> Ints:
    """Return the quads of a grid of `rows` x `columns` points, stored row by row."""
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).reshape(-1, 1)
    return np.concatenate([first, first + columns, first + columns + 1, first + 1], axis=1)
