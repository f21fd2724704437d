"""How a command of `maya.cmds` is declared and called: its flags, their types and modes, what a wrong one raises."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from maya_fake.undo import Step

CREATE, EDIT, QUERY = "create", "edit", "query"
_MODES = {"C": CREATE, "E": EDIT, "Q": QUERY, "N": QUERY}
_NAMES = {"str": "string", "float": "float", "int": "int", "bool": "bool"}


@dataclass(frozen=True)
class Flag:
    """A flag of a command; `named` where it takes a value in a query too, `multi` where it may come several times.

    `count` is how many values it takes in MEL, None where that is not known of a tuple.
    """

    name: str
    short: str
    kind: str
    modes: frozenset[str]
    named: bool = False
    multi: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Command:
    """A command with its flags by long and by short names."""

    name: str
    run: Callable[[Any, Call], Any]
    flags: Mapping[str, Flag]
    undoable: bool = True
    most: int | None = None
    takes_callables: bool = False

    @property
    def long_flags(self) -> list[Flag]:
        """Each flag once."""
        return list({flag.name: flag for flag in self.flags.values()}.values())


@dataclass
class Call:
    """What a command was called with: objects, flags by long names, and create, edit or query."""

    name: str
    args: list[Any] = field(default_factory=list)
    flags: dict[str, Any] = field(default_factory=dict)
    mode: str = CREATE

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a flag."""
        return self.flags.get(name, default)

    def has(self, name: str) -> bool:
        """Whether the flag was given."""
        return name in self.flags

    @property
    def query(self) -> bool:
        """Whether something is asked."""
        return self.mode == QUERY

    @property
    def edit(self) -> bool:
        """Whether something is changed that is there."""
        return self.mode == EDIT

    def asked(self) -> str:
        """The one flag of a query."""
        names = [name for name, value in self.flags.items() if value is True]
        if len(names) != 1:
            raise RuntimeError(f"{self.name}: exactly one flag can be queried, not {sorted(self.flags)}")
        return names[0]


REGISTRY: dict[str, Command] = {}
"""The commands that Maya brings."""


def parse_flags(text: str) -> dict[str, Flag]:
    """Flags from `long/short type modes, ...`: C create, E edit, Q query, N query with a value, M several times."""
    found: dict[str, Flag] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        names, kind, modes = part.split()
        name, short = names.split("/")
        flag = Flag(
            name, short, kind, frozenset(_MODES[mode] for mode in modes if mode != "M"), "N" in modes, "M" in modes
        )
        found[name] = found[short] = flag
    return found


def command(
    name: str, flags: str = "", *, undoable: bool = True, most: int | None = None, takes_callables: bool = False
) -> Callable[[Callable[[Any, Call], Any]], Callable[[Any, Call], Any]]:
    """Declare a command; `most` is how many objects it takes."""

    def declare(run: Callable[[Any, Call], Any]) -> Callable[[Any, Call], Any]:
        REGISTRY[name] = Command(name, run, parse_flags(flags), undoable, most, takes_callables)
        return run

    return declare


def invoke(scene: Any, spec: Command, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Call a command as Python does, and let undo know.

    Raises:
        TypeError: a flag does not exist, does not go with the mode, or has a value of another type.
        RuntimeError: it is not called from the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError(f"maya.cmds.{spec.name} was called outside the main thread")
    call = understood(spec, args, kwargs)
    record = spec.undoable and not call.query and scene.undo.active and not scene.depth
    before = scene.state.copy() if record else None
    version, serial = scene.version, scene.undo.serial
    scene.depth += 1
    try:
        return spec.run(scene, call)
    finally:
        scene.depth -= 1
        if spec.undoable and not call.query and scene.version != version:
            scene.modified = True  # whether undo records it or not
        if record and scene.version != version:
            scene.undo.push(Step(spec.name, before=before, serial=serial))


def understood(spec: Command, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Call:
    """The call with all flags checked."""
    given = dict(kwargs)
    mode = CREATE
    for long, short, meant in (("query", "q", QUERY), ("edit", "e", EDIT)):
        value = given.pop(long, None) or given.pop(short, None)
        if value and spec.name == "optionVar" and isinstance(value, str):
            return Call(spec.name, [value], {}, QUERY)  # the one command whose query flag takes a name
        if value:
            if mode != CREATE:
                raise RuntimeError(f"{spec.name}: cannot use the flags edit and query together.")
            mode = meant
    flags: dict[str, Any] = {}
    for name, value in given.items():
        flag = spec.flags.get(name)
        if flag is None:
            raise TypeError(f"Invalid flag '{name}'")
        if flag.name in flags:
            raise TypeError(f"{spec.name}: the flag '{flag.name}' is given twice")
        if mode not in flag.modes:
            raise RuntimeError(f"{spec.name}: cannot use the flag '{name}' in {mode} mode.")
        if mode == QUERY and not flag.named:
            if not value:
                continue
            flags[flag.name] = True
        else:
            flags[flag.name] = _checked(flag, value)
    objects = _flattened(args, spec.takes_callables)
    if mode != CREATE and not any(mode in flag.modes for flag in spec.flags.values()) and not spec.flags:
        raise RuntimeError(f"{spec.name}: cannot be used in {mode} mode.")
    if spec.most is not None and len(objects) > spec.most:
        raise TypeError(f"Too many arguments for {spec.name}: {len(objects)}, at most {spec.most}")
    return Call(spec.name, objects, flags, mode)


def _flattened(args: tuple[Any, ...], callables: bool) -> list[Any]:
    made: list[Any] = []
    for each in args:
        if isinstance(each, (list, tuple)):
            made += _flattened(tuple(each), callables)
        elif isinstance(each, (str, bool, int, float)) or (callables and callable(each)):
            made.append(each)
        else:
            raise TypeError(f"Object {each!r} is invalid")
    return made


def _checked(flag: Flag, value: Any) -> Any:
    """The value in the type of the flag; several for a flag that may come several times."""
    if flag.multi:
        listed = list(value) if isinstance(value, (list, tuple)) else [value]
        if flag.kind.startswith("tuple"):
            listed = listed if listed and isinstance(listed[0], (list, tuple)) else [tuple(listed)]
            return [tuple(each) for each in listed]
        return [_one(flag, each) for each in listed]
    return _one(flag, value)


def _one(flag: Flag, value: Any) -> Any:
    kind = flag.kind
    if kind == "any":
        return value
    if kind == "tuple":
        return tuple(value) if isinstance(value, (list, tuple)) else (value,)
    if kind == "script":
        if callable(value) or isinstance(value, str):
            return value
    elif kind == "str":
        if isinstance(value, str):
            return value
    elif kind in ("bool", "noarg"):
        if isinstance(value, (bool, int)):
            return bool(value)
    elif kind == "int":
        if isinstance(value, (bool, int)):
            return int(value)
    elif kind == "float":
        if isinstance(value, (bool, int, float)):
            return float(value)
    else:
        raise AssertionError(kind)
    raise TypeError(
        f"Invalid arguments for flag '{flag.name}'.  Expected {_NAMES.get(kind, kind)}, got {type(value).__name__}"
    )
