"""`floats_only`: a face of blend shapes with combination correctives; there are no joints and no skinning."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sample_limb.curves import bell, smoothstep
from sample_variety_kinds.motion import Channels, unrelated_take
from sample_variety_kinds.order import Order
from sample_variety_kinds.recording import Arrays, Floats, archive, float_arrays, rigid_mesh
from sample_variety_kinds.surfaces import Surface, sheet

Ints = npt.NDArray[np.int64]

SHAPES, PAIRS, TRIPLES = 100, 120, 40
_ACTIVE = 0.3
_WIDTH, _HEIGHT = 17.0, 22.0


def build(order: Order) -> Arrays:
    """Return the arrays of the archive."""
    surface, across, up = _face(order.vertices)
    low, high = np.zeros(SHAPES), np.ones(SHAPES)
    take = unrelated_take(order, Channels.of(low, high, _ACTIVE))
    centres, first, second, third = _combinations()
    random = np.random.default_rng(1)
    offsets = np.concatenate(
        [
            _local(surface, across, up, centres, (0.5, 1.8), random),
            # What is half open swings outwards, as a lid does over the eye.
            _local(surface, across, up, centres, (0.0, 0.5), random),
            _local(surface, across, up, 0.5 * (centres[first] + centres[second]), (0.3, 1.0), random),
            _local(surface, across, up, centres[third].mean(axis=1), (0.3, 1.2), random),
        ]
    ).reshape(-1, 3 * len(surface.points))

    def truth(piece: slice) -> Floats:
        value = take.values[piece]
        pairs, triples = value[:, first] * value[:, second], value[:, third].prod(axis=2)
        drives = np.concatenate([value, value * (1.0 - value), pairs, triples], axis=1)
        posed: Floats = surface.points + (drives @ offsets).reshape(len(value), -1, 3)
        return posed

    names = [f"shape_{number:02}" for number in range(SHAPES)]
    mesh = rigid_mesh("face", surface, len(take.values), truth)
    return archive(["face"], take.clips, float_arrays(names, take.values, low, high), mesh)


def _face(vertices: int) -> tuple[Surface, Floats, Floats]:
    """Return a mask with a nose, eye sockets and lips, and where its points are (V,): across and up, in cm."""
    quads, across, up = sheet(vertices, _WIDTH, _HEIGHT)
    depth = 8.0 * np.sqrt(np.maximum(1.3 - (across / 9.0) ** 2 - (up / 12.5) ** 2, 0.02))
    depth += 2.2 * bell(across, 0.0, 1.2) * smoothstep(up, 3.5, -1.5) * smoothstep(up, -3.5, -2.5)
    depth -= 1.2 * bell(np.abs(across), 3.2, 1.2) * bell(up, 3.2, 0.9)
    depth += 0.6 * bell(across, 0.0, 2.2) * (bell(up, -5.2, 0.5) + bell(up, -6.5, 0.6))
    return Surface.of(np.stack([across, up, depth], axis=1), quads), across, up


def _combinations() -> tuple[Floats, Ints, Ints, Ints]:
    """Return the centres of the shapes (K, 2), and the shapes of pairs (n,), (n,) and triples (m, 3): near ones."""
    random = np.random.default_rng(2)
    centres = random.uniform(-0.45, 0.45, (SHAPES, 2)) * np.array([_WIDTH, _HEIGHT])
    near = np.argsort(np.linalg.norm(centres[:, None] - centres, axis=2), axis=1)
    first, fourth = random.integers(0, SHAPES, PAIRS), random.integers(0, SHAPES, TRIPLES)
    second = near[first, random.integers(1, 7, PAIRS)]
    steps = random.integers(1, 4, TRIPLES)
    third = np.stack([fourth, near[fourth, steps], near[fourth, steps + random.integers(1, 4, TRIPLES)]], axis=1)
    return centres, first, second, third


def _local(
    surface: Surface,
    across: Floats,
    up: Floats,
    centres: Floats,
    height: tuple[float, float],
    random: np.random.Generator,
) -> Floats:
    """Return offsets (n, V, 3) around the centres (n, 2), as high as within `height` (cm), in random directions."""
    count = len(centres)
    width, tallest = random.uniform(1.0, 3.5, (count, 1)), random.uniform(*height, (count, 1))
    directions = random.normal(size=(count, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    shape = tallest * bell(np.hypot(across - centres[:, :1], up - centres[:, 1:]), 0.0, width)
    slide = 0.6 * directions[:, None] + 0.8 * np.sign(directions[:, None, 2:]) * surface.normals
    offsets: Floats = shape[..., None] * slide
    return offsets
