"""The settings of a form: what they are, what was typed, what is wrong with it. Without Qt."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from glm_deep import dio
from glm_deep.config import fields
from glm_deep.configuration.fields import Field, same, spelled
from glm_deep.errors import ConfigError


def training_fields() -> list[Field]:
    """The settings of the training that are single values, in the order of the file."""
    return [field for field in fields() if field.key.startswith("training.") and "[]" not in field.key]


def value_at(values: Any, key: str) -> Any:
    """The value of a dotted key in JSON; None where it is not given."""
    for part in key.split("."):
        values = values.get(part) if isinstance(values, dict) else None
    return values


class Form:
    """What a person has typed into the form of a document, beside what its file says.

    Attributes:
        document: as it is in its file.
    """

    def __init__(self, document: dio.Document) -> None:
        self.document = document
        self._fields = {field.key: field for field in training_fields()}
        self._typed: dict[str, str] = {}

    @property
    def fields(self) -> Iterable[Field]:
        """All settings of the form."""
        return self._fields.values()

    @property
    def changed(self) -> bool:
        """Whether anything is other than in the file."""
        return bool(self._typed)

    def text(self, key: str) -> str:
        """What the form shows for a setting."""
        return self._typed.get(key, self.saved(key))

    def saved(self, key: str) -> str:
        """What the file says, its default where it says nothing."""
        value = value_at(self.document.values, key)
        return _text(self._fields[key].default if value is None else value)

    def default(self, key: str) -> str:
        """The default as text."""
        return _text(self._fields[key].default)

    def is_default(self, key: str) -> bool:
        """Whether what the form shows is the default."""
        return _same(self.text(key), self.default(key))

    def set(self, key: str, text: str) -> None:
        """Takes what was typed, whatever it is."""
        self._typed.pop(key, None)
        if not _same(text, self.saved(key)):
            self._typed[key] = text

    def problem(self, key: str) -> str:
        """What is wrong with a setting, in words; empty when nothing is."""
        if key not in self._typed:
            return ""
        try:
            self._parsed(key)
        except ConfigError as error:
            text = error.problems[0] if error.problems else error.what
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
        return self._parsed(key) if key in self._typed else json.loads(_json(self.saved(key)))

    def result(self) -> dio.Document:
        """The document with what was typed.

        Raises:
            ConfigError: something is wrong with it.
        """
        return self.document.with_values({key: self._parsed(key) for key in self._typed})

    def took(self, document: dio.Document) -> None:
        """The form follows a document that was saved or loaded anew; what was typed and is other there stays."""
        typed, self.document, self._typed = self._typed, document, {}
        for key, text in typed.items():
            self.set(key, text)

    def _parsed(self, key: str) -> Any:
        text = self._typed[key].strip()
        return dio.parse_setting(f"{key}={text}")[1]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else spelled(value)


def _json(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return json.dumps(text)
    return text


def _same(one: str, other: str) -> bool:
    """Whether two texts spell one value, such as 1e-4 and 0.0001."""
    return same(json.loads(_json(one.strip())), json.loads(_json(other.strip())))
