"""The joints of the arm, their limits, and world matrices from joint angles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Turn:
    """One rotation of a joint about one of its own axes; angles in degrees, 0 is the bind pose."""

    name: str
    joint: str
    axis: str
    low: float
    high: float
    usual: float
    spread: float


@dataclass(frozen=True)
class Joint:
    """A joint at bind: its place in centimetres and the direction (x, z) of its own Z axis in the XZ plane."""

    name: str
    parent: int
    place: tuple[float, float, float]
    lean: tuple[float, float] = (0.0, 1.0)


ELBOW_PLACE = (28.0, 0.0, -0.9)

JOINTS = (
    Joint("clavicle", -1, (-14.0, 0.0, 0.0)),
    Joint("shoulder", 0, (0.0, 0.3, 0.0)),
    Joint("elbow", 1, ELBOW_PLACE),
    Joint("forearm_twist", 2, (38.0, 0.0, -0.2)),
    Joint("wrist", 3, (52.0, 0.0, 0.0)),
    Joint("fingers", 4, (60.4, 0.0, 0.0), (0.25, 1.0)),
    Joint("fingertips", 5, (64.5, -0.35, 0.0), (0.33, 1.0)),
    Joint("thumb", 4, (55.6, -0.7, 3.4), (-0.8, 1.0)),
)

TURNS = (
    Turn("clavicle_lift", "clavicle", "z", -8.0, 16.0, 2.0, 6.0),
    Turn("clavicle_forward", "clavicle", "y", -10.0, 14.0, 2.0, 6.0),
    Turn("shoulder_lift", "shoulder", "z", -70.0, 40.0, -15.0, 30.0),
    Turn("shoulder_forward", "shoulder", "y", -30.0, 70.0, 20.0, 30.0),
    Turn("shoulder_roll", "shoulder", "x", -35.0, 35.0, 0.0, 16.0),
    Turn("elbow_bend", "elbow", "y", 0.0, 132.0, 55.0, 45.0),
    Turn("forearm_roll", "forearm_twist", "x", -95.0, 60.0, -15.0, 45.0),
    Turn("wrist_bend", "wrist", "z", -60.0, 65.0, 0.0, 32.0),
    Turn("wrist_sideways", "wrist", "y", -18.0, 26.0, 0.0, 11.0),
    Turn("fingers_bend", "fingers", "z", -15.0, 80.0, 25.0, 30.0),
    Turn("fingertips_bend", "fingertips", "z", 0.0, 95.0, 30.0, 32.0),
    Turn("thumb_bend", "thumb", "y", -15.0, 35.0, 6.0, 14.0),
    Turn("thumb_across", "thumb", "z", -12.0, 40.0, 6.0, 15.0),
)

# The positive direction of these turns flexes the limb, which is a negative rotation about the axis.
FLEXING = frozenset(
    {
        "clavicle_forward",
        "shoulder_forward",
        "elbow_bend",
        "wrist_bend",
        "fingers_bend",
        "fingertips_bend",
        "thumb_across",
    }
)


def joint_names() -> tuple[str, ...]:
    """Return the names of the joints in their order."""
    return tuple(joint.name for joint in JOINTS)


def joint_parents() -> npt.NDArray[np.int32]:
    """Return the parent of every joint (J,), -1 for the root."""
    return np.array([joint.parent for joint in JOINTS], dtype=np.int32)


def rest_matrices() -> Floats:
    """Return the world matrices at bind (J, 4, 4), column vectors."""
    rest = np.tile(np.eye(4), (len(JOINTS), 1, 1))
    for matrix, joint in zip(rest, JOINTS):
        third = np.array([joint.lean[0], 0.0, joint.lean[1]])
        third /= np.linalg.norm(third)
        up = np.array([0.0, 1.0, 0.0])
        matrix[:3, :3] = np.stack([np.cross(up, third), up, third], axis=1)
        matrix[:3, 3] = joint.place
    return rest


def rotation(axis: str, degrees: Floats) -> Floats:
    """Return rotation matrices (F, 4, 4) about a coordinate axis."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrices = np.tile(np.eye(4), (len(degrees), 1, 1))
    matrices[:, first, first] = matrices[:, second, second] = cosine
    matrices[:, first, second], matrices[:, second, first] = -sine, sine
    return matrices


def world_matrices(angles: dict[str, Floats]) -> Floats:
    """Return the posed world matrices (F, J, 4, 4) from the angles (F,) of every turn."""
    rest = rest_matrices()
    frames = len(next(iter(angles.values())))
    world = np.empty((frames, len(JOINTS), 4, 4))
    for index, joint in enumerate(JOINTS):
        parent = np.eye(4) if joint.parent < 0 else rest[joint.parent]
        local = np.broadcast_to(np.linalg.inv(parent) @ rest[index], (frames, 4, 4))
        for turn in TURNS:
            if turn.joint == joint.name:
                sign = -1.0 if turn.name in FLEXING else 1.0
                local = local @ rotation(turn.axis, sign * angles[turn.name])
        world[:, index] = local if joint.parent < 0 else world[:, joint.parent] @ local
    return world


def skinning_matrices(world: Floats) -> Floats:
    """Return world @ inverse(rest) (F, J, 4, 4): the identity at bind."""
    moved: Floats = world @ np.linalg.inv(rest_matrices())
    return moved
