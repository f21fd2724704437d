"""Points of a mesh as arrays, by their memory and without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest


def points_in_the_plainest_way(mesh: str) -> np.ndarray:
    from maya.api import OpenMaya as om2

    return np.array(om2.MFnMesh(om2.MSelectionList().add(mesh).getDagPath(0)).getPoints())[:, :3]


@pytest.mark.parametrize("error", [None, TypeError, ValueError, OverflowError])
def test_points_are_the_same_whether_a_pointer_is_a_number_or_not(
    maya: Any, loaded: None, limb: Any, monkeypatch: pytest.MonkeyPatch, error: type[Exception] | None
) -> None:
    from maya import cmds

    from glm_deep_maya import arrays, scene
    from maya_fake.api1.memory import Pointer

    def failing(pointer: Pointer) -> int:
        assert error is not None
        raise error("int() argument must be a string, a bytes-like object or a real number, not 'SwigPyObject'")

    if error is not None:
        monkeypatch.setattr(Pointer, "__int__", failing)
    cmds.currentTime(12)
    found = arrays.points(scene.mesh_shape(limb.mesh))
    assert found.shape == limb.rest.shape
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, points_in_the_plainest_way(limb.mesh))
    assert np.abs(found - limb.rest).max() > 1


def test_no_points_are_no_rows(any_maya: None) -> None:
    from maya import OpenMaya as om1

    from glm_deep_maya import arrays

    assert arrays.from_points(om1.MPointArray()).shape == (0, 3)


@pytest.mark.parametrize("attribute", ["armShape.outMesh", "arm_control.muscle", "arm_control.translate"])
def test_an_attribute_that_is_no_matrix_is_named(loaded: None, limb: Any, attribute: str) -> None:
    from glm_deep.errors import GlmDeepError
    from glm_deep_maya import arrays, scene

    with pytest.raises(GlmDeepError, match=f"{attribute} is not a matrix"):
        arrays.matrix(scene.plug(attribute))
