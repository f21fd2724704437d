"""Square sheets made ready for learning: meshes whose regions, patches and responses one can overlook."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glm_deep.dataset.frames import Frames, MeshFrames, MeshRest, Skinning
from glm_deep.dataset.source import ArchiveSource
from glm_deep.inputs import InputFrames, InputLayout
from glm_deep.train.prepare import Prepared, prepare

SIZE = 20  # of a square sheet, in vertices


def sheets(name: str, at: tuple[float, ...], size: int = SIZE) -> MeshRest:
    """Square sheets that begin at these x, each a shell; and one vertex alone, the last."""
    points, corners = [], []
    for number, start in enumerate(at):
        x, y = np.meshgrid(np.arange(size) + start, np.arange(size), indexing="ij")
        points.append(np.column_stack([x.ravel(), y.ravel(), np.zeros(size**2)]))
        first = number * size**2 + (np.arange(size - 1)[:, None] * size + np.arange(size - 1)).ravel()
        corners.append(np.column_stack([first, first + 1, first + size + 1, first + size]))
    rest = np.concatenate([*points, [[-5.0, 0.0, 0.0]]]).astype(np.float32)
    quads = np.concatenate(corners).astype(np.int32)
    return MeshRest(name, rest, np.full(len(quads), 4, np.int32), quads.ravel())


def prepared(folder: Path, *meshes: MeshRest, frames: int = 400) -> Prepared:
    """Frames of two floats in which every mesh moves as a whole with the first of these."""
    random = np.random.default_rng(0)
    floats = random.uniform(-1, 1, (frames, 2))
    layout = InputLayout(("a", "b"), np.full((2, 2), np.nan), (), np.zeros(0, np.int32), np.zeros((0, 4, 4)), ())
    inputs = InputFrames(floats, np.zeros((frames, 0, 4, 4)), np.zeros((frames, 0, 4, 4)))
    made = []
    for rest in meshes:
        linear = np.tile(rest.rest, (frames, 1, 1))
        deformed = linear + floats[:, :1, None].astype(np.float32)
        made.append(MeshFrames(rest, deformed, linear, Skinning()))
    source = ArchiveSource(Frames(layout, inputs, ("poses",) * frames, tuple(made)))
    return prepare(source, 0.1, 0, folder, lambda done, total: None, lambda: False)
