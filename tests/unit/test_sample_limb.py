"""The parts of which the sample character is made, against hand-computed and rigid references."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_limb import curves, quads, skeleton, skinning

CUBE = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])
CUBE_QUADS = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])
angles = st.floats(-179.0, 179.0)


def turned(x, y, z):
    """A rotation matrix (3, 3) from three angles in degrees."""
    about = [skeleton.rotation(axis, np.array([angle]))[0, :3, :3] for axis, angle in zip("xyz", (x, y, z))]
    return about[0] @ about[1] @ about[2]


def test_a_subdivided_cube_has_the_corners_edges_and_faces_of_catmull_and_clark():
    points, faces = quads.subdivide(CUBE, CUBE_QUADS)
    assert points.shape == (8 + 12 + 6, 3)
    assert faces.shape == (24, 4)
    np.testing.assert_allclose(points[:8], CUBE * 5.0 / 9.0, atol=1e-12)
    middles = points[8:20]
    np.testing.assert_allclose(np.sort(np.abs(middles), axis=1), np.tile([0.0, 0.75, 0.75], (12, 1)), atol=1e-12)
    np.testing.assert_allclose(np.abs(points[20:]).sum(axis=1), 1.0, atol=1e-12)


def test_subdivision_keeps_the_faces_looking_outwards():
    points, faces = quads.subdivide(CUBE, CUBE_QUADS)
    normals = quads.vertex_normals(points, faces)
    assert (np.sum(normals * points, axis=1) > 0.5).all()


@given(angles, angles, angles)
def test_a_quaternion_turns_vectors_as_its_matrix_does(x, y, z):
    matrix = turned(x, y, z)
    w, *q = skinning.quaternions(matrix[None])[0]
    vector = np.array([0.3, -1.2, 0.8])
    by_quaternion = vector + 2.0 * np.cross(q, np.cross(q, vector) + w * vector)
    np.testing.assert_allclose(by_quaternion, matrix @ vector, atol=1e-9)


@given(angles, angles, angles)
def test_dual_quaternions_move_a_point_of_one_joint_rigidly(x, y, z):
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turned(x, y, z), (1.0, -2.0, 3.0)
    matrices = np.stack([np.eye(4), matrix])[None]
    weights = np.array([[0.0, 1.0]] * 8)
    posed = skinning.dual_quaternion_blend(CUBE, weights, matrices, np.array([-1, 0]))
    np.testing.assert_allclose(posed[0], CUBE @ matrix[:3, :3].T + matrix[:3, 3], atol=1e-9)


@given(st.floats(-170.0, 170.0), st.floats(0.0, 1.0))
def test_dual_quaternions_keep_the_distance_from_the_axis_of_a_twist(angle, share):
    matrices = np.stack([np.eye(4), skeleton.rotation("x", np.array([angle]))[0]])[None]
    posed = skinning.dual_quaternion_blend(CUBE, np.array([[1.0 - share, share]] * 8), matrices, np.array([-1, 0]))
    np.testing.assert_allclose(np.linalg.norm(posed[0, :, 1:], axis=1), np.sqrt(2.0), atol=1e-9)
    np.testing.assert_allclose(posed[0, :, 0], CUBE[:, 0], atol=1e-9)


def test_the_linear_blend_of_half_a_turn_collapses_onto_its_axis():
    matrices = np.stack([np.eye(4), skeleton.rotation("x", np.array([180.0]))[0]])[None]
    posed = skinning.linear_blend(CUBE, np.full((8, 2), 0.5), matrices)
    np.testing.assert_allclose(posed[0], CUBE * [1.0, 0.0, 0.0], atol=1e-12)


def test_a_rotation_about_each_axis_turns_the_next_axis_onto_the_one_after():
    for axis, start, end in (("x", 1, 2), ("y", 2, 0), ("z", 0, 1)):
        matrix = skeleton.rotation(axis, np.array([90.0]))[0, :3, :3]
        np.testing.assert_allclose(matrix[:, start], np.eye(3)[end], atol=1e-12)


def test_a_spline_passes_through_its_knots_and_keeps_straight_lines_straight():
    knots = np.array([0.0, 1.0, 2.5, 4.0])
    np.testing.assert_allclose(curves.spline(knots, knots, np.array([3.0, -1.0, 2.0, 7.0])), [3.0, -1.0, 2.0, 7.0])
    between = np.linspace(0.0, 4.0, 23)
    np.testing.assert_allclose(curves.spline(between, knots, 2.0 * knots - 1.0), 2.0 * between - 1.0, atol=1e-12)


def test_curves_have_the_heights_that_their_names_promise():
    steps = curves.smoothstep(np.array([-1.0, 2.0, 3.0, 4.0, 9.0]), 2.0, 4.0)
    np.testing.assert_allclose(steps, [0.0, 0.0, 0.5, 1.0, 1.0])
    np.testing.assert_allclose(curves.bell(np.array([5.0, 7.0]), 5.0, 2.0), [1.0, np.exp(-0.5)])
    np.testing.assert_allclose(curves.around(np.array([30.0, 390.0, 210.0]), 30.0, 1.5), [1.0, 1.0, np.exp(-3.0)])
    assert curves.positive(np.array([0.0]), 0.4)[0] == pytest.approx(0.2)
    np.testing.assert_allclose(curves.rise(np.array([0.0, 100.0, -100.0]), 0.4), [0.0, 99.8, -0.2], atol=1e-3)
