"""Keys, frames, contexts, and the switches that an extraction must put back."""

from __future__ import annotations

from typing import Any

import pytest

from rigs import Limb


def test_values_are_linear_between_keys(maya: Any) -> None:
    maya.run("createNode", "transform", name="a")
    maya.run("setKeyframe", "a", attribute="translateX", time=[1, 11], value=0)
    maya.run("setKeyframe", "a.tx", time=11, value=10)
    maya.run("currentTime", 6)
    assert maya.run("getAttr", "a.tx") == 5
    assert maya.run("getAttr", "a.tx", time=3) == 2
    assert maya.run("currentTime", query=True) == 6
    assert maya.run("keyframe", "a", attribute="translateX", query=True, timeChange=True) == [1, 11]
    assert maya.run("keyframe", "a.tx", query=True, time=(5, 20), valueChange=True) == [10]
    assert maya.run("cutKey", "a", attribute="translateX", clear=True) == 2
    assert maya.run("listConnections", "a.tx") is None
    assert maya.run("getAttr", "a.tx") == 5


def test_an_animated_attribute_holds_what_is_set_until_the_time_changes(maya: Any, limb: Limb) -> None:
    plug = f"{limb.joints[1]}.rotateZ"
    maya.run("currentTime", 12)
    assert maya.run("getAttr", plug) == pytest.approx(80)
    maya.run("setAttr", plug, 15)
    assert maya.run("getAttr", plug) == 15
    maya.run("currentTime", 12)
    assert maya.run("getAttr", plug) == pytest.approx(80)


def test_a_step_evaluates_the_mesh(maya: Any, limb: Limb) -> None:
    import maya.api.OpenMaya as om2

    path = om2.MSelectionList().add(limb.shape).getDagPath(0)
    tips = []
    for frame in (1, 12, 24):
        maya.run("currentTime", frame, edit=True)
        tips.append(tuple(om2.MFnMesh(path).getPoints()[-1]))
    assert len(set(tips)) == 3
    assert maya.evaluations[-3:] == [1, 12, 24]


def test_a_context_asks_for_another_time(maya: Any, limb: Limb) -> None:
    import maya.api.OpenMaya as om2
    from maya.api.MDGContextGuard import MDGContextGuard

    plug = om2.MSelectionList().add(f"{limb.control}.muscle").getPlug(0)
    context = om2.MDGContext(om2.MTime(24, om2.MTime.uiUnit()))
    assert plug.asDouble() == 0
    with MDGContextGuard(context):
        assert plug.asDouble() == 1
    assert plug.asDouble() == 0
    assert plug.asDouble(context) == 1


def test_evaluation_and_viewport_switches(maya: Any) -> None:
    assert maya.run("evaluationManager", query=True, mode=True) == ["parallel"]
    maya.run("evaluationManager", mode="off")
    assert maya.evaluation_mode == "off"
    assert maya.run("evaluator", name="deformer", query=True, enable=True)
    maya.run("evaluator", name="deformer", enable=False)
    assert not maya.evaluators["deformer"]
    with pytest.raises(RuntimeError, match="not found"):
        maya.run("evaluator", name="nothing", query=True, enable=True)
    maya.run("refresh", suspend=True)
    assert maya.refresh_suspended
    maya.run("ogs", pause=True)
    assert maya.run("ogs", query=True, pause=True)
    assert not maya.run("autoKeyframe", query=True, state=True)
    assert maya.run("playbackOptions", query=True, minTime=True) == 1


def test_a_curve_of_a_renamed_node_goes_on(maya: Any, limb: Limb) -> None:
    maya.run("rename", limb.control, "face")
    maya.run("currentTime", 24)
    assert maya.run("getAttr", "face.muscle") == pytest.approx(1)
    assert maya.run("findKeyframe", "face.muscle", which="last") == 24
