"""Meshes as shaded, depth-sorted patches on a flat picture (numpy alone)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_AZIMUTHS = (-60.0, -30.0, 0.0, 30.0, 60.0)
_ELEVATIONS = (10.0, 35.0, 60.0)
_LARGEST_PATCH, _CUTS = 0.02, 2  # as a share of the picture; how often a larger patch is cut
# In the camera's frame (right, up, towards the eye): one strong light from the upper left, a weak one from the right.
_KEY_LIGHT, _FILL_LIGHT = np.array([-0.45, 0.65, 0.62]), np.array([0.80, -0.10, 0.59])


@dataclass(frozen=True)
class View:
    """From where a mesh is seen, in degrees: 0, 0 looks from the front (+Z), Y up; azimuth turns towards +X."""

    azimuth: float
    elevation: float

    @property
    def frame(self) -> Floats:
        """The camera's axes (3, 3): right, up and towards the eye, one a row."""
        azimuth, elevation = np.radians(self.azimuth), np.radians(self.elevation)
        right = np.array([np.cos(azimuth), 0.0, -np.sin(azimuth)])
        eye = np.array([np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)])
        return np.stack([right, np.cross(eye, right), eye])


@dataclass(frozen=True)
class Surface:
    """Polygons: sizes (P,), vertex indices (sum of sizes), positions (V, 3), and one value a vertex (V,)."""

    face_sizes: Ints
    face_vertices: Ints
    positions: Floats
    values: Floats


@dataclass(frozen=True)
class Patches:
    """Quads from the farthest to the nearest: corners (S, 4, 2), light (S,) from 0 to 1, value (S,), mesh (S,)."""

    corners: Floats
    light: Floats
    values: Floats
    mesh: Ints


def vertex_normals(surface: Surface) -> Floats:
    """Return unit normals (V, 3), weighted by the area of the polygons around each vertex."""
    face, _, following, _ = _corners(surface)
    here = surface.positions[surface.face_vertices]
    # Newell: the sum of cross products around a polygon is twice its area vector, planar or not.
    areas = np.zeros((len(surface.face_sizes), 3))
    np.add.at(areas, face, np.cross(here, here[following]))
    normals = np.zeros_like(surface.positions)
    np.add.at(normals, surface.face_vertices, areas[face])
    unit: Floats = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    return unit


def _corners(surface: Surface) -> tuple[Ints, Ints, Ints, Ints]:
    """Return for every polygon corner its polygon, and the first, following and previous corner of that polygon."""
    sizes = surface.face_sizes
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    face = np.repeat(np.arange(len(sizes)), sizes)
    first = starts[face]
    step = np.arange(len(face)) - first
    return face, first, first + (step + 1) % sizes[face], first + (step - 1) % sizes[face]


def _quartered(surface: Surface, rows: Floats) -> Floats:
    """Return one quad for every polygon corner (S, 4, columns): corner, edge, centre, edge."""
    face, _, following, previous = _corners(surface)
    here = rows[surface.face_vertices]
    centres = np.zeros((len(surface.face_sizes), rows.shape[1]))
    np.add.at(centres, face, here)
    centres /= surface.face_sizes[:, None]
    return np.stack([here, 0.5 * (here + here[following]), centres[face], 0.5 * (here + here[previous])], axis=1)


def _fine(patches: Floats) -> Floats:
    """Return the patches (S, 4, columns), the large ones cut in four, so that light and colour run smoothly."""
    flat = patches[:, :, :2]
    largest = _LARGEST_PATCH * float(np.ptp(flat.reshape(-1, 2), axis=0).max())
    for _ in range(_CUTS):
        large = np.linalg.norm(patches[:, :, :2] - np.roll(patches[:, :, :2], -1, axis=1), axis=2).max(axis=1) > largest
        here = patches[large]
        middles, centre = 0.5 * (here + np.roll(here, -1, axis=1)), here.mean(axis=1)
        cut = [np.stack([here[:, k], middles[:, k], centre, middles[:, k - 1]], axis=1) for k in range(here.shape[1])]
        patches = np.concatenate([patches[~large], *cut])
    return patches


def seen(surfaces: tuple[Surface, ...], view: View) -> Patches:
    """Return the patches of several meshes as they are seen together, without perspective."""
    frame = view.frame
    quads = []
    for number, surface in enumerate(surfaces):
        rows = np.concatenate(
            [
                surface.positions @ frame.T,
                vertex_normals(surface) @ frame.T,
                surface.values[:, None],
                np.full((len(surface.values), 1), float(number)),
            ],
            axis=1,
        )
        quads.append(_quartered(surface, rows))
    patches = _fine(np.concatenate(quads))
    patches = patches[np.argsort(patches[:, :, 2].mean(axis=1), kind="stable")]
    middle = patches.mean(axis=1)
    return Patches(patches[:, :, :2], _light(middle[:, 3:6]), middle[:, 6], np.rint(middle[:, 7]).astype(np.int64))


def _light(normals: Floats) -> Floats:
    """Return how bright (S,) a patch is, from its normal (S, 3) in the camera's frame; insides are dim."""
    unit = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    away = unit[:, 2] < 0.0
    unit = np.where(away[:, None], -unit, unit)
    key, fill = (np.clip(unit @ (light / np.linalg.norm(light)), 0.0, 1.0) for light in (_KEY_LIGHT, _FILL_LIGHT))
    bright: Floats = (0.40 + 0.52 * key + 0.14 * fill) * np.where(away, 0.62, 1.0)
    return np.clip(bright, 0.0, 1.0)


def best_view(surfaces: tuple[Surface, ...]) -> View:
    """Return the view, of a fan in front of the character, from which the values are seen best."""
    areas, values = [], []
    for surface in surfaces:
        face, _, following, _ = _corners(surface)
        here = surface.positions[surface.face_vertices]
        area = np.zeros((len(surface.face_sizes), 3))
        np.add.at(area, face, np.cross(here, here[following]))
        value = np.zeros(len(surface.face_sizes))
        np.add.at(value, face, surface.values[surface.face_vertices])
        areas.append(area)
        values.append(value / surface.face_sizes)
    shown, worth = np.concatenate(areas), np.concatenate(values)
    views = [View(azimuth, elevation) for elevation in _ELEVATIONS for azimuth in _AZIMUTHS]
    return max(views, key=lambda view: float(worth @ np.clip(shown @ view.frame[2], 0.0, None)))
