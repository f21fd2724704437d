"""Shaded patches: projection, order, light, and polygons of any size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shading import Surface, View, best_view, seen, vertex_normals

FRONT = View(0.0, 0.0)


def polygon(sides, depth=0.0, radius=1.0, value=0.0):
    """A regular polygon that looks towards +Z."""
    turn = 2.0 * np.pi * np.arange(sides) / sides
    positions = np.stack([radius * np.cos(turn), radius * np.sin(turn), np.full(sides, depth)], axis=1)
    return Surface(np.array([sides]), np.arange(sides), positions, np.full(sides, value))


def cube(values):
    points = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])
    quads = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    return Surface(np.full(6, 4), np.ravel(quads), points, values(points))


def area(corners):
    x, y = corners[..., 0], corners[..., 1]
    following = np.roll(np.arange(4), -1)
    return 0.5 * np.abs(np.sum(x * y[:, following] - x[:, following] * y, axis=1))


@given(st.floats(-180.0, 180.0), st.floats(-80.0, 80.0))
def test_the_axes_of_a_view_are_right_handed_and_of_unit_length(azimuth, elevation):
    frame = View(azimuth, elevation).frame
    np.testing.assert_allclose(frame @ frame.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(frame) == pytest.approx(1.0)
    assert frame[0, 1] == 0.0


def test_the_front_view_shows_x_to_the_right_and_y_up():
    np.testing.assert_allclose(FRONT.frame, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(View(90.0, 0.0).frame[2], [1.0, 0.0, 0.0], atol=1e-12)


@given(st.integers(3, 9), st.floats(-80.0, 80.0), st.floats(-80.0, 80.0))
def test_the_patches_of_a_polygon_cover_exactly_its_projection(sides, azimuth, elevation):
    view = View(azimuth, elevation)
    patches = seen((polygon(sides),), view)
    whole = 0.5 * sides * np.sin(2.0 * np.pi / sides) * abs(view.frame[2] @ [0.0, 0.0, 1.0])
    assert area(patches.corners).sum() == pytest.approx(whole, abs=1e-9)


def test_the_nearest_patches_come_last():
    patches = seen((polygon(5, depth=2.0, value=7.0), polygon(4, depth=-1.0), polygon(3, depth=0.5)), FRONT)
    order = patches.mesh.tolist()
    assert order == sorted(order, key=[1, 2, 0].index)
    np.testing.assert_allclose(patches.values, np.where(patches.mesh == 0, 7.0, 0.0))


def test_normals_of_a_cube_point_along_its_diagonals():
    normals = vertex_normals(cube(lambda points: points[:, 0]))
    points = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])
    np.testing.assert_allclose(normals, points / np.sqrt(3.0), atol=1e-12)


def test_a_face_seen_from_behind_is_dimmer():
    before, behind = seen((polygon(4),), FRONT), seen((polygon(4),), View(180.0, 0.0))
    np.testing.assert_allclose(behind.light, 0.62 * before.light)


def test_light_comes_from_above():
    above, below = (seen((polygon(4),), View(0.0, elevation)).light.mean() for elevation in (-40.0, 40.0))
    assert above > below + 0.1


@pytest.mark.parametrize(
    ("side", "azimuths", "elevation"),
    [("x", {60.0}, 10.0), ("z", {0.0}, 10.0), ("y", {-60.0, -30.0, 0.0, 30.0, 60.0}, 60.0)],
)
def test_the_best_view_looks_at_the_side_with_the_values(side, azimuths, elevation):
    points = cube(lambda points: points[:, 0]).positions
    front = {"x": [4, 6, 7, 5], "y": [2, 3, 7, 6], "z": [1, 5, 7, 3]}[side]
    back = {"x": [0, 1, 3, 2], "y": [0, 4, 5, 1], "z": [0, 2, 6, 4]}[side]
    values = np.zeros(8)
    values[front] = 1.0
    view = best_view((Surface(np.array([4, 4]), np.array([*front, *back]), points, values),))
    assert view.azimuth in azimuths
    assert view.elevation == elevation


def test_points_without_polygons_do_no_harm():
    loose = Surface(np.array([3]), np.array([0, 1, 2]), np.eye(4, 3), np.zeros(4))
    assert np.isfinite(vertex_normals(loose)).all()
    assert area(seen((loose,), FRONT).corners).sum() == pytest.approx(0.5)


def test_large_patches_are_cut_so_that_colours_run_smoothly():
    sloping = cube(lambda points: points[:, 0])
    values = seen((sloping,), FRONT).values
    assert len(np.unique(values.round(6))) >= 8
