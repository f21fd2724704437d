"""The settings of a form: what they are, what was typed, what is wrong with it. Without Qt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from glm_deep import dio
from glm_deep.config import fields, json_schema
from glm_deep.configuration.check import check, schema_at
from glm_deep.configuration.fields import Field, dotted, parsed, same, spelled
from glm_deep.errors import ConfigError
from glm_deep_ui.vertex_lists import text_of, vertices_of

ADDITIONAL = "training.anchors.additional"
MESHES, JOINTS, MATRICES, FLOATS = "meshes", "rig_inputs.joints", "rig_inputs.matrices", "rig_inputs.floats"
LISTS = (MESHES, JOINTS, MATRICES, FLOATS)
"""The lists of the file that the form shows as tables."""
_VERSION = "glm_deep"
_LONGEST_TEXT = 40
_KEY = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")
_ENTRY = re.compile(r"([a-z_.]+)\[(\d+)\]\.([a-z_]+)")  # such as rig_inputs.joints[1].parent


def training_fields() -> list[Field]:
    """The settings of the training that are single values, in the order of the file."""
    return [field for field in single_fields() if field.key.startswith("training.")]


def single_fields() -> list[Field]:
    """All settings that are single values, in the order of the file; the version of its layout is none."""
    return [field for field in fields() if "[]" not in field.key and field.key != _VERSION]


def columns_of(key: str) -> list[Field]:
    """The settings of each entry of a list."""
    return [field for field in fields() if field.key.startswith(f"{key}[].")]


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

    Its keys are those of the file and `anchors_key` of each mesh. The text of one of `LISTS` is JSON.

    Attributes:
        document: as it is in its file.
        vertices: how many each mesh has, by name, of those that are known.
    """

    def __init__(self, document: dio.Document) -> None:
        self.document = document
        self.vertices: Mapping[str, int] = {}
        self._fields = {field.key: field for field in single_fields()}
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
        value = value_at(self.document.values, key)
        if key in LISTS:
            return spelled(value or [])
        if key not in self._fields:
            return self._listed.get(key, "")
        return _text(self._fields[key].default if value is None else value)

    def default(self, key: str) -> str:
        """The default as text."""
        if key not in self._fields:
            return "[]" if key in LISTS else ""
        return _text(self._fields[key].default)

    def entries(self, key: str) -> list[dict[str, Any]]:
        """The entries of one of `LISTS`, as they are shown."""
        found = json.loads(self.text(key))
        return found if isinstance(found, list) else []

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
        return self.document.with_values(self.typed_values())

    def typed_values(self) -> dict[str, Any]:
        """What was typed and is right, by the key in the file."""
        right = [key for key in self._typed if not self.problem(key)]
        values = {key: self.value(key) for key in right if key in self._fields or key in LISTS}
        if len(values) < len(right):
            listed = {mesh: self._right_vertices(anchors_key(mesh)) for mesh in self.meshes}
            values[ADDITIONAL] = [{"mesh": mesh, "vertices": list(own)} for mesh, own in listed.items() if own]
        return values

    def _right_vertices(self, key: str) -> Any:
        """The additional anchors of a mesh; those of the file while what was typed is wrong."""
        return vertices_of(self.saved(key)) if self.problem(key) else self.value(key)

    def texts_of(self, values: Mapping[str, Any]) -> dict[str, str]:
        """The texts of values that `typed_values` has given once; of keys that are settings no more, none."""
        texts = {key: _text(value) for key, value in values.items() if key in self._fields or key in LISTS}
        if ADDITIONAL in values:
            listed = {each["mesh"]: each["vertices"] for each in values[ADDITIONAL]}
            texts.update({anchors_key(mesh): text_of(listed.get(mesh, ())) for mesh in self.meshes})
        return texts

    def differences(self) -> list[str]:
        """What was typed beside what the file says, a phrase for each setting."""
        return [
            f"The list {self.label(key)} is another one in the file than here"
            if key in LISTS
            else f"{self.label(key)} is {_brief(self.saved(key))} in the file and {_brief(self.text(key))} here"
            for key in self._typed
        ]

    def label(self, key: str) -> str:
        """The name of a setting in sentences."""
        if key in self._fields:
            return self._fields[key].label
        path = key.partition("/")[0]
        return str(schema_at(parsed(path) or (), json_schema())["title"])

    def in_words(self, problem: str) -> str:
        """A sentence about the file in the words of the pages, whose tables have rows and columns."""

        def named(found: re.Match[str]) -> str:
            columns = {each.key.rpartition(".")[2]: each.label for each in columns_of(found[1])}
            if found[3] not in columns:
                return found[0]
            return f"{self.label(found[1])}, row {int(found[2]) + 1}, {columns[found[3]]}"

        said = _ENTRY.sub(named, problem)
        return _KEY.sub(lambda found: self.label(found[0]) if found[0] in self._fields else found[0], said)

    def took(self, document: dio.Document) -> None:
        """The form follows a document that was saved or loaded anew; what was typed and is other there stays."""
        typed, self.document, self._typed = self._typed, document, {}
        self._listed = _additional(document)
        known = {*self._fields, *LISTS, *map(anchors_key, self.meshes)}
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
        if key in LISTS:
            return self._parsed_list(key, asked)
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

    def _parsed_list(self, key: str, asked: tuple[str, int | None]) -> _Parsed:
        value = json.loads(asked[0])
        path = parsed(key) or ()
        problems = check(value, schema_at(path, json_schema()), path)
        if not problems:
            return _Parsed(asked, value, "")
        own, said = problems[0].path[len(path) :], problems[0].sentence
        if len(own) == 2:
            column = next(each for each in columns_of(key) if each.key.endswith(f".{own[1]}"))
            said = f"row {int(own[0]) + 1}, {column.label}{said[len(dotted(problems[0].path)) :]}"
        return _Parsed(asked, None, f"{self.label(key)}: {said}")

    def _same(self, key: str, one: str, other: str) -> bool:
        """Whether two texts of a setting mean one value, such as 1e-4 and 0.0001."""
        if key in self._fields or key in LISTS:
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


def _brief(text: str) -> str:
    """A text as it fits a sentence."""
    return f'"{text}"' if len(text) <= _LONGEST_TEXT else "another list"


def _json(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return json.dumps(text)
    return text
