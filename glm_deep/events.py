"""The records of a training run and their JSON lines.

`events.jsonl` in a run's folder is the truth of the run: one writer, one JSON object a line, the schema version first
in the first record. Any number of readers tail it while it grows. Numbers that are not finite are written as null and
read as NaN. `time` of a record is in seconds since 1970 (UTC); the writer fills it in.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import math
import numbers
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, ClassVar, Union, get_args

from glm_deep.errors import GlmDeepError

SCHEMA = 1
DAMAGED = "damaged"
READ_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Started:
    """The first record of a run."""

    kind: ClassVar[str] = "started"
    run: str
    asset: str
    pid: int
    host: str
    version: str
    schema: int = SCHEMA
    time: float = 0.0


@dataclass(frozen=True)
class Configured:
    """The settings in effect: those of the file with the overrides of this run."""

    kind: ClassVar[str] = "configuration"
    settings: dict[str, Any]
    time: float = 0.0


@dataclass(frozen=True)
class DeviceChosen:
    """The device that was asked for, the one in use, and why."""

    kind: ClassVar[str] = "device"
    asked: str
    used: str
    why: str
    threads: int
    time: float = 0.0


@dataclass(frozen=True)
class Phase:
    """How far a long piece of work that has no epochs has got."""

    kind: ClassVar[str] = "phase"
    name: str
    done: int
    total: int
    time: float = 0.0


@dataclass(frozen=True)
class Epoch:
    """The losses of one epoch of `model`, "differential" or "subspaces"; the lists hold one loss per anchor."""

    kind: ClassVar[str] = "epoch"
    model: str
    epoch: int
    epochs: int
    train_loss: float
    validation_loss: float
    learning_rate: float
    seconds_left: float | None = None
    best: bool = False
    anchor_train: tuple[float, ...] | None = None
    anchor_validation: tuple[float, ...] | None = None
    time: float = 0.0


@dataclass(frozen=True)
class CheckpointSaved:
    """A file that the training can be taken up from."""

    kind: ClassVar[str] = "checkpoint"
    path: str
    epoch: int
    time: float = 0.0


@dataclass(frozen=True)
class Warned:
    """Something to know that did not stop the run."""

    kind: ClassVar[str] = "warning"
    text: str
    time: float = 0.0


@dataclass(frozen=True)
class Judged:
    """A verdict of `glm_deep.verdict` on the curves of `model`; `live` while the training still goes."""

    kind: ClassVar[str] = "verdict"
    model: str
    verdict: str
    headline: str
    evidence: str
    advice: str
    live: bool
    time: float = 0.0


@dataclass(frozen=True)
class Reported:
    """The held-out report."""

    kind: ClassVar[str] = "report"
    report: dict[str, Any]
    time: float = 0.0


@dataclass(frozen=True)
class Exported:
    """A file for other engines: its precision, its bytes, and how far it is from the model at most.

    `apart` is in parts of the diagonal; None for an engine, whose graph was compared.
    """

    kind: ClassVar[str] = "exported"
    path: str
    precision: str
    bytes: int
    apart: float | None = None
    time: float = 0.0


@dataclass(frozen=True)
class NotExported:
    """What the model was not exported for, and why, in whole sentences."""

    kind: ClassVar[str] = "not exported"
    engine: str
    why: str
    time: float = 0.0


@dataclass(frozen=True)
class Stopped:
    """The run ended on request; `model` is the path of the partial model, empty when there is none."""

    kind: ClassVar[str] = "stopped"
    model: str = ""
    time: float = 0.0


@dataclass(frozen=True)
class Finished:
    """The run ended with the model at path `model`, after `seconds`."""

    kind: ClassVar[str] = "finished"
    model: str
    seconds: float
    time: float = 0.0


@dataclass(frozen=True)
class Failed:
    """The run broke down: what, where, the next step, and the file that says more (empty where unknown)."""

    kind: ClassVar[str] = "failed"
    what: str
    where: str = ""
    hint: str = ""
    log: str = ""
    time: float = 0.0


@dataclass(frozen=True)
class Unknown:
    """A record of a newer version, with the kind it has there, or a line that is no record (kind "damaged")."""

    kind: str
    fields: dict[str, Any] = field(default_factory=dict)
    time: float = 0.0


Event = Union[
    Started,
    Configured,
    DeviceChosen,
    Phase,
    Epoch,
    CheckpointSaved,
    Warned,
    Judged,
    Reported,
    Exported,
    NotExported,
    Stopped,
    Finished,
    Failed,
    Unknown,
]

_RECORDS: Mapping[str, Any] = MappingProxyType({record.kind: record for record in get_args(Event)[:-1]})


class EventWriter:
    """Appends the records of one run to its file; may be shared by the threads of the run.

    Args:
        path: the file; it is made where it is missing. What a killed writer left in it stays.

    Raises:
        GlmDeepError: the file cannot be written.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        try:
            self._file = self._path.open("ab", buffering=0)
            self._empty = self._path.stat().st_size == 0
            if not self._empty and not _ends_a_line(self._path):
                self._file.write(b"\n")
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def write(self, event: Event) -> Event:
        """The record with its time, once it is in the file."""
        stamped = dataclasses.replace(event, time=round(time.time(), 3))
        with self._lock:
            if self._empty and not isinstance(event, Started):
                raise ValueError("the first record of a run must be Started")
            try:
                line = encode(stamped)
                if self._file.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            except OSError as error:
                raise _unwritable(self._path, error) from error
            self._empty = False
        return stamped

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def encode(event: Event) -> bytes:
    """The JSON line of a record, ASCII only, with its line end."""
    fields = {each.name: getattr(event, each.name) for each in dataclasses.fields(event)}
    if isinstance(event, Unknown):
        fields.update(fields.pop("fields"))
    first = {"schema": fields.pop("schema")} if isinstance(event, Started) else {}
    record = {**first, "kind": event.kind, **fields}
    return json.dumps(_plain(record), allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"


def read_events(path: Path | str, offset: int = 0, *, max_bytes: int = READ_AT_ONCE) -> tuple[list[Event], int]:
    """The whole records from byte `offset` on, and the offset to go on from.

    One call reads about `max_bytes`, more only to end a longer record; at the end of the file it returns no records and
    the same offset. A line that is not ended yet is left for the next call. A line that is no record comes as `Unknown`
    of kind "damaged". A file that is not there yet has no records.

    Raises:
        GlmDeepError: the file cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            file.seek(offset)
            block = file.read(max_bytes)
            if len(block) == max_bytes and b"\n" not in block:
                block += file.readline()
    except FileNotFoundError:
        return [], offset
    except OSError as error:
        hint = "Check that you may read it and that the drive is connected"
        raise GlmDeepError(f"cannot be read ({error.strerror or error})", where=str(path), hint=hint) from error
    whole = block[: block.rfind(b"\n") + 1]
    return [_decode(line) for line in whole.splitlines() if line.strip()], offset + len(whole)


def _decode(line: bytes) -> Event:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return Unknown(DAMAGED, {"line": line.decode("utf-8", "replace")})
    if not isinstance(fields, dict) or not isinstance(fields.get("kind"), str):
        return Unknown(DAMAGED, {"line": line.decode("utf-8", "replace")})
    kind = fields.pop("kind")
    when = fields.pop("time", 0.0)
    stamp = when if isinstance(when, float) else 0.0
    record = _RECORDS.get(kind)
    if record is None:
        return Unknown(kind, fields, stamp)
    try:
        read: Event = record(**_arguments(record, fields), time=stamp)
    except (KeyError, TypeError, OverflowError):
        return Unknown(DAMAGED, {"kind": kind, **fields}, stamp)
    return read


def _arguments(record: type, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a record; a field of a newer version is left out, a missing one takes its default."""
    arguments = {}
    for each in dataclasses.fields(record):
        if each.name != "time" and (each.name in fields or each.default is dataclasses.MISSING):
            arguments[each.name] = _CONVERSIONS[str(each.type)](fields[each.name])
    return arguments


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _exactly(kind: type) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"not a {kind.__name__}")
        return value

    return convert


def _float(value: Any) -> float:
    if value is None:
        return math.nan
    if not _is_number(value):
        raise TypeError("not a number")
    return float(value)


def _floats(value: Any) -> tuple[float, ...] | None:
    if value is not None and not isinstance(value, list):
        raise TypeError("not a list")
    if value is None:
        return None
    if set(map(type, value)) <= {float}:  # nearly always, and there are hundreds in a record
        return tuple(value)
    return tuple(_float(each) for each in value)


# By annotation, so that a record states the type of a field once.
_CONVERSIONS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "str": _exactly(str),
        "int": _exactly(int),
        "bool": _exactly(bool),
        "float": _float,
        "float | None": lambda value: None if value is None else _float(value),
        "tuple[float, ...] | None": _floats,
        "dict[str, Any]": _exactly(dict),
    }
)


def _plain(value: Any) -> Any:
    """`value` with nothing in it that JSON does not know; numbers of numpy become numbers."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    raise TypeError(f"a record cannot hold a {type(value).__name__}")


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _unwritable(path: Path, error: OSError) -> GlmDeepError:
    hint = "Check that the disk is not full and that you may write to this folder"
    return GlmDeepError(
        f"the events of the run cannot be written ({error.strerror or error})", where=str(path), hint=hint
    )
