"""`easy`: offsets that are linear in a few inputs, plus a thousandth of something else."""

from __future__ import annotations

import numpy as np

from sample_limb.curves import around, bell
from sample_variety_kinds.motion import Channels, unrelated_take
from sample_variety_kinds.order import Order
from sample_variety_kinds.recording import Arrays, Floats, Posing, archive, float_arrays, skinned_mesh, stored
from sample_variety_kinds.skeleton import chain, chain_weights, linearly_skinned, rotations
from sample_variety_kinds.surfaces import Surface, tube

_JOINTS = np.array([0.0, 14.0, 28.0, 42.0])
_FLOATS = tuple(f"shape_{number}" for number in range(10))
_USED = 5  # of the floats; the others change nothing


def build(order: Order) -> Arrays:
    """Return the arrays of the archive."""
    surface, along, turn = tube(order.vertices, 40, 56.0, (5.0, 4.0))
    skeleton = chain(("a", "b", "c", "d"), _JOINTS[:, None] * (1, 0, 0), ((-30, 30), (-40, 40), (-40, 40)))
    low, high = np.full(len(_FLOATS), -1.0), np.ones(len(_FLOATS))
    take = unrelated_take(order, Channels.of(*skeleton.limits).beside(Channels.of(low, high)))
    angles, floats = take.values[:, :12].reshape(-1, 4, 3), take.values[:, 12:]
    posing = Posing.of(skeleton, angles)
    weights = stored(chain_weights(along, _JOINTS, 9.0))
    drives, places = _linear(angles, floats, along, turn, surface)
    other, where = _other(angles, floats, along, surface)

    def truth(piece: slice) -> Floats:
        offsets = np.tensordot(drives[piece], places, axes=1) + np.tensordot(other[piece], where, axes=1)
        return linearly_skinned(surface.points + offsets, weights, posing.matrices[piece])

    mesh = skinned_mesh("tube", surface, weights, posing, truth)
    return archive(["tube"], take.clips, posing.arrays(), float_arrays(_FLOATS, floats, low, high), mesh)


def _linear(angles: Floats, floats: Floats, along: Floats, turn: Floats, surface: Surface) -> tuple[Floats, Floats]:
    """Return inputs (F, n), floats and entries of two joints' matrices, and what each of them does (n, V, 3)."""
    entries = [rotations(angles[:, joint])[:, row, column] for joint, row, column in ((1, 0, 1), (1, 2, 0), (2, 0, 1))]
    drives = np.concatenate([floats[:, :_USED], np.stack(entries, axis=1)], axis=1)
    middles = [6.0, 18.0, 25.0, 36.0, 49.0, 14.0, 14.0, 28.0]
    places = [
        height * (bell(along, middle, 5.0) * around(np.degrees(turn), side, 1.0))[:, None] * surface.normals
        for middle, side, height in zip(middles, 45.0 * np.arange(8), (2.0, 1.5, 2.5, 1.2, 1.0, 3.0, 2.0, 3.0))
    ]
    return drives, np.stack(places)


def _other(angles: Floats, floats: Floats, along: Floats, surface: Surface) -> tuple[Floats, Floats]:
    """Return products of inputs (F, n) and what they do (n, V, 3): about a thousandth of the linear part."""
    bend = np.sin(np.radians(angles[:, 1, 2]))
    drives = np.stack([floats[:, 0] * floats[:, 1], floats[:, 2] * bend, np.sin(3.0 * floats[:, 3])], axis=1)
    middles = np.array([10.0, 25.0, 40.0])
    places = 1e-3 * bell(along, middles[:, None], 6.0)[..., None] * surface.normals
    return drives, places
