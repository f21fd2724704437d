"""Vertices by name: `arm.vtx[0:3]`, and how Maya writes selected ones."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from maya_fake.state import Node

_COMPONENT = re.compile(r"^(.*)\.(vtx|e|f)\[([\d:*]+)\]$")


def mesh_of(scene: Any, node: Node) -> Node | None:
    """The mesh of a transform, or the mesh itself."""
    if node.type == "mesh":
        return node
    return next((shape for shape in scene.shapes(node, intermediate=False) if shape.type == "mesh"), None)


def is_component(name: str) -> bool:
    """Whether a name is one of vertices, edges or faces."""
    return bool(_COMPONENT.match(name))


def parse(scene: Any, name: str) -> tuple[Node, str, list[int]]:
    """The node as named, the kind (vtx, e, f) and the numbers.

    Raises:
        ValueError: no mesh has them.
    """
    found = _COMPONENT.match(name)
    if found is None:
        raise ValueError(f"No object matches name: {name}")
    node = scene.node(found[1])
    mesh = mesh_of(scene, node)
    data = scene.get(mesh, "outMesh") if mesh is not None else None
    if data is None:
        raise ValueError(f"No object matches name: {name}")
    count = {"vtx": len(data.points), "f": len(data.counts), "e": len(data.edges())}[found[2]]
    first, colon, last = found[3].partition(":")
    if first == "*":
        numbers = list(range(count))
    else:
        numbers = list(range(int(first), int(last or first if colon else first) + 1))
    if not numbers or numbers[-1] >= count:
        raise ValueError(f"No object matches name: {name}")
    return node, found[2], numbers


def written(kind: str, numbers: list[int]) -> list[str]:
    """`vtx[0:2]`, `vtx[5]`: numbers in runs."""
    made = []
    ordered = sorted(set(numbers))
    breaks = np.flatnonzero(np.diff(ordered) > 1) + 1
    for run in np.split(np.array(ordered), breaks):
        if len(run):
            made.append(f"{kind}[{run[0]}:{run[-1]}]" if len(run) > 1 else f"{kind}[{run[0]}]")
    return made


def flattened(rest: str) -> list[str]:
    """`vtx[0:2]` as vtx[0], vtx[1], vtx[2]."""
    found = re.match(r"^(vtx|e|f)\[(\d+):(\d+)\]$", rest)
    if not found:
        return [rest]
    return [f"{found[1]}[{number}]" for number in range(int(found[2]), int(found[3]) + 1)]
