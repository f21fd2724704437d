"""Commands for time, keys, units, evaluation and what is drawn."""

from __future__ import annotations

from typing import Any

from maya_fake import values
from maya_fake.cmds_nodes import nodes_of
from maya_fake.commands import Call, command
from maya_fake.evaluate import curve_at
from maya_fake.graph import Plug
from maya_fake.node_types import curve_type
from maya_fake.state import Node

Scene = Any
FRAMES = {
    "game": 15.0,
    "film": 24.0,
    "pal": 25.0,
    "ntsc": 30.0,
    "show": 48.0,
    "palf": 50.0,
    "ntscf": 60.0,
    "23.976fps": 23.976,
    "29.97fps": 29.97,
    "59.94fps": 59.94,
    "120fps": 120.0,
}
"""Frames a second of the units of time."""


@command("currentTime", "update/u bool CE", most=1)
def current_time(scene: Scene, call: Call) -> Any:
    if call.query:
        return scene.state.time
    if len(call.args) != 1 or isinstance(call.args[0], str):
        raise TypeError("currentTime: a time is needed")
    set_time(scene, float(call.args[0]))
    return scene.state.time


def set_time(scene: Scene, frame: float) -> None:
    """Step to a frame: what was held on animated attributes is gone."""
    scene.state.held.clear()
    scene.state.time = frame
    scene.evaluations.append(frame)
    scene.changed("time")
    scene.callbacks.event("timeChanged")


@command(
    "playbackOptions",
    "minTime/min float CEQ, maxTime/max float CEQ, animationStartTime/ast float CEQ, animationEndTime/aet "
    "float CEQ, loop/l str CEQ, by/by float CEQ, playbackSpeed/ps float CEQ",
)
def playback_options(scene: Scene, call: Call) -> Any:
    if call.query:
        return {"loop": "continuous", "by": 1.0, "playbackSpeed": 0.0, **scene.state.playback}[call.asked()]
    for flag, value in call.flags.items():
        if flag in scene.state.playback:
            scene.state.playback[flag] = value
    scene.changed("playback")
    return None


@command("autoKeyframe", "state/st bool CEQ, addAttr/aa str CE, characterOption/co str CEQ, noReset/nr bool CE")
def auto_keyframe(scene: Scene, call: Call) -> Any:
    if call.query:
        return scene.state.auto_key
    if call.has("state"):
        scene.state.auto_key = call.get("state")
        scene.changed("auto key")
    return None


@command("currentUnit", "linear/l str CQ, angle/a str CQ, time/t str CQ, updateAnimation/ua bool C, fullName/f bool CQ")
def current_unit(scene: Scene, call: Call) -> Any:
    if call.query:
        asked = [flag for flag in ("linear", "angle", "time") if call.get(flag)]
        if len(asked) != 1:
            raise RuntimeError("currentUnit: exactly one unit can be queried")
        return scene.state.units[asked[0]]
    known = {"linear": values.CENTIMETRES, "angle": ("deg", "rad"), "time": FRAMES}
    for flag, names in known.items():
        if call.has(flag):
            if call.get(flag) not in names:
                raise RuntimeError(f"currentUnit: Invalid value '{call.get(flag)}' for flag {flag}")
            scene.state.units[flag] = call.get(flag)
    scene.changed("units")
    return call.get("linear") or call.get("angle") or call.get("time")


# keys


def leaves(scene: Scene, names: list[Any], attributes: list[str]) -> list[Plug]:
    """The single numbers that are meant: those named, or the keyable ones of the nodes."""
    found: list[Plug] = []
    for name in names or [scene.short_name(node) for node in nodes_of(scene, [])]:
        wanted = [scene.plug(name)] if "." in name else []
        if not wanted:
            node = scene.node(name)
            wanted = (
                [scene.plug_of(node, each) for each in attributes]
                if attributes
                else [
                    Plug(node, each, each.name)
                    for each in scene.attributes(node)
                    if node.keyable.get(each.name, each.keyable) and not each.compound and not each.array
                ]
            )
        for plug in wanted:
            found += [scene.child(plug, child) for child in plug.attr.children] if plug.attr.compound else [plug]
    return found


def curve_of(scene: Scene, plug: Plug) -> Node | None:
    """The animation curve of a plug."""
    source = scene.source(plug)
    return source.node if source and scene.type_of(source.node).is_a("animCurve") else None


def span(given: Any) -> tuple[float, float]:
    """First and last time of a flag: a number, or two."""
    numbers = [float(each) for each in (given if isinstance(given, (list, tuple)) else [given]) if each != ""]
    if not numbers:
        return float("-inf"), float("inf")
    return numbers[0], numbers[-1]


@command(
    "setKeyframe",
    "attribute/at str CM, time/t float CM, value/v float C, inTangentType/itt str C, outTangentType/ott str C, "
    "breakdown/bd bool C, insert/i bool C, respectKeyable/rk bool C, minimizeRotation/mr bool C, "
    "controlPoints/cp bool C, shape/s bool C, hierarchy/hi str C, noResolve/nr bool C",
)
def set_keyframe(scene: Scene, call: Call) -> int:
    count = 0
    for plug in leaves(scene, call.args, call.get("attribute", [])):
        if scene.is_locked(plug):
            continue
        curve = curve_of(scene, plug)
        if curve is None and scene.driver(plug) is not None:
            continue
        for time in call.get("time", [scene.state.time]):
            given = call.get("value")
            value = scene.value(plug) if given is None else values.from_interface(scene, plug.attr.kind, given)
            if curve is None:
                name = f"{plug.node.name.rpartition(':')[2]}_{plug.key}"
                curve = scene.create(curve_type(plug.attr.kind), name)
                attribute = scene.attribute(curve, "output")
                scene.connect(Plug(curve, attribute, "output"), plug)
            keys = {frame: number for frame, number in curve.keys if abs(frame - time) > 1e-6}
            curve.keys = tuple(sorted({**keys, float(time): float(value)}.items()))
            scene.state.held.pop(plug.at, None)
            count += 1
    scene.changed("keyed")
    if not count:
        scene.say("warning", "setKeyframe: no keys were set")
    return count


@command(
    "cutKey",
    "attribute/at str CM, time/t any C, clear/cl bool C, option/o str C, animation/an str C, index/index any "
    "C, hierarchy/hi str C",
)
def cut_key(scene: Scene, call: Call) -> int:
    count = 0
    first, last = span(call.get("time", ()))
    for plug in leaves(scene, call.args, call.get("attribute", [])):
        curve = curve_of(scene, plug)
        if curve is None:
            continue
        kept = tuple(key for key in curve.keys if not first <= key[0] <= last)
        count += len(curve.keys) - len(kept)
        if kept:
            curve.keys = kept
        else:
            value = scene.value(plug)
            scene.remove(curve)
            plug.node.values[plug.key] = value
        scene.changed("keys cut")
    return count


@command(
    "keyframe",
    "attribute/at str CEQM, time/t any CEQN, keyframeCount/kc bool CQ, timeChange/tc float EQ, valueChange/vc "
    "float EQ, name/n bool CQ, selected/sl bool CQ, eval/ev bool CQ, relative/r bool E, absolute/a bool E, "
    "index/index any CEQN",
)
def keyframe(scene: Scene, call: Call) -> Any:
    first, last = span(call.get("time", ()))
    wanted = call.get("attribute", []) if isinstance(call.get("attribute"), list) else []
    curves = []
    for name in call.args or [scene.short_name(node) for node in nodes_of(scene, [])]:
        node = scene.node(name.partition(".")[0])
        if scene.type_of(node).is_a("animCurve"):
            curves.append(node)
        else:
            curves += [curve for plug in leaves(scene, [name], wanted) if (curve := curve_of(scene, plug))]
    if call.edit:
        for curve in curves:
            curve.keys = tuple(_moved(scene, curve, key, call, first, last) for key in curve.keys)
        scene.changed("keys edited")
        return None
    keys = [(curve, key) for curve in curves for key in curve.keys if first <= key[0] <= last]
    if call.get("keyframeCount"):
        return len(keys)
    if call.get("name"):
        return [curve.name for curve in curves] or None
    if call.get("eval"):
        return [curve_at(scene, curve, first if first > float("-inf") else None) for curve in curves] or None
    if call.get("valueChange"):
        return [_shown(scene, curve, key[1]) for curve, key in keys] or None
    if call.get("timeChange"):
        return [key[0] for _, key in keys] or None
    return len(keys)


def _shown(scene: Scene, curve: Node, value: float) -> float:
    return values.to_interface(scene, scene.attribute(curve, "output").kind, value)


def _moved(
    scene: Scene, curve: Node, key: tuple[float, float], call: Call, first: float, last: float
) -> tuple[float, float]:
    if not first <= key[0] <= last:
        return key
    shift = call.get("relative", False)
    time = (key[0] if shift else 0.0) + call.get("timeChange") if call.has("timeChange") else key[0]
    value = (key[1] if shift else 0.0) + call.get("valueChange") if call.has("valueChange") else key[1]
    return time, value


@command(
    "findKeyframe",
    "which/w str C, attribute/at str CM, time/t any C, curve/c bool C, animation/an str C",
    undoable=False,
)
def find_keyframe(scene: Scene, call: Call) -> Any:
    curves = [curve for plug in leaves(scene, call.args, call.get("attribute", [])) if (curve := curve_of(scene, plug))]
    if call.get("curve"):
        return [curve.name for curve in curves] or None
    times = sorted({key[0] for curve in curves for key in curve.keys}) or [scene.state.time]
    which = call.get("which", "next")
    now = scene.state.time
    if which in ("first", "last"):
        return times[0] if which == "first" else times[-1]
    if which == "previous":
        return next((time for time in reversed(times) if time < now), times[-1])
    return next((time for time in times if time > now), times[0])


# evaluation


@command(
    "evaluationManager",
    "mode/mode str CQ, invalidate/inv bool CQ, manipulation/man bool CQ, nodeTypeGloballySerialize/ntg str "
    "CQN, nodeTypeParallel/ntp str CQN",
    undoable=False,
)
def evaluation_manager(scene: Scene, call: Call) -> Any:
    if call.query:
        asked = call.asked()
        return [scene.evaluation_mode] if asked == "mode" else False
    if call.has("mode"):
        if call.get("mode") not in ("off", "serial", "parallel"):
            raise RuntimeError(f"evaluationManager: Invalid mode '{call.get('mode')}'")
        previous, scene.evaluation_mode = scene.evaluation_mode, call.get("mode")
        return [previous]
    return None


@command(
    "evaluator",
    "name/n str CQN, enable/en bool CQ, clusters/cl bool CQ, info/i bool CQ, priority/p int CQ",
    undoable=False,
)
def evaluator(scene: Scene, call: Call) -> Any:
    name = call.get("name")
    if name is None:
        return list(scene.evaluators)
    if name not in scene.evaluators:
        raise RuntimeError(f"evaluator: Evaluator '{name}' not found.")
    if call.query:
        return scene.evaluators[name]
    if call.has("enable"):
        previous, scene.evaluators[name] = scene.evaluators[name], call.get("enable")
        return previous
    return None


@command(
    "deformerEvaluator",
    "deformers/d bool CQ, meshes/m bool CQ, active/act bool CQ, deformerChain/dch bool CQ",
    undoable=False,
)
def deformer_evaluator(scene: Scene, call: Call) -> Any:
    return []


@command("refresh", "suspend/su bool C, force/f bool C, currentView/cv bool C", undoable=False)
def refresh(scene: Scene, call: Call) -> None:
    if call.has("suspend"):
        scene.refresh_suspended = call.get("suspend")


@command("ogs", "pause/p bool CQ, reset/r bool CQ, disposeReleasableTextures/drt bool C", undoable=False)
def ogs(scene: Scene, call: Call) -> Any:
    if not scene.interactive:
        raise RuntimeError("ogs: cannot be used in batch mode")
    if call.query:
        return scene.viewport_paused
    if call.get("pause"):  # it toggles
        scene.viewport_paused = not scene.viewport_paused
    return None


@command("play", "state/st bool CQ, forward/f bool CQ, wait/w bool C", most=0, undoable=False)
def play(scene: Scene, call: Call) -> Any:
    return False if call.query else None


@command("dgdirty", "allPlugs/a bool C, clean/c bool CQ, propagation/p bool CQ", undoable=False)
def dgdirty(scene: Scene, call: Call) -> None:
    for name in call.args:
        scene.node(name.partition(".")[0])
    scene._cache.clear()


@command("dgeval", "verbose/v bool C", undoable=False)
def dgeval(scene: Scene, call: Call) -> None:
    for name in call.args:
        scene.value(scene.plug(name))


@command("cycleCheck", "all/all bool C", undoable=False)
def cycle_check(scene: Scene, call: Call) -> bool:
    return False


@command(
    "bakeResults",
    "time/t tuple C, attribute/at str CM, sampleBy/sb float C, simulation/sm bool C, preserveOutsideKeys/pok "
    "bool C, disableImplicitControl/dic bool C",
)
def bake_results(scene: Scene, call: Call) -> int:
    first, last = span(call.get("time", ()))
    count = 0
    for plug in leaves(scene, call.args, call.get("attribute", [])):
        frames, frame = [], first
        while frame <= last + 1e-9:
            with scene.at_time(frame):
                frames.append((frame, scene.value(plug)))
            frame += call.get("sampleBy", 1.0)
        for frame, value in frames:
            shown = values.to_interface(scene, plug.attr.kind, value)
            count += set_keyframe(
                scene, Call("setKeyframe", [scene.plug_name(plug)], {"time": [frame], "value": shown})
            )
    return count
