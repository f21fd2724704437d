"""Linear blend skinning and its inverse on offsets.

A vertex is posed as `M (p + o)` with `M = sum_w weight_w matrix_w`; with the linear mesh `M p` at hand, this is
`linear + A o`, A the 3x3 part of M. So the offset before skinning is `o = A^-1 (deformed - linear)`.
"""

from __future__ import annotations

import numpy as np

CONDITION_LIMIT = 100.0
"""Above this condition number (in the Frobenius norm) the solve is regularised: no offset exceeds this many times
its residual divided by the largest singular value of A."""

_CHUNK_MATRICES = 100_000


def blend(weights: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """The 3x3 part of the blended skinning matrix of every vertex.

    Args:
        weights: (V, W).
        matrices: (n, W, 4, 4), identity at bind.

    Returns:
        (n, V, 3, 3) float64.
    """
    parts = np.asarray(matrices, np.float64)[:, :, :3, :3]
    frames, influences = parts.shape[:2]
    blended: np.ndarray = np.asarray(weights, np.float64) @ parts.reshape(frames, influences, 9)
    return blended.reshape(frames, len(weights), 3, 3)


def offsets_before_skinning(
    deformed: np.ndarray, linear: np.ndarray, linear_part: np.ndarray | None
) -> tuple[np.ndarray, int]:
    """The offsets that, added before skinning, turn the linear mesh into the deformed one.

    Where A is nearly singular (opposed rotations near 180 degrees), the solve is regularised: a singular value s is
    inverted as s / max(s, r)^2, r = largest s / CONDITION_LIMIT. This is bounded, and continuous over the frames.

    Args:
        deformed: (n, V, 3) scene units.
        linear: (n, V, 3) in the same space.
        linear_part: (n, V, 3, 3) A of every vertex, or None for offsets in mesh space.

    Returns:
        (n, V, 3) float32 offsets, and how many of the n * V solves were regularised.
    """
    offsets = np.subtract(deformed, linear, dtype=np.float64)
    if linear_part is None:
        return offsets.astype(np.float32), 0
    flat_offsets = offsets.reshape(-1, 3)
    flat_parts = np.asarray(linear_part).reshape(-1, 3, 3)
    near_singular = 0
    for start in range(0, len(flat_offsets), _CHUNK_MATRICES):
        piece = slice(start, start + _CHUNK_MATRICES)
        solved, regularised = _solve(flat_parts[piece].astype(np.float64, copy=False), flat_offsets[piece])
        flat_offsets[piece] = solved
        near_singular += regularised
    return offsets.astype(np.float32), near_singular


def posed(linear: np.ndarray, linear_part: np.ndarray | None, offsets: np.ndarray) -> np.ndarray:
    """The positions of the mesh with its offsets: `linear + A o`.

    Args:
        linear: (n, V, 3) scene units.
        linear_part: (n, V, 3, 3) A of every vertex, or None when the offsets are in mesh space.
        offsets: (n, V, 3) before skinning.

    Returns:
        (n, V, 3) float32.
    """
    if linear_part is not None:
        offsets = np.einsum("nvij,nvj->nvi", linear_part, np.asarray(offsets, np.float64))
    positions: np.ndarray = np.add(linear, offsets).astype(np.float32)
    return positions


def _solve(parts: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, int]:
    """Solve parts (N, 3, 3) x = right (N, 3) by the adjugate, or regularised where ill-conditioned."""
    rows = parts[:, 0], parts[:, 1], parts[:, 2]
    cofactors = np.stack([_cross(rows[1], rows[2]), _cross(rows[2], rows[0]), _cross(rows[0], rows[1])], axis=1)
    determinant = np.einsum("ni,ni->n", rows[0], cofactors[:, 0])
    norm = np.sqrt(np.einsum("nij,nij->n", parts, parts))
    cofactor_norm = np.sqrt(np.einsum("nij,nij->n", cofactors, cofactors))
    # condition number in the Frobenius norm: |A| |A^-1| = |A| |cof A| / |det A|
    regular = norm * cofactor_norm < CONDITION_LIMIT * np.abs(determinant)
    safe = np.where(regular, determinant, 1.0)
    solved = np.einsum("nij,ni->nj", cofactors, right) / safe[:, None]
    ill = np.flatnonzero(~regular)
    if len(ill):
        solved[ill] = _regularised(parts[ill], right[ill])
    return solved, len(ill)


def _cross(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cross products of (N, 3) rows; several times faster than numpy's general one."""
    a0, a1, a2 = first.T
    b0, b1, b2 = second.T
    return np.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis=1)


def _regularised(parts: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Bounded solutions of parts (N, 3, 3) x = right (N, 3); zero where a part is zero."""
    u, s, vt = np.linalg.svd(parts)
    floor = np.maximum(s, s[:, :1] / CONDITION_LIMIT)
    gain = np.divide(s, floor**2, out=np.zeros_like(s), where=floor > 0)
    solved: np.ndarray = np.einsum("nki,nk->ni", vt, gain * np.einsum("nik,ni->nk", u, right))
    return solved
