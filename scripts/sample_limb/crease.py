"""The inner elbow: flesh of upper arm and forearm that meets, and pushes each other apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sample_limb.arm_shape import Shape
from sample_limb.curves import positive, smoothstep
from sample_limb.skeleton import ELBOW_PLACE, joint_names

Floats = npt.NDArray[np.float64]


def _plane(matrices: Floats) -> tuple[Floats, Floats, Floats]:
    """Return point, normal and hinge (each (F, 1, 3)) of the plane that halves the elbow; the forearm is in front."""
    shoulder, elbow = (matrices[:, joint_names().index(name)] for name in ("shoulder", "elbow"))
    point = elbow[:, :3, :3] @ np.array(ELBOW_PLACE) + elbow[:, :3, 3]
    normal = shoulder[:, :3, 0] + elbow[:, :3, 0]
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    return point[:, None], normal[:, None], elbow[:, None, :3, 1]


def own_side(posed: Floats, shape: Shape, matrices: Floats) -> Floats:
    """Return how far (F, V) in cm each point is on its own side of the elbow's halving plane; below 0 it is through."""
    point, normal, _ = _plane(matrices)
    side = np.where(shape.along < ELBOW_PLACE[0], -1.0, 1.0)
    distance: Floats = side * np.sum((posed - point) * normal, axis=2)
    return distance


def can_meet(posed: Floats, shape: Shape, matrices: Floats) -> Floats:
    """Return 1 (F, V) on the flesh that can meet in the bend of the elbow, fading to 0 along the limb and behind."""
    fade = smoothstep(shape.along, 9.0, 14.0) * (1.0 - smoothstep(shape.along, 40.0, 46.0))
    point, normal, hinge = _plane(matrices)
    return fade * smoothstep(np.sum((posed - point) * np.cross(normal, hinge), axis=2), -1.0, 2.0)


def pressed_apart(posed: Floats, shape: Shape, matrices: Floats, bend: Floats) -> Floats:
    """Return posed positions (F, V, 3) in which the flesh of a bent elbow stays on its side of the halving plane.

    What is pushed back gives way along the hinge, so that a folded arm grows wider at the crease. `bend` is (F,), 0
    for a straight arm; the contact sets in with it.
    """
    point, normal, hinge = _plane(matrices)
    side = np.where(shape.along < ELBOW_PLACE[0], -1.0, 1.0)
    distance = own_side(posed, shape, matrices)
    onset = smoothstep(bend, 0.08, 0.40)[:, None]
    # The fold itself stays closed: the rounding of the contact fades out towards the elbow's own ring.
    softness = 0.9 * smoothstep(np.abs(shape.along - ELBOW_PLACE[0]), 0.0, 6.0) * onset
    push = (positive(distance, softness) - distance) * can_meet(posed, shape, matrices) * onset
    beside = np.sum((posed - point) * hinge, axis=2)
    spread = 0.35 * push * np.tanh(beside / 2.0)
    apart: Floats = posed + (side * push)[..., None] * normal + spread[..., None] * hinge
    return apart
