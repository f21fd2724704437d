"""`production`: a body in a tunic, with 40 joints and 60 floats, and all that a film rig piles on its skinning."""

from __future__ import annotations

import numpy as np

from sample_limb.skinning import dual_quaternion_blend
from sample_variety_kinds import production_shapes as shapes
from sample_variety_kinds.motion import Channels, unrelated_take
from sample_variety_kinds.order import Order
from sample_variety_kinds.production_body import body, tunic
from sample_variety_kinds.production_rig import skeleton, skin_weights
from sample_variety_kinds.recording import Arrays, Floats, Posing, archive, float_arrays, skinned_mesh, stored
from sample_variety_kinds.skeleton import linear_parts, linearly_skinned
from sample_variety_kinds.surfaces import Neighbours, Surface

_LEVELS = (790, 3_200, 12_700)  # vertices of both meshes at each level of detail
_ACTIVE_FLOATS = 0.35
_VOLUME_KEPT = 0.7  # share of the dual quaternions in the skinning; the rest is linear
_SMOOTHING = 2  # steps of the corrective smoothing on the coarse mesh


def build(order: Order) -> Arrays:
    """Return the arrays of the archive."""
    level = int(np.argmin(np.abs(np.log(np.array(_LEVELS) / order.vertices))))
    rig, names = skeleton(), shapes.float_names()
    low, high = np.zeros(len(names)), np.ones(len(names))
    take = unrelated_take(order, Channels.of(*rig.limits).beside(Channels.of(low, high, _ACTIVE_FLOATS)))
    turns = 3 * len(rig.joints)
    angles, floats = take.values[:, :turns].reshape(-1, len(rig.joints), 3), take.values[:, turns:]
    posing = Posing.of(rig, angles)
    skin = body(level)
    weights = stored(skin_weights(skin, level, rig))
    drives, fields = shapes.drives(rig, angles, floats), shapes.fields(rig, skin)
    cloth, under = tunic(skin)
    # Cloth follows the flesh under it, not quite, and folds.
    cloth_drives = np.concatenate([drives, shapes.folds(rig, angles)], axis=1)
    cloth_fields = np.concatenate([0.85 * fields[:, under], shapes.fold_fields(rig, cloth)])
    return archive(
        ["body", "tunic"],
        take.clips,
        posing.arrays(),
        float_arrays(names, floats, low, high),
        _mesh("body", skin, weights, posing, drives, fields, level),
        _mesh("tunic", cloth, weights[under], posing, cloth_drives, cloth_fields, level),
    )


def _mesh(
    name: str, surface: Surface, weights: Floats, posing: Posing, drives: Floats, fields: Floats, level: int
) -> Arrays:
    """Return the arrays of one mesh from drives (F, n) and fields (n, V, 3)."""
    neighbours, times = Neighbours.of(surface.quads, len(surface.points)), _SMOOTHING * 2**level
    # The posed mesh is smoothed, and what smoothing takes from the unposed one is given back.
    points_lost = surface.points - neighbours.smoothed(surface.points, times)
    flat_lost = (fields - neighbours.smoothed(fields, times)).reshape(len(fields), -1)
    flat = fields.reshape(len(fields), -1)

    def truth(piece: slice) -> Floats:
        matrices = posing.matrices[piece]
        flesh = surface.points + (drives[piece] @ flat).reshape(len(matrices), -1, 3)
        posed = _VOLUME_KEPT * dual_quaternion_blend(flesh, weights, matrices, posing.skeleton.parents)
        posed += (1.0 - _VOLUME_KEPT) * linearly_skinned(flesh, weights, matrices)
        lost = points_lost + (drives[piece] @ flat_lost).reshape(len(matrices), -1, 3)
        turned = linear_parts(weights, matrices)[..., :3]
        kept: Floats = neighbours.smoothed(posed, times) + (turned @ lost[..., None])[..., 0]
        return kept

    return skinned_mesh(name, surface, weights, posing, truth)
