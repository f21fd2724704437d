"""Parts of the meshes that a baseline predicts on their own: regions, or single vertices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from glm_deep.train.prepare import Prepared

_VERTICES_AT_LEAST = 20  # of a region, on average


@dataclass(frozen=True)
class Part:
    """Some vertices (n,) of one mesh."""

    mesh: int
    vertices: NDArray[np.int64]


def regions(prepared: Prepared, count: int, seed: int) -> list[Part]:
    """About `count` regions of the rest positions by k-means, shared among the meshes by their vertices."""
    result = []
    for mesh, rest in enumerate(prepared.source.meshes):
        vertices = len(rest.rest)
        wanted = min(round(count * vertices / prepared.vertex_count), vertices // _VERTICES_AT_LEAST)
        labels = np.zeros(vertices, np.int64)
        if wanted > 1:
            labels = KMeans(wanted, n_init=1, random_state=seed).fit_predict(np.asarray(rest.rest, np.float64))
        result += [Part(mesh, np.flatnonzero(labels == label)) for label in np.unique(labels)]
    return result


def sampled_offsets(
    prepared: Prepared, parts: Sequence[Part], most: int, frames: NDArray[np.int64], seed: int
) -> list[NDArray[np.float64]]:
    """Offsets (n,3c) in some frames (n,) of at most `most` random vertices c of each part."""
    random = np.random.default_rng(seed)
    result = []
    for part in parts:
        vertices = part.vertices
        if len(vertices) > most:
            vertices = np.sort(random.choice(vertices, most, replace=False))
        offsets = prepared.targets.offsets[part.mesh][np.ix_(frames, vertices)]
        result.append(offsets.reshape(len(frames), -1).astype(np.float64))
    return result
