"""Smooth skin weights of the limb."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sample_limb.arm_shape import Shape
from sample_limb.curves import smoothstep

Floats = npt.NDArray[np.float64]


def skin_weights(shape: Shape) -> Floats:
    """Return the weights (V, J) in the order of the joints; every row sums to 1.

    The joints form a chain: a point hands a share of itself on from each joint to the next one.
    """
    along, thumb = shape.along, smoothstep(shape.thumb, 0.0, 3.2)
    twist = np.clip((along - 31.0) / 18.0, 0.0, 1.0)
    handed_on = [
        smoothstep(along, -6.5, 5.5),  # clavicle to shoulder
        smoothstep(along, 22.5, 33.5),  # shoulder to elbow, half at the elbow's own place
        0.5 * twist + 0.5 * smoothstep(along, 31.0, 49.0),  # elbow to forearm twist, nearly evenly
        smoothstep(along, 49.0, 55.0),  # forearm twist to wrist
        smoothstep(along, 58.4, 62.4),  # wrist to fingers
        smoothstep(along, 62.9, 66.1),  # fingers to fingertips
    ]
    weights = np.zeros((len(along), 8))
    share = np.ones(len(along))
    for joint, onward in enumerate(handed_on):
        weights[:, joint] = share * (1.0 - onward)
        share = share * onward
    weights[:, 6] = share
    weights *= (1.0 - thumb)[:, None]
    weights[:, 7] = thumb
    return weights
