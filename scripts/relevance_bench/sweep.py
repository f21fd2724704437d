"""Which input of a sample character moves what, measured as the plug-in measures it in a scene: by sweeps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from glm_deep.dataset.fingerprint import fingerprint
from glm_deep.dataset.frames import Frames
from glm_deep.dataset.measured_relevance import EXTENTS, MeasuredRelevance, extents
from glm_deep.dataset.source import ArchiveSource
from glm_deep.geometry.skinning import offsets_before_skinning
from glm_deep.inputs import raw_values
from glm_deep.runtime.evaluation import some_inputs

Floats = npt.NDArray[np.float64]

AROUND, VALUES = 4, 6  # poses of the other channels, and values of the one that is swept; its rest comes first
ROUNDING = 1e-9  # joints below one that turns are where they were but for this


def sweeps(low: Floats, high: Floats) -> Floats:
    """Return the poses (AROUND * C * VALUES, C): every channel at five values from low to high and at its rest.

    The others are at rest, at their lowest, at their highest, and somewhere in between.
    """
    rest, count = np.clip(0.0, low, high), len(low)
    around = np.stack([rest, low, high, np.random.default_rng(0).uniform(low, high)])
    poses = np.tile(around[:, None, None], (1, count, VALUES, 1))
    own = np.concatenate([rest[None], np.linspace(low, high, VALUES - 1)])
    for channel in range(count):
        poses[:, channel, :, channel] = own[:, channel]
    return poses.reshape(-1, count)


def measured_by(swept: Frames) -> MeasuredRelevance:
    """Return what the frames of `sweeps` tell."""
    source, layout = ArchiveSource(swept), swept.layout
    channels = source.frame_count // (AROUND * VALUES)
    names, raw = layout.group_names, raw_values(layout, swept.inputs).reshape(AROUND, channels, VALUES, -1)
    tried = np.zeros((len(names), EXTENTS))
    distances = [np.zeros((len(names), len(mesh.rest)), np.float32) for mesh in source.meshes]
    moved = set()
    for channel in range(channels):
        changing = np.ptp(raw[0, channel], axis=0) > ROUNDING
        inputs = np.unique(layout.value_groups[changing])  # one, or none where it cannot move
        frames = np.arange(source.frame_count).reshape(AROUND, channels, VALUES)[:, channel]
        farthest = _farthest(source, frames)
        gone = extents(layout, some_inputs(swept.inputs, frames.ravel()))
        for number in inputs:
            moved.add(int(number))
            tried[number] = np.maximum(tried[number], gone[number])
            for each, found in zip(distances, farthest):
                np.maximum(each[number], found, out=each[number])
    rows = sorted(moved)
    skinned = [mesh.skinning.kind != "none" for mesh in swept.meshes]
    return MeasuredRelevance(
        fingerprint(layout, source.meshes, skinned),
        tuple(names[row] for row in rows),
        tried[rows],
        tuple(each[rows] for each in distances),
    )


def _farthest(source: ArchiveSource, frames: npt.NDArray[np.int64]) -> Sequence[npt.NDArray[np.float32]]:
    """Return of each mesh the largest distances (V,) from the first frame of every row of `frames`."""
    found = []
    for mesh in range(len(source.meshes)):
        posed = source.read(mesh, frames.ravel())
        assert posed.deformed is not None  # every sample character has the truth
        offsets, _ = offsets_before_skinning(posed.deformed, posed.linear, posed.linear_part)
        by_row = offsets.reshape(*frames.shape, -1, 3)
        found.append(np.linalg.norm(by_row - by_row[:, :1], axis=3).max(axis=(0, 1)))
    return found
