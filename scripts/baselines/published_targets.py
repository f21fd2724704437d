"""What the networks of the published recipe learn: scaled differential coordinates and offsets; the output basis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import eigh

from baselines.components import MOST_FRAMES
from glm_deep.geometry.differential import differential_coordinates
from glm_deep.train.prepare import Prepared

_COLUMNS_AT_ONCE = 6144
_SMALLEST = 1e-10  # of the largest variance: what is below it is rounding


@dataclass(frozen=True)
class Scaled:
    """Targets in 0..1 by one range: values (n,...), with `values * extent + low` in scene units."""

    values: torch.Tensor
    low: float
    extent: float

    @classmethod
    def of(cls, raw: NDArray[np.float32], device: torch.device) -> Scaled:
        low, extent = float(raw.min()), max(float(np.ptp(raw)), 1e-30)
        return cls(torch.as_tensor((raw - low) / extent, device=device), low, extent)

    def back(self, values: torch.Tensor) -> NDArray[np.float64]:
        """Outputs of a network in scene units."""
        return values.double().cpu().numpy() * self.extent + self.low


def differentials(prepared: Prepared, frames: NDArray[np.int64]) -> NDArray[np.float32]:
    """(n,3V) differential coordinates of the vertices of all meshes."""
    counts = prepared.targets.vertex_counts
    result = np.empty((len(frames), sum(counts), 3), np.float32)
    ends = np.cumsum(counts)
    for offsets, graph, end, count in zip(prepared.targets.offsets, prepared.graphs, ends, counts):
        for row, frame in enumerate(frames):
            result[row, end - count : end] = differential_coordinates(graph.laplacian, offsets[frame])
    return result.reshape(len(frames), -1)


def output_basis(values: torch.Tensor, size: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(K,N) principal components of the rows of values (n,N), at most `size` of them, and the mean (N,)."""
    rows = values.cpu().numpy()
    mean = rows.mean(axis=0)
    if len(rows) > MOST_FRAMES:
        rows = rows[np.random.default_rng(seed).choice(len(rows), MOST_FRAMES, replace=False)]
    products = np.zeros((len(rows), len(rows)))
    for start in range(0, len(mean), _COLUMNS_AT_ONCE):
        piece = slice(start, start + _COLUMNS_AT_ONCE)
        centred = rows[:, piece].astype(np.float64) - mean[piece]
        products += centred @ centred.T
    variances, combinations = eigh(products)
    kept = np.flatnonzero(variances > _SMALLEST * max(float(variances[-1]), 1e-300))[::-1][: max(1, size)]
    turned = (combinations[:, kept] / np.sqrt(variances[kept])).astype(np.float32)
    return turned.T @ (rows - mean), mean
