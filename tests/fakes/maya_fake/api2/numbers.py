"""Points, vectors, matrices, arrays and times of API 2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from maya_fake.attributes import IDENTITY
from maya_fake.constants import MSPACE, constants


@constants(MSPACE)
class MSpace:
    """In which space points are."""


def _is_sequence(given: Any) -> bool:
    return isinstance(given, (Sequence, np.ndarray, _Numbers, MMatrix)) and not isinstance(given, str)


class _Numbers:
    """Some numbers with names."""

    _names: tuple[str, ...] = ()
    _rest: tuple[float, ...] = ()

    def __init__(self, *given: Any) -> None:
        if len(given) == 1 and _is_sequence(given[0]):
            given = tuple(given[0])
        if len(given) > len(self._names) or not all(isinstance(each, (int, float, np.number)) for each in given):
            raise TypeError(f"{type(self).__name__} cannot be made of {given}")
        self._values = [float(each) for each in given] + list(self._rest[len(given) :])

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, place: Any) -> Any:
        return self._values[place]

    def __setitem__(self, place: int, value: float) -> None:
        self._values[place] = float(value)

    def __iter__(self) -> Iterator[float]:
        return iter(self._values)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._values == other._values

    def __hash__(self) -> int:
        raise TypeError("unhashable")

    def __repr__(self) -> str:
        return f"maya.api.OpenMaya.{type(self).__name__}({', '.join(map(str, self._values))})"

    def isEquivalent(self, other: Any, tolerance: float = 1e-10) -> bool:
        return bool(np.allclose(self._values, list(other), rtol=0, atol=tolerance))


def _named(place: int) -> Any:
    return property(lambda self: self._values[place], lambda self, value: self.__setitem__(place, value))


class MVector(_Numbers):
    """A direction."""

    _names, _rest = ("x", "y", "z"), (0.0, 0.0, 0.0)
    x, y, z = _named(0), _named(1), _named(2)

    def __init__(self, *given: Any) -> None:
        super().__init__(*(list(given[0])[:3] if len(given) == 1 and isinstance(given[0], MPoint) else given))

    def length(self) -> float:
        return float(np.linalg.norm(self._values))

    def normal(self) -> MVector:
        return MVector(np.array(self._values) / (self.length() or 1.0))

    def __add__(self, other: MVector) -> MVector:
        return MVector(np.add(self._values, list(other)))

    def __sub__(self, other: MVector) -> MVector:
        return MVector(np.subtract(self._values, list(other)))

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, MVector):
            return float(np.dot(self._values, list(other)))
        if isinstance(other, MMatrix):
            return MVector(np.array(self._values) @ other._array[:3, :3])
        return MVector(np.multiply(self._values, other))


class MPoint(_Numbers):
    """A place."""

    _names, _rest = ("x", "y", "z", "w"), (0.0, 0.0, 0.0, 1.0)
    x, y, z, w = _named(0), _named(1), _named(2), _named(3)

    def distanceTo(self, other: MPoint) -> float:
        return float(np.linalg.norm(np.subtract(self._values[:3], list(other)[:3])))

    def __mul__(self, other: Any) -> MPoint:
        if isinstance(other, MMatrix):
            return MPoint(np.array(self._values) @ other._array)
        return MPoint(*np.multiply(self._values[:3], other))

    def __add__(self, other: MVector) -> MPoint:
        return MPoint(*np.add(self._values[:3], list(other)[:3]))

    def __sub__(self, other: Any) -> Any:
        moved = np.subtract(self._values[:3], list(other)[:3])
        return MVector(moved) if isinstance(other, MPoint) else MPoint(*moved)


class MMatrix:
    """A 4x4 matrix for row vectors; a sequence of 16 numbers."""

    kTolerance = 1e-10

    def __init__(self, given: Any = None) -> None:
        if given is None:
            given = IDENTITY
        if not _is_sequence(given):
            raise TypeError("MMatrix takes 16 numbers, or 4 rows of 4")
        array = np.array(list(given), np.float64)
        if array.size != 16:
            raise ValueError("MMatrix takes 16 numbers, or 4 rows of 4")
        self._array = array.reshape(4, 4)

    def __len__(self) -> int:
        return 16

    def __getitem__(self, place: Any) -> Any:
        return self._array.ravel()[place].item() if isinstance(place, int) else self._array.ravel()[place].tolist()

    def __iter__(self) -> Iterator[float]:
        return iter(self._array.ravel().tolist())

    def __setitem__(self, place: int, value: float) -> None:
        self._array[place // 4, place % 4] = value

    def __mul__(self, other: Any) -> MMatrix:
        return MMatrix(self._array @ other._array if isinstance(other, MMatrix) else self._array * float(other))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MMatrix) and bool((self._array == other._array).all())

    def __hash__(self) -> int:
        raise TypeError("unhashable")

    def __repr__(self) -> str:
        return f"maya.api.OpenMaya.MMatrix({self._array.tolist()})"

    def getElement(self, row: int, column: int) -> float:
        return float(self._array[row, column])

    def setElement(self, row: int, column: int, value: float) -> None:
        self._array[row, column] = value

    def inverse(self) -> MMatrix:
        return MMatrix(np.linalg.inv(self._array))

    def transpose(self) -> MMatrix:
        return MMatrix(self._array.T)

    def det4x4(self) -> float:
        return float(np.linalg.det(self._array))

    def det3x3(self) -> float:
        return float(np.linalg.det(self._array[:3, :3]))

    def isSingular(self) -> bool:
        return abs(self.det4x4()) < 1e-12

    def isEquivalent(self, other: MMatrix, tolerance: float = 1e-10) -> bool:
        return bool(np.allclose(self._array, other._array, rtol=0, atol=tolerance))

    def setToIdentity(self) -> MMatrix:
        self._array = np.eye(4)
        return self


class _Array:
    """An array of one kind of elements."""

    def __init__(self, *given: Any) -> None:
        if not given:
            self._list: list[Any] = []
        elif len(given) == 2 and isinstance(given[0], int):
            self._list = [self._made(given[1]) for _ in range(given[0])]
        elif len(given) == 1 and not isinstance(given[0], (str, int, float)):
            self._list = [self._made(each) for each in given[0]]
        else:
            raise TypeError(f"{type(self).__name__} cannot be made of {given!r}")

    @classmethod
    def _made(cls, value: Any) -> Any:
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self._list)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._list)

    def __getitem__(self, place: Any) -> Any:
        return type(self)(self._list[place]) if isinstance(place, slice) else self._list[place]

    def __setitem__(self, place: int, value: Any) -> None:
        self._list[place] = self._made(value)

    def __repr__(self) -> str:
        return f"maya.api.OpenMaya.{type(self).__name__}({self._list})"

    def append(self, value: Any) -> _Array:
        self._list.append(self._made(value))
        return self

    def insert(self, value: Any, place: int) -> _Array:
        self._list.insert(place, self._made(value))
        return self

    def remove(self, place: int) -> _Array:
        del self._list[place]
        return self

    def clear(self) -> _Array:
        self._list.clear()
        return self

    def copy(self, other: Iterable[Any]) -> _Array:
        self._list = [self._made(each) for each in other]
        return self

    def setLength(self, length: int) -> _Array:
        self._list = (self._list + [self._empty()] * length)[:length]
        return self

    def _empty(self) -> Any:
        return self._made(0)


def _number(kind: type, names: tuple[type, ...]) -> Any:
    def made(cls: Any, value: Any) -> Any:
        if not isinstance(value, names):
            raise TypeError(f"{cls.__name__} takes numbers, not {value!r}")
        return kind(value)

    return classmethod(made)


class MDoubleArray(_Array):
    """Doubles."""

    _made = _number(float, (int, float, np.floating, np.integer))


class MFloatArray(_Array):
    """Floats."""

    _made = _number(float, (int, float, np.floating, np.integer))


class MIntArray(_Array):
    """Integers."""

    _made = _number(int, (int, np.integer))


class MPointArray(_Array):
    """Points; made of points, or of sequences of 3 or 4 numbers."""

    @classmethod
    def _made(cls, value: Any) -> MPoint:
        return MPoint(value)

    def _empty(self) -> MPoint:
        return MPoint()


class MFloatPointArray(MPointArray):
    """Points of floats."""


class MVectorArray(_Array):
    """Directions."""

    @classmethod
    def _made(cls, value: Any) -> MVector:
        return MVector(value)

    def _empty(self) -> MVector:
        return MVector()


def points_array(points: Any, what: str = "points") -> np.ndarray:
    """(V, 3) of an MPointArray or any sequence of points."""
    if isinstance(points, np.ndarray):
        raise TypeError(f"{what}: an MPointArray or a sequence of MPoint is needed, not a numpy array")
    return np.array([list(point)[:3] for point in points], np.float64).reshape(-1, 3)
