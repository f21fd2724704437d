"""The `.dio` file of a character: reading, checking, migrating and saving it."""

from __future__ import annotations

import copy
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glm_deep.config import SCHEMA_VERSION, Config, problems_of
from glm_deep.configuration.changes import changed_settings
from glm_deep.configuration.check import Problem
from glm_deep.configuration.declare import built
from glm_deep.configuration.fields import shown
from glm_deep.configuration.reader import JsonTextError, Node, line_and_column, position_of, read
from glm_deep.configuration.settings import parse_setting, parse_settings, with_settings
from glm_deep.configuration.text import edited_text, new_text
from glm_deep.errors import ConfigError

__all__ = [
    "MIGRATIONS",
    "Document",
    "Migration",
    "changed_settings",
    "load",
    "new",
    "parse_setting",
    "parse_settings",
    "save",
]

Migration = Callable[[dict[str, Any]], dict[str, Any]]

# From a version of the schema to the next one. A migration gets a copy of the file's JSON before it is checked, so it
# must bear any value anywhere; "glm_deep" is raised for it. Version 1 is the first.
MIGRATIONS: Mapping[int, Migration] = {}

_RECOGNISED_BY = "glm_deep"


@dataclass(frozen=True)
class Document:
    """A configuration with the file it belongs to.

    Attributes:
        path: the file, absolute.
        values: its JSON, with nothing but what the user wrote, in the user's order; not to be changed in place.
        config: the settings that follow, defaults filled in.
        text: the text it was loaded from or saved as; None when there is no file yet.
    """

    path: Path
    values: dict[str, Any]
    config: Config
    text: str | None

    @property
    def main_directory(self) -> Path:
        """The absolute folder of samples, runs and model."""
        return self.resolved(self.config.main_directory)

    def resolved(self, relative: str) -> Path:
        """The absolute form of a path that is relative to the file, such as `export.publish_to`."""
        return Path(os.path.normpath(self.path.parent / relative))

    def settings_hash(self) -> str:
        """SHA-256, in hexadecimal, of the settings that change what a training yields."""
        return self.config.settings_hash()

    def with_values(self, settings: Mapping[str, Any]) -> Document:
        """This document with other values, by dotted key as in the file; raises `ConfigError` with all problems."""
        values = with_settings(self.values, settings)
        return Document(self.path, values, built(Config, values), self.text)


def load(path: str | Path, *, migrations: Mapping[int, Migration] = MIGRATIONS) -> Document:
    """The configuration in a file; raises `ConfigError` with all that is wrong. The file itself is never changed."""
    path = Path(path).absolute()
    text = _text_of(path)
    root, duplicates = _read(text, path)
    values = _migrated(root.value, path, migrations)
    problems = {problem.path: problem for problem in (*problems_of(values), *duplicates)}
    if problems:
        raise ConfigError(
            f"The configuration has {_count(len(problems))}",
            where=str(path),
            hint="Correct the file, then try again",
            problems=_placed(list(problems.values()), path, text, root),
        )
    return Document(path, values, built(Config, values), text)


def new(path: str | Path, values: Mapping[str, Any]) -> Document:
    """A document for a file that `save` will write; raises `ConfigError` unless `values` are a configuration."""
    config = Config.from_json(values)
    return Document(Path(path).absolute(), copy.deepcopy(dict(values)), config, None)


def save(document: Document, path: str | Path | None = None, *, overwrite: bool = False) -> Document:
    """Writes a document, whole or not at all, and gives it as it is now in its file.

    What did not change keeps its order, layout and spelling. Raises `ConfigError` when the file cannot be written, and,
    unless `overwrite`, when that would lose what somebody else wrote there since it was loaded. Settings that name
    paths stay as they are, also when `path` is in another folder.
    """
    target = document.path if path is None else Path(path).absolute()
    if document.text is None:
        text = new_text(document.values)
    else:
        text = edited_text(document.text, read(document.text)[0], document.values)
    if not overwrite:
        _refuse_to_lose(target, document)
    try:
        _write_atomically(target, text.encode("utf-8"))
    except OSError as error:
        raise ConfigError(
            f"The configuration cannot be written: {error.strerror or error}",
            where=str(target),
            hint="Check that its folder exists, is writable and has space left",
        ) from error
    return Document(target, document.values, document.config, text)


def _text_of(path: Path) -> str:
    """The text of a file, or a `ConfigError` that says why there is none."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        hint = f'Check the path, or make a configuration with: glm-deep new "{path.name}"'
        raise ConfigError("There is no such file", where=str(path), hint=hint) from None
    except (OSError, ValueError) as error:  # a ValueError for a path with a null character
        reason = error.strerror if isinstance(error, OSError) else None
        hint = "Check that it is a file and that you may read it"
        raise ConfigError(f"The file cannot be read: {reason or error}", where=str(path), hint=hint) from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if f'"{_RECOGNISED_BY}"'.encode() not in content:
            raise _not_ours(path, "it is not text in UTF-8") from None
        line = content.count(b"\n", 0, error.start) + 1
        hint = "Save it as UTF-8 in a text editor"
        raise ConfigError(f"Line {line} holds a byte that is not UTF-8", where=str(path), hint=hint) from None


def _read(text: str, path: Path) -> tuple[Node, list[Problem]]:
    """The JSON of a text that was recognised as ours, and its keys that are given twice."""
    begins = text.lstrip("\ufeff \t\r\n")[:1]
    try:
        root, duplicates = read(text)
    except JsonTextError as error:
        if begins == "{" and _RECOGNISED_BY in text:
            what = f"Line {error.line}, column {error.column} is not JSON: {error.reason}"
            raise ConfigError(what, where=str(path), hint="Correct the line, then try again") from None
        kinds = {"": "it is empty", "<": "it looks like XML", "{": f"it is not JSON ({error})"}
        raise _not_ours(path, kinds.get(begins, "it is not JSON")) from None
    if not isinstance(root.value, dict) or _RECOGNISED_BY not in root.value:
        raise _not_ours(path, f'it has no key "{_RECOGNISED_BY}"')
    return root, duplicates


def _not_ours(path: Path, reason: str) -> ConfigError:
    return ConfigError(
        f"This is not a glm_deep configuration: {reason}; it may belong to another program",
        where=str(path),
        hint="Leave it as it is, and make one under another name with: glm-deep new CONF.dio",
    )


def _migrated(values: dict[str, Any], path: Path, migrations: Mapping[int, Migration]) -> dict[str, Any]:
    """The JSON of a file in the layout of today; what is no version number is left for the check."""
    version = values[_RECOGNISED_BY]
    if isinstance(version, bool) or not isinstance(version, (int, float)):
        return values
    if version > SCHEMA_VERSION:
        raise ConfigError(
            f"This configuration was written by a newer glm_deep: its schema version is {shown(version)}, "
            f"and this one reads up to {SCHEMA_VERSION}",
            where=str(path),
            hint="Update glm_deep on this machine",
        )
    while version < SCHEMA_VERSION and version in migrations:
        version = int(version)
        values = migrations[version](copy.deepcopy(values))
        version += 1
        values[_RECOGNISED_BY] = version
    return values


def _placed(problems: list[Problem], path: Path, text: str, root: Node) -> list[str]:
    """The sentences of problems in the order of the file, each with the file's name and the line."""
    placed = sorted((position_of(root, problem.path), problem.sentence) for problem in problems)
    return [f"{path.name}, line {line_and_column(text, place)[0]}: {sentence}" for place, sentence in placed]


def _count(problems: int) -> str:
    return "a problem" if problems == 1 else f"{problems} problems"


def _refuse_to_lose(target: Path, document: Document) -> None:
    """Raises `ConfigError` when `target` holds something else than what the document was loaded from."""
    try:
        content = target.read_bytes()
    except OSError:
        return  # nothing there to lose; what keeps it from being written is said by the writing
    if document.text is None or target != document.path:
        raise ConfigError("There is a file of this name already", where=str(target), hint="Choose another name")
    if content != document.text.encode("utf-8"):
        raise ConfigError(
            "The file was changed by somebody else since it was loaded",
            where=str(target),
            hint="Load it again and repeat your change",
        )


def _write_atomically(target: Path, content: bytes) -> None:
    """Replaces the content of a file in one step, through a temporary file beside it."""
    target = Path(os.path.realpath(target))  # so that a link stays a link
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)  # noqa: PTH105 - the tests interrupt it here
    finally:
        temporary.unlink(missing_ok=True)
