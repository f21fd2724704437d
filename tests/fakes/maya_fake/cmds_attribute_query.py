"""The commands that tell what an attribute is."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from maya_fake.attributes import Attr
from maya_fake.cmds_nodes import nodes_of
from maya_fake.commands import Call, command
from maya_fake.graph import Plug

Scene = Any


@command(
    "attributeQuery",
    "node/n str C, type/typ str C, exists/ex bool C, minimum/min bool C, maximum/max bool C, range/r bool C, "
    "minExists/mne bool C, maxExists/mxe bool C, rangeExists/re bool C, softMin/smn bool C, softMax/smx bool "
    "C, softMinExists/sme bool C, softMaxExists/sxe bool C, softRange/s bool C, listEnum/le bool C, "
    "listDefault/ld bool C, listChildren/lc bool C, listParent/lp bool C, attributeType/at bool C, longName/ln "
    "bool C, shortName/sn bool C, niceName/nn bool C, multi/m bool C, keyable/k bool C, hidden/h bool C, "
    "connectable/c bool C, writable/w bool C, readable/rd bool C, storable/st bool C, usedAsFilename/uaf bool "
    "C, enum/e bool C, message/msg bool C, numberOfChildren/nc bool C, channelBox/ch bool C, internal/i bool C",
    undoable=False,
)
def attribute_query(scene: Scene, call: Call) -> Any:
    (name,) = call.args
    if call.has("node"):
        found = scene.attribute(scene.node(call.get("node")), name)
    else:
        kind = call.get("type")
        if kind not in scene.types:
            raise RuntimeError(f"attributeQuery: Unknown object type: {kind}")
        found = scene.types[kind].table.find(name)
    if call.get("exists"):
        return found is not None
    if found is None:
        raise RuntimeError(f"attributeQuery: Attribute '{name}' not found.")
    asked = [flag for flag, value in call.flags.items() if value is True]
    if len(asked) != 1:
        raise RuntimeError("attributeQuery: exactly one question is needed")
    return _answer(scene, call, found, asked[0])


def _answer(scene: Scene, call: Call, found: Attr, asked: str) -> Any:
    low, high, soft_low, soft_high = found.minimum, found.maximum, found.soft_minimum, found.soft_maximum
    simple = {
        "minExists": low is not None,
        "maxExists": high is not None,
        "rangeExists": low is not None and high is not None,
        "softMinExists": soft_low is not None,
        "softMaxExists": soft_high is not None,
        "attributeType": "typed"
        if found.kind in ("string", "mesh", "doubleArray", "stringArray", "Int32Array")
        else found.kind,
        "longName": found.name,
        "shortName": found.short,
        "niceName": found.nice or _nice(found.name),
        "multi": found.array,
        "keyable": found.keyable,
        "hidden": found.hidden,
        "connectable": found.connectable,
        "writable": found.writable,
        "readable": found.readable,
        "storable": found.storable,
        "usedAsFilename": found.filename,
        "enum": found.kind == "enum",
        "message": found.kind == "message",
        "channelBox": found.channel_box,
        "internal": False,
        "listChildren": [child.name for child in found.children] or None,
        "numberOfChildren": [len(found.children)],
        "listParent": [found.parent] if found.parent else None,
        "listEnum": [":".join(_label(found.enum))] if found.enum else None,
        "listDefault": None if found.kind == "string" else [found.rest()],
    }
    if asked in simple:
        return simple[asked]
    limits = {
        "minimum": [low],
        "maximum": [high],
        "range": [low, high],
        "softMin": [soft_low],
        "softMax": [soft_high],
        "softRange": [soft_low, soft_high],
    }[asked]
    if None in limits:
        raise RuntimeError(f"attributeQuery: the attribute '{found.name}' has no {asked}")
    return limits


def _label(enum: tuple[tuple[str, int], ...]) -> list[str]:
    made, expected = [], 0
    for label, number in enum:
        made.append(label if number == expected else f"{label}={number}")
        expected = number + 1
    return made


def _nice(name: str) -> str:
    spaced = "".join(" " + char if char.isupper() else char for char in name)
    return spaced[:1].upper() + spaced[1:]


@command(
    "listAttr",
    "userDefined/ud bool C, keyable/k bool C, locked/l bool C, unlocked/u bool C, multi/m bool C, scalar/s "
    "bool C, connectable/c bool C, write/w bool C, read/r bool C, settable/se bool C, visible/v bool C, "
    "channelBox/cb bool C, string/st str CM, shortNames/sn bool C, array/a bool C, leaf/lf bool C, "
    "usedAsFilename/uf bool C, inUse/iu bool C",
    undoable=False,
)
def list_attr(scene: Scene, call: Call) -> list[str] | None:
    found: list[str] = []
    for name in call.args or [scene.short_name(node) for node in nodes_of(scene, [])]:
        node = scene.node(name.partition(".")[0])
        chosen = list(scene.attributes(node))
        if "." in name:
            chosen = list(scene.plug(name).attr.tree())
        for each in chosen:
            if _listed(scene, node, each, call):
                found.append(each.short if call.get("shortNames") else each.name)
                if each.array and call.get("multi"):
                    plug = Plug(node, each, each.name)
                    found.pop()
                    found += [_aliased(node, f"{each.name}[{index}]") for index in scene.indices(plug)]
    return found or None


def _aliased(node: Any, key: str) -> str:
    return next((alias for alias, at in node.aliases.items() if at == key), key)


def _listed(scene: Scene, node: Any, each: Attr, call: Call) -> bool:
    scalar = not each.children and each.kind not in (
        "string",
        "matrix",
        "fltMatrix",
        "mesh",
        "geometry",
        "message",
        "compound",
    )
    plug = Plug(node, each, each.name)
    keyable = node.keyable.get(each.name, each.keyable)
    patterns = call.get("string")
    tests = {
        "userDefined": each.name in node.dynamic,
        "keyable": keyable and not (each.children and not each.array),
        "locked": scene.is_locked(plug),
        "unlocked": not scene.is_locked(plug),
        "scalar": scalar,
        "connectable": each.connectable,
        "write": each.writable,
        "read": each.readable,
        "settable": each.writable and not scene.is_locked(plug) and plug.at not in scene.state.connections,
        "visible": not each.hidden,
        "channelBox": node.channel_box.get(each.name, each.channel_box),
        "array": each.array,
        "leaf": not each.children,
        "usedAsFilename": each.filename,
        "inUse": True,
    }
    if patterns and not any(fnmatchcase(each.name, pattern) for pattern in patterns):
        return False
    return all(result for flag, result in tests.items() if call.get(flag))
