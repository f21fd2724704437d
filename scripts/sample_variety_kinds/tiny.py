"""`tiny`: a finger of about 1,000 vertices with 3 joints and 2 floats, and few frames."""

from __future__ import annotations

import numpy as np

from sample_limb.curves import around, bell
from sample_limb.skinning import dual_quaternion_blend
from sample_variety_kinds.motion import Channels, unrelated_take
from sample_variety_kinds.order import Order
from sample_variety_kinds.recording import Arrays, Floats, Posing, archive, float_arrays, skinned_mesh, stored
from sample_variety_kinds.skeleton import chain, chain_weights
from sample_variety_kinds.surfaces import tube

_JOINTS = np.array([0.0, 4.5, 8.0])
_FLOATS = ("swell", "press")


def build(order: Order) -> Arrays:
    """Return the arrays of the archive."""
    surface, along, turn = tube(order.vertices, 20, 11.0, (1.0, 0.7))
    skeleton = chain(("knuckle", "middle", "tip"), _JOINTS[:, None] * (1, 0, 0), ((-12, 12), (-12, 12), (-85, 8)))
    low, high = np.array([0.0, -1.0]), np.array([1.0, 1.0])
    take = unrelated_take(order, Channels.of(*skeleton.limits).beside(Channels.of(low, high)))
    angles, floats = take.values[:, :9].reshape(-1, 3, 3), take.values[:, 9:]
    posing = Posing.of(skeleton, angles)
    weights = stored(chain_weights(along, _JOINTS, 3.0))
    angle = np.degrees(turn)

    def height(piece: slice) -> Floats:
        bend = np.sin(np.radians(-angles[piece, :, 2]) / 2.0)
        swell, press = floats[piece].T
        raised = np.outer(0.35 * bend[:, 1] + 0.25 * bend[:, 0] * bend[:, 1], bell(along, 4.5, 1.0) * _side(90.0))
        raised += np.outer(0.3 * bend[:, 2] + 0.2 * bend[:, 1] * bend[:, 2], bell(along, 8.0, 0.8) * _side(90.0))
        raised += np.outer(0.4 * swell * (0.3 + bend[:, 1]), bell(along, 6.2, 1.4) * _side(270.0))
        raised += np.outer(-0.3 * np.tanh(1.5 * press), bell(along, 10.2, 1.1) * _side(270.0))
        return raised

    def _side(middle: float) -> Floats:
        return around(angle, middle, 1.5)

    def truth(piece: slice) -> Floats:
        flesh = surface.points + height(piece)[..., None] * surface.normals
        return dual_quaternion_blend(flesh, weights, posing.matrices[piece], skeleton.parents)

    finger = skinned_mesh("finger", surface, weights, posing, truth)
    return archive(["finger"], take.clips, posing.arrays(), float_arrays(_FLOATS, floats, low, high), finger)
