"""Vertex errors of posed meshes: how far predicted vertices are from the true ones, frame block by frame block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ErrorSummary:
    """The errors of one mesh, in scene units and in percent of the diagonal of its rest box.

    Both have the same keys. mean, p95, p99 and rms pool all frames and vertices, rms is the root of the mean squared
    distance, frame_max the mean over frames of the worst vertex, max the worst vertex of all.
    """

    percent_of_diagonal: dict[str, float]
    scene_units: dict[str, float]


class VertexErrors:
    """Collects the distances between predicted and true vertices of one mesh; float32, 4 bytes a frame and vertex."""

    def __init__(self) -> None:
        self._distances: list[np.ndarray] = []
        self._frames: list[np.ndarray] = []

    def add(self, truth: np.ndarray, predicted: np.ndarray, frames: np.ndarray) -> None:
        """Takes in a block of frames.

        Args:
            truth: (n, V, 3) positions, scene units.
            predicted: (n, V, 3) positions in the same space.
            frames: (n,) integers by which `worst_frames` names the frames.
        """
        if truth.shape != predicted.shape or truth.ndim != 3 or truth.shape[2] != 3 or len(frames) != len(truth):
            shapes = f"{truth.shape}, {predicted.shape} and {np.shape(frames)}"
            raise ValueError(f"positions and frames do not belong together: {shapes}")
        if self._distances and truth.shape[1] != self._distances[0].shape[1]:
            raise ValueError(f"{truth.shape[1]} vertices after {self._distances[0].shape[1]}")
        difference = np.subtract(predicted, truth, dtype=np.float64)
        self._distances.append(np.sqrt(np.einsum("fvi,fvi->fv", difference, difference)).astype(np.float32))
        self._frames.append(np.array(frames, dtype=np.int64))

    @property
    def distances(self) -> np.ndarray:
        """(F, V) float32 distances of all frames so far, in the order in which they came."""
        if len(self._distances) > 1:
            self._distances, self._frames = [np.concatenate(self._distances)], [np.concatenate(self._frames)]
        if not self._distances or not self._distances[0].size:
            raise ValueError("no frames were added")
        return self._distances[0]

    def summary(self, diagonal: float) -> ErrorSummary:
        """The errors of all frames so far; `diagonal` is that of the mesh's rest box, in scene units."""
        if not diagonal > 0:
            raise ValueError(f"the diagonal is {diagonal}")
        distances = self.distances
        p95, p99 = np.percentile(distances, [95.0, 99.0])
        frame_maxima = distances.max(axis=1)
        squares = float(np.einsum("fv,fv->", distances, distances, dtype=np.float64))
        scene_units = {
            "mean": float(distances.mean(dtype=np.float64)),
            "p95": float(p95),
            "p99": float(p99),
            "frame_max": float(frame_maxima.mean(dtype=np.float64)),
            "max": float(frame_maxima.max()),
            "rms": float(np.sqrt(squares / distances.size)),
        }
        return ErrorSummary({key: 100.0 * value / diagonal for key, value in scene_units.items()}, scene_units)

    def worst_frames(self, count: int) -> list[tuple[int, float, float]]:
        """The frames with the largest errors, the worst first: frame, its worst vertex and its mean, in scene units.

        A frame with positions that are not numbers counts as infinitely bad.
        """
        distances = self.distances
        maxima, means = distances.max(axis=1), distances.mean(axis=1, dtype=np.float64)
        order = np.argsort(-np.where(np.isnan(maxima), np.inf, maxima), kind="stable")[:count]
        return [(int(self._frames[0][row]), float(maxima[row]), float(means[row])) for row in order]
