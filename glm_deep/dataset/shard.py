"""One immutable addition to the samples: a folder of `.npy` files and a manifest, written once.

NumPy and the standard library read and write it, and nothing in it can execute.

    manifest.json                     names, and shape, type, bytes and SHA-256 of every array
    clip.npy                          (F,) position of the clip of each frame in the manifest's list
    floats.npy joints.npy matrices.npy float_limits.npy joint_parents.npy joint_rest.npy
    mesh0.rest.npy .face_sizes .face_vertices .deformed .linear   and .weights with .matrices, or .affine
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from glm_deep.dataset.frames import Frames, MeshRest
from glm_deep.dataset.source import PosedArrays, SkinWeights
from glm_deep.errors import DataError
from glm_deep.geometry.skinning import blend
from glm_deep.inputs import InputFrames, InputLayout

MANIFEST = "manifest.json"

_VERSION = 1
_BYTES_AT_ONCE = 1 << 22
_MEND = "Restore the samples from a backup, or clear them and extract again"


def write_shard(folder: Path, frames: Frames, chosen: np.ndarray) -> str:
    """Write the chosen frames as a shard and bring it safely to the disk.

    Args:
        folder: a folder that does not exist yet.
        frames: the frames, with deformed positions.
        chosen: (n,) int numbers of the frames to write.

    Returns:
        The SHA-256 of the manifest, which vouches for all the rest.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True)
    numbers: dict[str, int] = {}
    clips = [numbers.setdefault(frames.clips[frame], len(numbers)) for frame in chosen]
    arrays = {}
    for name, array, per_frame in _arrays(frames, clips):
        arrays[name] = _write_array(folder / f"{name}.npy", array, chosen if per_frame else None)
    manifest = {
        "format": "glm_deep shard",
        "version": _VERSION,
        "frames": len(chosen),
        "clips": list(numbers),
        "floats": list(frames.layout.float_names),
        "joints": list(frames.layout.joint_names),
        "matrices": list(frames.layout.matrix_names),
        "meshes": [
            {
                "name": mesh.rest.name,
                "skinning": mesh.skinning.kind,
                "influence_names": list(mesh.skinning.influence_names),
            }
            for mesh in frames.meshes
        ],
        "arrays": arrays,
    }
    content = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    with (folder / MANIFEST).open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)
    return hashlib.sha256(content).hexdigest()


def sync_folder(folder: Path) -> None:
    """Bring the names inside a folder safely to the disk, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Shard:
    """Read access to a shard; what is large is read when it is asked for.

    Raises:
        DataError: a part is missing, truncated or changed.
    """

    def __init__(self, folder: Path, manifest_hash: str) -> None:
        self.folder = folder
        try:
            content = (folder / MANIFEST).read_bytes()
        except OSError as error:
            raise self._error(f"{MANIFEST} cannot be read") from error
        if hashlib.sha256(content).hexdigest() != manifest_hash:
            raise self._error(f"{MANIFEST} was changed or is damaged")
        self._manifest: dict[str, Any] = json.loads(content)
        self._check_sizes()

    @property
    def frame_count(self) -> int:
        """F of this shard."""
        return int(self._manifest["frames"])

    @cached_property
    def clips(self) -> tuple[str, ...]:
        """Where each frame comes from."""
        names = self._manifest["clips"]
        return tuple(names[number] for number in self._load("clip"))

    @cached_property
    def layout(self) -> InputLayout:
        """The inputs of the rig."""
        return InputLayout(
            tuple(self._manifest["floats"]),
            self._load("float_limits"),
            tuple(self._manifest["joints"]),
            self._load("joint_parents"),
            self._load("joint_rest"),
            tuple(self._manifest["matrices"]),
        )

    def inputs(self) -> InputFrames:
        """The values of the inputs in every frame."""
        return InputFrames(self._load("floats"), self._load("joints"), self._load("matrices"))

    def meshes(self) -> tuple[MeshRest, ...]:
        """The meshes at bind."""
        keys = ("rest", "face_sizes", "face_vertices")
        return tuple(
            MeshRest(mesh["name"], *(self._load(f"mesh{number}.{key}") for key in keys))
            for number, mesh in enumerate(self._manifest["meshes"])
        )

    def weights_hash(self, mesh: int) -> str | None:
        """What identifies the skin weights of a mesh; None where there are none."""
        entry = self._manifest["arrays"].get(f"mesh{mesh}.weights")
        return None if entry is None else str(entry["sha256"])

    def read(self, mesh: int, frames: np.ndarray) -> PosedArrays:
        """One mesh in the frames of these numbers (n,), which count from the first frame of the shard."""
        prefix = f"mesh{mesh}."
        kind = self._manifest["meshes"][mesh]["skinning"]
        linear_part = None
        if kind == "weights":
            linear_part = blend(self._load(prefix + "weights"), self._mapped(prefix + "matrices")[frames])
        elif kind == "affine":
            linear_part = np.asarray(self._mapped(prefix + "affine")[frames])[..., :3].astype(np.float64)
        deformed, linear = (np.asarray(self._mapped(prefix + key)[frames]) for key in ("deformed", "linear"))
        return PosedArrays(deformed, linear, linear_part)

    def skin_weights(self, mesh: int) -> SkinWeights | None:
        """The skin weights of a mesh, None where they or the names of their influences are not known."""
        names = tuple(self._manifest["meshes"][mesh]["influence_names"])
        stored = f"mesh{mesh}.weights" in self._manifest["arrays"]
        return SkinWeights(self._mapped(f"mesh{mesh}.weights"), names) if stored and names else None

    def verify(self) -> None:
        """Read every byte and compare it with the manifest.

        Raises:
            DataError: an array was changed or is damaged; it is named.
        """
        for name, entry in self._manifest["arrays"].items():
            digest = hashlib.sha256()
            try:
                with self._path(name).open("rb") as file:
                    for piece in iter(lambda: file.read(_BYTES_AT_ONCE), b""):
                        digest.update(piece)
            except OSError as error:
                raise self._error(f"array {name} cannot be read") from error
            if digest.hexdigest() != entry["sha256"]:
                raise self._error(f"array {name} was changed or is damaged")

    def _check_sizes(self) -> None:
        for name, entry in self._manifest["arrays"].items():
            path = self._path(name)
            if not path.is_file():
                raise self._error(f"array {name} is missing")
            size = path.stat().st_size
            if size != entry["bytes"]:
                word = "truncated" if size < entry["bytes"] else "changed"
                raise self._error(f"array {name} is {word}: {size:,} bytes instead of {entry['bytes']:,}")

    def _load(self, name: str) -> np.ndarray:
        """An array in memory."""
        return np.array(self._mapped(name))

    def _mapped(self, name: str) -> np.ndarray:
        """An array that is read from the disk where it is touched."""
        entry: Mapping[str, Any] = self._manifest["arrays"][name]
        shape = tuple(entry["shape"])
        if 0 in shape:
            return np.zeros(shape, entry["dtype"])
        try:
            array: np.ndarray = np.load(self._path(name), mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise self._error(f"array {name} cannot be read") from error
        if array.shape != shape or array.dtype.str != entry["dtype"]:
            raise self._error(f"array {name} was changed or is damaged")
        return array

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.npy"

    def _error(self, what: str) -> DataError:
        return DataError(f"{self.folder.name}: {what}", where=str(self.folder.parent), hint=_MEND)


def _arrays(frames: Frames, clips: list[int]) -> Iterator[tuple[str, np.ndarray, bool]]:
    """Name, array, and whether its first axis is the frames of which some are chosen."""
    layout, inputs = frames.layout, frames.inputs
    yield "clip", np.array(clips, np.int32), False
    yield "float_limits", np.asarray(layout.float_limits, np.float64), False
    yield "joint_parents", np.asarray(layout.joint_parents, np.int32), False
    yield "joint_rest", np.asarray(layout.joint_rest, np.float64), False
    for name, array in (("floats", inputs.floats), ("joints", inputs.joints), ("matrices", inputs.matrices)):
        yield name, np.asarray(array, np.float64), True
    for number, mesh in enumerate(frames.meshes):
        prefix = f"mesh{number}."
        yield prefix + "rest", np.asarray(mesh.rest.rest, np.float32), False
        yield prefix + "face_sizes", np.asarray(mesh.rest.face_sizes, np.int32), False
        yield prefix + "face_vertices", np.asarray(mesh.rest.face_vertices, np.int32), False
        yield prefix + "deformed", np.asarray(mesh.deformed, np.float32), True
        yield prefix + "linear", np.asarray(mesh.linear, np.float32), True
        skinning = mesh.skinning
        if skinning.affine is not None:
            yield prefix + "affine", np.asarray(skinning.affine, np.float32), True
        elif skinning.weights is not None and skinning.matrices is not None:
            yield prefix + "weights", np.asarray(skinning.weights, np.float32), False
            yield prefix + "matrices", np.asarray(skinning.matrices, np.float64), True


def _write_array(path: Path, array: np.ndarray, chosen: np.ndarray | None) -> dict[str, Any]:
    """Write an array, or the chosen rows of it, a piece at a time, and return its entry in the manifest."""
    rows = np.arange(len(array)) if chosen is None else chosen
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    shape = (len(rows), *array.shape[1:])
    step = max(1, _BYTES_AT_ONCE // max(1, array[:1].nbytes))
    digest = hashlib.sha256()
    with path.open("xb") as file:
        writer = _Hashing(file, digest)
        header = {"descr": array.dtype.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(writer, header)
        for start in range(0, len(rows), step):
            writer.write(np.ascontiguousarray(array[rows[start : start + step]]).tobytes())
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    return {"shape": list(shape), "dtype": array.dtype.str, "bytes": size, "sha256": digest.hexdigest()}


class _Hashing:
    """A file that is hashed while it is written."""

    def __init__(self, file: BinaryIO, digest: Any) -> None:
        self._file, self._digest = file, digest

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return self._file.write(data)
