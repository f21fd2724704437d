"""All samples of a store as one set, read frame by frame from the disk, so that it may be larger than memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glm_deep.dataset.fingerprint import Fingerprint
from glm_deep.dataset.frames import MeshRest
from glm_deep.dataset.shard import Shard
from glm_deep.dataset.source import PosedArrays, SkinWeights
from glm_deep.inputs import InputFrames, InputLayout


class SampleSet:
    """The samples of a store, shard after shard.

    Attributes:
        layout: the inputs of the rig, with the limits of the first shard.
        inputs: their values in all frames, in memory.
        clips: where each frame comes from, F names.
        meshes: the meshes at bind.
        frame_count: F.
        data_hash: changes with any sample.
        fingerprint: of meshes and inputs.
    """

    def __init__(self, shards: Sequence[Shard], fingerprint: Fingerprint, data_hash: str) -> None:
        self._shards = tuple(shards)
        self._starts = np.cumsum([0, *(shard.frame_count for shard in shards)])
        self.layout: InputLayout = shards[0].layout
        self.meshes: tuple[MeshRest, ...] = shards[0].meshes()
        self.inputs = _concatenated([shard.inputs() for shard in shards])
        self.clips = tuple(clip for shard in shards for clip in shard.clips)
        self.frame_count = int(self._starts[-1])
        self.fingerprint: dict[str, Any] = dict(fingerprint)
        self.data_hash = data_hash

    def read(self, mesh: int, frames: np.ndarray) -> PosedArrays:
        """One mesh in the frames of these numbers, in their order; only these are read from the disk.

        Args:
            mesh: number of the mesh.
            frames: (n,) int frame numbers, 0 to frame_count - 1, in any order.

        Raises:
            DataError: a shard cannot be read.
        """
        frames = np.asarray(frames, np.int64)
        if len(frames) and not 0 <= frames.min() <= frames.max() < self.frame_count:
            raise IndexError(f"frame numbers go from 0 to {self.frame_count - 1}")
        owners = np.searchsorted(self._starts, frames, side="right") - 1
        if len(frames) == 0 or (owners == owners[0]).all():
            owner = int(owners[0]) if len(frames) else 0
            return self._shards[owner].read(mesh, frames - self._starts[owner])
        shape = (len(frames), len(self.meshes[mesh].rest), 3)
        deformed, linear = np.empty(shape, np.float32), np.empty(shape, np.float32)
        linear_part = np.empty((*shape, 3)) if self.fingerprint["meshes"][mesh]["skinned"] else None
        for owner in np.unique(owners):
            places = np.flatnonzero(owners == owner)
            part = self._shards[owner].read(mesh, frames[places] - self._starts[owner])
            deformed[places], linear[places] = part.deformed, part.linear
            if linear_part is not None:
                linear_part[places] = part.linear_part
        return PosedArrays(deformed, linear, linear_part)

    def skin_weights(self, mesh: int) -> SkinWeights | None:
        """The skin weights of a mesh in the first shard, None where they or their influences are not known.

        Raises:
            DataError: the shard cannot be read.
        """
        return self._shards[0].skin_weights(mesh)

    def verify(self) -> None:
        """Read every byte and compare it with what was written.

        Raises:
            DataError: an array was changed or is damaged; shard and array are named.
        """
        for shard in self._shards:
            shard.verify()


def _concatenated(parts: Sequence[InputFrames]) -> InputFrames:
    return InputFrames(
        np.concatenate([part.floats for part in parts]),
        np.concatenate([part.joints for part in parts]),
        np.concatenate([part.matrices for part in parts]),
    )
