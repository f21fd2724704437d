"""MSelectionList of API 2."""

# ruff: noqa: N803  (the names are Maya's)
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from maya_fake import components
from maya_fake.api2.objects import MDagPath, MObject, handle_of
from maya_fake.api2.plugs import MPlug
from maya_fake.api_core import Component, Handle
from maya_fake.constants import MFN, MSELECTIONLIST, constants
from maya_fake.current import scene
from maya_fake.state import Node


@constants(MSELECTIONLIST)
class MSelectionList:
    """Nodes, plugs and components."""

    def __init__(self, other: MSelectionList | None = None) -> None:
        self._entries: list[tuple[str, str]] = list(other._entries) if other is not None else []

    @classmethod
    def _of(cls, entries: list[str]) -> MSelectionList:
        made = cls()
        made._entries = [(entry.partition("\n")[0], entry.partition("\n")[2]) for entry in entries]
        return made

    def add(self, given: Any, searchChildNamespaces: bool = False) -> MSelectionList:
        if isinstance(given, str):
            found = self._named(given)
        elif isinstance(given, MPlug):
            found = [given._at]
        elif isinstance(given, tuple):
            path, component = given
            texts = components.written(_letters(component._handle.payload.kind), component._handle.payload.numbers())
            found = [(path._node().uuid, text) for text in texts]
        else:
            found = [(handle_of(given).node().uuid, "")]
        self._entries += [entry for entry in found if entry not in self._entries]
        return self

    def _named(self, name: str) -> list[tuple[str, str]]:
        if components.is_component(name):
            node, kind, numbers = components.parse(scene(), name)
            mesh = components.mesh_of(scene(), node)
            return [(mesh.uuid, text) for text in components.written(kind, numbers)]
        try:
            if "." in name:
                return [scene().plug(name).at]
            found = scene().matching(name)
            if len(found) > 1 and "*" not in name:
                raise RuntimeError("(kFailure): Unexpected Internal Failure")
        except ValueError:
            found = []
        if not found:
            raise RuntimeError("(kInvalidParameter): Object does not exist")
        return [(node.uuid, "") for node in found]

    def length(self) -> int:
        return len(self._entries)

    def isEmpty(self) -> bool:
        return not self._entries

    def clear(self) -> MSelectionList:
        self._entries.clear()
        return self

    def _entry(self, place: int) -> tuple[Node, str]:
        if not 0 <= place < len(self._entries):
            raise IndexError("Invalid index")
        uuid, rest = self._entries[place]
        node = scene().state.nodes.get(uuid)
        if node is None:
            raise RuntimeError("(kInvalidParameter): Object does not exist")
        return node, rest

    def getDagPath(self, place: int) -> MDagPath:
        node, _ = self._entry(place)
        if not scene().is_dag(node):
            raise TypeError("item is not a DAG path")
        return MDagPath._of(node)

    def getDependNode(self, place: int) -> MObject:
        return MObject._node(self._entry(place)[0])

    def getPlug(self, place: int) -> MPlug:
        node, rest = self._entry(place)
        if not rest:
            raise TypeError("item is not a plug")
        return MPlug._of(scene().plug_of(node, rest))

    def getComponent(self, place: int) -> tuple[MDagPath, MObject]:
        node, rest = self._entry(place)
        if not components.is_component("." + rest):
            return MDagPath._of(node), MObject()
        _, kind, numbers = components.parse(scene(), f"{scene().long_name(node)}.{rest}")
        made = Component(MFN[_KINDS[kind]], numbers)
        return MDagPath._of(components.mesh_of(scene(), node) or node), MObject._of(Handle("component", made))

    def getSelectionStrings(self, place: int | None = None) -> tuple[str, ...]:
        places = range(len(self._entries)) if place is None else [place]
        made = []
        for each in places:
            node, rest = self._entry(each)
            made.append(f"{scene().short_name(node)}.{rest}" if rest else scene().short_name(node))
        return tuple(made)

    def hasItem(self, given: Any) -> bool:
        return (handle_of(given).node().uuid, "") in self._entries

    def __iter__(self) -> Iterator[Any]:
        return iter([self.getDependNode(place) for place in range(self.length())])


_KINDS = {"vtx": "kMeshVertComponent", "e": "kMeshEdgeComponent", "f": "kMeshPolygonComponent"}


def _letters(kind: int) -> str:
    return next(letters for letters, name in _KINDS.items() if MFN[name] == kind)
