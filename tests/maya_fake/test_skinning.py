"""The skinned points are those of the formulas, whatever holes the influences have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from maya_fake import MeshData
from maya_fake.cmds_nodes import new_mesh
from maya_fake.matrices import square, turned
from rigs import Limb, build_limb, tube


def points_of(maya: Any, name: str) -> np.ndarray:
    shape = maya.node(name)
    return np.array(maya.get(shape, "outMesh").points, np.float64)


def matrix(maya: Any, plug: str) -> np.ndarray:
    return square(maya.run("getAttr", plug))


def only_skinned(maya: Any, limb: Limb) -> None:
    maya.run("setAttr", f"{limb.bulge}.envelope", 0)


def by_formula(maya: Any, limb: Limb) -> np.ndarray:
    """p G (sum of w bindPre M) inv(G), influence by influence."""
    logical = maya.run("getAttr", f"{limb.skin}.matrix", multiIndices=True)
    geometry = matrix(maya, f"{limb.skin}.geomMatrix")
    total = np.zeros((len(limb.rest), 4, 4))
    for place, index in enumerate(logical):
        moved = matrix(maya, f"{limb.skin}.bindPreMatrix[{index}]") @ matrix(
            maya, f"{limb.joints[place]}.worldMatrix[0]"
        )
        total += limb.weights[:, place, None, None] * moved
    homogeneous = np.concatenate([limb.rest, np.ones((len(limb.rest), 1))], axis=1)
    return np.einsum("vi,vij->vj", homogeneous, geometry @ total @ np.linalg.inv(geometry))[:, :3]


def test_the_limb_has_holes_in_its_influences(maya: Any, limb: Limb) -> None:
    assert maya.run("getAttr", f"{limb.skin}.matrix", multiIndices=True) == [0, 2, 5]
    assert maya.run("skinCluster", limb.skin, query=True, influence=True) == list(limb.joints)


@pytest.mark.parametrize("frame", [1, 12, 24])
def test_linear_skinning_is_the_formula(maya: Any, limb: Limb, frame: float) -> None:
    only_skinned(maya, limb)
    maya.run("currentTime", frame)
    assert points_of(maya, limb.shape) == pytest.approx(by_formula(maya, limb), abs=1e-5)
    assert frame == 1 or np.abs(points_of(maya, limb.shape) - limb.rest).max() > 1


def test_the_place_of_the_mesh_at_bind_does_not_matter(maya: Any) -> None:
    transform, _ = new_mesh(maya, "tube", MeshData.of(*tube()))
    maya.run("setAttr", "tube.translate", 3, 1, 2)
    maya.run("setAttr", "tube.rotateY", 30)
    maya.run("select", clear=True)
    joint = maya.run("joint", position=(1, 2, 3))
    maya.run("skinCluster", joint, "tube", toSelectedBones=True)
    rest, _ = tube()
    assert points_of(maya, "tubeShape") == pytest.approx(rest, abs=1e-5)
    maya.run("setAttr", f"{joint}.rotateZ", 90)
    mesh, turn = matrix(maya, "tube.worldMatrix[0]"), np.eye(4)
    turn[3, :3] = -1, -2, -3
    back = np.linalg.inv(turn)
    expected = np.c_[rest, np.ones(len(rest))] @ mesh @ turn @ turned((0, 0, 90)) @ back @ np.linalg.inv(mesh)
    assert points_of(maya, "tubeShape") == pytest.approx(expected[:, :3], abs=1e-5)
    assert transform.name == "tube"


def test_dual_quaternions_of_one_influence_are_rigid(maya: Any) -> None:
    limb = build_limb(method=1)
    only_skinned(maya, limb)
    maya.run("currentTime", 12)
    posed = points_of(maya, limb.shape)
    linear = by_formula(maya, limb)
    alone = limb.weights.max(axis=1) > 1 - 1e-9
    assert posed[alone] == pytest.approx(linear[alone], abs=1e-5)
    assert np.abs(posed[~alone] - linear[~alone]).max() > 0.05


def test_a_twisted_limb_keeps_its_radius_with_dual_quaternions(maya: Any) -> None:
    radii = {}
    for method in (0, 1):
        limb = build_limb(name=f"arm{method}", method=method, animate=False)
        only_skinned(maya, limb)
        maya.run("setAttr", f"{limb.joints[1]}.rotateX", 150)
        radii[method] = np.linalg.norm(points_of(maya, limb.shape)[:, 1:], axis=1).min()
    assert radii[1] == pytest.approx(1, abs=1e-4)
    assert radii[0] < 0.7


def test_blended_skinning_is_between_the_two(maya: Any) -> None:
    limb = build_limb(method=2)
    only_skinned(maya, limb)
    maya.run("currentTime", 12)
    blended = points_of(maya, limb.shape)
    share = np.array([maya.run("getAttr", f"{limb.skin}.blendWeights[{v}]") for v in range(len(limb.rest))])
    ends = []
    for method in (0, 1):
        maya.run("setAttr", f"{limb.skin}.skinningMethod", method)
        ends.append(points_of(maya, limb.shape))
    assert blended == pytest.approx(ends[0] + share[:, None] * (ends[1] - ends[0]), abs=1e-5)


def test_the_envelope_goes_from_rest_to_skinned(maya: Any, limb: Limb) -> None:
    only_skinned(maya, limb)
    maya.run("currentTime", 12)
    whole = points_of(maya, limb.shape)
    maya.run("setAttr", f"{limb.skin}.envelope", 0.25)
    assert points_of(maya, limb.shape) == pytest.approx(limb.rest + 0.25 * (whole - limb.rest), abs=1e-5)


def test_a_removed_influence_leaves_a_hole_and_its_weights_go_to_the_others(maya: Any) -> None:
    limb = build_limb(holes=False)
    maya.run("skinCluster", limb.skin, edit=True, removeInfluence=limb.joints[1])
    assert maya.run("getAttr", f"{limb.skin}.matrix", multiIndices=True) == [0, 2]
    rows = maya.node(limb.skin).weights.values()
    assert [sum(row.values()) for row in rows] == pytest.approx([1] * len(rows))
    assert all(1 not in row for row in rows)


def test_post_normalisation_divides(maya: Any, limb: Limb) -> None:
    only_skinned(maya, limb)
    maya.run("currentTime", 12)
    expected = points_of(maya, limb.shape)
    maya.run("setAttr", f"{limb.skin}.normalizeWeights", 2)
    node = maya.node(limb.skin)
    node.weights = {
        vertex: {index: 3 * weight for index, weight in row.items()} for vertex, row in node.weights.items()
    }
    maya.changed()
    assert points_of(maya, limb.shape) == pytest.approx(expected, abs=1e-5)


def test_the_bulge_is_not_linear_in_its_control(maya: Any, limb: Limb) -> None:
    maya.run("cutKey", limb.control, attribute="muscle")
    heights = []
    for muscle in (0.0, 0.5, 1.0):
        maya.run("setAttr", f"{limb.control}.muscle", muscle)
        heights.append(np.linalg.norm(points_of(maya, limb.shape)[:, 1:], axis=1).max())
    assert heights[1] - heights[0] < 0.4 * (heights[2] - heights[0])


def test_the_bulge_can_come_before_the_skin_cluster(maya: Any) -> None:
    limb = build_limb(bulge_first=True)
    assert maya.run("findDeformers", limb.mesh) == [limb.skin, limb.bulge]
    maya.run("reorderDeformers", limb.skin, limb.bulge, limb.mesh)
    assert maya.run("findDeformers", limb.mesh) == [limb.skin, limb.bulge]
    maya.run("reorderDeformers", limb.bulge, limb.skin, limb.mesh)
    assert maya.run("findDeformers", limb.mesh) == [limb.bulge, limb.skin]
