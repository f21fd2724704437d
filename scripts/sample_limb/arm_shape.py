"""The bind shape of the arm: where its skin lies, and the coarse cage of arm, hand and fingers.

Every cage point carries, beside its position, coordinates by which weights and muscles find it (`Shape`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_limb.curves import around, bell, smoothstep, spline
from sample_limb.quads import Cage, subdivide, vertex_normals

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RING = 20  # points of a cage ring; the fingers' grid at the knuckles needs exactly 9 above, 9 below, 1 at each side

# Along the arm: half height (Y), half width (Z), middle height, middle width, in centimetres.
# fmt: off
_ALONG = np.array([-8.0, -4.0,  0.0,  4.0, 9.0, 14.0, 19.0, 24.0, 28.0, 32.0, 37.0, 42.0, 47.0, 50.5, 53.0, 56.0, 61.0])
_TALL = np.array([  5.2,  5.6,  5.4,  4.6, 4.0,  3.8,  3.6,  3.35, 3.2,  3.4,  3.2,  2.7,  2.2, 1.95, 1.85, 1.65, 1.15])
_WIDE = np.array([  4.8,  5.0,  4.8,  4.2, 3.7,  3.5,  3.4,  3.35, 3.4,  3.5,  3.25, 2.9,  2.7, 2.65, 2.9,  3.65, 4.25])
_MIDDLE_Y = np.array([0.2, 0.2, 0.2,  0.1, 0.0,  0.0,  0.0,  0.0,  0.0,  0.1,  0.0,  0.0,  0.0,  0.0, 0.05, 0.0, 0.05])
_MIDDLE_Z = np.array([0.0, 0.0, 0.0,  0.0, 0.1,  0.1,  0.0, -0.1, -0.2,  0.0,  0.0,  0.0,  0.0,  0.0,  0.0, 0.1,  0.1])
# fmt: on


@dataclass(frozen=True)
class Mound:
    """A muscle or bone that shows at rest: where along (cm), how long, at which angle, how sharp, how high (cm)."""

    along: float
    length: float
    angle: float
    sharpness: float
    height: float


# Angles: 0 forward (+Z, biceps), 90 up, 180 back (triceps, elbow tip), 270 down.
MOUNDS = (
    Mound(3.0, 4.6, 95.0, 1.0, 1.6),  # deltoid
    Mound(14.8, 4.4, 5.0, 1.6, 1.45),  # biceps
    Mound(11.5, 5.0, 195.0, 1.3, 1.35),  # triceps
    Mound(32.2, 3.8, 50.0, 2.0, 1.05),  # brachioradialis
    Mound(34.0, 4.4, 285.0, 1.4, 0.8),  # flexors of the wrist
    Mound(28.2, 1.7, 180.0, 5.0, 0.7),  # elbow tip
    Mound(27.4, 1.8, 265.0, 4.0, 0.4),  # inner epicondyle
    Mound(27.4, 1.8, 95.0, 4.0, 0.25),  # outer epicondyle
    Mound(50.0, 1.2, 150.0, 6.0, 0.35),  # head of the ulna
    Mound(56.0, 2.2, 305.0, 2.0, 0.9),  # ball of the thumb
    Mound(56.0, 2.6, 225.0, 2.0, 0.55),  # ball of the little finger
)

# Knuckle (x, z), length, half width, half height, spread (degrees about Y), from the index to the little finger.
FINGERS = (
    (61.2, 3.15, 7.4, 0.98, 0.88, 3.5),
    (61.4, 1.08, 8.2, 1.00, 0.90, 0.5),
    (60.9, -1.00, 7.7, 0.96, 0.86, -2.5),
    (59.9, -2.95, 6.2, 0.86, 0.77, -6.5),
)
# Relative length along a finger, its size there, and how far it has curled (degrees) in the relaxed hand.
_FINGER_ALONG = np.array([0.10, 0.30, 0.46, 0.60, 0.78, 0.95])
_FINGER_SIZE = np.array([1.00, 0.95, 1.00, 0.92, 0.90, 0.66])
_FINGER_CURL = np.array([6.0, 8.0, 12.0, 18.0, 22.0, 26.0])
_THUMB_ALONG = np.array([1.2, 2.6, 3.9, 5.0, 6.2, 7.0])
_THUMB_SIZE = np.array([1.28, 1.10, 0.98, 1.04, 0.92, 0.62])

_OUTSIDE = 1.12  # a cage ring of eight points lies outside the surface that it makes

# fmt: off
_STATIONS = np.array([
    -5.6, -3.4, -0.4, 2.8, 6.2, 9.6, 13.0, 16.4, 19.6, 22.2, 24.2, 25.9, 27.3, 28.7, 30.1, 31.8, 34.2, 37.2, 40.6, 44.0,
    47.2, 50.0, 52.2, 54.2, 56.2, 58.2, 60.2,
])
# fmt: on


@dataclass(frozen=True)
class Shape:
    """Points of the limb with the coordinates by which weights and muscles find them.

    `along` (V,) runs in cm from the shoulder and on into the fingers (knuckle 60.4, middle joint 64.5);
    `angle` (V,) in degrees around the limb; `thumb` (V,) is 0 off the thumb and grows in cm along it;
    along `normals` (V, 3) the flesh lifts the point.
    """

    positions: Floats
    along: Floats
    angle: Floats
    thumb: Floats
    quads: Ints
    normals: Floats


def skin_lift(along: Floats, angle: Floats) -> Floats:
    """Return how far the mounds lift the skin (cm) at these places."""
    lift = np.zeros(np.broadcast(along, angle).shape)
    for mound in MOUNDS:
        lift += mound.height * bell(along, mound.along, mound.length) * around(angle, mound.angle, mound.sharpness)
    return lift


def _palm_places() -> tuple[Floats, Floats]:
    """Return (z, y) of the ring (RING,) of a flat palm of half width and half height 1: evenly spaced like fingers."""
    across = np.concatenate([[1.0], np.linspace(0.97, -0.97, 9), [-1.0], np.linspace(-0.97, 0.97, 9)])
    edge = np.array([0.72, 0.98, 0.90, 0.98, 0.90, 0.98, 0.90, 0.98, 0.66])
    return across, np.concatenate([[0.0], edge, [0.0], -edge[::-1]])


def limb_ring(along: float, angle: Floats, gap: Floats) -> Floats:
    """Return cage rows of a ring at `angle` (degrees) around the arm, `gap` cm off its skin."""
    at = np.array([along])
    tall, wide, middle_y, middle_z = (spline(at, _ALONG, values)[0] for values in (_TALL, _WIDE, _MIDDLE_Y, _MIDDLE_Z))
    off = skin_lift(at, angle) + gap
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    z, y = middle_z + (wide + off) * cosine, middle_y + (tall + off) * sine
    return _rows(np.stack([np.full(len(angle), along), y, z], axis=1), along, angle)


def _arm_ring(along: float) -> Floats:
    """Return the cage rows of the ring at this place; towards the knuckles it flattens to the grid of the fingers."""
    angle = 360.0 * np.arange(RING) / RING
    rows = limb_ring(along, angle, np.zeros(RING))
    at = np.array([along])
    tall, wide, middle_y, middle_z = (spline(at, _ALONG, values)[0] for values in (_TALL, _WIDE, _MIDDLE_Y, _MIDDLE_Z))
    across, up = _palm_places()
    lift = skin_lift(at, angle)
    flat = float(smoothstep(at, 51.0, 59.0)[0])
    palm_z = middle_z + wide * across + lift * np.cos(np.radians(angle))
    palm_y = middle_y + tall * up + lift * np.sin(np.radians(angle))
    rows[:, 1] += flat * (palm_y - rows[:, 1])
    rows[:, 2] += flat * (palm_z - rows[:, 2])
    knuckles = float(smoothstep(at, 55.0, 60.2)[0])
    fingers = np.array([[x, z] for x, z, *_ in FINGERS])[::-1]
    rows[:, 0] += knuckles * (np.interp(rows[:, 2], fingers[:, 1], fingers[:, 0]) - 60.9)
    return rows


def _rows(positions: Floats, along: Floats | float, angle: Floats, thumb: float = 0.0) -> Floats:
    """Return cage rows (n, 7): position, along, cos and sin of the angle, thumb."""
    count = len(positions)
    rows = np.empty((count, 7))
    rows[:, :3] = positions
    rows[:, 3] = along
    rows[:, 4], rows[:, 5] = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    rows[:, 6] = thumb
    return rows


def _shoulder_cap(cage: Cage, loop: list[int], edge: Floats) -> None:
    """Close the first ring by a domed grid of 5 x 5 quads."""
    side = RING // 4
    index = np.zeros((side + 1, side + 1), dtype=np.int64)
    border = [(0, j) for j in range(side)] + [(i, side) for i in range(side)]
    border += [(side, side - j) for j in range(side)] + [(side - i, 0) for i in range(side)]
    for place, point in zip(border, loop):
        index[place] = point
    centre = edge.mean(axis=0)
    for i in range(1, side):
        for j in range(1, side):
            # The grid point on the unit square, and the rim point in its direction.
            v, u = 2.0 * i / side - 1.0, 2.0 * j / side - 1.0
            inward = max(abs(u), abs(v))
            turn = np.degrees(np.arctan2(v, u)) + 135.0
            rim = np.array([np.interp(turn % 360.0, np.arange(21) * 18.0, np.append(c, c[0])) for c in edge.T])
            point = centre + (rim - centre) * inward * 0.98
            point[0] -= 0.5 * (1.0 - inward**2)
            index[i, j] = cage.add(_rows(point[None], point[0], np.array([turn % 360.0])))[0]
    for i in range(side):
        for j in range(side):
            cage.quad(index[i, j], index[i, j + 1], index[i + 1, j + 1], index[i + 1, j])


def _grow(cage: Cage, loop: list[int], rings: list[Floats], tip: Floats) -> None:
    """Bridge an 8-point loop through rings of cage rows and close it by one point."""
    near = loop
    for rows in rings:
        far = cage.add(rows)
        cage.bridge(near, far)
        near = far
    centre = cage.add(tip)[0]
    for k in (0, 2, 4, 6):
        cage.quad(near[(k + 1) % 8], near[k], near[k - 1], centre)


def finger_frame(digit: int, share: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Return place, direction, half width and half height (vectors) of a finger at a share of its length."""
    x, z, length, wide, tall, spread = FINGERS[digit]
    outward = np.array([np.cos(np.radians(spread)), 0.0, np.sin(np.radians(spread))])
    upward = np.array([0.0, 1.0, 0.0])
    steps = np.linspace(0.0, share, 33)
    middles = 0.5 * (steps[1:] + steps[:-1])
    curl = np.radians(np.interp(middles, _FINGER_ALONG, _FINGER_CURL))[:, None]
    path = np.cos(curl) * outward - np.sin(curl) * upward
    place = np.array([x, 0.05, z]) + path.mean(axis=0) * share * length
    direction, bent = path[-1], float(curl[-1, 0])
    size = float(np.interp(share, _FINGER_ALONG, _FINGER_SIZE))
    sideways = np.array([-outward[2], 0.0, outward[0]])
    return place, direction, size * wide * sideways, size * tall * (np.sin(bent) * outward + np.cos(bent) * upward)


def _finger(cage: Cage, number: int, loop: list[int]) -> None:
    """Grow one finger from its loop at the knuckles."""
    angle = np.linspace(0.0, 315.0, 8)
    cosine, sine = np.cos(np.radians(angle))[:, None], np.sin(np.radians(angle))[:, None]
    rings = []
    for share in _FINGER_ALONG:
        place, _, side, up = finger_frame(number, share)
        points = place + _OUTSIDE * (cosine * side + sine * up)
        rings.append(finger_rows(points, share, angle, digit=number))
    place, direction, _, up = finger_frame(number, 1.0)
    tip = place + 0.12 * direction - 0.2 * up
    _grow(cage, loop, rings, finger_rows(tip[None], 1.0, np.array([90.0]), digit=number))


def finger_rows(points: Floats, share: float, angle: Floats, *, digit: int, thumb: float = 0.0) -> Floats:
    """Return cage rows of points on a finger (digit 0 to 3) or, `thumb` cm from its root, on the thumb (4)."""
    if digit == 4:
        return _rows(points, 56.5, angle, thumb=thumb)
    return _rows(points, _finger_coordinate(share), angle)


def _finger_coordinate(share: float) -> float:
    """Return `along` at a share of a finger's length, such that the middle joint of every finger is at 64.5."""
    return float(np.interp(share, [0.0, 0.52, 1.0], [60.4, 64.5, 68.5]))


def thumb_frame(along: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Return place, direction, half width and half height (vectors) of the thumb at `along` cm from its root."""
    outward = np.array([0.70, -0.20, 0.70]) / np.linalg.norm([0.70, -0.20, 0.70])
    bend = np.array([0.035, 0.0, -0.035])
    place = np.array([55.6, -0.8, 3.1]) + outward * along + bend * along**2
    direction = outward + 2.0 * bend * along
    direction /= np.linalg.norm(direction)
    side = np.cross(direction, np.array([0.0, 1.0, 0.0]))
    side /= np.linalg.norm(side)
    up = np.cross(side, direction)
    turn = np.radians(40.0 * min(along / 3.0, 1.0))
    wide = float(np.interp(along, _THUMB_ALONG, _THUMB_SIZE))
    tall = 0.86 * wide
    return (
        place,
        direction,
        wide * (np.cos(turn) * side - np.sin(turn) * up),
        tall * (np.cos(turn) * up + np.sin(turn) * side),
    )


def _thumb(cage: Cage, loop: list[int]) -> None:
    """Grow the thumb from its loop at the side of the palm."""
    angle = np.linspace(0.0, 315.0, 8)
    cosine, sine = np.cos(np.radians(angle))[:, None], np.sin(np.radians(angle))[:, None]
    rings = []
    for along in _THUMB_ALONG:
        place, _, side, up = thumb_frame(along)
        points = place + _OUTSIDE * (cosine * side + sine * up)
        rings.append(finger_rows(points, 0.0, angle, digit=4, thumb=along))
    tip, *_ = thumb_frame(7.5)
    _grow(cage, loop, rings, finger_rows(tip[None], 0.0, np.array([90.0]), digit=4, thumb=7.5))


def _cage() -> tuple[Floats, Ints]:
    """Return points and quads of the cage, closed and without loose points."""
    cage = Cage()
    rings = [_arm_ring(float(x)) for x in _STATIONS]
    edges = [rows[:, :3] for rows in rings]
    loops = [cage.add(rows) for rows in rings]
    _shoulder_cap(cage, loops[0], edges[0])
    root = len(loops) - 5
    for number, (near, far) in enumerate(zip(loops, loops[1:])):
        cage.bridge(near, far, skip=(0, 19) if number in (root, root + 1) else ())
    first, middle, last = loops[root : root + 3]
    _thumb(cage, [first[0], first[1], middle[1], last[1], last[0], last[19], middle[19], first[19]])

    knuckles, edge = loops[-1], edges[-1]
    webs = [knuckles[0]]
    for f in (0, 1, 2):
        web = 0.5 * (edge[3 + 2 * f] + edge[17 - 2 * f]) + np.array([0.55, 0.0, 0.0])
        webs += cage.add(_rows(web[None], 60.4, np.array([90.0])))
    webs.append(knuckles[10])
    for f in range(4):
        above, below = knuckles[1 + 2 * f : 4 + 2 * f], knuckles[17 - 2 * f : 20 - 2 * f]
        _finger(cage, f, [webs[f], *above, webs[f + 1], *below])
    return _without_loose_points(*cage.arrays())


def _without_loose_points(points: Floats, quads: Ints) -> tuple[Floats, Ints]:
    """Return the mesh without the points that no quad uses."""
    used, renumbered = np.unique(quads, return_inverse=True)
    return points[used], renumbered.reshape(quads.shape)


def shape_of(rows: Floats, quads: Ints) -> Shape:
    """Return the shape that cage rows (n, 7) and quads describe."""
    angle = np.degrees(np.arctan2(rows[:, 5], rows[:, 4])) % 360.0
    positions = rows[:, :3]
    return Shape(positions, rows[:, 3], angle, rows[:, 6], quads, vertex_normals(positions, quads))


def skin() -> Shape:
    """Return the closed shell of arm and hand, once subdivided."""
    return shape_of(*subdivide(*_cage()))
