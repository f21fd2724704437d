"""The graph: creating and deleting nodes, plugs, connections, and values that are worked out when asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from maya_fake.attributes import Attr, Table, segment, steps
from maya_fake.names import Names
from maya_fake.node_types import built_in
from maya_fake.state import Key, Node, State, new_uuid


@dataclass(frozen=True)
class Plug:
    """An attribute of a node; `key` is its name in full, such as `weightList[3].weights[1]`."""

    node: Node
    attr: Attr
    key: str

    @property
    def at(self) -> Key:
        """Its place in the tables of the scene."""
        return self.node.uuid, self.key

    @property
    def index(self) -> int | None:
        """The logical index of an element of an array."""
        return steps(self.key)[-1][1]

    @property
    def whole_array(self) -> bool:
        """Whether it stands for all elements of an array."""
        return self.attr.array and self.index is None


class Graph(Names):
    """Nodes and plugs of one scene."""

    def __init__(self) -> None:
        self.types = built_in()
        self.state = State()
        self._cache: dict[Key, Any] = {}
        self.watchers: list[Callable[..., None]] = []
        self.begin()

    def begin(self) -> None:
        """An empty scene with what every scene has."""
        self.state = State(namespaces={"UI", "shared"})
        self.create("time", "time1").default = True
        for view in ("persp", "top", "front", "side"):
            transform = self.create("transform", view)
            transform.default = True
            self.create("camera", view + "Shape", transform).default = True
        for name in ("initialShadingGroup", "defaultLightSet", "defaultObjectSet"):
            self.create("objectSet", name).default = True
        self.changed()

    def changed(self, what: str = "", *details: Any) -> None:
        """Forget what was worked out, and tell those who watch."""
        self._cache.clear()
        if what:
            for watcher in list(self.watchers):
                watcher(what, *details)

    # nodes

    def create(self, kind: str, name: str | None = None, parent: Node | None = None) -> Node:
        """A new node.

        Raises:
            RuntimeError: there is no such type.
        """
        if kind not in self.types:
            raise RuntimeError(f"Unknown object type: {kind}")
        dag = self.types[kind].is_a("dagNode")
        above = parent.uuid if parent else None
        node = Node(new_uuid(), self.free_name(name or f"{kind}#", above, dag), kind, above)
        self.state.nodes[node.uuid] = node
        made = self.types[kind].python_class
        if made is not None:
            self.construct(node)
        self.changed("created", node)
        return node

    def construct(self, node: Node) -> None:
        """Make the Python object behind a node of a plug-in."""

    def remove(self, node: Node) -> None:
        """Delete a node with all below it and all its connections.

        Raises:
            RuntimeError: it is locked or came with Maya.
        """
        if node.node_locked or node.default or node.referenced:
            raise RuntimeError(f"Cannot delete locked, default or referenced node '{self.short_name(node)}'.")
        for child in self.children(node):
            self.remove(child)
        self.changed("removing", node)
        for dest, source in list(self.state.connections.items()):
            if node.uuid in (dest[0], source[0]):
                del self.state.connections[dest]
                self._after_disconnect(dest)
        self.state.selection = [each for each in self.state.selection if each.split("\n")[0] != node.uuid]
        del self.state.nodes[node.uuid]
        self.changed("removed", node)

    def attributes(self, node: Node) -> Iterable[Attr]:
        """All attributes of a node, those of its own last."""
        return [*self.types[node.type].table.values(), *node.dynamic.values()]

    def attribute(self, node: Node, name: str) -> Attr | None:
        """The attribute with this long or short name."""
        return node.dynamic.find(name) or self.types[node.type].table.find(name)

    # plugs

    def plug(self, text: str) -> Plug:
        """The plug with this name, such as `arm.rotateX`, `|arm.r.rx` or `skin.wl[3].w[1]`.

        Raises:
            ValueError: there is no such node or attribute.
        """
        if not isinstance(text, str):
            raise TypeError(f"Object {text!r} is invalid")
        name, dot, rest = text.partition(".")
        if not dot or not rest:
            raise ValueError(f"No object matches name: {text}")
        return self.plug_of(self.node(name), rest, text)

    def plug_of(self, node: Node, rest: str, text: str | None = None) -> Plug:
        """The plug of a node with this name of an attribute."""
        failure = ValueError(f"No object matches name: {text or self.short_name(node) + '.' + rest}")
        previous: Attr | None = None
        indices: dict[str, int | None] = {}
        for part in rest.split("."):
            split = segment(part)
            if split is None and part == "message":
                raise failure
            if split is None:
                raise failure
            name, index = split
            if previous is None and name in node.aliases:
                return self.plug_of(node, node.aliases[name], text)
            found = self.attribute(node, name)
            if found is None or (index is not None and not found.array):
                raise failure
            if previous is not None and previous.name not in self.above(node, found):
                raise failure
            if index is not None and index < 0:
                raise failure
            indices[found.name], previous = index, found
        assert previous is not None
        return Plug(node, previous, self._key(node, previous, indices))

    def above(self, node: Node, attribute: Attr) -> list[str]:
        """The names of the attributes that an attribute is a child of, nearest first."""
        names = []
        while attribute.parent is not None:
            names.append(attribute.parent)
            parent = self.attribute(node, attribute.parent)
            assert parent is not None
            attribute = parent
        return names

    def _key(self, node: Node, last: Attr, indices: dict[str, int | None]) -> str:
        parts = [last.name if indices[last.name] is None else f"{last.name}[{indices[last.name]}]"]
        for name in self.above(node, last):
            parent = self.attribute(node, name)
            assert parent is not None
            if parent.array:
                index = indices.get(name)
                parts.append(f"{name}[{0 if index is None else index}]")
        return ".".join(reversed(parts))

    def element(self, plug: Plug, index: int) -> Plug:
        """The element of an array with this logical index."""
        return Plug(plug.node, plug.attr, f"{plug.key}[{index}]")

    def child(self, plug: Plug, attribute: Attr) -> Plug:
        """The child of a compound (not of an array as a whole)."""
        if plug.index is not None:
            return Plug(plug.node, attribute, f"{plug.key}.{attribute.name}")
        outer = plug.key.rpartition(".")[0]
        return Plug(plug.node, attribute, f"{outer}.{attribute.name}" if outer else attribute.name)

    def plug_name(self, plug: Plug, long: bool = False) -> str:
        """`node.attribute` with the shortest path of the node, or its full one."""
        return f"{self.long_name(plug.node) if long else self.short_name(plug.node)}.{self._alias(plug)}"

    def _alias(self, plug: Plug) -> str:
        return next((alias for alias, key in plug.node.aliases.items() if key == plug.key), plug.key)

    def plug_at(self, at: Key) -> Plug:
        """The plug of an entry of the tables."""
        node = self.state.nodes[at[0]]
        attribute = self.attribute(node, steps(at[1])[-1][0])
        assert attribute is not None
        return Plug(node, attribute, at[1])

    def indices(self, plug: Plug) -> list[int]:
        """The logical indices that an array has, in ascending order."""
        if plug.attr.name == "weightList" and plug.node.weights:
            return sorted(plug.node.weights)
        if plug.attr.name == "weights" and plug.node.weights:
            return sorted(plug.node.weights.get(steps(plug.key)[0][1] or 0, {}))
        start = plug.key + "["
        found = set()
        uuid = plug.node.uuid
        keys = list(plug.node.values)
        keys += [key for dest, source in self.state.connections.items() for u, key in (dest, source) if u == uuid]
        for key in keys:
            if key.startswith(start):
                found.add(int(re.match(r"\d+", key[len(start) :])[0]))  # type: ignore[index]
        return sorted(found | set(self.type_of(plug.node).computes and self._computed_indices(plug)))

    def _computed_indices(self, plug: Plug) -> set[int]:
        if plug.attr.name == "outputGeometry":
            return set(self.indices(Plug(plug.node, self.attribute(plug.node, "input"), "input")))  # type: ignore[arg-type]
        return {0} if plug.attr.world_space else set()

    # connections

    def source(self, plug: Plug) -> Plug | None:
        """The plug that drives this one itself."""
        at = self.state.connections.get(plug.at)
        return self.plug_at(at) if at else None

    def destinations(self, plug: Plug) -> list[Plug]:
        """The plugs that this one drives."""
        return [self.plug_at(dest) for dest, source in self.state.connections.items() if source == plug.at]

    def connect(self, source: Plug, dest: Plug, force: bool = False) -> None:
        """Let one plug drive another.

        Raises:
            RuntimeError: the types do not fit, the destination is driven, locked or cannot be written.
        """
        names = self.plug_name(source), self.plug_name(dest)
        text = f"{names[0]} -> {names[1]}"
        if not dest.attr.writable or not dest.attr.connectable or not source.attr.readable:
            raise RuntimeError(f"The attribute cannot be connected: {text}")
        if source.whole_array or dest.whole_array:
            raise RuntimeError(f"A connection needs an element of the array: {text}")
        if not compatible(source.attr, dest.attr):
            raise RuntimeError(
                f"The attributes {names[0]} and {names[1]} have incompatible types "
                f"({source.attr.kind}, {dest.attr.kind})."
            )
        if self.is_locked(dest):
            raise RuntimeError(f"The destination attribute '{names[1]}' cannot be modified, it is locked.")
        if self.state.connections.get(dest.at) == source.at:
            if force:
                return
            raise RuntimeError(f"'{names[0]}' is already connected to '{names[1]}'.")
        if dest.at in self.state.connections and not force:
            raise RuntimeError(
                f"'{names[1]}' already has an incoming connection from "
                f"'{self.plug_name(self.plug_at(self.state.connections[dest.at]))}'."
            )
        self.state.connections[dest.at] = source.at
        self.changed("connected", source, dest)

    def disconnect(self, source: Plug, dest: Plug) -> None:
        """Undo a connection; the destination keeps the value that it had.

        Raises:
            RuntimeError: there is no such connection.
        """
        if self.state.connections.get(dest.at) != source.at:
            text = f"'{self.plug_name(source)}' to '{self.plug_name(dest)}'"
            raise RuntimeError(f"There is no connection from {text} to disconnect")
        if dest.attr.storable and not dest.attr.compound and dest.attr.kind != "message":
            dest.node.values[dest.key] = self.value(dest)
        del self.state.connections[dest.at]
        self._after_disconnect(dest.at)
        self.changed("disconnected", source, dest)

    def _after_disconnect(self, at: Key) -> None:
        """An element of an array that goes with its connection goes."""
        node = self.state.nodes.get(at[0])
        if node is None:
            return
        attribute = self.attribute(node, steps(at[1])[-1][0])
        if attribute is not None and attribute.array and attribute.disconnect == 0:
            node.values.pop(at[1], None)

    # values

    def is_locked(self, plug: Plug) -> bool:
        """Whether the plug, or one above it, is locked."""
        names = {plug.key, *self.above(plug.node, plug.attr)}
        names.update(child.name for child in plug.attr.children if not plug.attr.array)
        return bool(names & plug.node.locked)

    def driver(self, plug: Plug) -> Plug | None:
        """The plug that gives this one its value, over a connection of it or of its parents."""
        own = self.source(plug)
        if own or plug.attr.parent is None:
            return own
        parent = self.attribute(plug.node, plug.attr.parent)
        assert parent is not None
        key = plug.key.rpartition(".")[0] if parent.array else parent.name
        at = self.state.connections.get((plug.node.uuid, key))
        if at is None:
            return None
        source = self.plug_at(at)
        place = [child.name for child in parent.children].index(plug.attr.name)
        return self.child(source, source.attr.children[place])

    def value(self, plug: Plug) -> Any:
        """The value of a leaf as stored: centimetres, degrees, 16 numbers, a mesh."""
        at = plug.at
        if at not in self._cache:
            self._cache[at] = self._value(plug)
        return self._cache[at]

    def _value(self, plug: Plug) -> Any:
        if plug.at in self.state.held:
            return self.state.held[plug.at]
        source = self.driver(plug)
        if source is not None:
            return converted(self.value(source), plug.attr)
        compute = self.type_of(plug.node).computes.get(plug.attr.name)
        if compute is not None:
            return compute(self, plug.node, steps(plug.key))
        if plug.attr.name == "weights" and plug.node.weights:
            (_, outer), (_, inner) = steps(plug.key)
            return plug.node.weights.get(outer or 0, {}).get(inner or 0, plug.attr.rest())
        return plug.node.values.get(plug.key, plug.attr.rest())

    def hold(self, plug: Plug, value: Any) -> None:
        """Give an animated plug another value until the time changes."""
        self.state.held[plug.at] = value
        self.changed("set", plug)

    def is_animated(self, plug: Plug) -> bool:
        """Whether an animation curve drives the plug itself."""
        source = self.source(plug)
        return source is not None and self.type_of(source.node).is_a("animCurve")

    def get(self, node: Node, name: str) -> Any:
        """The value of an attribute of a node by its name in full."""
        attribute = self.attribute(node, steps(name)[-1][0])
        assert attribute is not None, f"{node.type} has no {name}"
        return self.value(Plug(node, attribute, name))

    def put(self, plug: Plug, value: Any) -> None:
        """Store a value without asking whether that is allowed."""
        if plug.attr.name == "weights" and plug.node.type == "skinCluster":
            (_, outer), (_, inner) = steps(plug.key)
            row = dict(plug.node.weights.get(outer or 0, {}))
            row[inner or 0] = float(value)
            plug.node.weights[outer or 0] = row
        else:
            plug.node.values[plug.key] = value
        self.changed("set", plug)


_PLAIN = {"bool", "byte", "short", "long", "int64", "float", "double", "doubleAngle", "doubleLinear", "time", "enum"}
_GEOMETRY = {"mesh", "geometry"}
_MATRIX = {"matrix", "fltMatrix"}
_TRIPLE = {"double3", "float3"}


def compatible(source: Attr, dest: Attr) -> bool:
    """Whether a connection between the two is possible."""
    if dest.kind == "message" or source.kind == "message":
        return dest.kind == source.kind
    if dest.kind == "generic" or source.kind == dest.kind:
        return True
    return any(source.kind in group and dest.kind in group for group in (_PLAIN, _GEOMETRY, _MATRIX, _TRIPLE))


def converted(value: Any, attribute: Attr) -> Any:
    """A value as an attribute of another kind takes it."""
    if attribute.kind == "bool":
        return bool(value)
    if attribute.kind in ("long", "short", "byte", "enum", "int64"):
        return int(value)
    if attribute.kind in ("double", "float", "doubleAngle", "doubleLinear", "time"):
        return float(value)
    return value


__all__ = ["Graph", "Key", "Plug", "Table", "compatible", "converted"]
