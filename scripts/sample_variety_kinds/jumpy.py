"""`jumpy`: an arm with switches: a contact that turns on abruptly, a constraint behind a threshold, idle inputs."""

from __future__ import annotations

import numpy as np

from sample_limb.curves import around, bell, smoothstep
from sample_variety_kinds.motion import Channels, unrelated_take
from sample_variety_kinds.order import Order
from sample_variety_kinds.recording import Arrays, Floats, Posing, archive, float_arrays, skinned_mesh, stored
from sample_variety_kinds.skeleton import chain, chain_weights, linearly_skinned
from sample_variety_kinds.surfaces import tube

CONTACT = 45.0
"""Bend of the elbow in degrees from which on the flesh is pushed apart, all at once."""

THRESHOLD = 0.5
"""Value of `attach` above which the band is held by its constraint."""

RARE_FRAMES = 3
"""In so many frames the float `rare` is not 0."""

FLOATS = ("flex", "attach", "press", "slide", "rare", "idle_a", "idle_b")
_IDLE = {"idle_a": 0.0, "idle_b": 0.7}
_JOINTS = np.array([0.0, 20.0, 40.0, 50.0])  # the last one never turns


def build(order: Order) -> Arrays:
    """Return the arrays of the archive."""
    surface, along, turn = tube(order.vertices, 40, 58.0, (5.5, 3.0))
    skeleton = chain(
        ("upper", "elbow", "wrist", "idle"), _JOINTS[:, None] * (1, 0, 0), ((-40, 40), (-20, 20), (-5, 95))
    )
    low, high = skeleton.limits
    low, high = (np.concatenate([limit[:9], np.zeros(3)]) for limit in (low, high))
    controls = np.zeros(len(FLOATS)), np.ones(len(FLOATS))
    take = unrelated_take(order, Channels.of(low, high).beside(Channels.of(*controls, 0.7)))
    angles, floats = take.values[:, :12].reshape(-1, 4, 3), _with_idle(take.values[:, 12:], order)
    posing = Posing.of(skeleton, angles)
    weights = stored(chain_weights(along, _JOINTS, 8.0))
    angle = np.degrees(turn)
    inner = bell(along, 20.0, 5.0) * around(angle, 90.0, 1.0)
    band, belly, tip = bell(along, 33.0, 3.0), bell(along, 9.0, 4.5) * around(angle, 90.0, 1.2), bell(along, 54.0, 3.0)

    def truth(piece: slice) -> Floats:
        flex, attach, press, slide, rare = floats[piece, :5].T
        bend = angles[piece, 1, 2]
        touching = bend > CONTACT
        held = attach > THRESHOLD
        height = np.outer(flex * (0.6 + 1.2 * np.sin(np.radians(bend))), belly)
        height += np.outer(touching * (1.2 + 0.02 * (bend - CONTACT)), inner)
        height -= np.outer(smoothstep(press, 0.3, 0.35), 0.8 * tip)
        height += np.outer(rare, 1.5 * bell(along, 45.0, 3.0) * around(angle, 270.0, 1.0))
        drawn = np.outer(np.where(held, 2.5 + 2.0 * slide, 0.8 * slide), band)
        flesh = surface.points + height[..., None] * surface.normals + drawn[..., None] * np.array([1.0, 0.0, 0.0])
        return linearly_skinned(flesh, weights, posing.matrices[piece])

    mesh = skinned_mesh("arm", surface, weights, posing, truth)
    return archive(["arm"], take.clips, posing.arrays(), float_arrays(FLOATS, floats, *controls), mesh)


def _with_idle(floats: Floats, order: Order) -> Floats:
    """Return the floats (F, K) with those that stand still, and the one that moves in a few frames only."""
    floats = floats.copy()
    for name, value in _IDLE.items():
        floats[:, FLOATS.index(name)] = value
    random = order.random(1)
    chosen = random.choice(len(floats), RARE_FRAMES, replace=False)
    rare = FLOATS.index("rare")
    floats[:, rare] = 0.0
    floats[chosen, rare] = random.uniform(0.4, 1.0, RARE_FRAMES)
    return floats
