"""The least-squares solve that puts differential coordinates and anchors together, folded into matrices.

    minimise || L o - D delta ||^2 + || W (C o - a) ||^2

L is the graph Laplacian, D its valences, C picks the anchors and W weighs them (Song, Shi and Reed 2020, equation 6,
with W per anchor). When the differential coordinates come from offsets, D delta = L o_d, the solution is

    o = o_d + R (a - C o_d),   R = (L^T L + C^T W^2 C)^-1 C^T W^2

so R, one column an anchor, is all that playing needs: no solver.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix
from scipy.sparse.linalg import splu

_COLUMNS = 64  # solved at once: bounds the float64 work space


@dataclass(frozen=True)
class Response:
    """R of one mesh.

    Attributes:
        everywhere: (V,A). at_anchors: (A,A) its rows at the anchors, in double precision: what they lack to an identity
            is all that tells how the mesh would follow fewer anchors, and may be a millionth.
    """

    everywhere: NDArray[np.float32]
    at_anchors: NDArray[np.float64]


class Reconstruction:
    """The factorised normal equations of one mesh with one set of weighted anchors.

    Args:
        laplacian: (V,V) graph Laplacian.
        anchors: (A,) vertices; every connected shell has one, else the system is singular.
        weights: (A,) positive weights W of the anchors.
    """

    def __init__(self, laplacian: csr_matrix, anchors: NDArray[np.integer], weights: NDArray[np.floating]) -> None:
        self._anchors = np.asarray(anchors)
        self._squared = np.asarray(weights, np.float64) ** 2
        self._count = laplacian.shape[0]
        diagonal = csc_matrix((self._squared, (self._anchors, self._anchors)), shape=laplacian.shape)
        self._solver = splu(
            csc_matrix(laplacian.T @ laplacian) + diagonal,
            permc_spec="MMD_AT_PLUS_A",
            options={"SymmetricMode": True},
        )

    def follow(self, changes: NDArray[np.floating]) -> NDArray[np.float64]:
        """R @ changes: how the mesh (V,N) follows changes (A,N) of its anchors."""
        right = np.zeros((self._count, changes.shape[1]))
        right[self._anchors] = self._squared[:, None] * changes
        result: NDArray[np.float64] = self._solver.solve(right)
        return result

    def response(self) -> Response:
        """How the mesh follows each of its anchors."""
        count = len(self._anchors)
        everywhere, at_anchors = np.empty((self._count, count), np.float32), np.empty((count, count))
        for start in range(0, count, _COLUMNS):
            stop = min(start + _COLUMNS, count)
            columns = self.follow(np.eye(count, stop - start, -start))
            everywhere[:, start:stop] = columns
            at_anchors[:, start:stop] = columns[self._anchors]
        return Response(everywhere, at_anchors)
