"""The reconstruction in patches: how every part of a mesh follows the anchors around it.

The response to an anchor fades within a few anchor spacings. Each patch therefore solves the least squares of its own
surroundings only, so that time and memory grow with the vertices and not with vertices times anchors. Neighbouring
patches fade into each other, so the deformation has no seam.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from glm_deep.geometry.reconstruction import induced, response
from glm_deep.train.prepare import Prepared
from glm_deep.train.regions import blended

_ANCHORS_A_PATCH = 16
_MARGIN = 2.0  # anchor spacings around a patch that its solve sees
_BLENDING = 0.15  # width of the border in patch radii
_FELT = 0.01  # an anchor that moves no vertex of the patch by more than this part is left out


@dataclass(frozen=True)
class Patch:
    """Some vertices of a mesh and their surroundings.

    Attributes:
        vertices: (n,) in ascending order. shares: (n,) of each vertex in this patch; over all patches they add up to 1.
        reach: (m,) vertices of patch and surroundings, ascending. anchors: (a,) numbers of the anchors among them.
    """

    vertices: NDArray[np.int64]
    shares: NDArray[np.float64]
    reach: NDArray[np.int64]
    anchors: NDArray[np.int64]


@dataclass(frozen=True)
class Followed:
    """How the vertices of a patch follow some anchors: response (n,a), the patch's shares included."""

    vertices: NDArray[np.int64]
    anchors: NDArray[np.int64]
    response: NDArray[np.float64]


def find_patches(prepared: Prepared, mesh: int, anchors: NDArray[np.int64], seed: int) -> tuple[Patch, ...]:
    """Patches of a mesh about clusters of its anchors (A,)."""
    rest, graph = prepared.source.meshes[mesh].rest, prepared.graphs[mesh]
    count = max(1, round(len(anchors) / _ANCHORS_A_PATCH))
    with threadpool_limits(1):  # threads would add up in an order of their own each time
        labels = KMeans(count, n_init=1, random_state=seed).fit(np.asarray(rest[anchors], np.float64)).labels_
    labels = np.unique(labels, return_inverse=True)[1]
    parts = [part for part in blended(prepared, mesh, anchors, labels, _BLENDING) if len(part[0])]
    number = np.full(len(rest), -1)
    number[anchors] = np.arange(len(anchors))
    hops = int(np.ceil(_MARGIN * np.sqrt(len(rest) / len(anchors))))
    patches = []
    for (vertices, shares), reach in zip(parts, _dilated(graph.laplacian, [part[0] for part in parts], hops)):
        inside = number[reach]
        patches.append(Patch(vertices, shares, reach, np.sort(inside[inside >= 0])))
    return tuple(patch for patch in patches if len(patch.anchors))


def follow(laplacian: csr_matrix, patch: Patch, anchors: NDArray[np.int64], weights: NDArray[np.float64]) -> Followed:
    """How a patch follows the anchors in its reach.

    Args:
        laplacian: (V,V) of the mesh.
        patch: one of its patches.
        anchors: (A,) vertices of the mesh. weights: (A,) of each in the least squares.
    """
    places = np.searchsorted(patch.reach, anchors[patch.anchors])
    everywhere = response(induced(laplacian, patch.reach), places, weights[patch.anchors])
    own = everywhere[np.searchsorted(patch.reach, patch.vertices)]
    felt = np.abs(own).max(axis=0) > _FELT
    return Followed(patch.vertices, patch.anchors[felt], own[:, felt] * patch.shares[:, None])


def _dilated(laplacian: csr_matrix, parts: list[NDArray[np.int64]], hops: int) -> list[NDArray[np.int64]]:
    """Each part and all vertices within some edges of it."""
    columns = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    rows = np.concatenate(parts)
    inside = csr_matrix((np.ones(len(rows), bool), (rows, columns)), shape=(laplacian.shape[0], len(parts)))
    connected = csr_matrix(laplacian != 0)
    for _ in range(hops):
        inside = csr_matrix(connected @ inside + inside)
    ends = csc_matrix(inside)
    ends.sort_indices()
    return [ends.indices[a:b].astype(np.int64) for a, b in zip(ends.indptr[:-1], ends.indptr[1:])]
