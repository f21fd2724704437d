"""Meshes with transforms of their own, and characters far from the origin: samples are in the linear mesh's space."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_extract import FRAMES, configuration, samples_of

from glm_deep.geometry.skinning import offsets_before_skinning
from rigs import build_limb

EVERY = np.arange(len(FRAMES))


def matrix_of(plug: str) -> np.ndarray:
    from maya import cmds

    return np.array(cmds.getAttr(plug)).reshape(4, 4)


def points_of(mesh: str) -> np.ndarray:
    """(V, 4) of a mesh now, in its own space."""
    from maya.api import OpenMaya as om2

    return np.array(om2.MFnMesh(om2.MSelectionList().add(mesh).getDagPath(0)).getPoints())


def place(node: str, translate: tuple[float, ...], rotate: tuple[float, ...] = (0, 0, 0), scale: float = 1.0) -> None:
    from maya import cmds

    for name, values in (("translate", translate), ("rotate", rotate), ("scale", (scale,) * 3)):
        for axis, value in zip("XYZ", values):
            cmds.setAttr(f"{node}.{name}{axis}", value)


def expected(limb: Any, linear: str) -> dict[str, np.ndarray]:
    """What the scene shows in the space of the linear mesh, and the offsets before skinning, by plain sums."""
    from maya import cmds

    bound = matrix_of(f"{limb.skin}.geomMatrix")
    found: dict[str, list[np.ndarray]] = {"deformed": [], "linear": [], "offsets": []}
    for frame in FRAMES:
        cmds.currentTime(frame)
        between = matrix_of(f"{limb.mesh}.worldMatrix[0]") @ np.linalg.inv(matrix_of(f"{linear}.worldMatrix[0]"))
        deformed = (points_of(limb.mesh) @ between)[:, :3]
        maps = np.zeros((len(limb.rest), 4, 4))
        for index, weights in zip(cmds.getAttr(f"{limb.skin}.matrix", multiIndices=True), limb.weights.T):
            moved = matrix_of(f"{limb.skin}.bindPreMatrix[{index}]") @ matrix_of(f"{limb.skin}.matrix[{index}]")
            maps += weights[:, None, None] * (bound @ moved @ np.linalg.inv(bound))
        skinned = np.einsum("vi,vij->vj", np.column_stack([limb.rest, np.ones(len(maps))]), maps)[:, :3]
        found["deformed"].append(deformed)
        found["linear"].append(skinned)
        apart = (deformed - skinned)[:, None]
        found["offsets"].append((apart @ np.linalg.inv(maps[:, :3, :3]))[:, 0])
    return {name: np.array(values) for name, values in found.items()}


def check(limb: Any, linear: str, folder: Path, said: Any, atol: float) -> dict[str, np.ndarray]:
    """Extracts by the formula alone, and compares all with `expected`, which it gives back."""
    from maya import cmds

    path = configuration(folder, limb)
    assert cmds.glmDeepExtract(ioConfFile=str(path)) == len(FRAMES)
    assert said("warning") == []  # of which one would say that the skinning was measured instead
    read, truth = samples_of(path).read(0, EVERY), expected(limb, linear)
    np.testing.assert_allclose(read.linear, truth["linear"], atol=atol)
    np.testing.assert_allclose(read.deformed, truth["deformed"], atol=atol)
    offsets, _ = offsets_before_skinning(read.deformed, read.linear, read.linear_part)
    np.testing.assert_allclose(offsets, truth["offsets"], atol=2 * atol)
    return truth


@pytest.mark.parametrize("together", [True, False])
def test_a_linear_mesh_below_a_moved_transform(
    loaded: None, limb: Any, said: Any, tmp_path: Path, together: bool
) -> None:
    from maya import cmds

    cmds.group(limb.mesh, name="place")
    place("place", (3.0, -2.0, 5.0), (20.0, 40.0, -10.0), 1.5)
    linear = cmds.glmDuplicateMeshLinear(input=limb.mesh)
    if not together:  # the deformed mesh is then elsewhere than its copy
        cmds.parent(linear, world=True)
        place(linear, (-4.0, 1.0, 0.5), (0.0, -35.0, 15.0), 0.8)
    truth = check(limb, linear, tmp_path, said, 2e-5)
    if together:
        assert np.abs(truth["offsets"]).max() < 0.7  # the bulge alone


def test_a_deformed_mesh_that_moves_over_time_is_compared_where_it_is(
    loaded: None, limb: Any, said: Any, tmp_path: Path
) -> None:
    from maya import cmds

    linear = cmds.glmDuplicateMeshLinear(input=limb.mesh)
    for frame, value in ((1, 0.0), (24, 30.0)):
        cmds.setKeyframe(limb.mesh, attribute="translateZ", time=frame, value=value)
    truth = check(limb, linear, tmp_path, said, 2e-5)
    np.testing.assert_allclose((truth["deformed"] - truth["linear"])[-1, 0, 2], 30.0, atol=1e-4)


def test_a_mesh_that_was_bound_elsewhere(loaded: None, limb: Any, said: Any, tmp_path: Path) -> None:
    from maya import cmds

    bound = np.array([[0.0, 2.0, 0.0, 0.0], [-2.0, 0.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0], [1.0, -3.0, 2.0, 1.0]])
    cmds.setAttr(f"{limb.skin}.geomMatrix", *bound.ravel().tolist(), type="matrix")
    linear = cmds.glmDuplicateMeshLinear(input=limb.mesh)
    np.testing.assert_allclose(matrix_of(f"{limb.skin}.geomMatrix"), bound)
    check(limb, linear, tmp_path, said, 5e-5)


def test_a_character_that_walks_far_away_keeps_its_offsets(loaded: None, said: Any, tmp_path: Path) -> None:
    from maya import cmds

    limb = build_limb(name="walker", bulge_first=True)  # a bulge that walks along
    linear = cmds.glmDuplicateMeshLinear(input=limb.mesh)
    at_home = check(limb, linear, tmp_path / "home", said, 1e-5)
    for frame, value in ((1, 0.0), (24, 5000.0)):
        cmds.setKeyframe(limb.joints[0], attribute="translateX", time=frame, value=value)
    # single precision, in Maya's meshes and in the samples, is half a thousandth there
    away = check(limb, linear, tmp_path / "away", said, 2e-3)
    np.testing.assert_allclose(away["offsets"], at_home["offsets"], atol=2e-3)
    assert np.abs(away["linear"][-1]).min(axis=0)[0] > 4000
