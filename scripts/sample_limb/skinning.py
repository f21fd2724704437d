"""Two ways to skin: the linear blend (what the rig gives), and dual quaternions (the first part of the truth)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


def linear_blend(positions: Floats, weights: Floats, matrices: Floats) -> Floats:
    """Return posed positions (F, V, 3) from rest positions (V, 3), weights (V, J) and matrices (F, J, 4, 4)."""
    blended = np.einsum("vj,fjk->fvk", weights, matrices[:, :, :3].reshape(*matrices.shape[:2], 12), optimize=True)
    affine = blended.reshape(len(matrices), len(positions), 3, 4)
    posed: Floats = np.einsum("fvab,vb->fva", affine[..., :3], positions) + affine[..., 3]
    return posed


def quaternions(rotations: Floats) -> Floats:
    """Return unit quaternions (..., 4), scalar first, of rotation matrices (..., 3, 3)."""
    r = rotations
    trace = r[..., 0, 0] + r[..., 1, 1] + r[..., 2, 2]
    # Each row is 4 q_i q with the squared component q_i on it: the largest one is always safe to divide by.
    diagonal = [trace, *(2.0 * r[..., k, k] - trace for k in range(3))]
    rows = np.empty((*trace.shape, 4, 4))
    for k in range(4):
        rows[..., k, k] = 1.0 + diagonal[k]
    for k, (a, b) in enumerate(((2, 1), (0, 2), (1, 0))):
        rows[..., 0, k + 1] = rows[..., k + 1, 0] = r[..., a, b] - r[..., b, a]
        rows[..., 1 + min(a, b), 1 + max(a, b)] = rows[..., 1 + max(a, b), 1 + min(a, b)] = r[..., a, b] + r[..., b, a]
    best = np.argmax(np.stack(diagonal, axis=-1), axis=-1)
    chosen = np.take_along_axis(rows, best[..., None, None], axis=-2)[..., 0, :]
    unit: Floats = chosen / np.linalg.norm(chosen, axis=-1, keepdims=True)
    return unit


def _along_the_chain(turns: Floats, parents: Ints) -> Floats:
    """Return the quaternions (F, J, 4) with signs such that each is on its parent's side."""
    aligned: Floats = turns.copy()
    for joint, parent in enumerate(parents):
        beside = np.array([1.0, 0.0, 0.0, 0.0]) if parent < 0 else aligned[:, parent]
        opposed = np.sum(aligned[:, joint] * beside, axis=1) < 0.0
        aligned[opposed, joint] *= -1.0
    return aligned


def dual_quaternion_blend(positions: Floats, weights: Floats, matrices: Floats, parents: Ints) -> Floats:
    """Return posed positions (F, V, 3) that keep the volume of a twisted limb.

    Args:
        positions: (F, V, 3) or (V, 3), before skinning.
        weights: (V, J).
        matrices: (F, J, 4, 4), rigid.
        parents: (J,), -1 for a root; parents come first.

    Source: Kavan et al., "Skinning with dual quaternions", 2007.
    """
    real = _along_the_chain(quaternions(matrices[:, :, :3, :3]), parents)
    shift = matrices[:, :, :3, 3]
    scalar, vector = real[..., :1], real[..., 1:]
    dual = 0.5 * np.concatenate(
        [-np.sum(shift * vector, axis=2, keepdims=True), scalar * shift + np.cross(shift, vector)], axis=2
    )
    blended: Floats = weights @ np.concatenate([real, dual], axis=2)
    blended /= np.linalg.norm(blended[..., :4], axis=2, keepdims=True)
    w, q = blended[..., :1], blended[..., 1:4]
    dual_w, dual_q = blended[..., 4:5], blended[..., 5:]
    moved = 2.0 * (w * dual_q - dual_w * q + np.cross(q, dual_q))
    turned = positions + 2.0 * np.cross(q, np.cross(q, positions) + w * positions)
    posed: Floats = turned + moved
    return posed
