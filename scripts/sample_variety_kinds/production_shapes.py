"""What lies on top of the skinning of the `production` character: muscles, correctives and blend shapes.

Each is a drive (F,) that depends on joints and floats, times a field of offsets (V, 3) before skinning, in cm.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sample_limb.curves import bell, rise, smoothstep
from sample_variety_kinds.production_rig import bones
from sample_variety_kinds.skeleton import Skeleton
from sample_variety_kinds.surfaces import Surface

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FACE, BODY = 40, 20
_FACE_PAIRS, _FACE_TRIPLES, _BODY_PAIRS = 40, 15, 12
_CORRECTED = ("shoulder", "elbow", "hip", "knee")
_TARGETS = 2  # poses with a corrective, for each of these joints
_POSE_WIDTH = 35.0


def float_names() -> tuple[str, ...]:
    """Return the names of the floats: those of the face, then those of the body."""
    return tuple(f"face_{k:02}" for k in range(FACE)) + tuple(f"body_{k:02}" for k in range(BODY))


def drives(rig: Skeleton, angles: Floats, floats: Floats) -> Floats:
    """Return how strongly each field acts (F, n), in the order of `fields`; angles are (F, J, 3), floats (F, K)."""
    turned, parents = _turned(rig, angles), np.maximum(rig.parents, 0)
    muscles = rise(turned, 0.2) * (0.5 + 0.5 * turned[:, parents]) + 0.6 * turned * turned[:, parents]
    posed = [
        np.exp(-0.5 * np.sum((angles[:, joint] - target) ** 2, axis=1) / _POSE_WIDTH**2)
        - np.exp(-0.5 * np.sum(target**2) / _POSE_WIDTH**2)
        for joint, target in _corrected_poses(rig)
    ]
    pairs, triples = _combinations()
    products = floats[:, pairs].prod(axis=2), floats[:, triples].prod(axis=2)
    return np.concatenate([muscles, np.stack(posed, axis=1), floats, *products], axis=1)


def fields(rig: Skeleton, skin: Surface) -> Floats:
    """Return the offsets (n, V, 3) of each field."""
    random = np.random.default_rng(3)
    middles, lengths = _bone_middles(rig)
    muscles = [
        _mound(skin, middle, 0.35 * length, np.clip(0.16 * length, 0.25, 3.5), random)
        for middle, length in zip(middles, lengths)
    ]
    posed = [_mound(skin, rig.places[joint], 7.0, 2.0, random) for joint, _ in _corrected_poses(rig)]
    shapes = _shape_fields(skin, middles, random)
    pairs, triples = _combinations()
    combined = [0.5 * shapes[group].mean(axis=0) * random.normal(size=3) for group in (*pairs, *triples)]
    return np.concatenate([np.stack(muscles), np.stack(posed), shapes, 2.0 * np.stack(combined)])


def folds(rig: Skeleton, angles: Floats) -> Floats:
    """Return how strongly each fold of the cloth shows (F, 6): products of turns of neighbouring joints."""
    turned, names = _turned(rig, angles), rig.names
    pairs = [("spine_1", "root"), ("spine_3", "chest")]
    pairs += [(f"{side}_shoulder", f"{side}_clavicle") for side in ("left", "right")]
    pairs += [(f"{side}_hip", "root") for side in ("left", "right")]
    columns = [np.tanh(2.0 * turned[:, names.index(a)]) * (0.6 + turned[:, names.index(b)]) for a, b in pairs]
    return np.stack(columns, axis=1)


def fold_fields(rig: Skeleton, cloth: Surface) -> Floats:
    """Return the offsets (6, V, 3) of each fold."""
    x, y, _ = cloth.points.T
    left, right = smoothstep(x, 5.0, 14.0), smoothstep(-x, 5.0, 14.0)
    high, low = bell(y, 132.0, 9.0), smoothstep(y, 98.0, 80.0)
    where = (bell(y, 105.0, 7.0), bell(y, 122.0, 8.0), left * high, right * high, left * low, right * low)
    random = np.random.default_rng(4)
    waves = [np.sin(0.45 * cloth.points @ random.normal(size=3) + random.uniform(0.0, 6.0)) for _ in where]
    heights = np.stack([1.6 * place * wave for place, wave in zip(where, waves)])
    offsets: Floats = heights[..., None] * cloth.normals
    return offsets


def _turned(rig: Skeleton, angles: Floats) -> Floats:
    """Return one number (F, J) for how far each joint has turned, about 1 at its limits."""
    low, high = (limits.reshape(-1, 3) for limits in rig.limits)
    widest = np.maximum(np.maximum(np.abs(low), np.abs(high)), 1e-9)
    signs = np.where(np.abs(low) > np.abs(high), -1.0, 1.0)
    share = (high - low) / np.maximum((high - low).sum(axis=1, keepdims=True), 1e-9)
    turned: Floats = np.sum(share * signs * angles / widest, axis=2)
    return turned


def _corrected_poses(rig: Skeleton) -> list[tuple[int, Floats]]:
    """Return the joints and the angles (3,) at which a corrective is at its full height."""
    random = np.random.default_rng(5)
    low, high = (limits.reshape(-1, 3) for limits in rig.limits)
    joints = [rig.names.index(f"{side}_{name}") for side in ("left", "right") for name in _CORRECTED]
    return [(joint, random.uniform(low[joint], high[joint])) for joint in joints for _ in range(_TARGETS)]


def _combinations() -> tuple[Ints, Ints]:
    """Return the floats of each pair (n, 2) and of each triple (m, 3); the numbers of near shapes are near."""
    random = np.random.default_rng(6)
    first = random.integers(0, FACE - 4, _FACE_PAIRS)
    pairs = np.stack([first, first + random.integers(1, 5, _FACE_PAIRS)], axis=1)
    lone = FACE + random.integers(0, BODY - 2, _BODY_PAIRS)
    others = np.stack([lone, lone + random.integers(1, 3, _BODY_PAIRS)], axis=1)
    start = random.integers(0, FACE - 5, _FACE_TRIPLES)
    step = random.integers(1, 3, (2, _FACE_TRIPLES))
    return np.concatenate([pairs, others]), np.stack([start, start + step[0], start + step.sum(axis=0)], axis=1)


def _bone_middles(rig: Skeleton) -> tuple[Floats, Floats]:
    """Return the middle (J, 3) and the length (J,) of the first bone of each joint."""
    joints, starts, ends = bones(rig)
    first = np.array([np.flatnonzero(joints == joint)[0] for joint in range(len(rig.joints))])
    return 0.5 * (starts + ends)[first], np.linalg.norm(ends - starts, axis=1)[first]


def _mound(skin: Surface, centre: Floats, width: float, height: float, random: np.random.Generator) -> Floats:
    """Return offsets (V, 3) outwards around a place inside the body, on the side of a random direction."""
    nearest = np.linalg.norm(skin.points - centre, axis=1)
    direction = random.normal(size=3)
    facing = 0.5 + 0.5 * skin.normals @ (direction / np.linalg.norm(direction))
    offsets: Floats = (height * bell(nearest, nearest.min(), width) * facing)[:, None] * skin.normals
    return offsets


def _shape_fields(skin: Surface, middles: Floats, random: np.random.Generator) -> Floats:
    """Return the offsets (K, V, 3) of the floats."""
    x, y, z = skin.points.T
    face = smoothstep(y, 147.0, 151.0) * smoothstep(z, -2.0, 3.0) * smoothstep(-np.abs(x), -13.0, -11.0)
    # From the chin to the brow, so that shapes with near numbers are near.
    centres = np.stack([random.uniform(-7.0, 7.0, FACE), np.linspace(150.0, 172.0, FACE)], axis=1)
    shapes = []
    for centre in centres:
        place = face * bell(np.hypot(x - centre[0], y - centre[1]), 0.0, random.uniform(1.8, 4.0))
        shapes.append(random.uniform(0.6, 1.6) * place[:, None] * (random.normal(size=3) + skin.normals))
    for number in range(BODY):
        middle = middles[(2 * number) % len(middles)]
        shapes.append(_mound(skin, middle, 8.0, 2.0, random) * smoothstep(-y, -150.0, -145.0)[:, None])
    return np.stack(shapes)
