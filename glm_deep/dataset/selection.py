"""The meshes and inputs of a configuration, held against those of the samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from glm_deep.dataset.frames import MeshRest
from glm_deep.dataset.source import FrameSource, Posed, SkinWeights
from glm_deep.inputs import InputFrames, InputLayout


@dataclass(frozen=True)
class Wanted:
    """What a configuration names: meshes, float inputs with their limits, joints with their parents, matrices."""

    meshes: tuple[str, ...]
    floats: Mapping[str, tuple[float, float]]
    joints: Mapping[str, str]
    matrices: tuple[str, ...]


def disagreements(wanted: Wanted, meshes: Sequence[str], layout: InputLayout) -> list[str]:
    """What the configuration and the samples do not agree about, a sentence each."""
    found = _compare("mesh", wanted.meshes, meshes)
    found += _compare("float input", tuple(wanted.floats), layout.float_names)
    found += _compare("joint", tuple(wanted.joints), layout.joint_names)
    found += _compare("matrix input", wanted.matrices, layout.matrix_names)
    parents = {
        name: layout.joint_names[parent] if parent >= 0 else ""
        for name, parent in zip(layout.joint_names, layout.joint_parents)
    }
    for name, parent in wanted.joints.items():
        if parents.get(name, parent) != parent:
            theirs = f'"{parents[name]}"' if parents[name] else "none"
            found.append(f'the parent of joint "{name}" is "{parent}" in the configuration and {theirs} in the samples')
    return found


@dataclass(frozen=True)
class LimitedSource:
    """A source whose float inputs have the limits of the configuration, where it gives any."""

    source: FrameSource
    floats: Mapping[str, tuple[float, float]]

    @property
    def layout(self) -> InputLayout:
        """The inputs of the rig."""
        layout = self.source.layout
        limits = np.array(layout.float_limits, np.float64).reshape(-1, 2)
        for row, name in enumerate(layout.float_names):
            given = np.array(self.floats.get(name, (np.nan, np.nan)))
            limits[row] = np.where(np.isnan(given), limits[row], given)
        return replace(layout, float_limits=limits)

    @property
    def inputs(self) -> InputFrames:
        """Their values."""
        return self.source.inputs

    @property
    def clips(self) -> tuple[str, ...]:
        """Where each frame comes from."""
        return self.source.clips

    @property
    def meshes(self) -> Sequence[MeshRest]:
        """The meshes at bind."""
        return self.source.meshes

    @property
    def frame_count(self) -> int:
        """F."""
        return self.source.frame_count

    def read(self, mesh: int, frames: np.ndarray) -> Posed:
        """One mesh in the frames of these numbers."""
        return self.source.read(mesh, frames)

    def skin_weights(self, mesh: int) -> SkinWeights | None:
        """The skin weights of a mesh, None where they are not known."""
        return self.source.skin_weights(mesh)


def _compare(kind: str, wanted: Sequence[str], there: Sequence[str]) -> list[str]:
    missing = [name for name in wanted if name not in there]
    extra = [name for name in there if name not in wanted]
    found = [f'{kind} "{name}" of the configuration is not in the samples' for name in missing]
    return found + [f'{kind} "{name}" of the samples is not in the configuration' for name in extra]
