"""What happens under the skin before it is skinned: muscles, bones, tendons and veins lift it, and it slides.

Every function takes the shape (V points) and the motion (F frames) and returns centimetres (F, V). Heights are along
the normal at rest. Numbers are modelled by eye on a man's arm; products of controls are meant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_limb.arm_shape import Shape
from sample_limb.curves import around, bell, rise, smoothstep

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Motion:
    """Angles in degrees and float controls, each (F,), by name."""

    angles: dict[str, Floats]
    controls: dict[str, Floats]

    def part(self, start: int, stop: int) -> Motion:
        """Return the frames from `start` up to `stop`."""
        return Motion(
            {name: values[start:stop] for name, values in self.angles.items()},
            {name: values[start:stop] for name, values in self.controls.items()},
        )

    def sine(self, turn: str) -> Floats:
        """Return the sine of an angle."""
        values: Floats = np.sin(np.radians(self.angles[turn]))
        return values

    @property
    def bend(self) -> Floats:
        """Return how far the elbow is bent: 0 straight, 1 folded flat."""
        values: Floats = np.sin(np.radians(self.angles["elbow_bend"]) / 2.0) ** 2
        return values


def _lift(drive: Floats, place: Floats) -> Floats:
    """Return the outer product (F, V) of how much and where."""
    lifted: Floats = drive[:, None] * place
    return lifted


def _mound(shape: Shape, along: float, length: float, angle: float, sharpness: float) -> Floats:
    """Return a mound of height 1 on the limb (V,), not on the thumb."""
    free = 1.0 - smoothstep(shape.thumb, 0.0, 2.0)
    mound: Floats = bell(shape.along, along, length) * around(shape.angle, angle, sharpness) * free
    return mound


def upper_arm(shape: Shape, motion: Motion) -> Floats:
    """Return the swelling of biceps, triceps and deltoid."""
    bend, flex = motion.bend[:, None], motion.controls["biceps_flex"][:, None]
    # The belly shortens, thickens and travels towards the shoulder.
    effort = 0.30 * bend + 1.55 * flex * (0.22 + 0.78 * bend)
    belly = bell(shape.along, 15.6 - 2.6 * bend, 5.2 - 1.7 * bend * (0.4 + 0.6 * flex))
    height: Floats = effort * belly * around(shape.angle, 4.0, 1.9)

    bent, tensed = motion.bend, motion.controls["triceps_flex"]
    height += _lift(0.95 * tensed * (1.0 - 0.75 * bent), _mound(shape, 12.0, 4.6, 200.0, 1.6))
    height += _lift(0.45 * tensed * (1.0 - bent), _mound(shape, 17.5, 3.0, 165.0, 3.0))
    height -= _lift(0.40 * bent, _mound(shape, 16.0, 6.0, 190.0, 1.2))
    lift = motion.sine("shoulder_lift")
    height += _lift(0.9 * rise(lift, 0.25) - 0.2 * lift, _mound(shape, 2.8, 4.4, 90.0, 1.4))
    height += _lift(0.55 * motion.sine("shoulder_forward") * (1.0 + 0.5 * lift), _mound(shape, 2.0, 4.0, 20.0, 1.6))
    return height


def elbow_and_forearm(shape: Shape, motion: Motion) -> Floats:
    """Return the elbow tip and the swelling of the muscles of the forearm."""
    bend, fist, wrist = motion.bend, motion.controls["fist"], motion.sine("wrist_bend")
    height = _lift(0.75 * bend, _mound(shape, 28.6, 1.5, 180.0, 7.0))
    height -= _lift(0.30 * bend, _mound(shape, 28.0, 2.2, 130.0, 6.0) + _mound(shape, 28.0, 2.2, 230.0, 6.0))
    height += _lift(bend * (0.25 + 0.70 * fist), _mound(shape, 33.0, 3.2, 50.0, 2.2))
    height += _lift(fist * (0.45 + 0.50 * wrist), _mound(shape, 35.5, 4.6, 285.0, 1.7))
    height += _lift(0.25 * fist + 0.55 * rise(-wrist, 0.2), _mound(shape, 36.0, 4.4, 125.0, 2.0))
    roll = motion.sine("forearm_roll")
    height += _lift(-0.35 * roll, _mound(shape, 34.5, 3.6, 20.0, 2.0))
    return height


def hand(shape: Shape, motion: Motion) -> Floats:
    """Return what shows at wrist and hand: tendons, knuckles, the balls of the palm, finger pads."""
    fist, wrist = motion.controls["fist"], motion.sine("wrist_bend")
    closed = np.sin(np.radians(np.clip(motion.angles["fingers_bend"], 0.0, None)) / 2.0)
    tendons = _mound(shape, 49.5, 3.2, 262.0, 60.0) + 0.8 * _mound(shape, 49.0, 2.8, 296.0, 60.0)
    height = _lift(fist * (0.18 + 0.60 * rise(wrist, 0.15)), tendons)
    height -= _lift(0.30 * rise(wrist, 0.2), _mound(shape, 52.3, 0.9, 270.0, 1.0))
    height -= _lift(0.25 * rise(-wrist, 0.2), _mound(shape, 52.5, 0.9, 90.0, 1.0))
    thumb = np.radians(motion.angles["thumb_across"])
    height += _lift(0.35 * fist + 0.55 * rise(thumb, 0.1), _mound(shape, 56.3, 1.9, 315.0, 2.5))
    height += _lift(0.30 * fist * closed + 0.15 * fist, _mound(shape, 56.3, 2.2, 225.0, 2.5))
    knuckles = bell(shape.along, 60.6, 0.8) * smoothstep(np.sin(np.radians(shape.angle)), 0.2, 0.9)
    height += _lift(closed * (0.25 + 0.30 * fist), knuckles)
    pads = bell(shape.along, 67.0, 1.1) + bell(shape.along, 62.8, 0.9)
    pads = pads * smoothstep(-np.sin(np.radians(shape.angle)), 0.1, 0.9)
    height += _lift(fist * (0.05 + 0.16 * closed), pads)
    return height


def veins(shape: Shape, motion: Motion) -> Floats:
    """Return the veins of the forearm and of the upper arm's front."""
    reach = smoothstep(shape.along, 12.0, 18.0) * (1.0 - smoothstep(shape.along, 47.0, 54.0))
    courses = (
        35.0 + 9.0 * np.sin(shape.along / 3.1) + 1.6 * (shape.along - 30.0),
        -18.0 + 7.0 * np.sin(shape.along / 2.3 + 1.0) - 1.1 * (shape.along - 30.0),
    )
    ridge = np.zeros_like(shape.along)
    for course in courses:
        ridge += around(shape.angle, course, 55.0)
    drive = motion.controls["veins"] * (0.08 + 0.14 * motion.controls["fist"])
    return _lift(drive, ridge * reach)


def slide_along(shape: Shape, motion: Motion) -> Floats:
    """Return how far the skin slides towards the hand."""
    bend, control = motion.bend, motion.controls["skin_slide"]
    behind = around(shape.angle, 180.0, 0.9)
    # The skin is drawn from both sides towards the tip of the bent elbow.
    towards = -(shape.along - 28.3) / 4.5 * bell(shape.along, 28.3, 4.5)
    amount = _lift(bend * (1.0 + 0.5 * control), towards * behind)
    limb = smoothstep(shape.along, 4.0, 16.0) * (1.0 - smoothstep(shape.along, 42.0, 52.0))
    # Fixed in the fold of the inner elbow.
    limb = limb * (1.0 - 0.8 * bell(shape.along, 28.0, 3.0) * around(shape.angle, 0.0, 1.0))
    amount += _lift(control * (0.55 + 0.60 * bend), limb * (0.7 + 0.3 * np.cos(np.radians(shape.angle))))
    return amount


def slide_around(shape: Shape, motion: Motion) -> Floats:
    """Return how far the skin slides around the limb, dragged by the turning forearm."""
    roll, control = motion.sine("forearm_roll"), motion.controls["skin_slide"]
    dragged = bell(shape.along, 29.5, 4.5) * (0.75 - 0.25 * np.cos(np.radians(shape.angle)))
    amount = _lift(0.85 * roll * (1.0 + 0.4 * control), dragged)
    amount += _lift(0.5 * motion.sine("shoulder_roll"), bell(shape.along, 9.0, 5.0))
    return amount


def flesh_offsets(shape: Shape, motion: Motion) -> Floats:
    """Return the offsets (F, V, 3) in centimetres, before skinning, of all that lifts and moves the skin."""
    on_hand = smoothstep(shape.along, 52.0, 56.0)[:, None]
    axis = np.array([1.0, 0.0, 0.0])
    lengthwise = axis - shape.normals * shape.normals[:, :1]
    crosswise = np.cross(axis, shape.normals)
    height = upper_arm(shape, motion) + elbow_and_forearm(shape, motion) + hand(shape, motion) + veins(shape, motion)
    offsets: Floats = height[..., None] * shape.normals
    offsets += slide_along(shape, motion)[..., None] * (lengthwise * (1.0 - on_hand))
    offsets += slide_around(shape, motion)[..., None] * (crosswise * (1.0 - on_hand))
    return offsets


def cloth_offsets(shape: Shape, motion: Motion) -> Floats:
    """Return the offsets (F, V, 3) of the sleeve: carried by the flesh below, wrinkled and shifted by the shoulder."""
    carried = flesh_offsets(shape, motion)
    lift, forward = motion.sine("shoulder_lift"), motion.sine("shoulder_forward")
    free = smoothstep(shape.along, -6.0, 1.0)
    folds = 0.5 + 0.5 * np.cos(1.75 * shape.along + 1.3 * np.sin(np.radians(2.0 * shape.angle)))
    upper, lower = around(shape.angle, 80.0, 0.8), around(shape.angle, 265.0, 0.8)
    height = _lift(0.50 * rise(lift, 0.1), folds * upper * free)
    height += _lift(0.55 * rise(-lift, 0.2), folds * lower * free)
    height += _lift(0.45 * rise(forward * (1.0 + lift), 0.3), folds * around(shape.angle, 0.0, 1.0) * free)
    drawn_up = _lift(-0.4 * rise(lift, 0.2) - 0.15 * forward**2, free)
    offsets: Floats = carried + height[..., None] * shape.normals
    offsets += drawn_up[..., None] * np.array([1.0, 0.0, 0.0])
    return offsets
