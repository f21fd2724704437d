"""Commands that make joints, locators, groups and simple meshes."""

from __future__ import annotations

from typing import Any

import numpy as np

from maya_fake.cmds_nodes import connect_inverse_scale, new_mesh, nodes_of, put_under, select
from maya_fake.commands import Call, command
from maya_fake.evaluate import parent_matrix
from maya_fake.mesh_data import cube, grid

Scene = Any


@command(
    "joint",
    "name/n str CEQ, position/p tuple CEQ, orientation/o tuple CEQ, radius/rad float CEQ, relative/r bool C, "
    "absolute/a bool CEQ",
)
def joint(scene: Scene, call: Call) -> Any:
    if call.mode != "create":
        raise RuntimeError("joint: only creation is faked")
    selected = nodes_of(scene, call.args) if call.args or scene.state.selection else []
    parent = selected[-1] if selected and scene.type_of(selected[-1]).is_a("transform") else None
    node = scene.create("joint", call.get("name"), parent)
    connect_inverse_scale(scene, node)
    place = np.array(call.get("position", (0, 0, 0)), float)
    if call.has("position") and not call.get("relative"):
        place = (np.append(place, 1.0) @ np.linalg.inv(parent_matrix(scene, node)))[:3]
    for axis, value, turn in zip("XYZ", place, call.get("orientation", (0, 0, 0))):
        node.values["translate" + axis] = float(value)
        node.values["jointOrient" + axis] = float(turn)
    node.values["radius"] = call.get("radius", 1.0)
    select(scene, [node.uuid])
    return scene.short_name(node)


@command("spaceLocator", "name/n str C, position/p tuple C, absolute/a bool C, relative/r bool C")
def space_locator(scene: Scene, call: Call) -> list[str]:
    node = scene.create("transform", call.get("name", "locator#"))
    scene.create("locator", node.name + "Shape", node)
    for axis, value in zip("XYZ", call.get("position", (0, 0, 0))):
        node.values["translate" + axis] = float(value)
    select(scene, [node.uuid])
    return [scene.short_name(node)]


@command("group", "name/n str C, empty/em bool C, parent/p str C, world/w bool C")
def group(scene: Scene, call: Call) -> str:
    parent = scene.node(call.get("parent")) if call.has("parent") else None
    members = [] if call.get("empty") else nodes_of(scene, call.args)
    node = scene.create("transform", call.get("name", "group#"), parent)
    for member in members:
        put_under(scene, member, node, keep=True)
    select(scene, [node.uuid])
    return scene.short_name(node)


@command(
    "polyPlane",
    "name/n str CE, width/w float CEQ, height/h float CEQ, subdivisionsX/sx int CEQ, subdivisionsY/sy int CEQ, "
    "constructionHistory/ch bool CQ",
)
def poly_plane(scene: Scene, call: Call) -> list[str]:
    data = grid(
        call.get("subdivisionsX", 10), call.get("subdivisionsY", 10), call.get("width", 1.0), call.get("height", 1.0)
    )
    transform, _ = new_mesh(scene, call.get("name", "pPlane#"), data)
    select(scene, [transform.uuid])
    return [scene.short_name(transform)]


@command(
    "polyCube",
    "name/n str CE, width/w float CEQ, height/h float CEQ, depth/d float CEQ, constructionHistory/ch bool CQ",
)
def poly_cube(scene: Scene, call: Call) -> list[str]:
    data = cube(call.get("width", 1.0), call.get("height", 1.0), call.get("depth", 1.0))
    transform, _ = new_mesh(scene, call.get("name", "pCube#"), data)
    select(scene, [transform.uuid])
    return [scene.short_name(transform)]


_LIMITED = {"translation": ("Trans", "t"), "rotation": ("Rot", "r"), "scale": ("Scale", "s")}
_LIMIT_FLAGS = ", ".join(
    f"{name}{axis}/{short}{axis.lower()} tuple CEQ, enable{name.capitalize()}{axis}/e{short}{axis.lower()} tuple CEQ"
    for name, (_, short) in _LIMITED.items()
    for axis in "XYZ"
)


@command("transformLimits", _LIMIT_FLAGS + ", remove/rm bool CE", most=1)
def transform_limits(scene: Scene, call: Call) -> Any:
    (node,) = nodes_of(scene, call.args)
    if call.get("remove"):
        for attribute in scene.attributes(node):
            if attribute.name.endswith("LimitEnable"):
                node.values[attribute.name] = False
        scene.changed("limits")
        return None
    keys = {flag: _limit_keys(flag) for flag in call.flags if flag != "remove"}
    if call.query:
        return [scene.get(node, key) for key in keys[call.asked()]]
    for flag, pair in keys.items():
        if len(call.get(flag)) != 2:
            raise TypeError(f"Invalid arguments for flag '{flag}'.  Expected two values")
        for key, value in zip(pair, call.get(flag)):
            node.values[key] = bool(value) if flag.startswith("enable") else float(value)
    scene.changed("limits")
    return None


def _limit_keys(flag: str) -> list[str]:
    """`enableRotationX` as minRotXLimitEnable and maxRotXLimitEnable."""
    enable = flag.startswith("enable")
    name = flag[len("enable") :] if enable else flag
    kind = _LIMITED[name[:-1].lower()][0]
    return [f"{side}{kind}{name[-1]}Limit" + ("Enable" if enable else "") for side in ("min", "max")]
