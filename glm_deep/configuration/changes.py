"""What changed between the settings of a trained model and those of today, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from glm_deep.config import json_schema, trained_settings
from glm_deep.configuration.fields import KeyPath, dotted, same, shown
from glm_deep.configuration.rules import linear_name

_NAMES = ("name", "deformed", "input", "mesh")  # the keys that tell the entries of a list from one another


def changed_settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """A sentence for each difference that changes what a training yields, such as "training.seed was 0, is 5".

    Args:
        old: the JSON of the configuration that a model was trained with, perhaps by an earlier version.
        new: the JSON of the configuration of today.

    What either leaves out has its default.
    """
    before, after = (trained_settings(_completed(values, json_schema())) for values in (old, new))
    return list(_changes((), before, after))


def _completed(value: Any, schema: Mapping[str, Any]) -> Any:
    """JSON with the defaults of all settings that it leaves out."""
    if isinstance(value, dict) and "properties" in schema:
        completed = dict(value)
        for key, described in schema["properties"].items():
            if key in value or "default" in described or described["type"] == "object":
                completed[key] = _completed(value.get(key, described.get("default", {})), described)
        if "deformed" in completed:
            completed["linear"] = linear_name(completed["deformed"], completed["linear"])
        return completed
    if isinstance(value, list) and "items" in schema:
        return [_completed(entry, schema["items"]) for entry in value]
    return value


def _changes(path: KeyPath, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            if key in old and key in new:
                yield from _changes((*path, key), old[key], new[key])
            else:
                yield f"{dotted((*path, key))} is {'gone' if key in old else 'new'}"
        return
    before, after = _names_of(old), _names_of(new)
    if before is not None and after is not None:
        yield from _changed_entries(path, (old, before), (new, after))
    elif not same(old, new):
        was, now = shown(old), shown(new)
        yield f"{dotted(path)} " + ("has other entries" if was == now else f"was {was}, is {now}")


def _changed_entries(
    path: KeyPath, old: tuple[list[Any], dict[str, int]], new: tuple[list[Any], dict[str, int]]
) -> Iterator[str]:
    """Changes between two lists of named objects, each with the index of every name."""
    (entries_before, before), (entries_after, after) = old, new
    for name in before:
        if name not in after:
            yield f"{dotted(path)}: {shown(name)} is gone"
    for name, index in after.items():
        if name in before:
            yield from _changes((*path, index), entries_before[before[name]], entries_after[index])
        else:
            yield f"{dotted(path)}: {shown(name)} is new"
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield f"{dotted(path)}: the order changed"


def _names_of(entries: Any) -> dict[str, int] | None:
    """The index of each entry of a list by its name; None unless every entry is an object with a name of its own."""
    if not isinstance(entries, list):
        return None
    names: dict[str, int] = {}
    for index, entry in enumerate(entries):
        found = [entry[key] for key in _NAMES if key in entry] if isinstance(entry, dict) else []
        if not found or not isinstance(found[0], str) or found[0] in names:
            return None
        names[found[0]] = index
    return names
