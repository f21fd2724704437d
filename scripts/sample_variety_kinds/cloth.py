"""`cloth`: a skirt over moving legs that lags, swings out and wrinkles: much of it does not follow from the pose.

Every clip ends with a hold, in which the inputs stand still and the cloth does not. Unseen poses are those of a
skirt that has come to rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_limb.curves import bell, positive, smoothstep
from sample_variety_kinds.motion import FRAMES_PER_SECOND, UNSEEN, Channels, Take, flowing_take
from sample_variety_kinds.order import Order
from sample_variety_kinds.recording import Arrays, Floats, Posing, archive, float_arrays, skinned_mesh, stored
from sample_variety_kinds.skeleton import Joint, Skeleton, linear_parts, linearly_skinned
from sample_variety_kinds.surfaces import Surface, closed_grid_quads

HOLD = 0.1
"""Share of the frames at the end of every clip in which nothing of the rig moves."""

FLOATS = ("flare", "wind")
_AROUND = 96
_WAIST, _HEM = 103.0, 42.0
_STEPS = 6  # of the simulation in a frame
_DAMPING = 0.3
_SLOWEST, _QUICKEST = 20.0, 70.0  # rad/s, at the hem and at the waist
_SKELETON = Skeleton(
    (
        Joint("pelvis", "", (0.0, 95.0, 0.0), ((-12, 18), (-30, 30), (-10, 10))),
        Joint("waist", "pelvis", (0.0, 106.0, 0.0), ((-20, 30), (-25, 25), (-15, 15))),
        *(
            joint
            for side, x in (("left", 9.0), ("right", -9.0))
            for joint in (
                Joint(f"{side}_hip", "pelvis", (x, 91.0, 0.0), ((-70, 30), (-20, 20), (-25, 25))),
                Joint(f"{side}_knee", f"{side}_hip", (x, 50.0, 1.0), ((0, 90), (0, 0), (0, 0))),
                Joint(f"{side}_ankle", f"{side}_knee", (x, 8.0, -1.0), ((-20, 30), (0, 0), (0, 0))),
            )
        ),
    )
)
_LEGS = (("hip", "knee", 10.0), ("knee", "ankle", 7.0))


@dataclass(frozen=True)
class Skirt:
    """The surface, its weights (V, J), how far down (V,) a point is (0 waist, 1 hem), its angle (V,) in radians."""

    surface: Surface
    weights: Floats
    down: Floats
    turn: Floats


def build(order: Order) -> Arrays:
    """Return the arrays of the archive."""
    skirt, joints = _skirt(order.vertices), len(_SKELETON.joints)
    low, high = np.zeros(len(FLOATS)), np.ones(len(FLOATS))
    sway = Channels.of(np.full(3, -9.0), np.full(3, 9.0))
    channels = Channels.of(*_SKELETON.limits).beside(sway).beside(Channels.of(low, high))
    take = flowing_take(order, channels, hold=HOLD)
    angles = take.values[:, : 3 * joints].reshape(-1, joints, 3)
    shifts = np.zeros_like(angles)
    shifts[:, 0] = take.values[:, 3 * joints : 3 * joints + 3]
    floats = take.values[:, 3 * joints + 3 :]
    posing = Posing.of(_SKELETON, angles, shifts)
    moved = _history(skirt, _draped(skirt, posing, floats), posing, take, order)
    mesh = skinned_mesh("skirt", skirt.surface, skirt.weights, posing, lambda piece: moved[piece].astype(np.float64))
    return archive(["skirt"], take.clips, posing.arrays(), float_arrays(FLOATS, floats, low, high), mesh)


def _skirt(vertices: int) -> Skirt:
    rows = max(6, round(vertices / _AROUND))
    row, place = (grid.ravel() for grid in np.meshgrid(np.arange(rows), np.arange(_AROUND), indexing="ij"))
    down, turn = row / (rows - 1.0), 2.0 * np.pi * place / _AROUND
    pleats = 1.0 + 0.04 * down * np.cos(12.0 * turn)
    wide, deep = (14.0 + 20.0 * down) * pleats, (10.5 + 21.0 * down) * pleats
    points = np.stack([wide * np.sin(turn), _WAIST + (_HEM - _WAIST) * down, deep * np.cos(turn)], axis=1)
    left = smoothstep(points[:, 0], -14.0, 14.0)
    on_legs, on_shins = 0.8 * smoothstep(down, 0.05, 0.7), 0.5 * smoothstep(down, 0.55, 1.2)
    on_waist = 0.7 * (1.0 - smoothstep(down, 0.0, 0.2))
    weights = np.zeros((len(points), len(_SKELETON.joints)))
    names = _SKELETON.names
    weights[:, 1] = (1.0 - on_legs) * on_waist
    weights[:, 0] = (1.0 - on_legs) * (1.0 - on_waist)
    for side, share in (("left", left), ("right", 1.0 - left)):
        weights[:, names.index(f"{side}_hip")] = on_legs * share * (1.0 - on_shins)
        weights[:, names.index(f"{side}_knee")] = on_legs * share * on_shins
    return Skirt(Surface.of(points, closed_grid_quads(rows, _AROUND)), stored(weights), down, turn)


def _draped(skirt: Skirt, posing: Posing, floats: Floats) -> npt.NDArray[np.float32]:
    """Return where the skirt hangs at rest in every pose (F, V, 3): what follows from the pose."""
    draped = np.empty((len(floats), len(skirt.down), 3), np.float32)
    for frame, (flare, wind) in enumerate(floats):
        matrices = posing.matrices[frame : frame + 1]
        flesh = skirt.surface.points + (4.0 * flare * skirt.down**2)[:, None] * skirt.surface.normals
        flesh[:, 2] -= 6.0 * wind * skirt.down**2 * bell(np.sin(skirt.turn), 0.4, 0.8)
        hanging = linearly_skinned(flesh, skirt.weights, matrices)[0]
        for side in ("left", "right"):
            for upper, lower, radius in _LEGS:
                ends = [posing.world[frame, _SKELETON.names.index(f"{side}_{name}"), :3, 3] for name in (upper, lower)]
                hanging = _pushed_out(hanging, ends[0], ends[1], radius)
        draped[frame] = hanging
    return draped


def _pushed_out(points: Floats, start: Floats, end: Floats, radius: float) -> Floats:
    """Return points (V, 3) outside the capsule around a bone."""
    bone = end - start
    share = np.clip((points - start) @ bone / (bone @ bone), 0.0, 1.0)
    off = points - start - share[:, None] * bone
    distance = np.linalg.norm(off, axis=1)
    push = positive(radius - distance, 1.0)
    moved: Floats = points + (push / np.maximum(distance, 1e-6))[:, None] * off
    return moved


def _history(
    skirt: Skirt, draped: npt.NDArray[np.float32], posing: Posing, take: Take, order: Order
) -> npt.NDArray[np.float32]:
    """Return the true positions (F, V, 3): the cloth swings about where it would hang, and wrinkles as it likes."""
    moved: npt.NDArray[np.float32] = draped.copy()
    random = order.random(1)
    for span in take.spans():
        settled = take.clips[span.start] == UNSEEN
        if not settled:
            moved[span] = _swung(draped[span], skirt.down)
        moved[span] += _wrinkles(skirt, moved[span], posing.matrices[span], random, settled)
    return moved


def _swung(hanging: npt.NDArray[np.float32], down: Floats) -> npt.NDArray[np.float32]:
    """Return the positions (F, V, 3) of damped springs that pull every point to where it hangs."""
    stiff = (_QUICKEST + (_SLOWEST - _QUICKEST) * smoothstep(down, 0.0, 0.6))[:, None]
    drag, step = 2.0 * _DAMPING * stiff, 1.0 / (FRAMES_PER_SECOND * _STEPS)
    place, speed = hanging[0].astype(np.float64), np.zeros((len(down), 3))
    swung: npt.NDArray[np.float32] = hanging.copy()
    for frame in range(1, len(hanging)):
        for part in range(1, _STEPS + 1):
            goal = hanging[frame - 1] + (hanging[frame] - hanging[frame - 1]) * (part / _STEPS)
            speed += step * (stiff**2 * (goal - place) - drag * speed)
            place = place + step * speed
        swung[frame] = place
    return swung


def _wrinkles(
    skirt: Skirt, moved: npt.NDArray[np.float32], matrices: Floats, random: np.random.Generator, settled: bool
) -> Floats:
    """Return folds (F, V, 3) whose phase wanders with the motion; they are deeper the quicker the cloth moves."""
    frames = len(moved)
    speed = np.zeros(frames)
    if not settled:
        speed[1:] = np.linalg.norm(np.diff(moved, axis=0), axis=2).mean(axis=1) * FRAMES_PER_SECOND
    steps = np.full(frames, np.pi) if settled else 0.02 * speed
    phases = random.uniform(0.0, 2.0 * np.pi, 3) + np.cumsum(steps[:, None] * random.normal(size=(frames, 3)), axis=0)
    depth = 0.25 + 0.5 * np.tanh(speed / 60.0)
    height = np.zeros(moved.shape[:2])
    for wave, share, phase in zip((7.0, 11.0, 16.0), (1.0, 0.7, 0.5), phases.T):
        turn = wave * skirt.turn + 2.0 * np.sin(3.0 * skirt.down + wave)
        height += share * np.sin(turn + phase[:, None])
    height *= depth[:, None] * smoothstep(skirt.down, 0.05, 0.6)
    turned = linear_parts(skirt.weights, matrices)[..., :3]
    folds: Floats = height[..., None] * (turned @ skirt.surface.normals[..., None])[..., 0]
    return folds
