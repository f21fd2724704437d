"""The joints of the `production` character, and its skin weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sample_variety_kinds.skeleton import Joint, Skeleton
from sample_variety_kinds.surfaces import Neighbours, Surface

Floats = npt.NDArray[np.float64]
Turns = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]

_SPINE: tuple[tuple[str, str, tuple[float, float, float], Turns], ...] = (
    ("root", "", (0, 96, 0), ((-10, 10), (-20, 20), (-8, 8))),
    ("spine_1", "root", (0, 104, 0), ((-10, 20), (-12, 12), (-10, 10))),
    ("spine_2", "spine_1", (0, 112, 0), ((-10, 20), (-12, 12), (-10, 10))),
    ("spine_3", "spine_2", (0, 120, 0), ((-10, 15), (-12, 12), (-8, 8))),
    ("chest", "spine_3", (0, 128, 0), ((-8, 12), (-10, 10), (-6, 6))),
    ("neck", "chest", (0, 145, 0), ((-20, 25), (-30, 30), (-15, 15))),
    ("head", "neck", (0, 153, 0), ((-20, 25), (-35, 35), (-15, 15))),
    ("jaw", "head", (0, 154, 3), ((0, 22), (-4, 4), (0, 0))),
)
# The left side; the right one is its mirror image.
_SIDE: tuple[tuple[str, str, tuple[float, float, float], Turns], ...] = (
    ("clavicle", "chest", (4, 139, 1), ((0, 0), (-12, 8), (-6, 20))),
    ("shoulder", "clavicle", (18, 137, 0), ((-35, 35), (-70, 25), (-70, 45))),
    ("elbow", "shoulder", (44, 137, -1), ((-40, 40), (-125, 0), (0, 0))),
    ("wrist", "elbow", (64, 137, 0), ((-35, 35), (-20, 20), (-55, 55))),
    ("index_1", "wrist", (78, 137, 4.5), ((0, 0), (-8, 8), (-80, 10))),
    ("index_2", "index_1", (84, 137, 4.5), ((0, 0), (0, 0), (-90, 0))),
    ("middle_1", "wrist", (78, 137, 0), ((0, 0), (-8, 8), (-80, 10))),
    ("middle_2", "middle_1", (84, 137, 0), ((0, 0), (0, 0), (-90, 0))),
    ("little_1", "wrist", (78, 137, -4.5), ((0, 0), (-8, 8), (-80, 10))),
    ("little_2", "little_1", (84, 137, -4.5), ((0, 0), (0, 0), (-90, 0))),
    ("thumb_1", "wrist", (67, 137, 2), ((-20, 20), (-15, 30), (-10, 10))),
    ("thumb_2", "thumb_1", (67, 137, 6.5), ((-10, 45), (0, 0), (0, 0))),
    ("hip", "root", (9.5, 91, 0), ((-90, 25), (-25, 25), (-10, 35))),
    ("knee", "hip", (9.5, 50, 0), ((0, 120), (0, 0), (0, 0))),
    ("ankle", "knee", (9.5, 9, -2), ((-30, 40), (-15, 15), (-10, 10))),
    ("toes", "ankle", (9.5, 3, 7), ((-35, 15), (0, 0), (0, 0))),
)
_TIPS = {"head": (0, 175, 0), "jaw": (0, 150, 10)}  # of the others, as far as the joint is from its parent
_SMOOTHING = 3  # steps on the coarse mesh; a finer one needs the square of its refinement
_INFLUENCES = 6


def skeleton() -> Skeleton:
    """Return the 40 joints."""
    joints = [Joint(*row) for row in _SPINE]
    centre = {name for name, *_ in _SPINE}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for name, parent, (x, y, z), turns in _SIDE:
            mirrored = turns if sign > 0 else (turns[0], _negative(turns[1]), _negative(turns[2]))
            above = parent if parent in centre else f"{side}_{parent}"
            joints.append(Joint(f"{side}_{name}", above, (sign * x, y, z), mirrored))
    return Skeleton(tuple(joints))


def bones(rig: Skeleton) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Return the joint (n,), start (n, 3) and end (n, 3) of every bone; a joint with several children has several."""
    places, parents = rig.places, rig.parents
    rows = [(int(parent), places[parent], places[joint]) for joint, parent in enumerate(parents) if parent >= 0]
    for joint, name in enumerate(rig.names):
        if name in _TIPS:
            rows.append((joint, places[joint], np.array(_TIPS[name], np.float64)))
        elif joint not in parents:
            rows.append((joint, places[joint], 2.0 * places[joint] - places[parents[joint]]))
    return np.array([row[0] for row in rows]), np.stack([row[1] for row in rows]), np.stack([row[2] for row in rows])


def skin_weights(skin: Surface, level: int, rig: Skeleton) -> Floats:
    """Return smooth weights (V, J): every point goes to its nearest bone, and shares spread along the surface."""
    joints, starts, ends = bones(rig)
    along = ends - starts
    share = np.einsum("vna,na->vn", skin.points[:, None] - starts, along) / np.einsum("na,na->n", along, along)
    off = skin.points[:, None] - starts - np.clip(share, 0.0, 1.0)[..., None] * along
    nearest = joints[np.argmin(np.linalg.norm(off, axis=2), axis=1)]
    weights = np.eye(len(rig.joints))[nearest]
    weights = Neighbours.of(skin.quads, len(skin.points)).smoothed(weights, _SMOOTHING * 4**level)
    least = np.sort(weights, axis=1)[:, -_INFLUENCES - 1 : -_INFLUENCES]
    weights = np.maximum(weights - least, 0.0)
    normalised: Floats = weights / weights.sum(axis=1, keepdims=True)
    return normalised


def _negative(limits: tuple[float, float]) -> tuple[float, float]:
    return -limits[1], -limits[0]
