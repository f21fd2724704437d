"""What differs between two characters, in words."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from glm_deep.dataset.fingerprint import difference, fingerprint
from glm_deep.dataset.frames import MeshRest
from glm_deep.inputs import InputLayout


def strip(name: str = "arm", quads: int = 2) -> MeshRest:
    rest = np.array([[x, y, 0.1 * x * y] for x in range(quads + 1) for y in (0, 1)], np.float32)
    faces = np.array([[2 * q, 2 * q + 2, 2 * q + 3, 2 * q + 1] for q in range(quads)], np.int32).ravel()
    return MeshRest(name, rest, np.full(quads, 4, np.int32), faces)


def rig() -> InputLayout:
    rest = np.array([np.eye(4), np.eye(4)])
    rest[1, 0, 3] = 1
    names = ("upper", "fore")
    return InputLayout(("smile", "blink"), np.full((2, 2), np.nan), names, np.array([-1, 0]), rest, ("target",))


def differences(
    old_mesh: MeshRest, new_mesh: MeshRest, old_rig: InputLayout | None = None, new_rig: InputLayout | None = None
) -> list[str]:
    old = fingerprint(old_rig or rig(), [old_mesh], [True])
    return difference(old, fingerprint(new_rig or rig(), [new_mesh], [True]))


def permuted(mesh: MeshRest, order: list[int]) -> MeshRest:
    """The same mesh with its vertices in another order."""
    new_number = np.argsort(order)
    return dataclasses.replace(
        mesh, rest=mesh.rest[order], face_vertices=new_number[mesh.face_vertices].astype(np.int32)
    )


def test_equal_characters_do_not_differ_even_after_a_trip_through_json() -> None:
    old = fingerprint(rig(), [strip()], [True])
    new = fingerprint(rig(), [strip()], [np.bool_(True)])
    assert difference(json.loads(json.dumps(old)), json.loads(json.dumps(new))) == []
    assert old == json.loads(json.dumps(new))


def test_a_negative_zero_is_a_zero() -> None:
    mesh = strip()
    assert differences(mesh, dataclasses.replace(mesh, rest=np.where(mesh.rest == 0, -0.0, mesh.rest))) == []


def test_limits_do_not_count() -> None:
    limited = dataclasses.replace(rig(), float_limits=np.array([[0, 1], [0, 2]]))
    assert differences(strip(), strip(), rig(), limited) == []


def test_another_number_of_vertices_is_said_with_both_numbers() -> None:
    assert differences(strip(quads=1498), strip(quads=1499)) == [
        "mesh arm: 3,000 vertices instead of 2,998",
        "mesh arm: 1,499 polygons instead of 1,498",
    ]


def test_another_vertex_order_is_told_from_another_topology_and_another_rest_pose() -> None:
    mesh = strip()
    assert differences(mesh, permuted(mesh, [1, 0, 2, 3, 5, 4])) == [
        "mesh arm: vertex order differs, the vertices are the same"
    ]
    turned = dataclasses.replace(mesh, face_vertices=np.roll(mesh.face_vertices, 1))
    assert differences(mesh, turned) == ["mesh arm: topology differs, the polygons join other vertices"]
    moved = dataclasses.replace(mesh, rest=mesh.rest * np.float32(1.001))
    assert differences(mesh, moved) == ["mesh arm: rest pose differs"]
    both = dataclasses.replace(turned, rest=moved.rest)
    assert len(differences(mesh, both)) == 2


def test_a_split_of_polygons_over_the_same_corners_is_another_topology() -> None:
    mesh = dataclasses.replace(strip(), face_sizes=np.array([4, 4]))
    other = dataclasses.replace(mesh, face_sizes=np.array([3, 5]))
    assert differences(mesh, other) == ["mesh arm: topology differs, the polygons join other vertices"]


def test_missing_new_and_reordered_meshes_are_named() -> None:
    two = fingerprint(rig(), [strip("arm"), strip("leg")], [True, True])
    one = fingerprint(rig(), [strip("arm")], [True])
    swapped = fingerprint(rig(), [strip("leg"), strip("arm")], [True, True])
    assert difference(two, one) == ["mesh leg is missing"]
    assert difference(one, two) == ["mesh leg is new"]
    assert difference(two, swapped) == ["mesh order differs: leg instead of arm at position 0"]


def test_offsets_before_skinning_do_not_mix_with_mesh_space() -> None:
    skinned, bare = (fingerprint(rig(), [strip()], [each]) for each in (True, False))
    assert difference(skinned, bare) == [
        "mesh arm: offsets are taken in mesh space, without skinning instead of before skinning"
    ]
    assert difference(bare, skinned) == [
        "mesh arm: offsets are taken before skinning instead of in mesh space, without skinning"
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"float_names": ("blink",)}, ["float smile is missing"]),
        ({"float_names": ("smile", "blink", "wink")}, ["float wink is new"]),
        ({"float_names": ("blink", "smile")}, ["float order differs: blink instead of smile at position 0"]),
        ({"joint_parents": np.array([-1, -1])}, ["joint fore: the parent is none instead of upper"]),
        ({"joint_rest": np.array([np.eye(4)] * 2)}, ["joint fore: rest pose differs"]),
        ({"matrix_names": ()}, ["matrix target is missing"]),
        ({"joint_names": ("upper", "lower")}, ["joint fore is missing", "joint lower is new"]),
    ],
)
def test_differences_of_the_inputs_are_named(changes: dict[str, object], words: list[str]) -> None:
    changed = dataclasses.replace(rig(), **changes)  # type: ignore[arg-type]
    assert differences(strip(), strip(), rig(), changed) == words


def test_joints_in_another_order_keep_their_parents() -> None:
    order = rig()
    swapped = dataclasses.replace(
        order, joint_names=("fore", "upper"), joint_parents=np.array([1, -1]), joint_rest=order.joint_rest[::-1]
    )
    assert differences(strip(), strip(), order, swapped) == ["joint order differs: fore instead of upper at position 0"]
