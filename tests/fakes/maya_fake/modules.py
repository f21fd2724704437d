"""The modules `maya.*`, made of the classes of the fake: what is not named here does not exist."""

from __future__ import annotations

import threading
import types
from collections.abc import Mapping
from concurrent.futures import Future
from functools import cache
from importlib.machinery import ModuleSpec
from typing import Any

from maya_fake import mixin
from maya_fake.api1 import attributes as attributes1
from maya_fake.api1 import block, functions, memory, objects, plugin_commands, plugin_nodes, times
from maya_fake.api1 import globals as globals1
from maya_fake.api2 import context as context2
from maya_fake.api2 import functions as functions2
from maya_fake.api2 import numbers as numbers2
from maya_fake.api2 import objects as objects2
from maya_fake.api2 import plugs as plugs2
from maya_fake.api2 import selection as selection2
from maya_fake.api2 import skin as skin2
from maya_fake.api2 import units as units2
from maya_fake.commands import invoke
from maya_fake.current import scene

API1 = {
    memory: "MScriptUtil MPoint MVector MMatrix MPointArray MFloatPoint MFloatPointArray MFloatVector "
    "MFloatVectorArray MVectorArray MDoubleArray MFloatArray MIntArray MUintArray MColor MColorArray",
    objects: "MFn MObject MObjectHandle MPlug MPlugArray MDagPath MSelectionList",
    times: "MTime MDGContext",
    functions: "MSpace MFnBase MFnDependencyNode MFnDagNode MFnMesh MFnSingleIndexedComponent MFnData MFnNumericData "
    "MFnMatrixData MFnStringData",
    attributes1: "MFnAttribute MFnNumericAttribute MFnTypedAttribute MFnMatrixAttribute MFnEnumAttribute "
    "MFnMessageAttribute",
    block: "MDataHandle MArrayDataHandle MDataBlock MItGeometry",
    plugin_commands: "MSyntax MArgList MArgParser MArgDatabase",
    plugin_nodes: "MTypeId",
    globals1: "MGlobal MComputation MMessage MSceneMessage MEventMessage MItDependencyGraph",
}
API1_MPX = {
    plugin_commands: "MPxCommand",
    plugin_nodes: "MPxNode MPxGeometryFilter MPxDeformerNode MFnPlugin asMPxPtr cvar",
}
API2 = {
    numbers2: "MSpace MVector MPoint MMatrix MDoubleArray MFloatArray MIntArray MPointArray MFloatPointArray "
    "MVectorArray",
    units2: "MTime MDistance MAngle",
    objects2: "MFn MObject MObjectHandle MDagPath MDagPathArray",
    plugs2: "MPlug",
    selection2: "MSelectionList",
    functions2: "MFnBase MFnDependencyNode MUuid MFnDagNode MFnTransform MFnMesh MFnComponent "
    "MFnSingleIndexedComponent MFnData MFnNumericData MFnMatrixData MFnStringData MFnUnitAttribute",
    context2: "MDGContext MMessage MSceneMessage MEventMessage MNodeMessage MItDependencyGraph MGlobal",
}
API2_ANIM = {skin2: "MFnGeometryFilter MFnSkinCluster"}


@cache
def build() -> dict[str, types.ModuleType]:
    """All modules by their full names, always the same ones: what has imported them is right in the next test too."""
    names: dict[str, dict[str, Any]] = {
        "maya": {},
        "maya.cmds": {},
        "maya.mel": {"eval": _mel_eval},
        "maya.utils": {
            "executeDeferred": _execute_deferred,
            "executeInMainThreadWithResult": _execute_in_main_thread,
            "processIdleEvents": _process_idle_events,
        },
        "maya.standalone": {"initialize": _nothing, "uninitialize": _nothing},
        "maya.OpenMaya": _named(API1),
        "maya.OpenMayaMPx": _named(API1_MPX),
        "maya.OpenMayaAnim": {"MAnimControl": globals1.MAnimControl},
        "maya.OpenMayaUI": {"MQtUtil": globals1.MQtUtil},
        "maya.api": {},
        "maya.api.OpenMaya": _named(API2),
        "maya.api.OpenMayaAnim": _named(API2_ANIM),
        "maya.api.MDGContextGuard": {"MDGContextGuard": context2.MDGContextGuard},
        "maya.app": {},
        "maya.app.general": {},
        "maya.app.general.mayaMixin": {
            "MayaQWidgetBaseMixin": mixin.MayaQWidgetBaseMixin,
            "MayaQWidgetDockableMixin": mixin.MayaQWidgetDockableMixin,
        },
    }
    modules = {name: types.ModuleType(name) for name in names}
    for name, module in modules.items():
        vars(module).update(names[name])
        package = any(other.startswith(name + ".") for other in names)
        module.__spec__ = ModuleSpec(name, None, is_package=package)
        if package:
            module.__path__ = []
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(modules[parent], last, module)
    return modules


def refresh() -> None:
    """Let `maya.cmds` have the commands of the present scene, and no others."""
    cmds = build()["maya.cmds"]
    wanted = set(scene().commands)
    present = {name for name in vars(cmds) if not name.startswith("__")}
    for name in present - wanted:
        delattr(cmds, name)
    for name in wanted - present:
        setattr(cmds, name, _command(name))


def _named(table: Mapping[Any, str]) -> dict[str, Any]:
    return {name: getattr(source, name) for source, names in table.items() for name in names.split()}


def _nothing(name: str = "python") -> None:
    """Start or end a Maya without a window."""


def _mel_eval(text: str) -> Any:
    return scene().mel(text)


def _command(name: str) -> Any:
    def call(*args: Any, **flags: Any) -> Any:
        if name not in scene().commands:
            raise RuntimeError(f"the command {name} is gone, its plug-in was unloaded")
        return invoke(scene(), scene().commands[name], args, flags)

    call.__name__ = name
    return call


def _execute_deferred(function: Any, *args: Any, **kwargs: Any) -> None:
    here = scene()
    if isinstance(function, str):
        here.idle.append(lambda: here.run_script(function, "python"))
    elif callable(function):
        here.idle.append(lambda: here.run_script(lambda: function(*args, **kwargs)))
    else:
        raise TypeError("executeDeferred takes a callable or a string")


def _execute_in_main_thread(function: Any, *args: Any, **kwargs: Any) -> Any:
    if threading.current_thread() is threading.main_thread():
        return function(*args, **kwargs)
    if not scene().interactive:
        raise RuntimeError("executeInMainThreadWithResult is not available in batch mode")
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(function(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)

    scene().idle.append(run)
    return future.result(timeout=30)


def _process_idle_events() -> None:
    scene().run_deferred()
