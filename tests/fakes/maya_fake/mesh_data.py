"""Meshes as they flow through the graph: float32 points, and polygons that never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class MeshData:
    """A mesh in object space: `points` (V, 3) float32, `counts` (P,) and `connects` (sum of counts,) int32."""

    points: np.ndarray
    counts: np.ndarray
    connects: np.ndarray

    @classmethod
    def of(cls, points: Sequence[Sequence[float]] | np.ndarray, faces: Sequence[Sequence[int]]) -> MeshData:
        """A mesh of faces of any size."""
        counts = np.array([len(face) for face in faces], np.int32)
        connects = np.array([vertex for face in faces for vertex in face], np.int32)
        return cls(frozen(points), counts, connects)

    def moved(self, points: np.ndarray) -> MeshData:
        """The same polygons with other points."""
        if np.shape(points) != self.points.shape:
            raise ValueError(f"{np.shape(points)} points for a mesh of {self.points.shape}")
        return replace(self, points=frozen(points))

    def edges(self) -> np.ndarray:
        """(E, 2) vertex pairs, each once, the smaller first."""
        starts = np.concatenate([[0], np.cumsum(self.counts)])
        pairs = []
        for first, last in zip(starts, starts[1:]):
            face = self.connects[first:last]
            pairs.append(np.stack([face, np.roll(face, -1)], axis=1))
        if not pairs:
            return np.zeros((0, 2), np.int64)
        return np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0)


def frozen(points: Sequence[Sequence[float]] | np.ndarray) -> np.ndarray:
    """(V, 3) float32 points that nobody can write to."""
    made = np.array(points, np.float32).reshape(-1, 3)
    made.setflags(write=False)
    return made


def grid(columns: int, rows: int, width: float = 1.0, height: float = 1.0) -> MeshData:
    """A flat grid of quads in the XZ plane, as polyPlane makes it."""
    z, x = np.meshgrid(np.linspace(height / 2, -height / 2, rows + 1), np.linspace(-width / 2, width / 2, columns + 1))
    points = np.stack([x.T.ravel(), np.zeros(x.size), z.T.ravel()], axis=1)
    faces = []
    for row in range(rows):
        for column in range(columns):
            first = row * (columns + 1) + column
            faces.append((first, first + 1, first + columns + 2, first + columns + 1))
    return MeshData.of(points, faces)


def cube(width: float = 1.0, height: float = 1.0, depth: float = 1.0) -> MeshData:
    """Eight vertices and six quads, in the order of polyCube."""
    signs = [(-1, -1, 1), (1, -1, 1), (-1, 1, 1), (1, 1, 1), (-1, 1, -1), (1, 1, -1), (-1, -1, -1), (1, -1, -1)]
    points = np.array(signs) * np.array([width, height, depth]) / 2
    return MeshData.of(points, [(0, 1, 3, 2), (2, 3, 5, 4), (4, 5, 7, 6), (6, 7, 1, 0), (1, 7, 5, 3), (6, 0, 2, 4)])
