"""Single settings by their dotted keys: KEY=VALUE from a command line, and several put into the JSON of a file."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from glm_deep.config import json_schema, problems_of
from glm_deep.configuration.check import Problem, check, refuse, schema_at, unknown_key
from glm_deep.configuration.fields import KeyPath, dotted, parsed, shown
from glm_deep.configuration.reader import JsonTextError, read


def parse_setting(text: str) -> tuple[str, Any]:
    """The key and the value that KEY=VALUE spells; raises `ConfigError` for an unknown key or a value out of range.

    The value is JSON, or else plain text, so that quotes are rarely needed: `training.device=cpu`.
    """
    return next(iter(parse_settings([text]).items()))


def parse_settings(texts: Iterable[str]) -> dict[str, Any]:
    """The value of each key of several KEY=VALUE; raises `ConfigError` with what is wrong with any of them."""
    settings: dict[str, Any] = {}
    problems: list[Problem] = []
    for text in texts:
        key, equals, spelled = text.partition("=")
        if not equals:
            problems.append(Problem((), f"{shown(text)} is not KEY=VALUE, as in training.seed=5"))
            continue
        path, wrong = _known_path(key.strip())
        if wrong:
            problems.append(wrong)
            continue
        described = schema_at(path, json_schema())
        settings[key.strip()] = value = _value(spelled.strip(), described)
        problems += check(value, described, path)
    refuse("These settings cannot be used", problems)
    return settings


def with_settings(values: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the JSON of a file with `settings`, by dotted key, in it; raises `ConfigError` with all problems."""
    changed = copy.deepcopy(dict(values))
    problems: list[Problem] = []
    for key, value in settings.items():
        path, wrong = _known_path(key)
        wrong = wrong or _put(changed, path, value)
        problems += [wrong] if wrong else []
    refuse("These settings cannot be used", problems + problems_of(changed))
    return changed


def _known_path(key: str) -> tuple[KeyPath, Problem | None]:
    path = parsed(key)
    if path is None:
        return (), Problem((), f"{shown(key)} is not a key; keys look like training.seed or meshes[0].deformed")
    return path, unknown_key(path, json_schema())


def _value(spelled: str, described: Mapping[str, Any]) -> Any:
    """What a value on the command line means for a setting of this schema."""
    try:
        value = read(spelled)[0].value
    except JsonTextError:
        return spelled
    return spelled if described["type"] == "string" and not isinstance(value, str) else value


def _put(values: dict[str, Any], path: KeyPath, value: Any) -> Problem | None:
    """Puts `value` at `path`, groups on the way included; says what is wrong when there is no such list entry."""
    holder: Any = values
    for depth, step in enumerate(path):
        last = depth == len(path) - 1
        if isinstance(step, int):
            count = len(holder)
            if step >= count:
                return Problem(
                    path, f"{dotted(path[: depth + 1])} does not exist, for {dotted(path[:depth])} is {shown(holder)}"
                )
        elif not last:
            holder.setdefault(step, [] if isinstance(path[depth + 1], int) else {})
        if last:
            holder[step] = copy.deepcopy(value)
        else:
            holder = holder[step]
    return None
