"""The squared error of the vertices as a quadratic form in what the networks say, so that no step touches a vertex.

With n the coefficients of the differential model and s what the subspace models add at the anchors, the offsets are

    o = closed form + E n + R s,   E = B - R C B

B is the basis, C picks the anchors, R is how the mesh follows them. Of every frame only E^T rho and R^T rho are needed,
rho being what the closed form leaves of the truth, and of the mesh the products among the columns of [E R]
(the Gram matrix). The error is exact before skinning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from torch import Tensor

from glm_deep.train.closed_form import Solved, region_basis
from glm_deep.train.patches import Followed
from glm_deep.train.prepare import Prepared
from glm_deep.train.subspaces import Anchors

_VERTICES_AT_ONCE = 1024


@dataclass(frozen=True)
class MeshLoss:
    """Squared vertex errors, summed over the vertices, as parts of what the linear mesh leaves.

    Attributes:
        of_coefficients: (F,K) E^T rho. of_anchors: (F,A,3) R^T rho. left: (F,) |rho|^2.
        coefficients: (K,K) E^T E. anchors: (A,A) R^T R. between: (3,K,A) E^T R by axis.
    """

    of_coefficients: Tensor
    of_anchors: Tensor
    left: Tensor
    coefficients: Tensor
    anchors: Tensor
    between: Tensor

    def __call__(self, frames: Tensor, coefficients: Tensor, added: Tensor) -> Tensor:
        """(n,) errors of some frames (n,), for what the networks say: coefficients (n,K) and anchors (n,A,3)."""
        linear = torch.sum(coefficients * self.of_coefficients[frames], dim=1)
        linear = linear + torch.sum(added * self.of_anchors[frames], dim=(1, 2))
        square = torch.sum((coefficients @ self.coefficients) * coefficients, dim=1)
        for axis in range(3):
            of_axis = added[:, :, axis]
            square = square + torch.sum((of_axis @ self.anchors) * of_axis, dim=1)
            square = square + 2.0 * torch.sum((coefficients @ self.between[axis]) * of_axis, dim=1)
        return self.left[frames] - 2.0 * linear + square


def mesh_loss(
    prepared: Prepared,
    solved: Solved,
    anchors: Anchors,
    followed: Sequence[Sequence[Followed]],
    predicted: NDArray[np.float64],
    progress: Callable[[int, int], None],
) -> MeshLoss:
    """The loss of all frames.

    Args:
        followed: of each mesh, the patches of its reconstruction.
        predicted: (F,K) coefficients of the closed form, in every training frame left out of it.
        progress: told how many vertices are done.
    """
    sizes, frames = (int(solved.starts[-1]), int(anchors.starts[-1])), len(predicted)
    of_coefficients = np.zeros((frames, sizes[0]), np.float32)
    of_anchors = np.zeros((frames, sizes[1], 3), np.float32)
    left = np.zeros(frames)
    own, among = np.zeros((sizes[0], sizes[0]), np.float32), np.zeros((sizes[1], sizes[1]), np.float32)
    between = np.zeros((3, *sizes), np.float32)
    coefficients = predicted.astype(np.float32)
    done = 0
    for mesh, offsets in enumerate(prepared.targets.offsets):
        scale = prepared.targets.scales[mesh]
        if scale == 0.0:
            done += offsets.shape[1]
            progress(done, prepared.vertex_count)
            continue
        mean, basis = _basis(prepared, solved, mesh)
        following = _following(anchors, mesh, followed[mesh], offsets.shape[1])
        at_anchors = [axis[anchors.of_mesh[mesh]] for axis in basis]
        shift = int(anchors.starts[mesh])
        for vertices in _chunks(offsets.shape[1], followed[mesh]):
            response, here = _dense(following[vertices])
            rho = (offsets[:, vertices] - mean[vertices].astype(np.float32)) * np.float32(scale)
            for axis in range(3):
                direct, columns = _dense(basis[axis][vertices])
                rest = rho[:, :, axis] - (coefficients[:, columns] @ direct.T) * np.float32(scale)
                moved, there = _dense(
                    csr_matrix(basis[axis][vertices] - following[vertices] @ _of(at_anchors[axis], shift, sizes[1]))
                )
                moved, pull = moved * np.float32(scale), response * np.float32(scale)
                of_coefficients[:, there] += rest @ moved
                of_anchors[:, here, axis] += rest @ pull
                left += np.einsum("fv,fv->f", rest, rest, dtype=np.float64)
                own[np.ix_(there, there)] += moved.T @ moved
                between[axis][np.ix_(there, here)] += moved.T @ pull
            among[np.ix_(here, here)] += pull.T @ pull
            done += len(vertices)
            progress(done, prepared.vertex_count)
    arrays = (of_coefficients, of_anchors, left.astype(np.float32), own, among, between)
    return MeshLoss(*(torch.from_numpy(array) for array in arrays))


def _basis(prepared: Prepared, solved: Solved, mesh: int) -> tuple[NDArray[np.float64], list[csr_matrix]]:
    """Mean (V,3) and basis of a mesh, one (V,K) matrix an axis, in scene units."""
    count = prepared.targets.vertex_counts[mesh]
    mean = np.zeros((count, 3))
    rows, columns, values = [], [], []
    for each, first, last in zip(solved.regions, solved.starts[:-1], solved.starts[1:]):
        if each.region.mesh != mesh:
            continue
        region_mean, vectors = region_basis(prepared, each)
        mean[each.region.vertices] += region_mean
        rows.append(np.repeat(each.region.vertices, last - first))
        columns.append(np.tile(np.arange(first, last), len(each.region.vertices)))
        values.append(np.moveaxis(vectors, 1, 0).reshape(3, -1).astype(np.float32))
    shape = (count, int(solved.starts[-1]))
    where = (np.concatenate(rows), np.concatenate(columns))
    entries = np.concatenate(values, axis=1)
    return mean, [csr_matrix(coo_matrix((entries[axis], where), shape=shape)) for axis in range(3)]


def _following(anchors: Anchors, mesh: int, followed: Sequence[Followed], count: int) -> csr_matrix:
    """(V,A of all meshes) how a mesh follows its anchors."""
    shape = (count, int(anchors.starts[-1]))
    if not followed:
        return csr_matrix(shape, dtype=np.float32)
    first = int(anchors.starts[mesh])
    rows = np.concatenate([np.repeat(each.vertices, len(each.anchors)) for each in followed])
    columns = np.concatenate([np.tile(first + each.anchors, len(each.vertices)) for each in followed])
    values = np.concatenate([each.response.ravel() for each in followed]).astype(np.float32)
    return csr_matrix(coo_matrix((values, (rows, columns)), shape=shape))


def _of(matrix: csr_matrix, shift: int, count: int) -> csr_matrix:
    """A matrix over the anchors of one mesh as one over those of all."""
    moved = coo_matrix(matrix)
    return csr_matrix((moved.data, (moved.row + shift, moved.col)), shape=(count, matrix.shape[1]))


def _chunks(count: int, followed: Sequence[Followed]) -> list[NDArray[np.int64]]:
    """All vertices of a mesh in groups that lie together, so that few columns concern each group."""
    home = np.zeros(count, np.int64)
    for number, each in enumerate(followed):
        home[each.vertices] = number
    order = np.argsort(home, kind="stable")
    return np.array_split(order, max(1, -(-count // _VERTICES_AT_ONCE)))


def _dense(matrix: csr_matrix) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The columns of a sparse matrix that hold something, and their numbers."""
    columns = np.unique(matrix.indices)
    return matrix[:, columns].toarray().astype(np.float32), columns.astype(np.int64)
