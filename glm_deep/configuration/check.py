"""Checking JSON against the schema of the configuration, with everything that is wrong said in our own words."""

from __future__ import annotations

import difflib
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glm_deep.configuration.fields import KeyPath, dotted, range_in_words, shown
from glm_deep.errors import ConfigError

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "a text in double quotes",
    "object": "an object in braces",
    "array": "a list in square brackets",
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the path that it is about, and a sentence that names it, without a full stop."""

    path: KeyPath
    sentence: str


def check(values: object, schema: Mapping[str, Any], path: KeyPath = ()) -> list[Problem]:
    """Everything in `values` that does not fit `schema`; `path` is where in the file `values` stand."""
    try:
        from jsonschema import Draft202012Validator  # slow to import, and the declarations are of use without it
    except ImportError as missing:
        raise ConfigError(
            "The Python package jsonschema is missing, which checks configurations",
            hint='Install it into this Python: python -m pip install "jsonschema>=4.17.3,<4.18"',
        ) from missing
    problems: dict[KeyPath, Problem] = {}  # the first at each path: a wrong type is also an unknown choice
    for place, reason in _unusable_values(values):
        where = (*path, *place)
        problems[where] = Problem(where, f"{dotted(where)} {reason}")
    for error in Draft202012Validator(schema).iter_errors(values):
        for problem in _in_our_words(error, (*path, *error.absolute_path), schema):
            problems.setdefault(problem.path, problem)
    return list(problems.values())


def refuse(what: str, problems: Sequence[Problem], *, where: str | None = None) -> None:
    """Raises a `ConfigError` that lists `problems`, when there are any."""
    if problems:
        raise ConfigError(
            what, where=where, hint="Correct what follows", problems=[problem.sentence for problem in problems]
        )


def unknown_key(path: KeyPath, schema: Mapping[str, Any]) -> Problem | None:
    """What is wrong with a path that leads to no setting of `schema`; None when it leads to one."""
    described = schema
    for depth, step in enumerate(path):
        if isinstance(step, int):
            if "items" not in described:
                return Problem(path, f"{dotted(path[:depth])} is no list, so that {dotted(path)} does not exist")
            described = described["items"]
        elif step in described.get("properties", {}):
            described = described["properties"][step]
        elif "items" in described:
            return Problem(path, f"{dotted(path[:depth])} is a list; name one entry, as in {dotted(path[:depth])}[0]")
        else:
            return Problem(path, _not_known(path[: depth + 1], schema))
    return None


def schema_at(path: KeyPath, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of the setting that a known path leads to."""
    for step in path:
        schema = schema["items"] if isinstance(step, int) else schema["properties"][step]
    return schema


def _in_our_words(error: ValidationError, where: KeyPath, schema: Mapping[str, Any]) -> Iterator[Problem]:
    key = dotted(where) or "the configuration"
    keyword: Any = error.validator
    value: Any = error.instance
    described: Any = error.schema
    if keyword == "additionalProperties":
        for unknown in (name for name in value if name not in described["properties"]):
            yield Problem((*where, unknown), _not_known((*where, unknown), schema))
    elif keyword == "required":
        # One error each from jsonschema, which names the key in its text only.
        for missing in (name for name in described["required"] if name not in value):
            path = (*where, missing)
            sentence = f"{dotted(path)} is missing: {described['properties'][missing]['description']}"
            yield Problem(path, sentence.rstrip("."))
    elif keyword in ("minItems", "minLength"):
        yield Problem(where, f"{key} is empty, but must not be")
    else:
        yield Problem(where, f"{key} is {shown(value)}, but must be {_expected(described)}")


def _expected(described: Mapping[str, Any]) -> str:
    """What a value must be, in words: its type, its range and its unit."""
    allowed = range_in_words(described)
    if "enum" in described or described.get("minimum", "") == described.get("maximum"):
        return allowed
    types = [described["type"]] if isinstance(described["type"], str) else described["type"]
    kind = " or ".join(_KINDS.get(name, name) for name in types)
    unit = f" ({described['unit']})" if "unit" in described else ""
    return f"{kind}, {allowed}{unit}" if allowed else f"{kind}{unit}"


def _not_known(path: KeyPath, schema: Mapping[str, Any]) -> str:
    """The sentence about an unknown key at the end of `path`, whose parent exists, with the nearest known key."""
    name = str(path[-1])
    known = schema_at(path[:-1], schema).get("properties", {})
    if not known:
        return f"{dotted(path)} does not exist, for {dotted(path[:-1])} is a single value"
    near = _nearest(name, list(known))
    if near:
        return f"{dotted(path)} is not a known key; did you mean {dotted((*path[:-1], near))}?"
    everywhere = dict(_keys(schema))
    elsewhere = _nearest(name, list(everywhere))
    if elsewhere:
        return f"{dotted(path)} is not a known key; did you mean {everywhere[elsewhere]}?"
    return f"{dotted(path)} is not a known key; known here are {', '.join(known)}"


def _nearest(name: str, known: list[str]) -> str | None:
    """The known key most like `name`, however its words are joined or capitalised."""
    plain = {key.replace("_", ""): key for key in known}
    close = difflib.get_close_matches(name.lower().replace("_", "").replace("-", "").replace(" ", ""), plain, n=1)
    return plain[close[0]] if close else None


def _keys(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every key of `schema` with its dotted path; the last of equal names counts."""
    for name, described in schema.get("properties", {}).items():
        yield name, prefix + name
        yield from _keys(described, f"{prefix}{name}.")
        yield from _keys(described.get("items", {}), f"{prefix}{name}[].")


def _unusable_values(values: object) -> Iterator[tuple[KeyPath, str]]:
    """Values that may have the right JSON type and yet cannot be a setting, each with what is wrong about it."""
    waiting: list[tuple[KeyPath, object]] = [((), values)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*path, key), entry) for key, entry in value.items()]
        elif isinstance(value, (list, tuple)):
            waiting += [((*path, index), entry) for index, entry in enumerate(value)]
        elif isinstance(value, float) and not math.isfinite(value):
            yield path, f"is {json.dumps(value)}, but must be a finite number"
        elif isinstance(value, int) and abs(value) > sys.float_info.max:
            yield path, "is a number of more than 300 digits, which is too large"
        elif isinstance(value, str) and not value.isprintable() and _unspeakable(value):
            yield path, f"is {shown(value)}, but must not hold control characters or broken ones"


def _unspeakable(text: str) -> bool:
    return any(character < " " or character == "\x7f" or "\ud800" <= character <= "\udfff" for character in text)
