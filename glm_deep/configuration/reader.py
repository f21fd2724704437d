"""Reading JSON with the place of every key and value, so that a message can name the line and a save can keep the text.

The standard library's decoder drops places and earlier duplicates of a key; it still reads the single values here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from glm_deep.configuration.check import Problem
from glm_deep.configuration.fields import KeyPath, dotted, shown

DEEPEST = 50  # levels of nesting; a configuration has seven

_SPACE = re.compile(r"[ \t\r\n]*")
_LINE_END = re.compile(r"\r\n|\r|\n")
_CLOSING = {"{": "}", "[": "]"}
_DECODER = json.JSONDecoder()
_BAD_VALUES = (  # how a value that JSON does not have begins, and what to do about it
    (re.compile(r"'"), "texts need double quotes"),
    (re.compile(r"//|/\*|#"), "JSON has no comments"),
    (re.compile(r"(?i)(true|false|null|none)\b"), "expected true, false or null in small letters"),
    (re.compile(r"[+.]\.?\d"), "a number begins with a digit or a minus"),
    (re.compile(r"[\w$]"), "expected a value; texts need double quotes"),
)
_BAD_TEXTS = {  # how the standard library's messages about texts in double quotes begin
    "Unterminated string": "this text has no closing double quote",
    "Invalid control character": "this text has no closing double quote on its line",
    "Invalid \\escape": "a backslash inside a text must be doubled; in paths write / instead",
    "Invalid \\uXXXX": "expected four hexadecimal digits after \\u",
}


@dataclass(frozen=True)
class Node:
    """A value and where it stands in the text: `children` by key or index, `keys` where each key starts."""

    value: Any
    start: int
    end: int
    children: dict[str | int, Node] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)


class JsonTextError(ValueError):
    """The first place where a text stops being JSON."""

    def __init__(self, text: str, position: int, reason: str) -> None:
        self.line, self.column = line_and_column(text, position)
        self.reason = reason
        super().__init__(f"line {self.line}, column {self.column}: {reason}")


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """The line and column, both counted from 1, of a position in a text."""
    ends = [match.end() for match in _LINE_END.finditer(text, 0, position)]
    return len(ends) + 1, position - (ends[-1] if ends else 0) + 1


def read(text: str) -> tuple[Node, list[Problem]]:
    """The value that a JSON text holds, and its keys that are given twice; raises `JsonTextError`.

    A byte order mark, which Windows editors put first, is passed over.
    """
    reader = _Reader(text)
    root = reader.value(_after_space(text, 1 if text.startswith("\ufeff") else 0), ())
    position = _after_space(text, root.end)
    if position < len(text):
        raise JsonTextError(text, position, f"expected nothing more after the closing {text[root.end - 1]}")
    return root, reader.duplicates


def position_of(root: Node, path: KeyPath) -> int:
    """Where the key or entry at the end of `path` stands; for what is not there, the last on the way to it."""
    position = root.start
    for step in path:
        if step not in root.children:
            break
        child = root.children[step]
        position = root.keys[step] if isinstance(step, str) else child.start
        root = child
    return position


class _Reader:
    """One pass over a text, with the duplicates met on the way."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.duplicates: list[Problem] = []

    def value(self, position: int, path: KeyPath) -> Node:
        """The value that starts at `position`."""
        if len(path) > DEEPEST:
            raise JsonTextError(self.text, position, f"expected no more than {DEEPEST} levels of brackets")
        character = self.text[position : position + 1]
        if character == "{":
            return self._object(position, path)
        if character == "[":
            return self._array(position, path)
        return self._scalar(position)

    def _object(self, start: int, path: KeyPath) -> Node:
        children: dict[str | int, Node] = {}
        keys: dict[str, int] = {}
        position = _after_space(self.text, start + 1)
        while self._character(position) != "}" or keys:
            if self._character(position) != '"':
                self._refuse_key(position, start, bool(keys))
            spelled = self._scalar(position)
            key = str(spelled.value)
            if key in keys:
                self._note_duplicate((*path, key), keys[key], position)
            keys.setdefault(key, position)
            position = self._expect(":", spelled.end, f"expected a colon after the key {shown(key)}")
            child = self.value(position, (*path, key))
            children[key] = child
            position = _after_space(self.text, child.end)
            if self._character(position) == "}":
                break
            position = self._expect(",", child.end, self._not_closed(start, child.end))
        value = {key: child.value for key, child in children.items()}
        return Node(value, start, position + 1, children, keys)

    def _array(self, start: int, path: KeyPath) -> Node:
        children: dict[str | int, Node] = {}
        position = _after_space(self.text, start + 1)
        while self._character(position) != "]" or children:
            child = self.value(position, (*path, len(children)))
            children[len(children)] = child
            position = _after_space(self.text, child.end)
            if self._character(position) == "]":
                break
            position = self._expect(",", child.end, self._not_closed(start, child.end))
        return Node([child.value for child in children.values()], start, position + 1, children)

    def _scalar(self, position: int) -> Node:
        try:
            value, end = _DECODER.raw_decode(self.text, position)
        except json.JSONDecodeError as error:
            raise JsonTextError(self.text, error.pos, self._why_no_value(error.pos, error.msg)) from None
        except ValueError:  # Python refuses to convert whole numbers of thousands of digits
            raise JsonTextError(self.text, position, "this number has too many digits") from None
        return Node(value, position, end)

    def _why_no_value(self, position: int, message: str) -> str:
        for beginning, reason in _BAD_TEXTS.items():
            if message.startswith(beginning):
                return reason
        for beginning_of_value, reason in _BAD_VALUES:
            if beginning_of_value.match(self.text, position):
                return reason
        if self._character(position) in ("]", "}"):
            return f"expected a value before {self._character(position)}; a comma or colon is one too many"
        return "the file ends where a value is expected" if position >= len(self.text) else "expected a value"

    def _refuse_key(self, position: int, opening: int, after_comma: bool) -> None:
        found = self._character(position)
        if found == "}" and after_comma:
            reason = "the comma before } is one too many"
        elif found == "":
            reason = self._ends_in(opening)
        elif _BAD_VALUES[1][0].match(self.text, position):
            reason = _BAD_VALUES[1][1]
        else:
            reason = "expected a key in double quotes"
        raise JsonTextError(self.text, position, reason)

    def _not_closed(self, opening: int, end: int) -> str:
        """What to say when neither a comma nor a closing bracket follows an entry."""
        if _after_space(self.text, end) >= len(self.text):
            return self._ends_in(opening)
        return f"expected a comma or a closing {_CLOSING[self.text[opening]]}"

    def _ends_in(self, opening: int) -> str:
        line = line_and_column(self.text, opening)[0]
        return f"the file ends, but the {self.text[opening]} of line {line} is not closed"

    def _expect(self, character: str, position: int, reason: str) -> int:
        """The position of what follows `character`, which must come next."""
        position = _after_space(self.text, position)
        if self._character(position) != character:
            raise JsonTextError(self.text, position, reason)
        return _after_space(self.text, position + 1)

    def _note_duplicate(self, path: KeyPath, first: int, second: int) -> None:
        lines = (line_and_column(self.text, first)[0], line_and_column(self.text, second)[0])
        sentence = f"{dotted(path)} is given twice, in lines {lines[0]} and {lines[1]}; keep one"
        self.duplicates.append(Problem(path, sentence))

    def _character(self, position: int) -> str:
        return self.text[position : position + 1]


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
