"""`joints_only`: a tentacle of 14 joints that bends, twists, stretches and squashes in continuous clips."""

from __future__ import annotations

import numpy as np

from sample_limb.curves import bell, rise
from sample_limb.skinning import dual_quaternion_blend
from sample_variety_kinds.motion import Channels, flowing_take
from sample_variety_kinds.order import Order
from sample_variety_kinds.recording import Arrays, Floats, Posing, archive, skinned_mesh, stored
from sample_variety_kinds.skeleton import chain, chain_weights
from sample_variety_kinds.surfaces import tube

JOINTS = 14
_BONE = 8.0
_STRETCH = 2.4


def build(order: Order) -> Arrays:
    """Return the arrays of the archive."""
    surface, along, turn = tube(order.vertices, 32, JOINTS * _BONE, (9.0, 1.5))
    places = _BONE * np.arange(JOINTS, dtype=np.float64)
    names = [f"tentacle_{number:02}" for number in range(1, JOINTS + 1)]
    skeleton = chain(names, places[:, None] * (1, 0, 0), ((-14, 14), (-26, 26), (-26, 26)))
    far = np.where(np.arange(JOINTS) > 0, _STRETCH, 0.0)  # the root has no bone before it
    take = flowing_take(order, Channels.of(*skeleton.limits, 0.8).beside(Channels.of(-far, far, 0.8)))
    angles, stretch = take.values[:, : 3 * JOINTS].reshape(-1, JOINTS, 3), take.values[:, 3 * JOINTS :]
    posing = Posing.of(skeleton, angles, stretch[..., None] * np.array([1.0, 0.0, 0.0]))
    weights = stored(chain_weights(along, places, 9.0))
    # A vertex thins with the bone that it lies on, which is that before the next joint.
    of_bone = bell(along, (places - 0.5 * _BONE)[:, None], 0.6 * _BONE)
    of_bone /= of_bone.sum(axis=0)
    of_joint = bell(along, places[:, None], 0.5 * _BONE)
    radius = np.linalg.norm(surface.points[:, 1:], axis=1)[:, None]
    outwards = surface.points * np.array([0.0, 1.0, 1.0]) / radius

    def truth(piece: slice) -> Floats:
        longer = 1.0 + stretch[piece] @ of_bone / _BONE
        bend = np.radians(angles[piece])
        # The side towards which a joint turns is squeezed and swells, all the more when the bones are short.
        inside = bend[..., 2] @ (of_joint * np.sin(turn)) - bend[..., 1] @ (of_joint * np.cos(turn))
        swell = 1.6 * rise(inside, 0.2) / longer - 0.5 * rise(-inside, 0.2)
        twist = np.abs(bend[..., 0]) @ of_joint
        height = radius[:, 0] * ((1.0 / np.sqrt(longer) - 1.0) + 0.5 * swell - 0.25 * twist)
        flesh = surface.points + height[..., None] * outwards
        return dual_quaternion_blend(flesh, weights, posing.matrices[piece], skeleton.parents)

    mesh = skinned_mesh("tentacle", surface, weights, posing, truth)
    return archive(["tentacle"], take.clips, posing.arrays(), mesh)
