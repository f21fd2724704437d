"""The settings of a form: what they are, what was typed, what is wrong with it. Without Qt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from glm_deep import dio
from glm_deep.config import fields, json_schema
from glm_deep.configuration.check import schema_at
from glm_deep.configuration.fields import Field, parsed, same, spelled
from glm_deep.errors import ConfigError
from glm_deep_ui.vertex_lists import text_of, vertices_of

ADDITIONAL = "training.anchors.additional"


def training_fields() -> list[Field]:
    """The settings of the training that are single values, in the order of the file."""
    return [field for field in fields() if field.key.startswith("training.") and "[]" not in field.key]


def value_at(values: Any, key: str) -> Any:
    """The value of a dotted key in JSON; None where it is not given."""
    for part in key.split("."):
        values = values.get(part) if isinstance(values, dict) else None
    return values


def anchors_key(mesh: str) -> str:
    """The key under which a form has the additional anchors of a mesh, as text."""
    return f"{ADDITIONAL}/{mesh}"


def anchors_in_words() -> tuple[str, str]:
    """The label of the additional anchors and what they are."""
    described = schema_at(parsed(ADDITIONAL) or (), json_schema())
    return described["title"], described["description"]


@dataclass(frozen=True)
class _Parsed:
    """The text of a setting and how many vertices its mesh had, what it means, and what is wrong with it."""

    asked: tuple[str, int | None]
    value: Any
    problem: str


class Form:
    """What a person has typed into the form of a document, beside what its file says.

    Its keys are those of the file, and `anchors_key` of each mesh.

    Attributes:
        document: as it is in its file.
        vertices: how many each mesh has, by name, of those that are known.
    """

    def __init__(self, document: dio.Document) -> None:
        self.document = document
        self.vertices: Mapping[str, int] = {}
        self._fields = {field.key: field for field in training_fields()}
        self._typed: dict[str, str] = {}
        self._known: dict[str, _Parsed] = {}
        self._listed = _additional(document)

    @property
    def fields(self) -> Iterable[Field]:
        """All settings of the form."""
        return self._fields.values()

    @property
    def meshes(self) -> list[str]:
        """The deformed meshes, which may have additional anchors."""
        return [mesh.deformed for mesh in self.document.config.meshes]

    @property
    def typed(self) -> list[str]:
        """The keys of what is other than in the file."""
        return list(self._typed)

    @property
    def changed(self) -> bool:
        """Whether anything is other than in the file."""
        return bool(self._typed)

    def text(self, key: str) -> str:
        """What the form shows for a setting."""
        return self._typed.get(key, self.saved(key))

    def saved(self, key: str) -> str:
        """What the file says, its default where it says nothing."""
        if key not in self._fields:
            return self._listed.get(key, "")
        value = value_at(self.document.values, key)
        return _text(self._fields[key].default if value is None else value)

    def default(self, key: str) -> str:
        """The default as text."""
        if key not in self._fields:
            return ""
        return _text(self._fields[key].default)

    def is_default(self, key: str) -> bool:
        """Whether what the form shows is the default."""
        return self._same(key, self.text(key), self.default(key))

    def set(self, key: str, text: str) -> None:
        """Takes what was typed, whatever it is."""
        self._typed.pop(key, None)
        if not self._same(key, text, self.saved(key)):
            self._typed[key] = text

    def problem(self, key: str) -> str:
        """What is wrong with a setting, in words; empty when nothing is."""
        return self._parse(key).problem if key in self._typed else ""

    def problems(self) -> dict[str, str]:
        """All that is wrong, by key."""
        found = {key: self.problem(key) for key in self._typed}
        return {key: problem for key, problem in found.items() if problem}

    def value(self, key: str) -> Any:
        """The value of a setting as it would be saved; None while it is wrong."""
        return self._parse(key).value

    def result(self) -> dio.Document:
        """The document with what was typed.

        Raises:
            ConfigError: something is wrong with it.
        """
        problems = self.problems()
        if problems:
            raise ConfigError("some settings are wrong", problems=tuple(problems.values()))
        values = {key: self.value(key) for key in self._typed if key in self._fields}
        if len(values) < len(self._typed):
            listed = {mesh: self.value(anchors_key(mesh)) for mesh in self.meshes}
            values[ADDITIONAL] = [{"mesh": mesh, "vertices": list(own)} for mesh, own in listed.items() if own]
        return self.document.with_values(values)

    def took(self, document: dio.Document) -> None:
        """The form follows a document that was saved or loaded anew; what was typed and is other there stays."""
        typed, self.document, self._typed = self._typed, document, {}
        self._listed = _additional(document)
        known = {*self._fields, *map(anchors_key, self.meshes)}
        for key, text in typed.items():
            if key in known:
                self.set(key, text)

    def _parse(self, key: str) -> _Parsed:
        """What the text of a setting means; asked several times a second, so it is worked out once for each text."""
        count = self.vertices.get(key.partition("/")[2])
        asked = (self.text(key), count)
        known = self._known.get(key)
        if known is None or known.asked != asked:
            known = self._known[key] = self._parsed(key, asked)
        return known

    def _parsed(self, key: str, asked: tuple[str, int | None]) -> _Parsed:
        text, count = asked
        field = self._fields.get(key)
        try:
            if field is None:
                return _Parsed(asked, vertices_of(text, count), "")
            if key in self._typed:
                return _Parsed(asked, dio.parse_setting(f"{key}={text.strip()}")[1], "")
            return _Parsed(asked, json.loads(_json(text)), "")
        except ConfigError as error:
            said = error.problems[0] if error.problems else error.what
            named = f"{key.partition('/')[2]}: {said}" if field is None else said.replace(key, field.label, 1)
            return _Parsed(asked, None, named)

    def _same(self, key: str, one: str, other: str) -> bool:
        """Whether two texts of a setting mean one value, such as 1e-4 and 0.0001."""
        if key in self._fields:
            return same(json.loads(_json(one.strip())), json.loads(_json(other.strip())))
        try:
            return vertices_of(one) == vertices_of(other)
        except ConfigError:
            return one.strip() == other.strip()


def _additional(document: dio.Document) -> dict[str, str]:
    """The additional anchors of a document as text, by key."""
    found: dict[str, tuple[int, ...]] = {}
    for each in document.config.training.anchors.additional:
        key = anchors_key(each.mesh)
        found[key] = found.get(key, ()) + each.vertices
    return {key: text_of(vertices) for key, vertices in found.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else spelled(value)


def _json(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return json.dumps(text)
    return text
