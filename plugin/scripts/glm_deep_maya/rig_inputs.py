"""The rig inputs of a configuration in the scene, read from the plugs that drive the deformer too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from maya import cmds
from maya.api import OpenMaya as om2

from glm_deep.config import RigInputs
from glm_deep.errors import DataError
from glm_deep.inputs import InputFrames, InputLayout
from glm_deep_maya import arrays, scene
from glm_deep_maya.skin import Skin


@dataclass(frozen=True)
class InputSample:
    """The inputs at one frame, in the units of the API: floats (K,), joints (J, 4, 4) and matrices (Q, 4, 4) for column
    vectors."""

    floats: np.ndarray
    joints: np.ndarray
    matrices: np.ndarray


class Inputs:
    """The inputs of a rig.

    Args:
        wanted: of the configuration. skins: those of the meshes, whose binds are the rest of the joints.

    Raises:
        GlmDeepError: an input is not in the scene.
    """

    def __init__(self, wanted: RigInputs, skins: Sequence[Skin]) -> None:
        self._floats = [scene.plug(each.name) for each in wanted.floats]
        self._joints = [scene.plug(f"{each.name}.{each.plug}") for each in wanted.joints]
        self._matrices = [scene.plug(f"{each.name}.{each.plug}") for each in wanted.matrices]
        joint_names = tuple(each.name for each in wanted.joints)
        numbers = {name: number for number, name in enumerate(joint_names)}
        limits = [(each.min, each.max) for each in wanted.floats]
        self.layout = InputLayout(
            tuple(each.name for each in wanted.floats),
            np.array([[np.nan if limit is None else limit for limit in pair] for pair in limits]).reshape(-1, 2),
            joint_names,
            np.array([numbers[each.parent] if each.parent else -1 for each in wanted.joints], np.int32),
            np.array([_bind_of(name, skins).T for name in joint_names]).reshape(-1, 4, 4),
            tuple(each.name for each in wanted.matrices),
        )

    def read(self) -> InputSample:
        """The inputs at the present time.

        Raises:
            DataError: one of them is no number.
        """
        floats = np.array([arrays.number(each) for each in self._floats])
        joints, matrices = _matrices_of(self._joints), _matrices_of(self._matrices)
        for values, plugs in ((floats, self._floats), (joints, self._joints), (matrices, self._matrices)):
            for value, plug in zip(values, plugs):
                if not np.isfinite(value).all():
                    raise DataError(f"the input {plug.name()} is not a number", hint="Repair the rig at this frame")
        return InputSample(floats, joints, matrices)

    @staticmethod
    def frames(samples: Sequence[InputSample]) -> InputFrames:
        """Several frames together."""
        return InputFrames(
            np.array([each.floats for each in samples]),
            np.array([each.joints for each in samples]),
            np.array([each.matrices for each in samples]),
        )


def _matrices_of(plugs: Sequence[om2.MPlug]) -> np.ndarray:
    """(n, 4, 4) for column vectors."""
    return np.array([arrays.matrix(each).T for each in plugs]).reshape(-1, 4, 4)


def _bind_of(joint: str, skins: Sequence[Skin]) -> np.ndarray:
    """(4, 4) world matrix of a joint at bind, row vectors: as a skinCluster has it, else as the joint remembers it."""
    path = cmds.ls(joint, long=True)[0]
    for skin in skins:
        if path in skin.influences:
            found: np.ndarray = np.linalg.inv(skin.bind_pre[skin.influences.index(path)])
            return found
    if cmds.attributeQuery("bindPose", node=path, exists=True):
        return arrays.matrix(scene.plug(f"{path}.bindPose"))
    return np.eye(4)
