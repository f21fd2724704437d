"""The configuration node: a scene remembers which `.dio` files belong to it, and edits that are not saved yet.

It is a plain network node with attributes of ours, so that scenes open without complaint where glm_deep is not there.
The file is the truth; what the node holds beside it are edits that somebody has still to save.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maya import cmds

from glm_deep import dio
from glm_deep.dio import Document
from glm_deep.errors import ConfigError, GlmDeepError, first_line
from glm_deep_maya.undo import undo_chunk

MARK, FILE, EDITS, SEEN = "glmDeepConfiguration", "ioConfFile", "unsavedEdits", "seenHash"
"""Attributes: what tells the node from others, the path, the edits as JSON, and the SHA-256 of the text that they were
made on. The last two are ASCII: a scene that is saved as text may not hold other letters."""


@dataclass(frozen=True)
class ConfigNode:
    """One configuration node of the scene, by its present name."""

    name: str

    @property
    def is_there(self) -> bool:
        """Whether the scene has it still, by this name."""
        return bool(cmds.objExists(f"{self.name}.{EDITS}"))

    @property
    def path(self) -> Path:
        """The file, with the variables of its path filled in."""
        return Path(os.path.expandvars(str(cmds.getAttr(f"{self.name}.{FILE}") or ""))).expanduser()

    @property
    def edits(self) -> dict[str, Any]:
        """The settings that were edited and not saved, by dotted key.

        Raises:
            GlmDeepError: somebody has written something else there.
        """
        try:
            found = json.loads(cmds.getAttr(f"{self.name}.{EDITS}") or "{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise GlmDeepError(
                "these are no edits of glm_deep", where=f"{self.name}.{EDITS}", hint="Empty the attribute"
            )
        return found

    @property
    def conflicts(self) -> bool:
        """Whether the file was changed by somebody else since the edits were made.

        Raises:
            ConfigError: it cannot be read.
        """
        if not self.edits:
            return False
        try:
            text = self.path.read_bytes()  # asked every few seconds, and checking a long file takes a while
        except OSError:
            text = (dio.load(self.path).text or "").encode()  # which says why
        return hashlib.sha256(text).hexdigest() != str(cmds.getAttr(f"{self.name}.{SEEN}"))

    def keep(self, settings: Mapping[str, Any]) -> None:
        """Has these edits instead of those that it had, as one step of undo; equal ones to what the file says go.

        Raises:
            ConfigError: the file cannot be read, or a setting is wrong.
        """
        document = dio.load(self.path)
        document.with_values(settings)
        kept = {key: value for key, value in settings.items() if not _says(document, key, value)}
        if kept == self.edits and _seen(document) == cmds.getAttr(f"{self.name}.{SEEN}"):
            return
        with undo_chunk("glm_deep edit"):
            _set(self.name, SEEN, _seen(document))
            _set(self.name, EDITS, json.dumps(kept, sort_keys=True) if kept else "")

    def document(self) -> Document:
        """The file with the edits.

        Raises:
            ConfigError: the file cannot be read, or the edits do not fit it any more.
        """
        return dio.load(self.path).with_values(self.edits)

    def save(self) -> Document:
        """Writes the edits into the file and forgets them.

        Raises:
            ConfigError: the file cannot be read or written.
            GlmDeepError: somebody else has changed it meanwhile.
        """
        if self.conflicts:
            raise GlmDeepError(
                f"{self.path.name} was changed by somebody else since it was edited in this scene",
                where=self.name,
                hint="Open the window of glm_deep, which shows both, and save there",
            )
        document = self.document()
        if self.edits:
            document = dio.save(document)
            with undo_chunk("glm_deep save"):
                _set(self.name, EDITS, "")
                _set(self.name, SEEN, _seen(document))
        return document


def config_nodes() -> list[ConfigNode]:
    """All configuration nodes of the scene, those of references too."""
    return [ConfigNode(name) for name in cmds.ls(type="network") or [] if _is_ours(name)]


def find_node(path: Path) -> ConfigNode | None:
    """The node of a file, None where there is none."""
    return next((node for node in config_nodes() if _same(node.path, path)), None)


def node_for(path: Path) -> ConfigNode:
    """The node of a file, made where there is none.

    Raises:
        ConfigError: the file cannot be read.
    """
    document = dio.load(path)
    found = find_node(path)
    if found is not None:
        return found
    with undo_chunk("glm_deep configuration node"):
        name = cmds.createNode("network", name=f"{_as_name(document.config.asset)}_glmDeep", skipSelect=True)
        cmds.addAttr(name, longName=MARK, attributeType="bool", defaultValue=True)
        for attribute in (FILE, EDITS, SEEN):
            cmds.addAttr(name, longName=attribute, dataType="string")
        _set(name, FILE, document.path.as_posix())
        _set(name, SEEN, _seen(document))
    return ConfigNode(str(name))


def save_edits_of(path: Path) -> None:
    """Saves the edits that the scene holds for a file, before it is used.

    Raises:
        ConfigError, GlmDeepError: they cannot be saved.
    """
    for node in config_nodes():
        if node.edits and _same(node.path, path):
            node.save()


def _is_ours(name: str) -> bool:
    return bool(cmds.attributeQuery(MARK, node=name, exists=True))


def _set(node: str, attribute: str, text: str) -> None:
    try:
        cmds.setAttr(f"{node}.{attribute}", text, type="string")
    except RuntimeError as error:
        raise GlmDeepError(
            f"the scene cannot keep what was edited: {first_line(error)}",
            where=node,
            hint="Unlock the node and its attributes, or save the file in the window",
        ) from error


def _seen(document: Document) -> str:
    return hashlib.sha256((document.text or "").encode()).hexdigest()


def _says(document: Document, key: str, value: Any) -> bool:
    """Whether a file says this of a setting; of one that depends on other edits it does not."""
    try:
        return document.with_values({key: value}).config == document.config
    except ConfigError:
        return False


def _same(one: Path, other: Path) -> bool:
    return os.path.normcase(one.resolve()) == os.path.normcase(other.resolve())


def _as_name(asset: str) -> str:
    """An asset's name as Maya allows it for a node."""
    allowed = "".join(each if each.isascii() and each.isalnum() else "_" for each in asset)
    return allowed if allowed[:1].isalpha() else f"_{allowed}"
