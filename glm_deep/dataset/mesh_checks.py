"""Whether a mesh can be learned."""

from __future__ import annotations

import numpy as np

from glm_deep.dataset.frames import MeshRest
from glm_deep.errors import DataError

_AREA_TOLERANCE = 1e-10


def check_mesh(mesh: MeshRest, where: str) -> list[str]:
    """Warnings about a mesh that can be learned, such as vertices without polygons.

    Args:
        mesh: the mesh at bind.
        where: the file that it comes from, for errors.

    Raises:
        DataError: polygons that are no polygons, or a mesh without area.
    """
    vertices = len(mesh.rest)
    prefix = f'mesh "{mesh.name}"'
    too_small = np.flatnonzero(mesh.face_sizes < 3)
    if len(too_small):
        raise DataError(
            f"{prefix}: polygon {too_small[0]} has {mesh.face_sizes[too_small[0]]} vertices, but needs at least 3",
            where=where,
            hint="Mend face_sizes",
        )
    total = int(mesh.face_sizes.sum())
    if total != len(mesh.face_vertices):
        raise DataError(
            f"{prefix}: face_sizes adds up to {total:,} vertices, but face_vertices lists {len(mesh.face_vertices):,}",
            where=where,
            hint="Write both for the same polygons",
        )
    outside = np.flatnonzero((mesh.face_vertices < 0) | (mesh.face_vertices >= vertices))
    if len(outside):
        polygon = int(np.searchsorted(np.cumsum(mesh.face_sizes), outside[0], side="right"))
        raise DataError(
            f"{prefix}: polygon {polygon} uses vertex {mesh.face_vertices[outside[0]]}, "
            f"but only 0 to {vertices - 1} are there",
            where=where,
            hint="Count vertices from 0 in face_vertices",
        )
    if not surface_area(mesh) > _AREA_TOLERANCE * mesh.diagonal**2:
        raise DataError(f"{prefix} has no area", where=where, hint="Give the mesh polygons that span a surface")
    unused = np.bincount(mesh.face_vertices, minlength=vertices) == 0
    single = ~unused & ~_joined(mesh)
    found = ((unused, "to no polygon"), (single, "to polygons that join it to no other vertex"))
    return [f"{prefix}: {_alone(np.flatnonzero(which), words)}" for which, words in found if which.any()]


def _joined(mesh: MeshRest) -> np.ndarray:
    """(V,) bool: whether an edge of a polygon joins the vertex to another one."""
    after = np.arange(1, len(mesh.face_vertices) + 1)
    last = np.cumsum(mesh.face_sizes) - 1
    after[last] = last - mesh.face_sizes + 1
    following = mesh.face_vertices[after]
    joined = np.zeros(len(mesh.rest), bool)
    joined[mesh.face_vertices[mesh.face_vertices != following]] = True
    joined[following[mesh.face_vertices != following]] = True
    return joined


def _alone(vertices: np.ndarray, where: str) -> str:
    count = "1 vertex belongs" if len(vertices) == 1 else f"{len(vertices):,} vertices belong"
    return f"{count} {where} (the first is vertex {vertices[0]}); each gets an anchor of its own"


def surface_area(mesh: MeshRest) -> float:
    """The area of all polygons at rest, each as a fan of triangles, in scene units squared."""
    starts = np.concatenate([[0], np.cumsum(mesh.face_sizes)])[:-1]
    first = np.repeat(mesh.face_vertices[starts], mesh.face_sizes - 2)
    corners = np.ones(len(mesh.face_vertices), bool)
    corners[starts] = False
    last = starts + mesh.face_sizes - 1
    second, third = corners.copy(), corners.copy()
    second[last] = False
    third[starts + 1] = False
    points = mesh.rest.astype(np.float64)
    origin = points[first]
    edges = points[mesh.face_vertices[second]] - origin, points[mesh.face_vertices[third]] - origin
    return float(np.linalg.norm(np.cross(*edges), axis=1).sum() / 2)
