"""The chain of deformers of a mesh: attaching, taking out, reordering."""

from __future__ import annotations

from maya_fake.attributes import steps
from maya_fake.graph import Graph, Plug
from maya_fake.state import Node

Link = tuple[Node, int]
"""A deformer, and the logical index at which a mesh goes through it."""


def chain(scene: Graph, shape: Node) -> list[Link]:
    """The deformers of a shape, the last applied first."""
    found: list[Link] = []
    at = (shape.uuid, "inMesh")
    while (source := scene.state.connections.get(at)) is not None:
        node = scene.state.nodes[source[0]]
        if not scene.type_of(node).is_a("geometryFilter"):
            break
        index = steps(source[1])[-1][1] or 0
        found.append((node, index))
        at = (node.uuid, f"input[{index}].inputGeometry")
    return found


def original(scene: Graph, shape: Node) -> Node | None:
    """The intermediate shape at the start of the chain."""
    links = chain(scene, shape)
    at = (links[-1][0].uuid, f"input[{links[-1][1]}].inputGeometry") if links else (shape.uuid, "inMesh")
    source = scene.state.connections.get(at)
    node = scene.state.nodes[source[0]] if source else None
    return node if node is not None and node.type == "mesh" else None


def outputs(scene: Graph, node: Node) -> dict[int, Node]:
    """The shapes that a deformer deforms in the end, by the logical indices."""
    found = {}
    for index in scene.indices(plug(scene, node, "input")):
        at = (node.uuid, f"outputGeometry[{index}]")
        shape = _downstream(scene, at)
        if shape is not None:
            found[index] = shape
    return found


def _downstream(scene: Graph, at: tuple[str, str]) -> Node | None:
    for dest, source in scene.state.connections.items():
        if source != at:
            continue
        node = scene.state.nodes[dest[0]]
        if dest[1] == "inMesh":
            return node
        if scene.type_of(node).is_a("geometryFilter") and dest[1].endswith(".inputGeometry"):
            found = _downstream(scene, (node.uuid, f"outputGeometry[{steps(dest[1])[0][1]}]"))
            if found is not None:
                return found
    return None


def plug(scene: Graph, node: Node, key: str) -> Plug:
    """The plug of a node by its name in full."""
    attribute = scene.attribute(node, steps(key)[-1][0])
    assert attribute is not None, f"{node.type} has no {key}"
    return Plug(node, attribute, key)


def attach(scene: Graph, node: Node, shape: Node, *, front: bool = False) -> int:
    """Let a deformer deform a shape, as the last one or (front) as the first one; the logical index."""
    if any(link[0] is node for link in chain(scene, shape)):
        raise RuntimeError(f"{scene.short_name(shape)} is already deformed by {node.name}")
    if (shape.uuid, "inMesh") not in scene.state.connections:
        _make_original(scene, shape)
    indices = scene.indices(plug(scene, node, "input"))
    index = indices[-1] + 1 if indices else 0
    links = chain(scene, shape)
    dest = plug(scene, shape, "inMesh")
    if front and links:
        dest = plug(scene, links[-1][0], f"input[{links[-1][1]}].inputGeometry")
    source = scene.source(dest)
    assert source is not None
    start = original(scene, shape)
    scene.connect(source, plug(scene, node, f"input[{index}].inputGeometry"))
    if start is not None:
        scene.connect(plug(scene, start, "outMesh"), plug(scene, node, f"originalGeometry[{index}]"))
    scene.connect(plug(scene, node, f"outputGeometry[{index}]"), dest, force=True)
    return index


def _make_original(scene: Graph, shape: Node) -> None:
    transform = scene.state.nodes[shape.parent or ""]
    start = scene.create("mesh", shape.name + "Orig", transform)
    start.values["intermediateObject"] = True
    start.values["cachedInMesh"] = scene.get(shape, "outMesh")
    shape.values = {key: value for key, value in shape.values.items() if not key.startswith("pnts[")}
    scene.connect(plug(scene, start, "worldMesh[0]"), plug(scene, shape, "inMesh"))


def detach(scene: Graph, node: Node, index: int) -> None:
    """Take a deformer out of the chain of one shape; what is before it goes on to what is behind it."""
    incoming = scene.source(plug(scene, node, f"input[{index}].inputGeometry"))
    for dest in scene.destinations(plug(scene, node, f"outputGeometry[{index}]")):
        if incoming is not None:
            scene.connect(incoming, dest, force=True)
    for key in (f"input[{index}].inputGeometry", f"originalGeometry[{index}]"):
        scene.state.connections.pop((node.uuid, key), None)
    for key in [key for key in node.values if key.startswith((f"input[{index}]", f"originalGeometry[{index}]"))]:
        del node.values[key]
    scene.changed("detached", node)


def heal(scene: Graph, node: Node) -> None:
    """Take a deformer out of all chains, as before it is deleted."""
    for index in scene.indices(plug(scene, node, "input")):
        detach(scene, node, index)


def reorder(scene: Graph, first: Node, second: Node, shape: Node) -> None:
    """Let `second` deform before `first`.

    Raises:
        RuntimeError: one of them does not deform the shape.
    """
    links = {node.uuid: index for node, index in chain(scene, shape)}
    for node in (first, second):
        if node.uuid not in links:
            raise RuntimeError(f"{node.name} does not deform {scene.short_name(shape)}")
    moved, index = second, links[second.uuid]
    incoming = scene.source(plug(scene, moved, f"input[{index}].inputGeometry"))
    assert incoming is not None
    for dest in scene.destinations(plug(scene, moved, f"outputGeometry[{index}]")):
        scene.connect(incoming, dest, force=True)
    entry = plug(scene, first, f"input[{links[first.uuid]}].inputGeometry")
    before = scene.source(entry)
    assert before is not None
    scene.connect(before, plug(scene, moved, f"input[{index}].inputGeometry"), force=True)
    scene.connect(plug(scene, moved, f"outputGeometry[{index}]"), entry, force=True)
