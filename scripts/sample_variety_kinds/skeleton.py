"""Joints whose axes lie along those of the world at bind, and their matrices in a motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Joint:
    """A joint at bind: its parent's name (empty for a root), its place (cm), and how far it turns (degrees).

    `turns` are the lowest and highest angles about its X, Y and Z axis.
    """

    name: str
    parent: str
    place: tuple[float, float, float]
    turns: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Skeleton:
    """Joints; parents come before their children."""

    joints: tuple[Joint, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names in their order."""
        return tuple(joint.name for joint in self.joints)

    @property
    def parents(self) -> Ints:
        """The number of each parent (J,), -1 for a root."""
        names = self.names
        return np.array([names.index(joint.parent) if joint.parent else -1 for joint in self.joints], np.int32)

    @property
    def places(self) -> Floats:
        """Where the joints are at bind (J, 3), cm."""
        return np.array([joint.place for joint in self.joints], np.float64)

    @property
    def limits(self) -> tuple[Floats, Floats]:
        """Lowest and highest angles (J * 3,) each."""
        turns = np.array([joint.turns for joint in self.joints], np.float64).reshape(-1, 2)
        return turns[:, 0], turns[:, 1]

    def rest(self) -> Floats:
        """Return the world matrices at bind (J, 4, 4)."""
        matrices = np.tile(np.eye(4), (len(self.joints), 1, 1))
        matrices[:, :3, 3] = self.places
        return matrices

    def posed(self, angles: Floats, shifts: Floats | None = None) -> Floats:
        """Return world matrices (F, J, 4, 4).

        Args:
            angles: (F, J, 3) degrees; about X first, then Y, then Z.
            shifts: (F, J, 3) cm in the space of the parent, none by default.
        """
        world = np.empty((len(angles), len(self.joints), 4, 4))
        places, parents = self.places, self.parents
        for joint, parent in enumerate(parents):
            local = np.tile(np.eye(4), (len(angles), 1, 1))
            local[:, :3, :3] = rotations(angles[:, joint])
            local[:, :3, 3] = places[joint] - (places[parent] if parent >= 0 else 0.0)
            if shifts is not None:
                local[:, :3, 3] += shifts[:, joint]
            world[:, joint] = local if parent < 0 else world[:, parent] @ local
        return world

    def relative(self, world: Floats) -> Floats:
        """Return the skinning matrices (F, J, 4, 4): the identity at bind."""
        moved: Floats = world @ np.linalg.inv(self.rest())
        return moved


def rotations(angles: Floats) -> Floats:
    """Return matrices (F, 3, 3) from degrees (F, 3) about X, then Y, then Z."""
    turned = np.tile(np.eye(3), (len(angles), 1, 1))
    for axis, (first, second) in enumerate(((1, 2), (2, 0), (0, 1))):
        matrix = np.tile(np.eye(3), (len(angles), 1, 1))
        cosine, sine = np.cos(np.radians(angles[:, axis])), np.sin(np.radians(angles[:, axis]))
        matrix[:, first, first] = matrix[:, second, second] = cosine
        matrix[:, first, second], matrix[:, second, first] = -sine, sine
        turned = matrix @ turned
    return turned


def chain(
    names: Sequence[str], places: Floats, turns: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
) -> Skeleton:
    """Return joints in a row, each the parent of the next, that turn alike; `places` is (J, 3)."""
    parents = ["", *names[:-1]]
    return Skeleton(
        tuple(
            Joint(name, parent, (float(x), float(y), float(z)), turns)
            for name, parent, (x, y, z) in zip(names, parents, places)
        )
    )


def chain_weights(along: Floats, joints: Floats, reach: float) -> Floats:
    """Return smooth weights (V, J) of a chain from places `along` it (V,) and those of its joints (J,), ascending."""
    handed_on = np.clip((along[:, None] - joints[1:]) / reach + 0.5, 0.0, 1.0)
    handed_on = handed_on**2 * (3.0 - 2.0 * handed_on)
    ones = np.ones((len(along), 1))
    kept = np.concatenate([1.0 - handed_on, ones], axis=1)
    weights: Floats = kept * np.cumprod(np.concatenate([ones, handed_on], axis=1), axis=1)
    return weights


def linear_parts(weights: Floats, matrices: Floats) -> Floats:
    """Return the blended maps (F, V, 3, 4) of all vertices from weights (V, J) and matrices (F, J, 4, 4)."""
    frames, joints = matrices.shape[:2]
    blended: Floats = weights @ matrices[:, :, :3].reshape(frames, joints, 12)
    return blended.reshape(frames, len(weights), 3, 4)


def linearly_skinned(points: Floats, weights: Floats, matrices: Floats) -> Floats:
    """Return posed positions (F, V, 3) of points (V, 3) or (F, V, 3)."""
    maps = linear_parts(weights, matrices)
    posed: Floats = (maps[..., :3] @ np.broadcast_to(points, maps.shape[:3])[..., None])[..., 0] + maps[..., 3]
    return posed
