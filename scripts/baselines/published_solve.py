"""The reconstruction of the published recipe: differential coordinates and anchors by sparse least squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix
from scipy.sparse.linalg import splu


class LaplacianSolve:
    """minimise || L o - D delta ||^2 + || C o - a ||^2 (Song, Shi and Reed 2020, equation 6, all weights 1).

    Args:
        laplacian: (V,V) L = D - A of the mesh's graph; D holds the valences.
        anchors: (A,) vertices that C picks; every connected shell has one, else the system is singular.
    """

    def __init__(self, laplacian: csr_matrix, anchors: NDArray[np.integer]) -> None:
        self._laplacian, self._anchors = laplacian, np.asarray(anchors)
        picked = np.zeros(laplacian.shape[0])
        picked[self._anchors] = 1.0
        diagonal = csc_matrix((picked, (np.arange(len(picked)), np.arange(len(picked)))))
        self._solver = splu(
            csc_matrix(laplacian.T @ laplacian + diagonal),
            permc_spec="MMD_AT_PLUS_A",
            options={"SymmetricMode": True},
        )

    def __call__(self, delta: np.ndarray, anchored: np.ndarray) -> NDArray[np.float64]:
        """Offsets (n,V,3) from differential coordinates (n,V,3) and the offsets of the anchors (n,A,3)."""
        count, vertices = delta.shape[:2]
        valences = self._laplacian.diagonal()[:, None]
        columns = np.moveaxis(delta, 0, 1).reshape(vertices, -1).astype(np.float64)
        right = self._laplacian.T @ (valences * columns)
        right[self._anchors] += np.moveaxis(anchored, 0, 1).reshape(len(self._anchors), -1)
        solved = self._solver.solve(np.ascontiguousarray(right))
        return np.moveaxis(solved.reshape(vertices, count, 3), 1, 0)
