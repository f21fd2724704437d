"""Names of nodes: paths, namespaces, wildcards, and names that are still free."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from maya_fake.node_types import NodeType
from maya_fake.state import Node, State

UUID = re.compile(r"^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$")


def missing(name: str) -> ValueError:
    """What Maya raises for a name of nothing."""
    return ValueError(f"No object matches name: {name}")


class Names:
    """The nodes of a state by their names."""

    state: State
    types: dict[str, NodeType]

    def type_of(self, node: Node) -> NodeType:
        """The type of a node."""
        return self.types[node.type]

    def is_dag(self, node: Node) -> bool:
        """Whether the node has a place in the hierarchy."""
        return self.types[node.type].is_a("dagNode")

    def parents(self, node: Node) -> Iterator[Node]:
        """The node above, the one above that, and so on."""
        while node.parent is not None:
            node = self.state.nodes[node.parent]
            yield node

    def children(self, node: Node | None, kind: str | None = None) -> list[Node]:
        """The nodes below a node (None: the roots) in their order; `kind` is a type they are of."""
        above = node.uuid if node else None
        return [
            each
            for each in self.state.nodes.values()
            if each.parent == above and self.is_dag(each) and (kind is None or self.types[each.type].is_a(kind))
        ]

    def shapes(self, node: Node, intermediate: bool | None = None) -> list[Node]:
        """The shapes of a transform."""
        found = self.children(node, "shape")
        if intermediate is None:
            return found
        return [each for each in found if bool(each.values.get("intermediateObject", False)) == intermediate]

    def below(self, node: Node) -> Iterator[Node]:
        """All nodes under a node, each before those under it."""
        for child in self.children(node):
            yield child
            yield from self.below(child)

    def long_name(self, node: Node) -> str:
        """The full path, or the name of a node that is not in the hierarchy."""
        if not self.is_dag(node):
            return node.name
        return "".join("|" + each.name for each in [node, *self.parents(node)][::-1])

    def short_name(self, node: Node) -> str:
        """The shortest path that no other node has."""
        if not self.is_dag(node):
            return node.name
        same = [
            self.long_name(each) for each in self.state.nodes.values() if each.name == node.name and each is not node
        ]
        parts = self.long_name(node).split("|")[1:]
        for count in range(1, len(parts) + 1):
            path = "|".join(parts[-count:])
            if not any(other.endswith("|" + path) for other in same):
                return path
        return "|" + "|".join(parts)

    def matching(self, name: str) -> list[Node]:
        """The nodes with this name, path, uuid or pattern, in the order of their creation."""
        if UUID.match(name):
            return [node for node in (self.state.nodes.get(name),) if node]
        absolute = name.startswith("|")
        wanted = name.strip("|").split("|") if name.strip("|") else []
        if not wanted or "" in wanted:
            return []
        found = []
        for node in self.state.nodes.values():
            if not _matches(node.name, wanted[-1]):
                continue
            if len(wanted) > 1 or absolute:
                parts = self.long_name(node).split("|")[1:]
                if not self.is_dag(node) or len(parts) < len(wanted) or (absolute and len(parts) != len(wanted)):
                    continue
                if not all(_matches(part, want) for part, want in zip(parts[-len(wanted) :], wanted)):
                    continue
            found.append(node)
        return found

    def node(self, name: str) -> Node:
        """The one node with this name.

        Raises:
            ValueError: there is none, or more than one.
        """
        if not isinstance(name, str):
            raise TypeError(f"Object {name!r} is invalid")
        found = self.matching(name)
        if not found:
            raise missing(name)
        if len(found) > 1:
            raise ValueError(f"More than one object matches name: {name}")
        return found[0]

    def free_name(self, wanted: str, parent: str | None, dag: bool, skip: Node | None = None) -> str:
        """The wanted name with what is illegal made legal, and a number where it is taken.

        Raises:
            RuntimeError: its namespace does not exist, or nothing legal is left.
        """
        space, _, short = wanted.lstrip(":").rpartition(":")
        if not wanted.startswith(":") and not space:
            space = self.state.namespace
        if space and space not in self.state.namespaces:
            raise RuntimeError(f"The namespace '{space}' does not exist.")
        short = re.sub(r"\W", "_", short, flags=re.ASCII)
        short = re.sub(r"^\d+", "", short)
        if not short:
            raise RuntimeError("New name has no legal characters.")
        prefix = space + ":" if space else ""
        taken = {
            node.name
            for node in self.state.nodes.values()
            if node is not skip and (not (dag and self.is_dag(node)) or node.parent == parent)
        }
        if "#" not in wanted and prefix + short not in taken:
            return prefix + short
        stem = re.sub(r"\d+$", "", short.rstrip("_") if "#" in wanted else short)
        number = int(short[len(stem) :] or 0) + 1 if short.startswith(stem) and "#" not in wanted else 1
        while f"{prefix}{stem}{number}" in taken:
            number += 1
        return f"{prefix}{stem}{number}"


def _matches(name: str, pattern: str) -> bool:
    """Whether a name is the one asked for; `*` does not stand for a namespace, as in Maya."""
    pattern = pattern.lstrip(":")
    if "*" not in pattern and "?" not in pattern:
        return name == pattern
    spaces, wanted = name.split(":"), pattern.split(":")
    return len(spaces) == len(wanted) and all(fnmatchcase(part, want) for part, want in zip(spaces, wanted))
