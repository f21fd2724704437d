"""The least-squares solve that puts differential coordinates and anchors together, folded into a matrix.

    minimise || L o - D delta ||^2 + || W (C o - a) ||^2

L is the graph Laplacian, D its valences, C picks the anchors and W weighs them (Song, Shi and Reed 2020, equation 6,
with W per anchor). When the differential coordinates come from offsets, D delta = L o_d, the solution is

    o = o_d + R (a - C o_d),   R = (L^T L + C^T W^2 C)^-1 C^T W^2

so R, one column an anchor, is all that playing needs: no solver.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu


def response(laplacian: csr_matrix, anchors: NDArray[np.integer], weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """R (V,A): how a mesh follows each of its anchors; shells without an anchor follow none.

    Args:
        laplacian: (V,V) graph Laplacian.
        anchors: (A,) vertices.
        weights: (A,) positive weights W of the anchors.
    """
    count, chosen = laplacian.shape[0], np.asarray(anchors)
    _, shells = connected_components(laplacian, directed=False)
    held = np.flatnonzero(np.isin(shells, shells[chosen]))  # the rest would make the system singular
    places = np.searchsorted(held, chosen)
    own = csc_matrix(laplacian[held][:, held])
    squared = np.asarray(weights, np.float64) ** 2
    diagonal = csc_matrix((squared, (places, places)), shape=own.shape)
    solver = splu(csc_matrix(own.T @ own + diagonal), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
    right = np.zeros((len(held), len(chosen)))
    right[places, np.arange(len(chosen))] = squared
    result = np.zeros((count, len(chosen)))
    result[held] = solver.solve(right)
    return result


def induced(laplacian: csr_matrix, vertices: NDArray[np.integer]) -> csr_matrix:
    """The graph Laplacian of the part of a mesh between some vertices: edges that leave it are cut."""
    part = csr_matrix(laplacian[vertices][:, vertices])
    cut = np.asarray(part.sum(axis=1)).ravel()
    return csr_matrix(part - diags_array(cut))
