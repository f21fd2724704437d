"""A synthetic character of any size, whose frames are made when they are read.

A long tube with cuffs around it, eight joints along it and thirty float inputs. Its skin has local bumps that depend on
one to three inputs each. Lengths are in centimetres, angles in radians.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glm_deep.dataset.frames import MeshRest
from glm_deep.dataset.source import PosedArrays, SkinWeights
from glm_deep.geometry.skinning import blend, posed
from glm_deep.inputs import InputFrames, InputLayout

MESH = "tube"
LENGTH, RADIUS, CUFF_RADIUS, CUFFS = 16.0, 1.0, 1.15, 3
JOINTS, FLOATS = 8, 30
LEAST_VERTICES = 100
_BONE = LENGTH / JOINTS
_SMOOTH = 0.35  # cm over which the weights pass from one joint to the next
_BEND, _TWIST = 0.5, 0.3
_BUMPS, _WIDTH = 60, 1.5
_DRIVER_COUNTS = (1, 2, 1, 3, 1, 2)  # of one bump after the other
_HEIGHTS = (0.25, 0.15, 0.1)  # of bumps with one driver, two and three: correctives are the smaller changes
_COLUMNS_TO_ROWS = 4

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Bump:
    """A local change of the skin: `shape` (n,3) at `vertices` (n,), times the sines of its drivers (one to three,)."""

    vertices: NDArray[np.int64]
    shape: Floats
    drivers: NDArray[np.int64]


class TubeCharacter:
    """The frames of the character as a `FrameSource`; none is held, and the same numbers always give the same frame.

    Args:
        vertices: V, which is met to within a ring.
        frame_count: F.
        seed: of the poses; the character itself depends on V alone.

    Attributes:
        layout, inputs, clips, meshes, frame_count: as in `FrameSource`.
        weights: (V,J). matrices: (F,J,4,4) skinning, identity at bind.
        bumps: what the skin does. drivers: (F,I) what the bumps depend on, floats and then the bend of each joint.

    Raises:
        ValueError: too few vertices, or no frames.
    """

    def __init__(self, vertices: int, frame_count: int, seed: int) -> None:
        if vertices < LEAST_VERTICES or frame_count < 1:
            raise ValueError(f"{vertices} vertices and {frame_count} frames make no character")
        rest = tube(vertices)
        self.meshes = (rest,)
        self.frame_count = frame_count
        self.clips = ("poses",) * frame_count
        self.weights = joint_weights(rest.rest[:, 0])
        self.bumps = _bumps(rest.rest.astype(np.float64))
        random = np.random.default_rng(seed)
        floats = np.clip(random.normal(0.0, 0.5, (frame_count, FLOATS)), -1.0, 1.0)
        bend = random.uniform(-_BEND, _BEND, (frame_count, JOINTS))
        twist = random.uniform(-_TWIST, _TWIST, (frame_count, JOINTS))
        at_bind = _world(np.zeros((1, JOINTS)), np.zeros((1, JOINTS)))[0]
        world = _world(bend, twist)
        self.drivers = np.concatenate([floats, bend], axis=1)
        self.matrices = world @ np.linalg.inv(at_bind)
        self.layout = InputLayout(
            tuple(f"control_{number + 1:02}" for number in range(FLOATS)),
            np.tile([-1.0, 1.0], (FLOATS, 1)),
            tuple(f"joint_{number + 1}" for number in range(JOINTS)),
            np.arange(-1, JOINTS - 1, dtype=np.int32),
            at_bind,
            (),
        )
        self.inputs = InputFrames(floats, world, np.zeros((frame_count, 0, 4, 4)))

    def offsets(self, frames: NDArray[np.integer]) -> Floats:
        """What the bumps add before skinning, (n,V,3)."""
        result = np.zeros((len(frames), len(self.weights), 3))
        swing = np.sin(1.5 * self.drivers[frames])
        for bump in self.bumps:
            result[:, bump.vertices] += swing[:, bump.drivers].prod(axis=1)[:, None, None] * bump.shape
        return result

    def read(self, mesh: int, frames: NDArray[np.integer]) -> PosedArrays:
        """The mesh in the frames of these numbers."""
        rest = self.meshes[mesh].rest.astype(np.float64)
        matrices = self.matrices[frames]
        linear_part = blend(self.weights, matrices)
        linear = np.einsum("nvij,vj->nvi", linear_part, rest) + self.weights @ matrices[:, :, :3, 3]
        deformed = posed(linear, linear_part, self.offsets(frames))
        return PosedArrays(deformed, linear.astype(np.float32), linear_part)

    def skin_weights(self, mesh: int) -> SkinWeights | None:
        """How much each joint holds each vertex."""
        return SkinWeights(self.weights, self.layout.joint_names)


def tube(vertices: int) -> MeshRest:
    """The tube along x and its cuffs, each a shell of its own; rings of equally many vertices, as quads."""
    ideal = np.sqrt(vertices / _COLUMNS_TO_ROWS)
    several = range(max(4, int(0.7 * ideal)), int(1.3 * ideal) + 2)
    columns = min(several, key=lambda n: (abs(n * round(vertices / n) - vertices), abs(n - ideal)))
    rings = round(vertices / columns)
    of_cuff = max(2, rings // 30)
    counts = [rings - CUFFS * of_cuff, *[of_cuff] * CUFFS]
    along = [np.linspace(0.0, LENGTH, counts[0])]
    along += [LENGTH * (k + 0.5) / CUFFS + np.linspace(-0.4, 0.4, of_cuff) for k in range(CUFFS)]
    radii = np.repeat([RADIUS, *[CUFF_RADIUS] * CUFFS], counts)
    x, turn = np.meshgrid(np.concatenate(along), np.arange(columns) * 2 * np.pi / columns, indexing="ij")
    rest = np.stack([x, radii[:, None] * np.cos(turn), radii[:, None] * np.sin(turn)], axis=-1)
    quads = []
    for first, count in zip(np.cumsum([0, *counts[:-1]]), counts):
        here = ((first + np.arange(count - 1)) * columns)[:, None] + np.arange(columns)
        following = np.roll(here, -1, axis=1)
        quads.append(np.stack([here, following, following + columns, here + columns], axis=-1).reshape(-1, 4))
    faces = np.concatenate(quads)
    return MeshRest(
        MESH,
        rest.reshape(-1, 3).astype(np.float32),
        np.full(len(faces), 4, np.int32),
        faces.ravel().astype(np.int32),
    )


def joint_weights(x: NDArray[np.floating]) -> Floats:
    """(V,J) weights of vertices at x along the tube: smooth steps from one joint to the next, a sum of 1."""
    borders = _BONE * np.arange(1, JOINTS)
    steps = 1.0 / (1.0 + np.exp(-(np.asarray(x, np.float64)[:, None] - borders) / _SMOOTH))
    ends = np.ones((len(x), 1)), np.zeros((len(x), 1))
    weights: Floats = -np.diff(np.concatenate([ends[0], steps, ends[1]], axis=1), axis=1)
    return weights


def _world(bend: Floats, twist: Floats) -> Floats:
    """(F,J,4,4) matrices of the chain of joints, each turned about z by its bend and about x by its twist."""
    local = np.tile(np.eye(4), (*bend.shape, 1, 1))
    cos, sin, cos_x, sin_x = np.cos(bend), np.sin(bend), np.cos(twist), np.sin(twist)
    local[..., 0, 0], local[..., 1, 0] = cos, sin
    local[..., 0, 1], local[..., 1, 1], local[..., 2, 1] = -sin * cos_x, cos * cos_x, sin_x
    local[..., 0, 2], local[..., 1, 2], local[..., 2, 2] = sin * sin_x, -cos * sin_x, cos_x
    local[:, 1:, 0, 3] = _BONE
    world: Floats = local.copy()
    for joint in range(1, JOINTS):
        world[:, joint] = world[:, joint - 1] @ local[:, joint]
    return world


def _bumps(rest: Floats) -> tuple[Bump, ...]:
    """The bumps of the skin, at the same places for any V; each float is a driver of some."""
    random = np.random.default_rng(1)
    result = []
    for number in range(_BUMPS):
        along, turn = random.uniform(0.0, LENGTH), random.uniform(0.0, 2 * np.pi)
        place = np.array([along, RADIUS * np.cos(turn), RADIUS * np.sin(turn)])
        centre = rest[np.argmin(np.sum((rest - place) ** 2, axis=1))]  # so that it moves a vertex at least
        squared = np.sum((rest - centre) ** 2, axis=1) / _WIDTH**2
        vertices = np.flatnonzero(squared < 1.0)
        direction = random.normal(size=3)
        count = _DRIVER_COUNTS[number % len(_DRIVER_COUNTS)]
        direction *= _HEIGHTS[count - 1] / np.linalg.norm(direction)
        shape = ((1.0 - squared[vertices]) ** 2)[:, None] * direction
        near = FLOATS + min(JOINTS - 1, int(along / _BONE))
        first = number % FLOATS if number < 1.5 * FLOATS else near
        others = random.choice(np.setdiff1d(np.arange(FLOATS), [first]), 2, replace=False)
        result.append(Bump(vertices, shape, np.array([first, *others])[:count]))
    return tuple(result)
