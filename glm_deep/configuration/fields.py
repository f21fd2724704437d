"""The settings one by one, as a form, a help text or a table shows them; read from the JSON schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

KeyPath = tuple[Union[str, int], ...]  # of keys and list indices, from the top of the file

_KEY = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_STEP = re.compile(r"(?:^|\.)([A-Za-z_][A-Za-z_0-9]*)|\[(\d{1,9})\]")
_LONGEST_SHOWN = 60  # characters of a value in a sentence


@dataclass(frozen=True)
class Field:
    """One setting: `key` is its dotted path in the file, with `[]` for each entry of a list.

    `type` is the JSON type (integer, number, boolean, string, array); the limits of an array are those of its entries.
    """

    key: str
    label: str
    type: str
    nullable: bool
    unit: str
    minimum: float | None
    maximum: float | None
    exclusive_minimum: bool
    default: Any
    required: bool
    help: str
    critical: bool
    choices: tuple[str, ...]

    @property
    def range(self) -> str:
        """The allowed values in words, such as "above 0, at most 1"; empty where everything is allowed."""
        low = "exclusiveMinimum" if self.exclusive_minimum else "minimum"
        return range_in_words({low: self.minimum, "maximum": self.maximum, "enum": self.choices})


def fields_of(schema: Mapping[str, Any], prefix: str = "") -> tuple[Field, ...]:
    """The settings of an object's schema, those of nested objects and of entries of lists included."""
    found: list[Field] = []
    for name, described in schema["properties"].items():
        key = f"{prefix}.{name}" if prefix else name
        if described["type"] == "object":
            found += fields_of(described, key)
        elif described.get("items", {}).get("type") == "object":
            found += fields_of(described["items"], f"{key}[]")
        else:
            found.append(_field(key, described, name in schema.get("required", ())))
    return tuple(found)


def table_of(fields: Iterable[Field]) -> str:
    """The settings as a Markdown table."""
    rows = ["| key | default | range | unit | meaning |", "|---|---|---|---|---|"]
    for field in fields:
        key = f"**`{field.key}`**" if field.critical else f"`{field.key}`"
        default = "required" if field.required else f"`{spelled(field.default)}`"
        cells = (key, default, field.range, field.unit, field.help)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def range_in_words(described: Mapping[str, Any]) -> str:
    """The range or the choices that schema keywords allow; empty where they allow everything."""
    if described.get("enum"):
        *first, last = (json.dumps(choice) for choice in described["enum"])
        return f"{', '.join(first)} or {last}" if first else last
    low, above, high = (described.get(key) for key in ("minimum", "exclusiveMinimum", "maximum"))
    if above is not None:
        return f"above {number(above)}" + ("" if high is None else f", at most {number(high)}")
    if low is not None and high is not None:
        return number(low) if low == high else f"{number(low)} to {number(high)}"
    if low is not None:
        return f"{number(low)} or more"
    return "" if high is None else f"at most {number(high)}"


def number(value: float) -> str:
    """A number as one writes it by hand: whole ones without a decimal point."""
    return str(int(value)) if abs(value) < 1e16 and float(value).is_integer() else repr(value)


def spelled(value: object) -> str:
    """A value as one writes it into a file, on one line."""
    return number(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def shown(value: object) -> str:
    """A value of a file in few words, safe to print whatever it holds."""
    if isinstance(value, dict):
        return "an object with no keys" if not value else "an object"
    if isinstance(value, (list, tuple)):
        short = f"[{', '.join(shown(entry) for entry in value[:_LONGEST_SHOWN])}]"
        plain = not any(isinstance(entry, (dict, list, tuple)) for entry in value)
        return short if plain and len(short) <= _LONGEST_SHOWN else f"a list of {len(value)}"
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
        text = number(value)
    else:
        text = json.dumps(value, ensure_ascii=False, default=repr)
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def same(old: Any, new: Any) -> bool:
    """Whether two JSON values are the same setting: 3 is 3.0, but not true."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(same(*pair) for pair in zip(old, new))
    return isinstance(old, bool) == isinstance(new, bool) and bool(old == new)


def dotted(path: Sequence[str | int]) -> str:
    """A path as it is shown and as `parsed` reads it, such as `training.anchors.additional[0].mesh`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _KEY.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{shown(step)}]"
    return text


def parsed(key: str) -> KeyPath | None:
    """The path that a dotted key spells, or None when it spells none."""
    steps = list(_STEP.finditer(key))
    if not steps or steps[0][0] != steps[0][1] or "".join(step[0] for step in steps) != key:
        return None
    return tuple(step[1] if step[1] is not None else int(step[2]) for step in steps)


def leaves(values: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """The path and value of each setting in JSON; a list of plain values, or an empty one, is one setting."""
    if isinstance(values, dict):
        for key, value in values.items():
            yield from leaves(value, (*path, key))
    elif isinstance(values, list) and any(isinstance(entry, dict) for entry in values):
        for index, entry in enumerate(values):
            yield from leaves(entry, (*path, index))
    else:
        yield path, values


def _field(key: str, described: Mapping[str, Any], required: bool) -> Field:
    types = described["type"]
    limits = described.get("items", described)
    above = limits.get("exclusiveMinimum")
    return Field(
        key=key,
        label=described["title"],
        type=types if isinstance(types, str) else types[0],
        nullable=not isinstance(types, str),
        unit=described.get("unit", ""),
        minimum=limits.get("minimum") if above is None else above,
        maximum=limits.get("maximum"),
        exclusive_minimum=above is not None,
        default=described.get("default"),
        required=required,
        help=described["description"],
        critical=described.get("critical", False),
        choices=tuple(described.get("enum", ())),
    )
