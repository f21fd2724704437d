"""Commands for attributes and connections."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from maya_fake import values
from maya_fake.attributes import Attr, attr
from maya_fake.cmds_nodes import nodes_of
from maya_fake.commands import Call, command
from maya_fake.graph import Plug

Scene = Any
_TYPES = (
    "bool",
    "long",
    "short",
    "byte",
    "enum",
    "float",
    "double",
    "doubleAngle",
    "doubleLinear",
    "time",
    "message",
    "compound",
    "matrix",
    "fltMatrix",
    "double3",
    "float3",
)
_DATA = ("string", "matrix", "doubleArray", "Int32Array", "stringArray", "mesh", "double3", "float3")


@command(
    "addAttr",
    "longName/ln str CQ, shortName/sn str CQ, attributeType/at str CQ, dataType/dt str CQ, defaultValue/dv "
    "float CEQ, minValue/min float CEQ, maxValue/max float CEQ, softMinValue/smn float CEQ, softMaxValue/smx "
    "float CEQ, enumName/en str CEQ, keyable/k bool CQ, hidden/h bool CQ, multi/m bool CQ, parent/p str CQ, "
    "niceName/nn str CEQ, numberOfChildren/nc int CQ, usedAsFilename/uaf bool CQ, storable/s bool CQ, "
    "writable/w bool CQ, readable/r bool CQ, cachedInternally/ci bool CQ, indexMatters/im bool CQ, exists/ex "
    "bool Q, disconnectBehaviour/dcb int CQ, hasMinValue/hnv bool CEQ, hasMaxValue/hxv bool CEQ",
)
def add_attr(scene: Scene, call: Call) -> Any:
    if call.query or call.edit:
        return _limits(scene, call)
    name, short = call.get("longName"), call.get("shortName")
    name = name or short
    if not name or not name.isidentifier():
        raise RuntimeError(f"addAttr: {name!r} is no name of an attribute")
    kind = call.get("attributeType")
    if kind is not None and kind not in _TYPES:
        raise RuntimeError(f"addAttr: Type specified for new attribute is unknown: {kind}")
    if call.has("dataType"):
        if kind is not None or call.get("dataType") not in _DATA:
            raise RuntimeError(f"addAttr: Type specified for new attribute is unknown: {call.get('dataType')}")
        kind = call.get("dataType")
    enum = _labels(call.get("enumName", "")) if kind == "enum" else ()
    made = attr(name, short or name, kind or "double", array=call.get("multi", False), dynamic=True)
    made = replace(
        made,
        default=_default(kind or "double", call.get("defaultValue")),
        minimum=call.get("minValue"),
        maximum=call.get("maxValue"),
        soft_minimum=call.get("softMinValue"),
        soft_maximum=call.get("softMaxValue"),
        enum=enum,
        keyable=call.get("keyable", False),
        hidden=call.get("hidden", False),
        nice=call.get("niceName"),
        storable=call.get("storable", True),
        writable=call.get("writable", True),
        readable=call.get("readable", True),
        filename=call.get("usedAsFilename", False),
        disconnect=call.get("disconnectBehaviour", 2),
    )
    for node in _bare(scene, call.args):
        if node.node_locked:
            raise RuntimeError(f"addAttr: the node '{node.name}' is locked")
        if scene.attribute(node, made.name) or scene.attribute(node, made.short):
            raise RuntimeError(f"addAttr: Found no valid items to add the attribute to: {made.name} exists already")
        if call.has("parent"):
            _add_child(node, made, call.get("parent"))
        else:
            node.add_attribute(made)
    scene.changed("attribute added")
    return None


def _default(kind: str, value: float | None) -> Any:
    if value is None:
        return None
    if kind in ("long", "short", "byte", "enum"):
        return int(value)
    return bool(value) if kind == "bool" else value


def _labels(text: str) -> tuple[tuple[str, int], ...]:
    made, number = [], 0
    for part in filter(None, text.split(":")):
        label, equals, given = part.partition("=")
        number = int(given) if equals else number
        made.append((label, number))
        number += 1
    return tuple(made)


def _add_child(node: Any, made: Attr, parent_name: str) -> None:
    parent = node.dynamic.find(parent_name)
    if parent is None or parent.kind not in ("compound", "double3", "float3"):
        raise RuntimeError(f"addAttr: '{parent_name}' is no compound attribute to add to")
    child = replace(made, parent=parent.name)
    grown = replace(parent, children=(*parent.children, child))
    node.dynamic.add(grown)


def _bare(scene: Scene, names: list[Any]) -> list[Any]:
    found = nodes_of(scene, names)
    if not found:
        raise RuntimeError("addAttr: No objects to add an attribute to")
    return found


def _limits(scene: Scene, call: Call) -> Any:
    (text,) = call.args
    plug = scene.plug(text)
    fields = {
        "minValue": "minimum",
        "maxValue": "maximum",
        "softMinValue": "soft_minimum",
        "softMaxValue": "soft_maximum",
        "defaultValue": "default",
        "niceName": "nice",
        "longName": "name",
        "shortName": "short",
        "attributeType": "kind",
        "keyable": "keyable",
        "hidden": "hidden",
        "multi": "array",
        "parent": "parent",
        "usedAsFilename": "filename",
    }
    if call.query:
        asked = call.asked()
        if asked == "exists":
            return True
        if asked == "enumName":
            return ":".join(label for label, _ in plug.attr.enum)
        if asked in ("hasMinValue", "hasMaxValue"):
            return getattr(plug.attr, "minimum" if asked == "hasMinValue" else "maximum") is not None
        return plug.attr.rest() if asked == "defaultValue" else getattr(plug.attr, fields[asked])
    if plug.attr.name not in plug.node.dynamic:
        raise RuntimeError(f"addAttr: '{text}' is not a dynamic attribute and cannot be edited")
    changes = {fields[flag]: value for flag, value in call.flags.items() if flag in fields}
    if call.has("enumName"):
        changes["enum"] = _labels(call.get("enumName"))
    for flag, field in (("hasMinValue", "minimum"), ("hasMaxValue", "maximum")):
        if call.has(flag) and not call.get(flag):
            changes[field] = None
    plug.node.add_attribute(replace(plug.attr, **changes))
    scene.changed("attribute edited")
    return None


@command("deleteAttr", "attribute/at str CE")
def delete_attr(scene: Scene, call: Call) -> None:
    for text in call.args:
        plug = scene.plug(f"{text}.{call.get('attribute')}" if call.has("attribute") else text)
        if plug.attr.name not in plug.node.dynamic:
            raise RuntimeError(f"deleteAttr: '{text}' is not a dynamic attribute and cannot be deleted")
        if plug.attr.name in plug.node.locked:
            raise RuntimeError(f"deleteAttr: '{text}' is locked")
        for each in plug.attr.tree():
            plug.node.dynamic.pop(each.name)
            plug.node.dynamic.short.pop(each.short, None)
        for dest, source in list(scene.state.connections.items()):
            for uuid, key in (dest, source):
                if uuid == plug.node.uuid and key.partition("[")[0].partition(".")[0] == plug.attr.name:
                    scene.state.connections.pop(dest, None)
        for key in [key for key in plug.node.values if key.partition("[")[0] == plug.attr.name]:
            del plug.node.values[key]
        scene.changed("attribute deleted")


@command(
    "setAttr",
    "type/typ str C, lock/l bool C, keyable/k bool C, channelBox/cb bool C, clamp/c bool C, caching/ca bool C, "
    "size/s int C, alteredValue/av bool C",
)
def set_attr(scene: Scene, call: Call) -> None:
    if not call.args or not isinstance(call.args[0], str):
        raise TypeError("setAttr: the name of an attribute is needed")
    plug = scene.plug(call.args[0])
    given = call.args[1:]
    if call.get("lock") is False:
        _lock(scene, plug, False)
    if given:
        values.write(scene, plug, given, call.get("type"), call.get("clamp", False))
    elif not {"lock", "keyable", "channelBox", "caching", "size"} & set(call.flags):
        raise RuntimeError(f"setAttr: No value was specified for '{call.args[0]}'.")
    if call.get("lock"):
        _lock(scene, plug, True)
    if call.has("keyable"):
        plug.node.keyable[plug.attr.name] = call.get("keyable")
    if call.has("channelBox"):
        plug.node.channel_box[plug.attr.name] = call.get("channelBox")
    scene.changed("attribute state")


def _lock(scene: Scene, plug: Plug, lock: bool) -> None:
    names = {plug.key} if plug.index is not None else {each.name for each in plug.attr.tree()}
    if not lock and plug.attr.parent is not None:
        names.add(plug.attr.parent)
    plug.node.locked = plug.node.locked | names if lock else plug.node.locked - names


@command(
    "getAttr",
    "asString/asString bool C, channelBox/cb bool C, keyable/k bool C, lock/l bool C, multiIndices/mi bool C, "
    "settable/se bool C, silent/sl bool C, size/s bool C, time/t float C, type/typ bool C, caching/ca bool C",
    undoable=False,
)
def get_attr(scene: Scene, call: Call) -> Any:
    if len(call.args) != 1 or not isinstance(call.args[0], str):
        raise TypeError("getAttr: the name of one attribute is needed")
    if "*" in call.args[0].partition(".")[0]:
        raise ValueError(f"No object matches name: {call.args[0]}")
    plug = scene.plug(call.args[0])
    attribute = plug.attr
    if call.get("multiIndices"):
        return scene.indices(plug) or None
    if call.get("size"):
        return len(scene.indices(plug)) if plug.whole_array else 1
    if call.get("type"):
        return "TdataCompound" if attribute.kind == "compound" else attribute.kind
    if call.get("lock"):
        return scene.is_locked(plug)
    if call.get("keyable"):
        return plug.node.keyable.get(attribute.name, attribute.keyable)
    if call.get("channelBox"):
        return plug.node.channel_box.get(attribute.name, attribute.channel_box)
    if call.get("settable"):
        driven = scene.driver(plug) is not None and not scene.is_animated(plug)
        return attribute.writable and not driven and not scene.is_locked(plug)
    with scene.at_time(call.get("time")):
        value = values.read(scene, plug)
    if call.get("asString") and attribute.enum:
        return next((label for label, number in attribute.enum if number == value), "")
    return value


@command("aliasAttr", "remove/rm bool C")
def alias_attr(scene: Scene, call: Call) -> Any:
    if call.query:
        node = scene.node(call.args[0].partition(".")[0])
        return [text for alias, key in node.aliases.items() for text in (alias, key)] or None
    alias, text = call.args
    plug = scene.plug(text)
    plug.node.aliases[alias] = plug.key
    scene.changed("alias")
    return None
