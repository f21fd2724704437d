"""What is learned: the offsets before skinning of every frame, as files that are read in chunks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glm_deep.dataset.source import FrameSource
from glm_deep.errors import DataError
from glm_deep.geometry.skinning import offsets_before_skinning

_FRAMES_AT_ONCE = 16
_NOTHING = 1e-7  # of the diagonal: offsets below it are rounding


@dataclass(frozen=True)
class Targets:
    """Offsets of all meshes before skinning.

    Attributes:
        offsets: one (F,V,3) float32 array a mesh, in scene units, backed by a file.
        scales: one factor a mesh, so that every mesh has a mean squared offset of 1 over its frames and vertices,
            divided among the meshes: errors then are parts of what the linear mesh leaves.
        near_singular: vertices times frames whose skinning could not be undone exactly.
        mesh_space: names of meshes without skinning data, whose offsets are in mesh space.
    """

    offsets: tuple[NDArray[np.float32], ...]
    scales: tuple[float, ...]
    near_singular: int
    mesh_space: tuple[str, ...]

    @property
    def vertex_counts(self) -> tuple[int, ...]:
        """V of each mesh."""
        return tuple(each.shape[1] for each in self.offsets)

    def at(self, vertices: NDArray[np.int64]) -> NDArray[np.float32]:
        """(F,A,3) offsets of some vertices, numbered through all meshes."""
        starts = np.concatenate([[0], np.cumsum(self.vertex_counts)])
        result = np.empty((len(self.offsets[0]), len(vertices), 3), np.float32)
        for mesh, offsets in enumerate(self.offsets):
            here = np.flatnonzero((vertices >= starts[mesh]) & (vertices < starts[mesh + 1]))
            result[:, here] = offsets[:, vertices[here] - starts[mesh]]
        return result


def make_targets(
    source: FrameSource, folder: Path, progress: Callable[[int, int], None], stopped: Callable[[], bool]
) -> Targets:
    """The offsets of all frames of `source`, written to files in `folder`.

    Raises:
        DataError: there is nothing to learn.
    """
    offsets: list[NDArray[np.float32]] = []
    squares, singular, mesh_space = [], 0, []
    total = source.frame_count * len(source.meshes)
    for mesh, rest in enumerate(source.meshes):
        shape = (source.frame_count, len(rest.rest), 3)
        stored = np.lib.format.open_memmap(folder / f"offsets_{mesh}.npy", mode="w+", dtype=np.float32, shape=shape)
        square = 0.0
        for start in range(0, source.frame_count, _FRAMES_AT_ONCE):
            if stopped():
                break
            frames = np.arange(start, min(start + _FRAMES_AT_ONCE, source.frame_count))
            posed = source.read(mesh, frames)
            if posed.deformed is None:
                raise DataError("the samples have no deformed positions", where=rest.name)
            some, count = offsets_before_skinning(posed.deformed, posed.linear, posed.linear_part)
            stored[frames] = some
            singular += count
            square += float(np.einsum("fvc,fvc->", some, some, dtype=np.float64))
            if posed.linear_part is None and rest.name not in mesh_space:
                mesh_space.append(rest.name)
            progress(mesh * source.frame_count + int(frames[-1]) + 1, total)
        mean_square = square / (shape[0] * shape[1])
        squares.append(mean_square if mean_square > (_NOTHING * rest.diagonal) ** 2 else 0.0)
        offsets.append(stored)
    if not any(squares) and not stopped():
        raise DataError(
            "the deformed mesh equals the linear mesh in every frame, so there is nothing to learn",
            where=source.meshes[0].name,
            hint="Check the names of the two meshes",
        )
    moving = sum(square > 0 for square in squares)
    scales = [
        (1.0 / np.sqrt(moving * counted.shape[1] * square)) if square > 0 else 0.0
        for counted, square in zip(offsets, squares)
    ]
    return Targets(tuple(offsets), tuple(scales), singular, tuple(mesh_space))
