"""Frames that are read on demand, whether they lie in a sample store or in an archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from glm_deep.dataset.frames import Frames, MeshRest
from glm_deep.errors import DataError
from glm_deep.geometry.skinning import blend
from glm_deep.inputs import InputFrames, InputLayout


class Posed(Protocol):
    """One mesh in n frames.

    Attributes:
        deformed: (n, V, 3) float32 truth, or None where there is none.
        linear: (n, V, 3) float32 skinned-only positions.
        linear_part: (n, V, 3, 3) float64 3x3 part of the skinning, or None for offsets in mesh space.
    """

    @property
    def deformed(self) -> np.ndarray | None: ...
    @property
    def linear(self) -> np.ndarray: ...
    @property
    def linear_part(self) -> np.ndarray | None: ...


@dataclass(frozen=True)
class SkinWeights:
    """How much each influence holds each vertex: weights (V, W), and the W names of the influences."""

    weights: np.ndarray
    influence_names: tuple[str, ...]


class FrameSource(Protocol):
    """Inputs of all frames, and meshes whose frames are read on demand."""

    @property
    def layout(self) -> InputLayout: ...
    @property
    def inputs(self) -> InputFrames: ...
    @property
    def clips(self) -> tuple[str, ...]: ...
    @property
    def meshes(self) -> Sequence[MeshRest]: ...
    @property
    def frame_count(self) -> int: ...
    def read(self, mesh: int, frames: np.ndarray) -> Posed: ...
    def skin_weights(self, mesh: int) -> SkinWeights | None: ...


@dataclass(frozen=True)
class PosedArrays:
    """`Posed` as plain arrays."""

    deformed: np.ndarray | None
    linear: np.ndarray
    linear_part: np.ndarray | None


@dataclass(frozen=True)
class ArchiveSource:
    """The frames of an archive as a source."""

    frames: Frames

    @property
    def layout(self) -> InputLayout:
        """The inputs of the rig."""
        return self.frames.layout

    @property
    def inputs(self) -> InputFrames:
        """Their values in every frame."""
        return self.frames.inputs

    @property
    def clips(self) -> tuple[str, ...]:
        """Where each frame comes from."""
        return self.frames.clips

    @property
    def meshes(self) -> tuple[MeshRest, ...]:
        """The meshes at bind."""
        return tuple(mesh.rest for mesh in self.frames.meshes)

    @property
    def frame_count(self) -> int:
        """F."""
        return len(self.frames.clips)

    def read(self, mesh: int, frames: np.ndarray) -> PosedArrays:
        """One mesh in the frames of these numbers."""
        chosen = self.frames.meshes[mesh]
        skinning = chosen.skinning
        linear_part = None
        if skinning.affine is not None:
            linear_part = skinning.affine[frames][..., :3].astype(np.float64)
        elif skinning.weights is not None and skinning.matrices is not None:
            linear_part = blend(skinning.weights, skinning.matrices[frames])
        deformed = None if chosen.deformed is None else chosen.deformed[frames]
        return PosedArrays(deformed, chosen.linear[frames], linear_part)

    def skin_weights(self, mesh: int) -> SkinWeights | None:
        """The skin weights of a mesh, None where they or the names of their influences are not known."""
        skinning = self.frames.meshes[mesh].skinning
        if skinning.weights is None or not skinning.influence_names:
            return None
        return SkinWeights(skinning.weights, skinning.influence_names)


def frames_of_meshes(source: FrameSource, names: Sequence[str]) -> list[int]:
    """The numbers of the meshes `names` in `source`.

    Raises:
        DataError: one of them is missing.
    """
    known = [mesh.name for mesh in source.meshes]
    for name in names:
        if name not in known:
            raise DataError(
                f'the mesh "{name}" is missing; there are: {", ".join(known)}',
                hint="Use frames of the character that the model was trained on",
            )
    return [known.index(name) for name in names]
