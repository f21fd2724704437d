"""MScriptUtil and the arrays of API 1: real memory, so that ctypes and numpy can look at it by its address.

A pointer is good as long as its MScriptUtil lives; then its memory is filled with NaN, so that a view which outlives
it shows.
"""

from __future__ import annotations

import ctypes
import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

_graves: deque[Any] = deque(maxlen=512)


def _bury(holder: list[Any]) -> None:
    """Fill memory that is no longer anybody's with what is seen at once."""
    for buffer in holder:
        view = np.ctypeslib.as_array(buffer)
        view[...] = np.nan if view.dtype.kind == "f" else -999_999_999 if view.dtype.kind == "i" else 99
        _graves.append(buffer)


class Pointer:
    """A SWIG pointer: `int()` gives its address."""

    def __init__(self, buffer: Any, components: int, owner: Any = None) -> None:
        self._buffer = buffer
        self._components = components
        self._owner = weakref.ref(owner) if owner is not None else None

    def _array(self) -> np.ndarray:
        if self._owner is not None and self._owner() is None:
            raise RuntimeError("the MScriptUtil of this pointer is gone")
        return np.ctypeslib.as_array(self._buffer)

    def __int__(self) -> int:
        self._array()
        return ctypes.addressof(self._buffer)

    __index__ = __int__


_TYPES = {
    "Double": ctypes.c_double,
    "Float": ctypes.c_float,
    "Int": ctypes.c_int,
    "Uint": ctypes.c_uint,
    "Short": ctypes.c_short,
    "Bool": ctypes.c_bool,
}


class MScriptUtil:
    """Memory for references and arrays."""

    def __init__(self) -> None:
        self._values: list[float] = [0.0]
        self._buffers: list[Any] = []
        weakref.finalize(self, _bury, self._buffers)

    def createFromList(self, values: Sequence[float], length: int) -> None:
        if length > len(values):
            raise ValueError("the list is shorter than its length")
        self._values = [float(value) for value in values[:length]]

    def createFromDouble(self, *values: float) -> None:
        self._values = [float(value) for value in values]

    def createFromInt(self, *values: int) -> None:
        self._values = [int(value) for value in values]

    def _pointer(self, name: str, components: int) -> Pointer:
        kind = _TYPES[name]
        if len(self._values) % components:
            raise ValueError(f"{len(self._values)} values are no rows of {components}")
        buffer = (kind * len(self._values))(
            *[kind(value if name in ("Double", "Float") else int(value)).value for value in self._values]
        )
        self._buffers.append(buffer)
        return Pointer(buffer, components, self)

    @staticmethod
    def createMatrixFromList(values: Sequence[float], matrix: Any) -> None:
        if len(values) != 16:
            raise ValueError("16 numbers are needed")
        matrix._array[...] = np.array(values, np.float64).reshape(4, 4)


def _cast(name: str, components: int) -> Any:
    return lambda self: self._pointer(name, components)


def _getter(name: str) -> Any:
    def get(pointer: Pointer) -> Any:
        return pointer._array().ravel()[0].item()

    return staticmethod(get)


def _item_getter(components: int) -> Any:
    def get(pointer: Pointer, *places: int) -> Any:
        row, column = places if components > 1 else (places[0], 0)
        return pointer._array().ravel()[row * components + column].item()

    return staticmethod(get)


def _setter() -> Any:
    def put(pointer: Pointer, value: float) -> None:
        pointer._array().ravel()[0] = value

    return staticmethod(put)


for _name in _TYPES:
    setattr(MScriptUtil, f"as{_name}Ptr", _cast(_name, 1))
    setattr(MScriptUtil, f"get{_name}", _getter(_name))
    if _name not in ("Uint",):
        setattr(MScriptUtil, f"set{_name}", _setter())
    setattr(MScriptUtil, f"get{_name}ArrayItem", _item_getter(1))
for _name in ("Double", "Float", "Int"):
    for _count in (2, 3, 4):
        setattr(MScriptUtil, f"as{_name}{_count}Ptr", _cast(_name, _count))
        setattr(MScriptUtil, f"get{_name}{_count}ArrayItem", _item_getter(_count))


class MPoint:
    """A place."""

    def __init__(self, x: Any = 0.0, y: float = 0.0, z: float = 0.0, w: float = 1.0) -> None:
        if isinstance(x, (MPoint, MVector)):
            x, y, z = x.x, x.y, x.z
        self.x, self.y, self.z, self.w = float(x), float(y), float(z), float(w)

    def __getitem__(self, place: int) -> float:
        return (self.x, self.y, self.z, self.w)[place]

    def __call__(self, place: int) -> float:
        return self[place]

    def __mul__(self, other: Any) -> MPoint:
        if isinstance(other, MMatrix):
            return MPoint(*(np.array(list(_four(self))) @ other._array))
        return MPoint(self.x * other, self.y * other, self.z * other)

    def __add__(self, other: Any) -> MPoint:
        return MPoint(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other: Any) -> Any:
        kind = MVector if isinstance(other, MPoint) else MPoint
        return kind(self.x - other.x, self.y - other.y, self.z - other.z)

    def distanceTo(self, other: MPoint) -> float:
        return (self - other).length()


def _four(point: MPoint) -> tuple[float, float, float, float]:
    return point.x, point.y, point.z, point.w


class MVector:
    """A direction."""

    def __init__(self, x: Any = 0.0, y: float = 0.0, z: float = 0.0) -> None:
        if isinstance(x, (MPoint, MVector)):
            x, y, z = x.x, x.y, x.z
        self.x, self.y, self.z = float(x), float(y), float(z)

    def __getitem__(self, place: int) -> float:
        return (self.x, self.y, self.z)[place]

    def length(self) -> float:
        return float(np.linalg.norm([self.x, self.y, self.z]))


class MMatrix:
    """A 4x4 matrix for row vectors."""

    def __init__(self, other: MMatrix | None = None) -> None:
        if other is not None and not isinstance(other, MMatrix):
            raise TypeError("MMatrix of API 1 takes an MMatrix; use MScriptUtil.createMatrixFromList")
        self._buffer = (ctypes.c_double * 16)()
        self._array = np.ctypeslib.as_array(self._buffer).reshape(4, 4)
        self._array[...] = np.eye(4) if other is None else other._array

    @classmethod
    def _of(cls, numbers: Any) -> MMatrix:
        made = cls()
        made._array[...] = np.array(numbers, np.float64).reshape(4, 4)
        return made

    matrix = property(lambda self: Pointer(self._buffer, 4))

    def __call__(self, row: int, column: int) -> float:
        return float(self._array[row, column])

    def __mul__(self, other: Any) -> MMatrix:
        return MMatrix._of(self._array @ other._array if isinstance(other, MMatrix) else self._array * float(other))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MMatrix) and bool((self._array == other._array).all())

    def __hash__(self) -> int:
        return id(self)

    def inverse(self) -> MMatrix:
        return MMatrix._of(np.linalg.inv(self._array))

    def transpose(self) -> MMatrix:
        return MMatrix._of(self._array.T)

    def det4x4(self) -> float:
        return float(np.linalg.det(self._array))

    def isEquivalent(self, other: MMatrix, tolerance: float = 1e-10) -> bool:
        return bool(np.allclose(self._array, other._array, rtol=0, atol=tolerance))

    def setToIdentity(self) -> MMatrix:
        self._array[...] = np.eye(4)
        return self


class _Array:
    """An array of API 1 with numpy behind."""

    _dtype: Any = np.float64
    _components = 1
    _element: Any = None

    def __init__(self, *given: Any) -> None:
        shape = (self._components,) if self._components > 1 else ()
        if not given:
            self._array = np.zeros((0, *shape), self._dtype)
        elif isinstance(given[0], type(self)) and len(given) == 1:
            self._array = given[0]._array.copy()
        elif isinstance(given[0], Pointer) and len(given) == 2:
            pointer, count = given
            if pointer._components != self._components:
                raise TypeError(f"{type(self).__name__} needs a pointer to rows of {self._components}")
            self._array = pointer._array().reshape(-1, *shape)[:count].astype(self._dtype)
            if len(self._array) != count:
                raise ValueError("the memory is smaller than that")
        elif isinstance(given[0], int) and len(given) <= 2:
            self._array = np.zeros((given[0], *shape), self._dtype)
            self._array[...] = self._row(given[1]) if len(given) == 2 else self._array
        else:
            raise TypeError(f"Wrong number or type of arguments for {type(self).__name__}: {given!r}")

    @classmethod
    def _row(cls, value: Any) -> Any:
        if cls._element is None:
            if not isinstance(value, (int, float, np.number)):
                raise TypeError(f"a number is needed, not {value!r}")
            return value
        if not isinstance(value, cls._element):
            raise TypeError(f"{cls._element.__name__} is needed, not {value!r}")
        return _four(value) if cls._components == 4 else (value.x, value.y, value.z)

    def length(self) -> int:
        return len(self._array)

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, place: int) -> Any:
        if not 0 <= place < len(self._array):
            raise IndexError("array index out of range")
        row = self._array[place]
        return row.item() if self._element is None else self._element(*row.tolist())

    def __iter__(self) -> Iterator[Any]:
        return (self[place] for place in range(len(self._array)))

    def set(self, *given: Any) -> None:
        """`set(value, place)`, or `set(place, x, y, z)`."""
        if len(given) == 2:
            value, place = given
            self._array[place] = self._row(value)
        else:
            self._array[given[0], : len(given) - 1] = given[1:]

    def append(self, *given: Any) -> None:
        value = given[0] if len(given) == 1 else self._element(*given)
        self._array = np.concatenate([self._array, np.array([self._row(value)], self._dtype)])

    def setLength(self, count: int) -> None:
        fresh = np.zeros((count, *self._array.shape[1:]), self._dtype)
        kept = min(count, len(self._array))
        fresh[:kept] = self._array[:kept]
        self._array = fresh

    def clear(self) -> None:
        self._array = self._array[:0]

    def copy(self, other: _Array) -> None:
        self._array = other._array.copy()

    def remove(self, place: int) -> None:
        self._array = np.delete(self._array, place, axis=0)

    def get(self, pointer: Pointer) -> None:
        """Copy into memory that is large enough."""
        if not isinstance(pointer, Pointer) or pointer._components != self._components:
            raise TypeError(f"{type(self).__name__}.get needs a pointer to rows of {self._components}")
        room = pointer._array()
        flat = self._array.ravel()
        if len(room) < len(flat):
            raise RuntimeError("the memory is smaller than the array: Maya would crash")
        room[: len(flat)] = flat


class MPointArray(_Array):
    """Points of doubles with w."""

    _components, _element = 4, MPoint


class MFloatPoint(MPoint):
    """A place in floats."""


class MFloatVector(MVector):
    """A direction in floats."""


class MFloatPointArray(_Array):
    """Points of floats with w."""

    _components, _element, _dtype = 4, MFloatPoint, np.float32


class MVectorArray(_Array):
    """Directions of doubles."""

    _components, _element = 3, MVector


class MFloatVectorArray(_Array):
    """Directions of floats."""

    _components, _element, _dtype = 3, MFloatVector, np.float32


class MDoubleArray(_Array):
    """Doubles."""


class MFloatArray(_Array):
    """Floats."""

    _dtype = np.float32


class MIntArray(_Array):
    """Integers."""

    _dtype = np.int32


class MUintArray(_Array):
    """Integers from 0 on."""

    _dtype = np.uint32


class MColor:
    """A colour."""

    def __init__(self, r: float = 0.0, g: float = 0.0, b: float = 0.0, a: float = 1.0) -> None:
        self.r, self.g, self.b, self.a = float(r), float(g), float(b), float(a)


class MColorArray(_Array):
    """Colours."""

    _components, _element, _dtype = 4, MColor, np.float32

    @classmethod
    def _row(cls, value: Any) -> Any:
        if not isinstance(value, MColor):
            raise TypeError("an MColor is needed")
        return value.r, value.g, value.b, value.a
