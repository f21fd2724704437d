"""The least-squares solve that puts differential coordinates and anchors together, folded into matrices.

    minimise || L o - D delta ||^2 + || W (C o - a) ||^2

L is the graph Laplacian, D its valences, C picks the anchors and W weighs them (Song, Shi and Reed 2020, equation 6,
with W per anchor). When the differential coordinates come from offsets, D delta = L o_d, the solution is

    o = o_d + R (a - C o_d),   R = (L^T L + C^T W^2 C)^-1 C^T W^2

so R, one column an anchor, is all that playing needs: no solver.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix
from scipy.sparse.linalg import splu

_COLUMNS = 64  # solved at once: bounds the float64 work space


def anchor_response(
    laplacian: csr_matrix, anchors: NDArray[np.integer], weights: NDArray[np.floating]
) -> NDArray[np.float32]:
    """R (V,A): how far each vertex follows a change of each anchor.

    Args:
        laplacian: (V,V) graph Laplacian.
        anchors: (A,) vertices; every connected shell has one, else the system is singular.
        weights: (A,) positive weights W of the anchors.
    """
    count = laplacian.shape[0]
    squared = np.asarray(weights, np.float64) ** 2
    diagonal = csc_matrix((squared, (anchors, anchors)), shape=(count, count))
    matrix = csc_matrix(laplacian.T @ laplacian) + diagonal
    solver = splu(matrix, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
    response = np.empty((count, len(anchors)), np.float32)
    for start in range(0, len(anchors), _COLUMNS):
        columns = np.arange(start, min(start + _COLUMNS, len(anchors)))
        right = np.zeros((count, len(columns)))
        right[anchors[columns], np.arange(len(columns))] = squared[columns]
        response[:, columns] = solver.solve(right)
    return response


def fold_basis(
    basis: NDArray[np.float32], response: NDArray[np.float32], anchors: NDArray[np.integer]
) -> NDArray[np.float32]:
    """G (V,3,K): what the coefficients add when the anchors stay: U - R C U, from the basis U (V,3,K) of the offsets.

    It equals H L^T D B with B = D^-1 L U, the basis in differential coordinates.
    """
    flat = basis.reshape(len(basis), -1)
    return (flat - response @ flat[anchors]).reshape(basis.shape)
