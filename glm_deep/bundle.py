"""The model file: facts and arrays in one zip that numpy alone can read, and that cannot carry code.

`manifest.json` holds the format and its version, the facts, and the dtype, shape and SHA-256 of every array; each array
is a `.npy` of its own, so `numpy.load` opens the file too. The same content gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from glm_deep.errors import BundleError
from glm_deep.rundir import atomic_file

FORMAT = "glm_deep model"
VERSION = 2
MANIFEST = "manifest.json"

_TRAIN_AGAIN = "Train it again, or fetch another copy of the file"
# Booleans, numbers and texts: what a .npy holds without pickle and every numpy reads alike.
_KINDS = "biufcUS"
# Deflating must save a tenth to be worth the time of every later load; judged on this much of an array.
_WORTHWHILE, _SAMPLED_BLOCKS, _BLOCK = 0.9, 16, 1 << 16
# The beginning of the time of zip files, so that a file does not depend on when it was written.
_NO_DATE = (1980, 1, 1, 0, 0, 0)
# What zipfile and numpy raise on bytes that are not what they wrote.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    OSError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    ValueError,
)


@dataclass(frozen=True, eq=False)
class Bundle:
    """A model as it is stored.

    Attributes:
        facts: whatever JSON can hold; numbers must be finite.
        arrays: by name; booleans, numbers or texts of any shape.
    """

    facts: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]

    @cached_property
    def identity(self) -> str:
        """What tells its arrays from those of every other model; other facts leave it as it is."""
        described = {name: _described(np.asarray(self.arrays[name], order="C")) for name in sorted(self.arrays)}
        return hashlib.sha256(json.dumps(described).encode("ascii")).hexdigest()

    def save(self, path: Path | str) -> None:
        """Writes the file whole or not at all.

        Raises:
            BundleError: the facts are no JSON, or an array is of a kind or name that cannot be stored.
            GlmDeepError: the file cannot be written.
        """
        members = {name: np.asarray(self.arrays[name], order="C") for name in sorted(self.arrays)}
        for name, array in members.items():
            _check_storable(name, array)
        manifest = self._manifest(members)
        with atomic_file(path) as file, zipfile.ZipFile(file, "w", allowZip64=True) as archive:
            archive.writestr(_member(MANIFEST), manifest)
            for name, array in members.items():
                info = _member(f"{name}.npy")
                info.compress_type = zipfile.ZIP_DEFLATED if _deflates_well(array) else zipfile.ZIP_STORED
                with archive.open(info, "w", force_zip64=array.nbytes >= zipfile.ZIP64_LIMIT // 2) as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)

    def _manifest(self, members: Mapping[str, np.ndarray]) -> bytes:
        described = {name: _described(array) for name, array in members.items()}
        manifest = {"format": FORMAT, "version": VERSION, "facts": dict(self.facts), "arrays": described}
        try:
            return json.dumps(manifest, ensure_ascii=False, allow_nan=False, indent=1).encode("utf-8")
        except (TypeError, ValueError) as error:
            raise BundleError(f"the facts of the model cannot be stored as JSON ({error})") from error

    @classmethod
    def load(cls, path: Path | str) -> Bundle:
        """The model in a file, once every array has been found whole.

        Raises:
            BundleError: there is no such file, it is no model, cut short, damaged, or of a newer version.
        """
        where = str(path)
        with _opened(path) as archive:
            manifest = _read_manifest(archive, where)
            arrays = {name: _read_array(archive, name, entry, where) for name, entry in manifest["arrays"].items()}
        return cls(manifest["facts"], arrays)

    @staticmethod
    def facts_of(path: Path | str) -> dict[str, Any]:
        """What the model in a file says of itself, without reading its arrays.

        Raises:
            BundleError: as `load` does, but for damage to the arrays.
        """
        with _opened(path) as archive:
            facts: dict[str, Any] = _read_manifest(archive, str(path))["facts"]
        return facts


@contextmanager
def _opened(path: Path | str) -> Iterator[zipfile.ZipFile]:
    """The archive that a model file is."""
    where = str(path)
    try:
        with Path(path).open("rb") as file:
            begin = file.read(4)
            if begin != b"PK\x03\x04"[: max(1, len(begin))]:
                raise _not_a_model(where)
            try:
                archive = zipfile.ZipFile(file)
            except _DAMAGE as error:
                raise BundleError("the model file is cut short or damaged", where=where, hint=_TRAIN_AGAIN) from error
            with archive:
                yield archive
    except FileNotFoundError as error:
        raise BundleError("there is no model", where=where, hint="Train it first") from error
    except OSError as error:
        hint = "Check that you may read it and that the drive is connected"
        raise BundleError(f"cannot be read ({error.strerror or error})", where=where, hint=hint) from error


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _NO_DATE)
    info.create_system = 3  # else the bytes would depend on the operating system
    return info


def _check_storable(name: str, array: np.ndarray) -> None:
    if array.dtype.kind not in _KINDS:
        what = f'the array "{name}" holds Python objects or records ({array.dtype}) and cannot be stored'
        raise BundleError(what, hint="Store numbers, booleans or texts")
    parts = name.split("/")
    if not name.isprintable() or "\\" in name or not all(parts) or ".." in parts:
        raise BundleError(
            f'"{name}" cannot be the name of an array', hint="Use letters, digits, spaces and . _ - : | /"
        )


def _data(array: np.ndarray) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data if array.nbytes else memoryview(b"")


def _deflates_well(array: np.ndarray) -> bool:
    data = _data(array)
    if len(data) <= _SAMPLED_BLOCKS * _BLOCK:
        sample = bytes(data)
    else:
        stride = (len(data) - _BLOCK) // (_SAMPLED_BLOCKS - 1)
        sample = b"".join(data[start * stride : start * stride + _BLOCK] for start in range(_SAMPLED_BLOCKS))
    return len(zlib.compress(sample)) < _WORTHWHILE * len(sample)


def _fingerprint(array: np.ndarray) -> str:
    return hashlib.sha256(_data(array)).hexdigest()


def _described(array: np.ndarray) -> dict[str, Any]:
    return {"dtype": array.dtype.str, "shape": list(array.shape), "sha256": _fingerprint(array)}


def _read_manifest(archive: zipfile.ZipFile, where: str) -> dict[str, Any]:
    if MANIFEST not in archive.namelist():
        raise _not_a_model(where)
    try:
        manifest = json.loads(archive.read(MANIFEST).decode("utf-8"))
    except (*_DAMAGE, RecursionError) as error:
        raise _damaged("its manifest", where) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _not_a_model(where)
    version = manifest.get("version")
    if type(version) is int and version > VERSION:
        what = f"written by a newer glm_deep (format {version}; this one reads up to {VERSION})"
        raise BundleError(what, where=where, hint="Update glm_deep, or train the model again with this one")
    sound = (
        version == VERSION
        and isinstance(manifest.get("facts"), dict)
        and isinstance(manifest.get("arrays"), dict)
        and all(isinstance(entry, dict) for entry in manifest["arrays"].values())
    )
    if not sound:
        raise _damaged("its manifest", where)
    return manifest


def _read_array(archive: zipfile.ZipFile, name: str, entry: Mapping[str, Any], where: str) -> np.ndarray:
    if f"{name}.npy" not in archive.namelist():
        raise BundleError(f'the array "{name}" is missing from the model file', where=where, hint=_TRAIN_AGAIN)
    try:
        # The zip checks its own sums here, before anything believes the sizes that stand in the array's header.
        member = io.BytesIO(archive.read(f"{name}.npy"))
        array: np.ndarray = np.lib.format.read_array(member, allow_pickle=False)
    except _DAMAGE as error:
        raise _damaged(f'the array "{name}"', where) from error
    if _described(array) != {name: entry.get(name) for name in ("dtype", "shape", "sha256")}:
        raise _damaged(f'the array "{name}"', where)
    return array


def _damaged(part: str, where: str) -> BundleError:
    return BundleError(f"the model file is damaged: {part} is not what was saved", where=where, hint=_TRAIN_AGAIN)


def _not_a_model(where: str) -> BundleError:
    return BundleError("this is no glm_deep model", where=where, hint="Give the .glmdeep file that a training wrote")
