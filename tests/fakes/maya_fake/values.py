"""What getAttr and setAttr say and take: units, compounds, matrices, strings, and arrays."""

from __future__ import annotations

from typing import Any

from maya_fake.attributes import INTEGERS
from maya_fake.graph import Plug

Scene = Any
CENTIMETRES = {"mm": 0.1, "cm": 1.0, "m": 100.0, "in": 2.54, "ft": 30.48, "yd": 91.44, "km": 100000.0}
"""Centimetres of each linear unit."""


def to_interface(scene: Scene, kind: str, value: Any) -> Any:
    """A stored value in the units of the interface."""
    if kind == "doubleLinear":
        return value / CENTIMETRES[scene.state.units["linear"]]
    if kind == "doubleAngle" and scene.state.units["angle"] == "rad":
        return value * 0.017453292519943295
    return value


def from_interface(scene: Scene, kind: str, value: float) -> float:
    """A value in the units of the interface as it is stored."""
    if kind == "doubleLinear":
        return value * CENTIMETRES[scene.state.units["linear"]]
    if kind == "doubleAngle" and scene.state.units["angle"] == "rad":
        return value / 0.017453292519943295
    return value


def read(scene: Scene, plug: Plug) -> Any:
    """What getAttr returns."""
    attribute = plug.attr
    if plug.whole_array:
        if attribute.world_space:
            return read(scene, scene.element(plug, 0))
        if attribute.kind in ("compound", "mesh", "geometry", "message"):
            raise RuntimeError(f"The data is not a numeric or string attribute: {scene.plug_name(plug)}")
        values = [read(scene, scene.element(plug, index)) for index in scene.indices(plug)]
        return [tuple(values)] if values and not isinstance(values[0], (list, tuple)) else values
    if attribute.compound:
        values = [read(scene, scene.child(plug, child)) for child in attribute.children]
        return [tuple(values)]
    if attribute.kind in ("mesh", "geometry", "message", "compound"):
        raise RuntimeError(f"The attribute '{scene.plug_name(plug)}' has no value that can be shown.")
    value = to_interface(scene, attribute.kind, scene.value(plug))
    if attribute.kind in ("matrix", "fltMatrix", "doubleArray", "Int32Array", "stringArray"):
        return list(value)
    return value


_COUNTS = {"double2": 2, "float2": 2, "double3": 3, "float3": 3, "long2": 2, "long3": 3, "matrix": 16, "fltMatrix": 16}


def write(scene: Scene, plug: Plug, values: list[Any], kind: str | None, clamp: bool = False) -> None:
    """What setAttr does.

    Raises:
        RuntimeError: the plug is locked, driven, no input, or the values do not fit.
    """
    name, attribute = scene.plug_name(plug), plug.attr
    animated = scene.is_animated(plug)
    driven = scene.driver(plug) is not None and not animated
    if scene.is_locked(plug) or driven or _child_driven(scene, plug):
        raise RuntimeError(f"setAttr: The attribute '{name}' is locked or connected and cannot be modified.")
    if not attribute.writable:
        raise RuntimeError(f"setAttr: The attribute '{name}' cannot be written.")
    if attribute.array and plug.index is None:
        raise RuntimeError(f"setAttr: '{name}' is an array; an element of it is needed.")
    if kind is not None:
        _typed(scene, plug, values, kind)
        return
    if attribute.compound:
        if len(values) == 1 and isinstance(values[0], (list, tuple)):
            values = list(values[0])
        if len(values) != len(attribute.children):
            raise RuntimeError(f"setAttr: Error reading data element number {len(values) + 1}: {values}")
        for child, value in zip(attribute.children, values):
            write(scene, scene.child(plug, child), [value], None, clamp)
        return
    if attribute.kind in (
        "string",
        "matrix",
        "fltMatrix",
        "mesh",
        "doubleArray",
        "Int32Array",
        "stringArray",
        "message",
    ):
        raise RuntimeError(
            f"setAttr: '{name}' is not a simple numeric attribute. Its values must be set with a -type flag."
        )
    if len(values) != 1 or not isinstance(values[0], (bool, int, float)):
        raise RuntimeError(f"setAttr: Error reading data element number 1: {values}")
    (scene.hold if animated else scene.put)(plug, _number(scene, plug, values[0], clamp))


def _number(scene: Scene, plug: Plug, given: Any, clamp: bool) -> Any:
    attribute = plug.attr
    if attribute.kind == "bool":
        return bool(given)
    value = int(given) if attribute.kind in INTEGERS else from_interface(scene, attribute.kind, float(given))
    low, high = attribute.minimum, attribute.maximum
    outside = (low is not None and value < low) or (high is not None and value > high)
    labels = {number for _, number in attribute.enum}
    if labels and value not in labels:
        outside = True
    if not outside:
        return value
    if clamp:
        return max(low, value) if low is not None and value < low else min(high or value, value)
    raise RuntimeError(
        f"setAttr: Cannot set the attribute '{scene.plug_name(plug)}' past its maximum or minimum value "
        f"of {high} or {low}."
    )


def _typed(scene: Scene, plug: Plug, values: list[Any], kind: str) -> None:
    attribute = plug.attr
    fits = {
        "matrix": ("matrix", "fltMatrix"),
        "string": ("string",),
        "double3": ("double3", "float3"),
        "float3": ("double3", "float3"),
    }.get(kind, (kind,))
    if attribute.kind not in fits and attribute.kind != "generic":
        raise RuntimeError(
            f"setAttr: Type specified for new value of attribute '{scene.plug_name(plug)}' disagrees with its type."
        )
    if len(values) == 1 and isinstance(values[0], (list, tuple)):
        values = list(values[0])
    if kind in _COUNTS and len(values) != _COUNTS[kind]:
        raise RuntimeError(f"setAttr: Error reading data element number {len(values) + 1}: {values}")
    if kind == "string":
        if len(values) != 1 or not isinstance(values[0], str):
            raise RuntimeError(f"setAttr: Error reading data element number 1: {values}")
        scene.put(plug, values[0])
    elif kind in ("matrix", "fltMatrix"):
        scene.put(plug, tuple(float(each) for each in values))
    elif attribute.compound:
        for child, value in zip(attribute.children, values):
            write(scene, scene.child(plug, child), [value], None)
    elif kind in ("doubleArray", "Int32Array"):
        scene.put(plug, tuple(float(each) if kind == "doubleArray" else int(each) for each in values))
    elif kind == "stringArray":
        scene.put(plug, tuple(str(each) for each in values[1:]))
    else:
        raise RuntimeError(f"setAttr: the type {kind} is not faked")


def _child_driven(scene: Scene, plug: Plug) -> bool:
    if not plug.attr.compound or plug.whole_array:
        return False
    children = [scene.child(plug, child) for child in plug.attr.children]
    return any(scene.driver(child) is not None and not scene.is_animated(child) for child in children)
