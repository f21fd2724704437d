"""An opened NumPy archive whose arrays are checked before they are used, with errors that name array and place."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from glm_deep.errors import DataError

_SINGULAR = {
    "frames": "frame",
    "vertices": "vertex",
    "joints": "joint",
    "influences": "influence",
    "floats": "float",
    "matrices": "matrix",
    "entries": "entry",
}
_SUFFIX = ".npy"
_BROKEN = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    RuntimeError,
    OverflowError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What zipfile and numpy raise about damaged or encrypted files."""

_LARGEST = float(np.finfo(np.float32).max)
_FRAMES_AT_ONCE = 64
_BOTTOM_ROW_TOLERANCE = 1e-4

Axes = Mapping[str, "int | None"]
"""Names of the leading axes and their lengths; None where any length will do."""

Names = Mapping[str, Sequence[str]]
"""The names of the entries of some axes."""

_NO_NAMES: Names = {}


class Archive:
    """Read access to an `.npz` file; a context manager.

    Attributes:
        path: the file.
        known: names of the arrays that were asked for so far.

    Raises:
        DataError: the file is missing, unreadable, or no archive.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: set[str] = set()
        try:
            # numpy.load leaves the file open when it is damaged
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise self.error("the file does not exist", "Check the path") from None
        except (PermissionError, IsADirectoryError):
            raise self.error(
                "this is a folder, or may not be read", "Give the path of a NumPy archive (.npz)"
            ) from None
        except _BROKEN as error:
            raise self._not_an_archive() from error
        self._names = {name[: -len(_SUFFIX)] for name in self._zip.namelist() if name.endswith(_SUFFIX)}

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def error(self, what: str, hint: str | None = None) -> DataError:
        """An error about this file."""
        return DataError(what, where=str(self.path), hint=hint)

    def __contains__(self, name: str) -> bool:
        self.know(name)
        return name in self._names

    def know(self, *names: str) -> None:
        """Count arrays as known, whether they are there and read or not."""
        self.known.update(names)

    def unknown(self) -> list[str]:
        """The arrays that are not known, sorted."""
        return sorted(self._names - self.known)

    def group(self, *names: str) -> bool:
        """Whether arrays that belong together are there; an error when only some are."""
        missing = [name for name in names if name not in self]
        if missing and len(missing) < len(names):
            raise self._missing(missing[0])
        return not missing

    def length(self, name: str) -> int:
        """The length of the first axis of an array, without reading it."""
        shape, _ = self._header(name)
        if not shape:
            raise self.error(f'array "{name}" is a single value, but a list is expected')
        return shape[0]

    def names(self, name: str, count: int | None = None) -> tuple[str, ...]:
        """A list of names, none of them empty or twice there."""
        names = self.texts(name, {"names": count})
        if "" in names:
            raise self.error(
                f'array "{name}" has an empty name at position {names.index("")}', "Give every item a name"
            )
        duplicates = sorted({item for item in names if names.count(item) > 1})
        if duplicates:
            raise self.error(f'array "{name}" has the name "{duplicates[0]}" more than once', "Make the names unique")
        return names

    def texts(self, name: str, axes: Axes) -> tuple[str, ...]:
        """A list of texts."""
        shape, dtype = self._header(name)
        if dtype.kind != "U":
            raise self.error(f'array "{name}" has the type {dtype}, but text is expected', "Save it with dtype=str")
        self._check_shape(name, shape, axes, ())
        return tuple(str(value) for value in self._read(name))

    def integers(self, name: str, axes: Axes) -> np.ndarray:
        """An array of whole numbers, int64."""
        shape, dtype = self._header(name)
        if dtype.kind not in "iu":
            raise self.error(f'array "{name}" has the type {dtype}, but whole numbers are expected', "Save integers")
        self._check_shape(name, shape, axes, ())
        return self._read(name).astype(np.int64)

    def numbers(
        self, name: str, axes: Axes, tail: tuple[int, ...] = (), *, nan: bool = False, names: Names = _NO_NAMES
    ) -> np.ndarray:
        """An array of finite numbers in the type it is stored with.

        Args:
            name: name of the array.
            axes: its leading axes.
            tail: the lengths of the axes that follow.
            nan: whether NaN and infinity are allowed.
            names: what errors call the entries of an axis instead of their numbers.
        """
        shape, dtype = self._header(name)
        if dtype.kind not in "fiu":
            raise self.error(f'array "{name}" has the type {dtype}, but numbers are expected', "Save floating point")
        self._check_shape(name, shape, axes, tail)
        array = self._read(name)
        if not nan:
            self._check_finite(name, array, axes, names)
        return array

    def matrices(self, name: str, axes: Axes, *, names: Names = _NO_NAMES) -> np.ndarray:
        """An array (..., 4, 4) of affine matrices for column vectors, float64; for `names` see `numbers`."""
        array = self.numbers(name, axes, (4, 4), names=names).astype(np.float64)
        wrong = np.abs(array[..., 3, :] - (0, 0, 0, 1)).max(axis=-1, initial=0) > _BOTTOM_ROW_TOLERANCE
        if wrong.any():
            place = np.argwhere(wrong)[0]
            matrix = array[tuple(place)]
            row = ", ".join(f"{value:.6g}" for value in matrix[3])
            transposed = np.abs(matrix[:, 3] - (0, 0, 0, 1)).max() <= _BOTTOM_ROW_TOLERANCE
            raise self.error(
                f'array "{name}" has the bottom row ({row}) {_place(place, axes, names)}, but (0, 0, 0, 1) is expected',
                "Transpose the matrices, which seem to be written for row vectors"
                if transposed
                else "Write (0, 0, 0, 1) into the bottom row",
            )
        return array

    def _header(self, name: str) -> tuple[tuple[int, ...], np.dtype]:
        """Shape and type of an array, without reading it."""
        if name not in self:
            raise self._missing(name)
        try:
            with self._zip.open(name + _SUFFIX) as stream:
                read_header = {
                    (1, 0): np.lib.format.read_array_header_1_0,
                    (2, 0): np.lib.format.read_array_header_2_0,
                }[np.lib.format.read_magic(stream)]
                shape, _, dtype = read_header(stream)
        except _BROKEN as error:
            raise self._damaged(name) from error
        return shape, dtype

    def _read(self, name: str) -> np.ndarray:
        try:
            with self._zip.open(name + _SUFFIX) as stream:
                array: np.ndarray = np.lib.format.read_array(stream, allow_pickle=False)
        except _BROKEN as error:
            raise self._damaged(name) from error
        except MemoryError as error:
            raise self.error(f'array "{name}" does not fit into memory', "Import fewer frames at a time") from error
        return array

    def _check_shape(self, name: str, shape: tuple[int, ...], axes: Axes, tail: tuple[int, ...]) -> None:
        expected = (*axes.values(), *tail)
        if len(shape) == len(expected) and all(want in (None, have) for have, want in zip(shape, expected)):
            return
        words = _tuple([*axes, *tail])
        figures = _tuple(["any" if length is None else length for length in expected])
        raise self.error(
            f'array "{name}" has the shape {_tuple(shape)}, but {words} = {figures} is expected',
            "Save the array with the axes that docs/import.md lists, in their order",
        )

    def _check_finite(self, name: str, array: np.ndarray, axes: Axes, names: Names) -> None:
        for start in range(0, len(array), _FRAMES_AT_ONCE):
            # also false for NaN; positions are kept in 32 bits, where larger values would become infinite
            good = np.abs(array[start : start + _FRAMES_AT_ONCE]) <= _LARGEST
            if not good.all():
                place = np.argwhere(~good)[0]
                value = array[start : start + _FRAMES_AT_ONCE][tuple(place)]
                place[0] += start
                word = (
                    "NaN" if np.isnan(value) else "an infinite value" if np.isinf(value) else f"the value {value:.3g}"
                )
                raise self.error(
                    f'array "{name}" holds {word} {_place(place, axes, names)}',
                    "Mend or leave out the frame and import again",
                )

    def _missing(self, name: str) -> DataError:
        return self.error(f'array "{name}" is missing', "Add it to the archive")

    def _damaged(self, name: str) -> DataError:
        return self.error(
            f'array "{name}" cannot be read', "Write the archive again with numpy.savez, plain arrays only"
        )

    def _not_an_archive(self) -> DataError:
        return self.error("this is not a NumPy archive", "Write it with numpy.savez, plain arrays only")


def _tuple(items: object) -> str:
    values = [str(item) for item in items]  # type: ignore[attr-defined]
    return f"({', '.join(values)})"


def _place(index: np.ndarray, axes: Axes, names: Names) -> str:
    """Words for an index, such as `in frame 3, vertex 17` or `in frame 3, joint "elbow"`."""
    parts = []
    for axis, number in zip(axes, index):
        entry = f'"{names[axis][number]}"' if axis in names else str(number)
        parts.append(f"{_SINGULAR.get(axis, axis)} {entry}")
    return "in " + ", ".join(parts)
