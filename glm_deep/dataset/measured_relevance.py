"""Which input moves which vertices, as it was measured in the scene: a small archive beside the samples.

    samples/relevance.npz    the inputs that were tried, how far, and how far each of them moves every vertex

It counts as long as meshes and inputs are those of the samples, and is put away together with them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glm_deep.dataset.fingerprint import difference
from glm_deep.dataset.lock import writing
from glm_deep.dataset.npz import Archive
from glm_deep.errors import DataError
from glm_deep.inputs import InputFrames, InputLayout, raw_values
from glm_deep.rundir import atomic_file

FILE = "relevance.npz"
UNMOVED = 1e-5
"""What moves vertices by no more than this part of the diagonal of their mesh does not move them: it is rounding."""

EXTENTS = 5
"""Numbers that say how far an input goes; see `extents`."""

_VERSION = 1
_ONE = {"entries": 1}
# How far samples may go beyond what was tried: of floats a quarter of their width, of joints a quarter of the turn and
# 6 degrees, a shift of a ten-thousandth of the mesh, a stretch of a hundredth.
_WIDER, _TURN, _SHIFT, _STRETCH = 0.25, 0.1, 1e-4, 0.01
_HALF_TURN = 1e-3  # the sine of an angle below which the axis of half a turn is not told


@dataclass(frozen=True, eq=False)
class MeasuredRelevance:
    """How far each input by itself moves every vertex, beyond what the skinning makes of it.

    Attributes:
        fingerprint: of the meshes and inputs, as samples have it.
        inputs: names of the n inputs that were tried in all their parts; nothing is known of others.
        tried: (n, EXTENTS) float64 how far each of them went, from `extents`.
        distances: of each mesh (n, V) float32, the farthest that each vertex was moved, in scene units.
    """

    fingerprint: Mapping[str, Any]
    inputs: tuple[str, ...]
    tried: np.ndarray
    distances: tuple[np.ndarray, ...]

    @property
    def checksum(self) -> str:
        """A SHA-256 that changes with anything that was measured."""
        digest = hashlib.sha256(json.dumps([self.fingerprint, self.inputs], sort_keys=True).encode())
        for array in (self.tried.astype("<f8"), *(each.astype("<f4") for each in self.distances)):
            digest.update(repr(array.shape).encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def save(self, samples: Path) -> None:
        """Writes it beside the samples in a folder, whole or not at all, in place of an earlier one.

        Raises:
            GlmDeepError: the folder cannot be written, or somebody else has been writing to it for a minute.
        """
        arrays = {
            "version": np.array([_VERSION]),
            "checksum": np.array([self.checksum]),
            "fingerprint": np.array([json.dumps(self.fingerprint, ensure_ascii=False)]),
            "inputs": np.array(self.inputs, dtype=np.str_),
            "tried": self.tried.astype(np.float64),
        }
        arrays.update({_name(mesh): each.astype(np.float32) for mesh, each in enumerate(self.distances)})
        with writing(samples), atomic_file(samples / FILE) as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]

    def beyond(self, layout: InputLayout, frames: InputFrames, diagonal: float) -> tuple[str, ...]:
        """The inputs that some frames move farther than they were tried, of which nothing is known there.

        Args:
            layout, frames: of the samples. diagonal: of the largest mesh, in scene units.
        """
        names = list(layout.group_names)
        rows = [names.index(name) for name in self.inputs]
        gone, floats = extents(layout, frames)[rows], len(layout.float_names)
        slack = np.tile((_TURN, _TURN, _TURN, _SHIFT * diagonal, _STRETCH), (len(rows), 1))
        slack[:, :3] += _WIDER * self.tried[:, :3]
        for place, row in enumerate(rows):
            if row < floats:
                slack[place] = _WIDER * abs(self.tried[place].sum())
        return tuple(name for name, far in zip(self.inputs, (gone > self.tried + slack).any(axis=1)) if far)


def extents(layout: InputLayout, frames: InputFrames) -> np.ndarray:
    """(number of inputs, EXTENTS) float64: how far each input goes in some frames.

    Of a float how far up and how far down. Of a joint how far it turns about each of its axes (radians), is shifted
    (scene units) and stretched (change of squared lengths), all from its bind. Of a matrix nothing.
    """
    raw = raw_values(layout, frames)
    floats, joints = len(layout.float_names), len(layout.joint_names)
    found = np.zeros((len(layout.group_names), EXTENTS))
    found[:floats, 0], found[:floats, 1] = raw[:, :floats].max(axis=0), -raw[:, :floats].min(axis=0)
    local = raw[:, floats : floats + 12 * joints].reshape(len(raw), joints, 3, 4)
    parts = local[..., :3] + np.eye(3)
    own = found[floats : floats + joints]
    own[:, :3] = _turns(parts).max(axis=0)
    own[:, 3] = np.linalg.norm(local[..., 3], axis=2).max(axis=0)
    own[:, 4] = np.abs(np.swapaxes(parts, 2, 3) @ parts - np.eye(3)).max(axis=(0, 2, 3))
    return found


def read(samples: Path) -> MeasuredRelevance | None:
    """What was measured beside the samples in a folder, None where nothing was.

    Raises:
        DataError: the file is damaged, or of a later version of the program.
    """
    path = samples / FILE
    if not path.exists():
        return None
    with Archive(path) as archive:
        version = int(archive.integers("version", _ONE)[0])
        if version != _VERSION:
            raise archive.error(f"it has the version {version}, but this program reads version {_VERSION}")
        (checksum,), (text,) = archive.texts("checksum", _ONE), archive.texts("fingerprint", _ONE)
        inputs = archive.names("inputs")
        tried = archive.numbers("tried", {"inputs": len(inputs)}, (EXTENTS,))
        try:
            fingerprint = json.loads(text)
            counts = [mesh["vertices"] for mesh in fingerprint["meshes"]]
        except (ValueError, KeyError, TypeError) as error:
            raise archive.error("its fingerprint is damaged") from error
        distances = [
            archive.numbers(_name(mesh), {"inputs": len(inputs), "vertices": count})
            for mesh, count in enumerate(counts)
        ]
        found = MeasuredRelevance(fingerprint, inputs, tried, tuple(distances))
        if found.checksum != checksum:
            raise archive.error("it was changed by hand or is damaged")
    return found


def fitting(samples: Path, fingerprint: Mapping[str, Any] | None) -> tuple[MeasuredRelevance | None, str]:
    """What was measured beside the samples in a folder, if it fits them; else None, and a sentence that says why.

    The sentence is empty where nothing was measured.

    Args:
        fingerprint: of the samples; None where there are none yet, which everything fits.
    """
    try:
        found = read(samples)
    except DataError as error:
        return None, f"The measured relevance is left out, for {samples / FILE} cannot be used: {error.what}. {_AGAIN}"
    if found is None or fingerprint is None:
        return found, ""
    other = difference(fingerprint, found.fingerprint)
    if other:
        return None, f"The measured relevance is left out, for it is not of these samples: {'; '.join(other)}. {_AGAIN}"
    return found, ""


_AGAIN = "Measure again with glmDeepRelevance."


def _name(mesh: int) -> str:
    return f"distances{mesh}"


def _turns(parts: np.ndarray) -> np.ndarray:
    """(..., 3) how far matrices (..., 3, 3) turn about each axis, in radians: the rotation vector without its signs."""
    turned = parts / np.maximum(np.linalg.norm(parts, axis=-2, keepdims=True), 1e-300)
    twice = [turned[..., 2, 1] - turned[..., 1, 2], turned[..., 0, 2] - turned[..., 2, 0]]
    axis = 0.5 * np.stack([*twice, turned[..., 1, 0] - turned[..., 0, 1]], axis=-1)
    sine, cosine = np.linalg.norm(axis, axis=-1), 0.5 * (np.trace(turned, axis1=-2, axis2=-1) - 1.0)
    angle = np.arctan2(sine, cosine)[..., None]
    vector = np.abs(axis) * angle / np.maximum(sine, 1e-300)[..., None]
    found: np.ndarray = np.where((sine < _HALF_TURN)[..., None] & (angle > 1.0), angle, vector)
    return found
