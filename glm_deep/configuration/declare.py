"""Declaring a setting once, and what follows from the declaration: JSON schema, reading, writing.

A setting is a field of a frozen dataclass made with `declare`, a group of settings one made with `section`. The
annotation gives the type: int, float, an optional float, bool, str, a tuple of int, or a tuple of such dataclasses.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Optional, TypeVar, Union, get_args, get_origin, get_type_hints

OptionalNumber = Optional[float]  # a name, because Python 3.9 cannot evaluate `float | None` in an annotation

T = TypeVar("T")

_SCHEMA_TYPES = {int: "integer", float: "number", bool: "boolean", str: "string"}


@dataclasses.dataclass(frozen=True)
class _Declaration:
    keywords: Mapping[str, object]  # JSON schema keywords that the type does not give
    required: bool
    filled: bool


def declare(
    default: object,
    label: str,
    description: str,
    *,
    unit: str = "",
    minimum: float | None = None,
    above: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    critical: bool = False,
    required: bool = False,
    filled: bool = False,
) -> Any:
    """A dataclass field that carries the description of one setting.

    Args:
        default: its value where the file says nothing; of a required setting only a placeholder.
        label: what a form calls it.
        description: its help text.
        unit: what a number counts, such as "epochs"; empty for none.
        minimum: the smallest value that is allowed (of a list: of its entries).
        above: instead of `minimum`, a bound that the value has to exceed.
        maximum: the largest value that is allowed.
        choices: the texts that are allowed; none means any text.
        critical: shown in bold, for it decides about quality and time.
        required: a file without it is refused.
        filled: an empty text or list is refused.
    """
    optional = {
        "unit": unit or None,
        "minimum": minimum,
        "exclusiveMinimum": above,
        "maximum": maximum,
        "enum": list(choices) or None,
        "critical": critical or None,
    }
    keywords = {"title": label, "description": description}
    keywords.update({keyword: value for keyword, value in optional.items() if value is not None})  # type: ignore[misc]
    return dataclasses.field(default=default, metadata={"declaration": _Declaration(keywords, required, filled)})


def section(group: type[T], label: str, description: str) -> Any:
    """A dataclass field that holds a group of settings, all at their defaults unless told otherwise."""
    declaration = _Declaration({"title": label, "description": description}, required=False, filled=False)
    return dataclasses.field(default_factory=group, metadata={"declaration": declaration})


def schema_of(group: type) -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a declared dataclass; units stand under the extra keyword "unit"."""
    hints = get_type_hints(group)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for field in dataclasses.fields(group):
        declaration: _Declaration = field.metadata["declaration"]
        properties[field.name] = _property(hints[field.name], declaration)
        if declaration.required:
            required.append(field.name)
        elif field.default is not dataclasses.MISSING:
            properties[field.name]["default"] = json_of(field.default)
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def built(group: type[T], values: Mapping[str, Any]) -> T:
    """The dataclass that `values` describe, defaults filled in; `values` must fit the schema."""
    hints = get_type_hints(group)
    names = [field.name for field in dataclasses.fields(group) if field.name in values]  # type: ignore[arg-type]
    return group(**{name: _converted(hints[name], values[name]) for name in names})


def json_of(value: Any) -> Any:
    """The JSON form of a declared dataclass, or of the value of one of its fields; every setting is written out."""
    if dataclasses.is_dataclass(value):
        return {field.name: json_of(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return [json_of(entry) for entry in value] if isinstance(value, tuple) else value


def _property(hint: Any, declaration: _Declaration) -> dict[str, Any]:
    described = dict(declaration.keywords)
    if get_origin(hint) is tuple:
        entry = get_args(hint)[0]
        if dataclasses.is_dataclass(entry):
            items = schema_of(entry)  # type: ignore[arg-type]
        else:
            limits: dict[str, Any] = {key: described.pop(key) for key in ("minimum", "maximum") if key in described}
            items = {"type": _SCHEMA_TYPES[entry], **limits}
        return {"type": "array", **described, "items": items, **({"minItems": 1} if declaration.filled else {})}
    if dataclasses.is_dataclass(hint):
        return {**described, **schema_of(hint)}  # type: ignore[arg-type]
    if get_origin(hint) is Union:
        return {"type": ["number", "null"], **described}
    return {"type": _SCHEMA_TYPES[hint], **described, **({"minLength": 1} if declaration.filled else {})}


def _converted(hint: Any, value: Any) -> Any:
    if get_origin(hint) is tuple:
        return tuple(_converted(get_args(hint)[0], entry) for entry in value)
    if dataclasses.is_dataclass(hint):
        return built(hint, value)  # type: ignore[arg-type]
    if get_origin(hint) is Union:
        return None if value is None else float(value)
    return hint(value)  # JSON spells the whole number 3 also as 3.0, and the number 3.0 also as 3
