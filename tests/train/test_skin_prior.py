"""Skin weights tell where the search for the inputs of a region begins, and no more than that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from glm_deep.dataset.source import ArchiveSource, SkinWeights
from glm_deep.inputs import InputLayout
from glm_deep.train.prepare import prepare
from glm_deep.train.regions import Region
from glm_deep.train.skin_prior import FAR, influences_of, joint_factors
from glm_deep.train.told import starting_shares
from learning import QUICK, Character, Run

#                    hip -> thigh -> calf -> foot -> toe
#                    hip -> other_thigh
JOINTS = ("toe", "hip", "thigh", "calf", "foot", "other_thigh")
PARENTS = np.array([4, -1, 1, 2, 3, 1], np.int32)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def rig() -> InputLayout:
    """Two floats, six joints, a matrix."""
    return InputLayout(
        ("flex", "breath"), np.full((2, 2), np.nan), JOINTS, PARENTS, np.tile(np.eye(4), (6, 1, 1)), ("world",)
    )


def near(**influences: float) -> set[str]:
    """The joints whose share stays, for these weights."""
    layout = rig()
    factors = joint_factors(layout, influences)
    assert set(factors) <= {1.0, FAR}
    assert (factors[:2] == 1.0).all()  # floats
    assert factors[8] == 1.0  # matrices
    return {name for name, factor in zip(layout.joint_names, factors[2:]) if factor == 1.0}


def test_a_joint_is_near_what_it_its_parent_and_its_children_hold() -> None:
    assert near(calf=1.0) == {"thigh", "calf", "foot"}
    assert near(thigh=0.6, hip=0.4) == {"hip", "thigh", "calf", "other_thigh"}
    assert near(toe=1.0) == {"foot", "toe"}


def test_siblings_are_far_from_one_another() -> None:
    assert "other_thigh" not in near(thigh=1.0)


def test_a_hundredth_of_the_weights_is_nothing() -> None:
    assert near(calf=0.995, hip=0.005) == {"thigh", "calf", "foot"}
    assert near(calf=0.98, hip=0.02) == {"thigh", "calf", "foot", "hip", "other_thigh"}


def test_the_hierarchy_tells_nothing_where_other_joints_than_the_inputs_hold_most() -> None:
    assert near(calf=0.4, twist=0.6) == set(JOINTS)
    assert near(calf=0.6, twist=0.4) == {"thigh", "calf", "foot"}
    assert near() == set(JOINTS)


def test_a_far_joint_begins_with_a_tenth_and_never_with_nothing() -> None:
    assert FAR == 0.1


@dataclass(frozen=True)
class Skinned:
    """A source of which only the skin weights are asked."""

    weights: SkinWeights | None

    def skin_weights(self, mesh: int) -> SkinWeights | None:
        return self.weights if mesh == 1 else None


def test_the_influences_of_a_region_are_those_of_its_vertices_by_their_shares() -> None:
    weights = np.array([[9, 9, 9], [1, 0, 0], [0.5, 0.5, 0], [0, 1, 0]], np.float32)
    source = Skinned(SkinWeights(weights, ("a", "b", "c")))
    region = Region(1, np.array([1, 2, 3]), np.array([0.2, 0.4, 0.4]), np.array([0]))
    found = influences_of(source, region)  # type: ignore[arg-type]
    assert list(found) == ["b", "a"]
    assert found["a"] == pytest.approx(0.4)
    assert found["b"] == pytest.approx(0.6)
    assert influences_of(Skinned(None), region) == {}  # type: ignore[arg-type]


def apart(source: ArchiveSource) -> ArchiveSource:
    """The same frames with an elbow that hangs on nothing, and skin weights of the root alone."""
    frames = source.frames
    (mesh,) = frames.meshes
    moved = frames.inputs.joints[:, 1] @ np.linalg.inv(frames.layout.joint_rest[1])
    affine = np.einsum("vw,fwij->fvij", mesh.skinning.weights, mesh.skinning.matrices)
    assert np.ptp(moved, axis=0).max() > 0.5
    root = np.zeros_like(mesh.skinning.weights)
    root[:, 0] = 1.0
    offsets = np.einsum("fvij,fvj->fvi", np.linalg.inv(affine[..., :3, :3]), mesh.deformed - mesh.linear)
    rest = np.tile(mesh.rest.rest, (len(offsets), 1, 1))
    skinning = replace(mesh.skinning, weights=root, influence_names=("root", "elbow"))
    mesh = replace(mesh, linear=rest, deformed=(rest + offsets).astype(np.float32), skinning=skinning)
    layout = replace(frames.layout, joint_parents=np.array([-1, -1], np.int32))
    return ArchiveSource(replace(frames, layout=layout, meshes=(mesh,)))


def test_the_shares_are_those_of_the_survey_and_a_tenth_of_them_for_far_joints(tmp_path: Path) -> None:
    source = apart(Character().source())
    ready = prepare(source, 0.1, 0, tmp_path, lambda done, total: None, lambda: False)
    region = Region(0, np.arange(20), np.ones(20), np.array([0, 2]))
    moved = np.array([[1.0, 2.0, 3.0, 4.0], [9.0, 9.0, 9.0, 9.0], [0.5, 0.0, 1.0, 2.0]])
    found = starting_shares(ready, (region,), moved, np.zeros((1, 4), np.int8))
    np.testing.assert_allclose(found, [[1.5, 2.0, 4.0, 0.6]])  # swell, push, root, elbow


def test_a_joint_that_is_far_in_error_is_found_all_the_same(tmp_path: Path) -> None:
    source = apart(Character().source())
    unknown = replace(source.frames.meshes[0].skinning, influence_names=())
    blind = ArchiveSource(replace(source.frames, meshes=(replace(source.frames.meshes[0], skinning=unknown),)))
    losses = []
    for number, each in enumerate((source, blind)):
        (tmp_path / str(number)).mkdir()
        learned = Run().learn(each, QUICK, tmp_path / str(number))
        strongest = np.argmax(learned.solved.regions[0].moved)
        assert learned.prepared.input_names[strongest] == "elbow"
        losses.append(learned.losses["differential"][0])
    assert losses[0] < 1.2 * losses[1]
