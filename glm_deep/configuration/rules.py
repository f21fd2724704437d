"""Rules between settings, which a JSON schema cannot say: unique names, ordered limits, names that must exist.

They work on the JSON of a file, which may be wrong in any other way, so that all its problems are reported together.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from glm_deep.configuration.check import Problem
from glm_deep.configuration.fields import KeyPath, dotted, number, shown

# What no file may be called on one of the systems; control characters are refused in every text.
_NOT_IN_NAMES = re.compile(r'[<>:"|?*/\\]')
_KEPT_BY_WINDOWS = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    *(f"{port}{digit}" for port in ("COM", "LPT") for digit in range(1, 10)),
}
_GUESSES = 3  # names that a wrong one may stand for
_KEPT_BY_SAMPLES = re.compile(r"shard-\d+|index\.json|\..*", re.IGNORECASE)


def broken_rules(values: object, schema: Mapping[str, Any]) -> list[Problem]:
    """The rules between settings that the JSON of a file breaks; `schema` has the defaults of what is left out."""
    return [
        *_asset(values),
        *_repeated(values, ("meshes",), "deformed"),
        *_linear_meshes(values),
        *_repeated(values, ("rig_inputs", "joints"), "name"),
        *_parents(values),
        *_repeated(values, ("rig_inputs", "matrices"), "name"),
        *_repeated(values, ("rig_inputs", "floats"), "name"),
        *_limits(values),
        *_frame_range(values, schema),
        *_session_folder(values),
        *_meshes_of(values, ("training", "anchors", "additional")),
        *_meshes_of(values, ("training", "relevance")),
        *_inputs_of_relevance(values),
    ]


def linear_name(deformed: str, linear: object) -> str:
    """The name of a mesh's linear mesh, where an empty one stands for the default."""
    return linear if isinstance(linear, str) and linear else f"{deformed}_linear"


def _at(values: object, path: KeyPath) -> Any:
    """What stands at `path`, or None."""
    for step in path:
        values = values.get(step) if isinstance(values, dict) else None
    return values


def _entries(values: object, path: KeyPath) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """The objects of the list at `path`, each with its own path."""
    found = _at(values, path)
    for index, entry in enumerate(found if isinstance(found, list) else ()):
        if isinstance(entry, dict):
            yield (*path, index), entry


def _names(values: object, path: KeyPath, key: str) -> Iterator[tuple[KeyPath, str]]:
    for where, entry in _entries(values, path):
        if isinstance(entry.get(key), str) and entry[key]:
            yield (*where, key), entry[key]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _repeated(values: object, path: KeyPath, key: str) -> Iterator[Problem]:
    first: dict[str, KeyPath] = {}
    for where, name in _names(values, path, key):
        if name in first:
            yield Problem(where, f"{dotted(where)} is {shown(name)}, which {dotted(first[name])} is already")
        first.setdefault(name, where)


def _linear_meshes(values: object) -> Iterator[Problem]:
    first: dict[str, KeyPath] = {}
    for where, entry in _entries(values, ("meshes",)):
        deformed = entry.get("deformed")
        if not isinstance(deformed, str) or not deformed or not isinstance(entry.get("linear", ""), str):
            continue
        linear, path = linear_name(deformed, entry.get("linear")), (*where, "linear")
        if linear == deformed:
            yield Problem(path, f"{dotted(path)} is {shown(linear)}, the deformed mesh itself; name its skin-only copy")
        elif linear in first and entry.get("linear"):
            yield Problem(path, f"{dotted(path)} is {shown(linear)}, which {dotted(first[linear])} is already")
        first.setdefault(linear, path)


def _parents(values: object) -> Iterator[Problem]:
    joints = ("rig_inputs", "joints")
    names = [name for _, name in _names(values, joints, "name")]
    known = set(names)
    parents = {entry.get("name"): entry.get("parent") for _, entry in _entries(values, joints) if _named(entry)}
    for where, parent in _names(values, joints, "parent"):
        if parent not in known:
            close = difflib.get_close_matches(parent, names, n=1)
            guess = f"; did you mean {shown(close[0])}?" if close else '; "" makes this joint a root'
            yield Problem(where, f"{dotted(where)} is {shown(parent)}, which is not among the joints{guess}")
    for where, name in _names(values, joints, "name"):
        if _is_own_ancestor(name, parents):
            path = (*where[:-1], "parent")
            yield Problem(path, f"{dotted(path)} makes the joint {shown(name)} its own ancestor")


def _named(entry: dict[str, Any]) -> bool:
    return isinstance(entry.get("name"), str) and isinstance(entry.get("parent", ""), str)


def _is_own_ancestor(name: str, parents: dict[Any, Any]) -> bool:
    seen: set[str] = set()
    ancestor = parents.get(name)
    while ancestor and ancestor not in seen:
        if ancestor == name:
            return True
        seen.add(ancestor)
        ancestor = parents.get(ancestor)
    return False


def _limits(values: object) -> Iterator[Problem]:
    for where, entry in _entries(values, ("rig_inputs", "floats")):
        low: Any = entry.get("min")
        high: Any = entry.get("max")
        if _is_number(low) and _is_number(high) and not low < high:
            path = (*where, "min")
            yield Problem(path, f"{dotted(path)} is {number(low)}, but must be below max, which is {number(high)}")


def _frame_range(values: object, schema: Mapping[str, Any]) -> Iterator[Problem]:
    given = _at(values, ("extraction",))
    if not isinstance(given, dict):
        return
    described = schema["properties"]["extraction"]["properties"]
    start, end = (given.get(key, described[key]["default"]) for key in ("start_frame", "end_frame"))
    if _is_number(start) and _is_number(end) and end < start:
        path = ("extraction", "end_frame" if "end_frame" in given else "start_frame")
        yield Problem(
            path, f"{dotted(path)}: the range ends at {number(end)}, but must not end before its start, {number(start)}"
        )


def _asset(values: object) -> Iterator[Problem]:
    path = ("asset",)
    asset = _at(values, path)
    wrong = _wrong_name(asset) if isinstance(asset, str) and asset else None
    if wrong:
        yield Problem(path, f"asset is {shown(asset)}, but {wrong}; the model file is named after it")


def _wrong_name(name: str) -> str | None:
    """Why a file or folder cannot have this name on every system, None when it can."""
    found = _NOT_IN_NAMES.search(name)
    if found:
        return f"must not hold the character {found[0]}"
    if name[-1] in ". ":
        return f"must not end with a {'dot' if name[-1] == '.' else 'space'}"
    if name.partition(".")[0].rstrip().upper() in _KEPT_BY_WINDOWS:
        return f"{shown(name)} is a name that Windows keeps for itself"
    return None


def _session_folder(values: object) -> Iterator[Problem]:
    path = ("extraction", "session_directory")
    folder = _at(values, path)
    if not isinstance(folder, str) or not folder:
        return
    windows = PureWindowsPath(folder)  # reads both kinds of slashes
    outside = windows.anchor or PurePosixPath(folder).anchor or ".." in windows.parts or not windows.parts
    if outside:
        yield Problem(path, f"{dotted(path)} is {shown(folder)}, but must name a folder inside the samples")
        return
    for part in filter(None, folder.split("/")):
        wrong = _wrong_name(part)
        if wrong is None and _KEPT_BY_SAMPLES.fullmatch(part):
            wrong = f"{shown(part)} is a name that the samples use themselves"
        if wrong:
            yield Problem(path, f"{dotted(path)} is {shown(folder)}, but {wrong}")
            return


def _meshes_of(values: object, path: KeyPath) -> Iterator[Problem]:
    """Entries of the list at `path` about meshes that are not learned."""
    meshes = [name for _, name in _names(values, ("meshes",), "deformed")]
    for where, name in _names(values, path, "mesh"):
        if meshes and name not in meshes:
            others = f"those are {', '.join(map(shown, dict.fromkeys(meshes)))}"
            guess = _did_you_mean(name, meshes) or others
            yield Problem(
                where, f"{dotted(where)} is {shown(name)}, which is not a deformed mesh of this file; {guess}"
            )


def _inputs_of_relevance(values: object) -> Iterator[Problem]:
    inputs = [
        name for kind in ("joints", "matrices", "floats") for _, name in _names(values, ("rig_inputs", kind), "name")
    ]
    for where, name in _names(values, ("training", "relevance"), "input"):
        if inputs and name not in inputs:
            guess = _did_you_mean(name, inputs) or "those are listed under rig_inputs"
            yield Problem(where, f"{dotted(where)} is {shown(name)}, which is not an input of this file; {guess}")


def _did_you_mean(name: str, known: list[str]) -> str | None:
    """A question for the nearest known names, None where none is near."""
    close = difflib.get_close_matches(name, list(dict.fromkeys(known)), n=_GUESSES)
    if not close:
        return None
    *first, last = map(shown, close)
    return f"did you mean {', '.join(first)} or {last}?" if first else f"did you mean {last}?"
