"""Skinned points by the formulas of Maya: linear, dual quaternion, and blended by a weight per vertex."""

from __future__ import annotations

import numpy as np


def skinned(
    points: np.ndarray,
    weights: np.ndarray,
    matrices: np.ndarray,
    geometry: np.ndarray,
    *,
    method: int = 0,
    blend: np.ndarray | None = None,
    scaled: bool = False,
    pivot: str = "largest",
) -> np.ndarray:
    """(V, 3) float64 skinned points, in the space of the mesh.

    Args:
        points: (V, 3). weights: (V, W). matrices: (W, 4, 4) bindPre * world, row vectors. geometry: (4, 4) geomMatrix.
        method: 0 linear, 1 dual quaternion, 2 between the two by `blend` (V,).
        scaled: the scale of the influences goes into dual quaternions too.
        pivot: whose side the dual quaternions of a vertex are brought to: "largest" weight, or "first" influence.
    """
    maps = vertex_maps(weights, matrices, method=method, blend=blend, scaled=scaled, pivot=pivot)
    whole = geometry @ maps @ np.linalg.inv(geometry)
    return np.einsum("vi,vij->vj", points, whole[:, :3, :3]) + whole[:, 3, :3]


def vertex_maps(
    weights: np.ndarray,
    matrices: np.ndarray,
    *,
    method: int,
    blend: np.ndarray | None,
    scaled: bool,
    pivot: str,
) -> np.ndarray:
    """(V, 4, 4) the affine map of every vertex in the space in which the influences are."""
    linear = np.einsum("vw,wij->vij", weights, matrices)
    if method == 0:
        return linear
    rigid = _dual_quaternion_maps(weights, matrices, scaled, pivot)
    if method == 1:
        return rigid
    share = np.zeros(len(weights)) if blend is None else blend
    return linear + share[:, None, None] * (rigid - linear)


def _dual_quaternion_maps(weights: np.ndarray, matrices: np.ndarray, scaled: bool, pivot: str) -> np.ndarray:
    """(V, 4, 4) rigid maps; vertices without weights stay where they are not: at the linear result, zero."""
    if not np.isfinite(matrices).all():
        return np.full((len(weights), 4, 4), np.nan)
    turns, stretches = _polar(matrices[:, :3, :3])
    real = _quaternions(turns)
    shift = matrices[:, 3, :3]
    dual = 0.5 * _product(np.concatenate([np.zeros((len(shift), 1)), shift], axis=1), real)
    chosen = np.argmax(weights, axis=1) if pivot == "largest" else np.argmax(weights > 0, axis=1)
    sides = np.where(np.einsum("vk,wk->vw", real[chosen], real) < 0, -1.0, 1.0)
    shares = weights * sides
    q0, q1 = shares @ real, shares @ dual
    length = np.linalg.norm(q0, axis=1, keepdims=True)
    length[length == 0] = 1.0
    q0, q1 = q0 / length, q1 / length
    maps = np.zeros((len(weights), 4, 4))
    maps[:, :3, :3] = _rotations(q0)
    maps[:, 3, :3] = 2.0 * _product(q1, q0 * np.array([1.0, -1.0, -1.0, -1.0]))[:, 1:]
    maps[:, 3, 3] = 1.0
    if scaled:
        maps[:, :3, :3] = np.einsum("vw,wij->vij", weights, stretches) @ maps[:, :3, :3]
    return maps


def _polar(parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotations (W, 3, 3) and symmetric stretches (W, 3, 3) with part = stretch @ rotation."""
    u, s, vt = np.linalg.svd(parts)
    flip = np.linalg.det(u @ vt) < 0
    u[flip, :, -1] *= -1.0
    s[flip, -1] *= -1.0
    return u @ vt, np.einsum("wij,wj,wkj->wik", u, s, u)


def _quaternions(turns: np.ndarray) -> np.ndarray:
    """(W, 4) unit quaternions, scalar first, of rotations (W, 3, 3) for row vectors."""
    made = np.empty((len(turns), 4))
    for out, rows in zip(made, turns):
        r = rows.T  # the one for column vectors
        trace = np.trace(r)
        candidates = np.array([trace, r[0, 0], r[1, 1], r[2, 2]])
        best = int(np.argmax(candidates))
        if best == 0:
            out[:] = 1 + trace, r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]
        else:
            i = best - 1
            j, k = (i + 1) % 3, (i + 2) % 3
            out[0] = r[k, j] - r[j, k]
            out[1 + i] = 1 + r[i, i] - r[j, j] - r[k, k]
            out[1 + j] = r[j, i] + r[i, j]
            out[1 + k] = r[k, i] + r[i, k]
        out /= np.linalg.norm(out)
    return made


def _product(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Products of quaternions (..., 4), scalar first."""
    w1, v1, w2, v2 = first[..., :1], first[..., 1:], second[..., :1], second[..., 1:]
    scalar = w1 * w2 - np.sum(v1 * v2, axis=-1, keepdims=True)
    return np.concatenate([scalar, w1 * v2 + w2 * v1 + np.cross(v1, v2)], axis=-1)


def _rotations(q: np.ndarray) -> np.ndarray:
    """(V, 3, 3) rotations for row vectors of unit quaternions (V, 4)."""
    w, x, y, z = q.T
    columns = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    return columns.transpose(2, 1, 0)
