"""Differential (Laplacian) coordinates of vertex offsets, with uniform weights on the one-ring."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, diags_array


def graph_laplacian(vertex_count: int, edges: NDArray[np.int64]) -> csr_matrix:
    """L = D - A, (V,V) sparse float64: D the valences, A the adjacency of the edges (E,2)."""
    both = np.concatenate([edges, edges[:, ::-1]])
    adjacency = coo_matrix((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(vertex_count, vertex_count))
    valence = np.bincount(both[:, 0], minlength=vertex_count).astype(np.float64)
    return csr_matrix(diags_array(valence) - adjacency)


def differential_coordinates(laplacian: csr_matrix, offsets: NDArray[np.floating]) -> NDArray[np.float64]:
    """Each vertex's offset minus the mean offset of its one-ring, (V,N), from offsets (V,N).

    delta = D^-1 L o (Song, Shi and Reed 2020, section 4); zero where a vertex has no neighbours, because nothing is
    known of it but its absolute offset.
    """
    valence = laplacian.diagonal()
    inverse = np.divide(1.0, valence, out=np.zeros_like(valence), where=valence > 0)
    result: NDArray[np.float64] = inverse[:, None] * (laplacian @ offsets)
    return result
