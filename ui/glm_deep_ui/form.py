"""The settings of a form: what they are, what was typed, what is wrong with it. Without Qt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
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

    @property
    def fields(self) -> Iterable[Field]:
        """All settings of the form."""
        return self._fields.values()

    @property
    def meshes(self) -> list[str]:
        """The deformed meshes, which may have additional anchors."""
        return [mesh.deformed for mesh in self.document.config.meshes]

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
            return text_of(self._additional(self.document).get(key, ()))
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
        if key not in self._typed:
            return ""
        try:
            self._parsed(key)
        except ConfigError as error:
            text = error.problems[0] if error.problems else error.what
            if key not in self._fields:
                return f"{key.partition('/')[2]}: {text}"
            return text.replace(key, self._fields[key].label, 1)
        return ""

    def problems(self) -> dict[str, str]:
        """All that is wrong, by key."""
        found = {key: self.problem(key) for key in self._typed}
        return {key: problem for key, problem in found.items() if problem}

    def value(self, key: str) -> Any:
        """The value of a setting as it would be saved; None while it is wrong."""
        if self.problem(key):
            return None
        if key in self._typed or key not in self._fields:
            return self._parsed(key)
        return json.loads(_json(self.saved(key)))

    def result(self) -> dio.Document:
        """The document with what was typed.

        Raises:
            ConfigError: something is wrong with it.
        """
        values = {key: self._parsed(key) for key in self._typed if key in self._fields}
        if len(values) < len(self._typed):
            listed = {mesh: self._parsed(anchors_key(mesh)) for mesh in self.meshes}
            values[ADDITIONAL] = [{"mesh": mesh, "vertices": list(own)} for mesh, own in listed.items() if own]
        return self.document.with_values(values)

    def took(self, document: dio.Document) -> None:
        """The form follows a document that was saved or loaded anew; what was typed and is other there stays."""
        typed, self.document, self._typed = self._typed, document, {}
        known = {*self._fields, *map(anchors_key, self.meshes)}
        for key, text in typed.items():
            if key in known:
                self.set(key, text)

    def _parsed(self, key: str) -> Any:
        text = self.text(key).strip()
        if key not in self._fields:
            return vertices_of(text, self.vertices.get(key.partition("/")[2]))
        return dio.parse_setting(f"{key}={text}")[1]

    def _same(self, key: str, one: str, other: str) -> bool:
        """Whether two texts of a setting mean one value, such as 1e-4 and 0.0001."""
        if key in self._fields:
            return same(json.loads(_json(one.strip())), json.loads(_json(other.strip())))
        try:
            return vertices_of(one) == vertices_of(other)
        except ConfigError:
            return one.strip() == other.strip()

    @staticmethod
    def _additional(document: dio.Document) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for each in document.config.training.anchors.additional:
            key = anchors_key(each.mesh)
            found[key] = found.get(key, ()) + each.vertices
        return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else spelled(value)


def _json(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return json.dumps(text)
    return text
