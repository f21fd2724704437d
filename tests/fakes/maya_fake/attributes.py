"""What attributes nodes can have: kinds, defaults, limits, arrays and children."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

IDENTITY = tuple(1.0 if row == column else 0.0 for row in range(4) for column in range(4))
"""The identity as the 16 numbers that Maya gives and takes, row after row."""

NUMBERS = ("double", "float", "doubleAngle", "doubleLinear", "time")
INTEGERS = ("long", "short", "byte", "enum", "int64")
DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(NUMBERS, 0.0),
    **dict.fromkeys(INTEGERS, 0),
    "bool": False,
    "string": None,
    "matrix": IDENTITY,
    "fltMatrix": IDENTITY,
    "mesh": None,
    "geometry": None,
    "message": None,
    "doubleArray": (),
    "Int32Array": (),
    "stringArray": (),
    "compound": None,
    "double3": None,
    "float3": None,
    "generic": None,
}


@dataclass(frozen=True)
class Attr:
    """One attribute; a child carries the name of its parent."""

    name: str
    short: str
    kind: str
    default: Any = None
    array: bool = False
    children: tuple[Attr, ...] = ()
    parent: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    soft_minimum: float | None = None
    soft_maximum: float | None = None
    enum: tuple[tuple[str, int], ...] = ()
    keyable: bool = False
    channel_box: bool = False
    hidden: bool = False
    storable: bool = True
    writable: bool = True
    readable: bool = True
    connectable: bool = True
    world_space: bool = False
    filename: bool = False
    nice: str | None = None
    dynamic: bool = False
    disconnect: int = 2

    def rest(self) -> Any:
        """The value where nothing was set."""
        return DEFAULTS[self.kind] if self.default is None else self.default

    def tree(self) -> Iterator[Attr]:
        """This attribute and all below it."""
        yield self
        for child in self.children:
            yield from child.tree()

    @property
    def compound(self) -> bool:
        """Whether its values lie in children."""
        return bool(self.children)


def attr(name: str, short: str, kind: str, *children: Attr, **more: Any) -> Attr:
    """An attribute whose children know it, and inherit whether they are keyable."""
    made = tuple(replace(child, parent=name, keyable=child.keyable or more.get("keyable", False)) for child in children)
    return Attr(name, short, kind, children=made, **more)


def triple(name: str, short: str, kind: str, default: float = 0.0, **more: Any) -> Attr:
    """A double3 with children X, Y, Z."""
    parts = [attr(name + axis, short + axis.lower(), kind, default=default) for axis in "XYZ"]
    return attr(name, short, "double3", *parts, **more)


class Table(dict[str, Attr]):
    """Attributes by their long names, and the long names by short ones."""

    def __init__(self, attributes: Iterable[Attr] = ()) -> None:
        super().__init__()
        self.short: dict[str, str] = {}
        for each in attributes:
            self.add(each)

    def add(self, attribute: Attr) -> None:
        """Take in an attribute and its children."""
        for each in attribute.tree():
            self[each.name] = each
            self.short[each.short] = each.name

    def find(self, name: str) -> Attr | None:
        """The attribute with this long or short name."""
        return self.get(name) or self.get(self.short.get(name, ""))

    def copy(self) -> Table:
        """A table that can be added to."""
        made = Table()
        made.update(self)
        made.short = dict(self.short)
        return made


_SEGMENT = re.compile(r"^([A-Za-z_]\w*)(?:\[(-?\d+)\])?$")
_STEP = re.compile(r"([A-Za-z_]\w*)(?:\[(\d+)\])?")


@lru_cache(maxsize=100_000)
def steps(key: str) -> tuple[tuple[str, int | None], ...]:
    """`weightList[3].weights[1]` as (("weightList", 3), ("weights", 1))."""
    return tuple((name, int(index) if index else None) for name, index in _STEP.findall(key))


def segment(text: str) -> tuple[str, int | None] | None:
    """`matrix[3]` as ("matrix", 3); None where it is no name of an attribute."""
    found = _SEGMENT.match(text)
    return (found[1], int(found[2]) if found[2] is not None else None) if found else None
