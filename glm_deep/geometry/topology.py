"""Edges and connected shells of a polygon mesh."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def edges_of(face_sizes: NDArray[np.int32], face_vertices: NDArray[np.int32]) -> NDArray[np.int64]:
    """Every edge of the polygons once.

    Args:
        face_sizes: (P,) vertices of each polygon.
        face_vertices: (sum of face_sizes,) their vertex indices, polygon after polygon.

    Returns:
        (E,2) vertex pairs, the smaller index first, sorted.
    """
    sizes = np.asarray(face_sizes, np.int64)
    vertices = np.asarray(face_vertices, np.int64)
    if not len(vertices):
        return np.zeros((0, 2), np.int64)
    following = np.arange(1, len(vertices) + 1)
    ends = np.cumsum(sizes)
    used = sizes > 0
    following[ends[used] - 1] = (ends - sizes)[used]  # the last corner of a polygon joins its first
    pairs = np.sort(np.column_stack([vertices, vertices[following]]), axis=1)
    return np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)


def shells_of(vertex_count: int, edges: NDArray[np.int64]) -> NDArray[np.int32]:
    """The number of the connected shell of each vertex, (V,); a vertex without edges is a shell of its own."""
    ones = np.ones(len(edges), np.int8)
    graph = coo_matrix((ones, (edges[:, 0], edges[:, 1])), shape=(vertex_count, vertex_count))
    labels: NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return labels
