"""Writing changed settings into the text of a file, so that all that did not change keeps its spelling and place."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from glm_deep.configuration.fields import same, spelled
from glm_deep.configuration.reader import Node

_INDENTED = re.compile(r"[\r\n]([ \t]+)\S")
_SEPARATOR = re.compile(r"\s*,\s*")


@dataclass(frozen=True)
class Style:
    """How a file is laid out; `newline` is empty where it stands on one line."""

    indent: str = "  "
    newline: str = "\n"

    @classmethod
    def of(cls, text: str) -> Style:
        """The layout of an existing text, as its first line end and its first indented line show it."""
        first = re.search(r"\r\n|\r|\n", text.rstrip())
        indented = _INDENTED.search(text)
        return cls(indented[1] if indented else cls.indent, first[0] if first else "")

    def line(self, depth: int) -> str:
        """What separates an entry at `depth` from what stands before it."""
        return self.newline + self.indent * depth if self.newline else ""


def new_text(values: dict[str, Any]) -> str:
    """The text of a new file."""
    return _spelled(values, Style(), 0) + "\n"


def edited_text(text: str, root: Node, values: dict[str, Any]) -> str:
    """`text`, which `root` was read from, with `values` in it instead.

    Keys keep their order, new ones follow the old; equal values keep their spelling, 1e-4 and 3.0 included.
    """
    return text[: root.start] + _edited(text, root, values, Style.of(text), 0) + text[root.end :]


def _edited(text: str, node: Node, value: Any, style: Style, depth: int) -> str:
    if same(node.value, value):
        return text[node.start : node.end]
    if isinstance(node.value, dict) and isinstance(value, dict):
        return _edited_container(text, node, dict(value), style, depth)
    if isinstance(node.value, list) and isinstance(value, list) and _holds_containers(node.value + value):
        return _edited_container(text, node, dict(enumerate(value)), style, depth)
    return _spelled(value, style, depth)


def _edited_container(text: str, node: Node, entries: dict[Any, Any], style: Style, depth: int) -> str:
    """An object or list with the old entries that are still there, then the new ones."""
    gaps = _gaps(text, node)
    lead = text[node.start + 1 : node.end - 1]
    lead = lead[: len(lead) - len(lead.lstrip())] if gaps else style.line(depth + 1)
    written = ""
    for key, child in node.children.items():
        if key in entries:
            gap = gaps[key] if written else lead + gaps[key].lstrip(", \t\r\n")
            written += gap + _edited(text, child, entries[key], style, depth + 1)
    separator = _separator(list(gaps.values()), lead)
    for key in (key for key in entries if key not in node.children):
        name = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(key, str) else ""
        entry = name + _spelled(entries[key], style, depth + 1)
        written += (separator if written else lead) + entry
    last = list(node.children.values())[-1:]
    tail = text[last[0].end : node.end - 1] if last else style.line(depth)
    return text[node.start] + (written + tail if written else "") + text[node.end - 1]


def _gaps(text: str, node: Node) -> dict[str | int, str]:
    """For each entry the text between the value or bracket before it and its own value: comma, white space, key."""
    ends = [node.start + 1, *(child.end for child in node.children.values())]
    return {key: text[end : child.start] for end, (key, child) in zip(ends, node.children.items())}


def _separator(gaps: list[str], lead: str) -> str:
    """What to write before a new last entry, after the example of those that are there."""
    example = _SEPARATOR.match(gaps[-1]) if len(gaps) > 1 else None
    if example:
        return example[0]
    return "," + (lead if "\n" in lead or not gaps else " ")


def _spelled(value: Any, style: Style, depth: int) -> str:
    if isinstance(value, dict) and value:
        entries = [
            f"{json.dumps(key, ensure_ascii=False)}: {_spelled(entry, style, depth + 1)}"
            for key, entry in value.items()
        ]
        return _laid_out("{", entries, "}", style, depth)
    if isinstance(value, list) and _holds_containers(value):
        return _laid_out("[", [_spelled(entry, style, depth + 1) for entry in value], "]", style, depth)
    if isinstance(value, list):
        return "[" + ", ".join(_spelled(entry, style, depth) for entry in value) + "]"
    return spelled(value)


def _laid_out(opening: str, entries: list[str], closing: str, style: Style, depth: int) -> str:
    line = style.line(depth + 1)
    return opening + ",".join(line + entry for entry in entries) + style.line(depth) + closing


def _holds_containers(values: list[Any]) -> bool:
    return any(isinstance(entry, (dict, list)) for entry in values)
