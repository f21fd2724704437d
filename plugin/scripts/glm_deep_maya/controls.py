"""What of a rig can be posed: its controls with their limits, and the scene with them freed from their animation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from maya import cmds
from maya.api import OpenMaya as om2

from glm_deep.config import FloatInput, RigInputs
from glm_deep.errors import GlmDeepError
from glm_deep_maya import scene
from glm_deep_maya.poses import Control

ANGLE = 45.0
"""Degrees that a joint without limits turns to either side."""
_WHOLE = ("bool", "byte", "short", "long", "enum")


@dataclass(frozen=True)
class Found:
    """The controls of a rig, and what cannot be set: the name of the input and of the attribute."""

    controls: tuple[Control, ...]
    left_out: tuple[tuple[str, str], ...]


@contextmanager
def freed(controls: Sequence[Control]) -> Iterator[None]:
    """Takes the animation off the controls, and gives it back with their values whatever happens."""
    with ExitStack() as stack:
        keeper = str(cmds.createNode("network", name="glmDeepKeeper", skipSelect=True))
        stack.callback(cmds.delete, keeper)
        for control in controls:
            source = str(cmds.connectionInfo(control.plug, sourceFromDestination=True) or "")
            if source:
                _keep(source, keeper)
                stack.callback(cmds.connectAttr, source, control.plug, force=True)
            stack.callback(cmds.setAttr, control.plug, cmds.getAttr(control.plug))
            if source:
                cmds.disconnectAttr(source, control.plug)
        yield


def _keep(source: str, keeper: str) -> None:
    """Lets a curve drive a node of ours too: Maya might delete one that drives nothing."""
    kind = str(cmds.getAttr(source, type=True))  # of the same kind, so that nothing is converted in between
    name = f"kept{len(cmds.listAttr(keeper, userDefined=True) or [])}"
    cmds.addAttr(keeper, longName=name, attributeType=kind)
    cmds.connectAttr(source, f"{keeper}.{name}")


def controls_of(wanted: RigInputs, angle: float = ANGLE) -> Found:
    """The controls of the inputs of a configuration: numbers, and rotations of joints that are free.

    Raises:
        GlmDeepError: an input is not in the scene, or a number has no limits.
    """
    controls: dict[str, Control] = {}
    left_out = []
    for each in wanted.floats:
        if _is_free(each.name):
            _add(controls, _of_number(each))
        else:
            left_out.append((each.name, each.name))
    for joint in wanted.joints:
        for axis in "XYZ":
            plug = f"{joint.name}.rotate{axis}"
            if _is_free(plug):
                _add(controls, Control(plug, (joint.name,), *_turn_of(joint.name, axis, angle)))
            elif not cmds.getAttr(plug, lock=True):  # an axis that is locked is one the joint does not have
                left_out.append((joint.name, plug))
    return Found(tuple(controls.values()), tuple(left_out))


def _add(controls: dict[str, Control], control: Control) -> None:
    """Adds a control; one that is there already, such as a number that is a rotation of a joint, gets its input too."""
    name = scene.plug(control.plug).name()
    there = controls.setdefault(name, control)
    if there is not control:
        controls[name] = Control(there.plug, there.inputs + control.inputs, there.low, there.high, there.rest)


def _is_free(plug: str) -> bool:
    """Whether an attribute can be set: it is not locked, and nothing drives it but keys over time."""
    scene.plug(plug)  # says in words that there is none
    if not cmds.getAttr(plug, settable=True):
        return False
    source = str(cmds.connectionInfo(plug, sourceFromDestination=True) or "")
    # keys over anything but time, animCurveU..., are how one control drives another
    return not source or str(cmds.nodeType(source.partition(".")[0])).startswith("animCurveT")


def _of_number(wanted: FloatInput) -> Control:
    """A number with its limits: those of the configuration, but never beyond those of the attribute."""
    kind = str(cmds.getAttr(wanted.name, type=True))
    lows, highs = _limits_of(wanted.name, kind)
    lows += [] if wanted.min is None else [_shown(wanted.min, kind)]
    highs += [] if wanted.max is None else [_shown(wanted.max, kind)]
    if not lows or not highs or max(lows) > min(highs):
        raise GlmDeepError(
            f"the attribute {wanted.name} has no limits between which it could be posed",
            hint="Set min and max of it in rig_inputs.floats of the configuration, or its minimum and maximum in Maya",
        )
    low, high = max(lows), min(highs)
    return Control(wanted.name, (wanted.name,), low, high, min(max(0.0, low), high), kind in _WHOLE)


def _limits_of(plug: str, kind: str) -> tuple[list[float], list[float]]:
    """The lowest and the highest value that an attribute takes, where it has them, in the units of the interface."""
    if kind == "bool":
        return [0.0], [1.0]
    if kind in ("doubleAngle", "doubleLinear"):  # in which units `attributeQuery` answers for them is not documented
        function = om2.MFnUnitAttribute(scene.plug(plug).attribute())
        return (
            [_shown(_internal(function.getMin()), kind)] if function.hasMin() else [],
            [_shown(_internal(function.getMax()), kind)] if function.hasMax() else [],
        )
    node = plug.partition(".")[0]
    name = scene.plug(plug).partialName(useLongNames=True).rpartition(".")[2].partition("[")[0]
    low: Any = cmds.attributeQuery(name, node=node, minExists=True) and cmds.attributeQuery(
        name, node=node, minimum=True
    )
    high: Any = cmds.attributeQuery(name, node=node, maxExists=True) and cmds.attributeQuery(
        name, node=node, maximum=True
    )
    return list(low or []), list(high or [])


def _internal(value: Any) -> float:
    """An angle or a length of the API in radians or centimetres."""
    if isinstance(value, om2.MAngle):
        return float(value.asRadians())
    return float(value.asCentimeters() if isinstance(value, om2.MDistance) else value)


def _shown(value: float, kind: str) -> float:
    """A value whose angle is in radians, or length in centimetres, as in the configuration, as `setAttr` takes it."""
    if kind == "doubleAngle":
        return _turned(float(np.degrees(value)))
    return float(om2.MDistance.internalToUI(value)) if kind == "doubleLinear" else value


def _turned(degrees: float) -> float:
    """An angle in the unit of the interface."""
    return degrees if om2.MAngle.uiUnit() == om2.MAngle.kDegrees else float(np.radians(degrees))


def _turn_of(joint: str, axis: str, angle: float) -> tuple[float, float, float]:
    """Lowest, highest and rest of a rotation of a joint, in the unit of the interface."""
    limits, on = _ROTATION_LIMITS[axis](joint)
    low = float(limits[0]) if on[0] else -_turned(angle)
    high = float(limits[1]) if on[1] else _turned(angle)
    low, high = min(low, high), max(low, high)
    return low, high, min(max(0.0, low), high)


_ROTATION_LIMITS: dict[str, Callable[[str], tuple[Any, Any]]] = {
    "X": lambda joint: (
        cmds.transformLimits(joint, query=True, rotationX=True),
        cmds.transformLimits(joint, query=True, enableRotationX=True),
    ),
    "Y": lambda joint: (
        cmds.transformLimits(joint, query=True, rotationY=True),
        cmds.transformLimits(joint, query=True, enableRotationY=True),
    ),
    "Z": lambda joint: (
        cmds.transformLimits(joint, query=True, rotationZ=True),
        cmds.transformLimits(joint, query=True, enableRotationZ=True),
    ),
}
"""The limits of a rotation, and whether each of them counts."""
