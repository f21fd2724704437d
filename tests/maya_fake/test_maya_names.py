"""The check of sources finds what Maya does not have, wherever it is imported and however it is reached."""

from __future__ import annotations

from textwrap import dedent

import pytest

from maya_names import check, names_used
from stubs import Stubs

HEAD = """
import maya.cmds as cmds
import maya.OpenMaya as om1
import maya.OpenMayaMPx as ompx
import maya.api.OpenMaya as om2
from maya.api import OpenMayaAnim as oma2
"""


def problems(stubs: Stubs, text: str) -> list[str]:
    return [line.partition(": ")[2] for line in check(HEAD + dedent(text), stubs, own={"glmDeepTrain"})]


@pytest.mark.parametrize(
    "text",
    [
        "cmds.ls(selection=True, long=True)",
        "cmds.currentTime(query=True)\ncmds.currentTime(5, edit=True)",
        "cmds.workspaceControl('x', query=True, exists=True)",
        "cmds.skinCluster('s', query=True, influence=True)",
        "cmds.glmDeepTrain(ioConfFile='x')",
        "cmds.setAttr('a.b', *[1.0] * 16, type='matrix')",
        "cmds.ls(**{'long': True})",
        "fn = om2.MFnMesh(path)\nfn.getPoints(om2.MSpace.kObject)",
        "class A(ompx.MPxDeformerNode):\n    def f(self):\n        return om1.MFnMesh(x).getRawPoints()",
        "getattr(ompx.cvar, 'MPxGeometryFilter_' + name)",
        "getattr(cmds, 'ls')",
        "oma2.MFnSkinCluster(x).getWeights(1, 2)",
        "from maya.app.general.mayaMixin import MayaQWidgetDockableMixin",
        "from maya.api.MDGContextGuard import MDGContextGuard",
        "def f():\n    from maya import mel, utils\n    mel.eval('x')\n    utils.executeDeferred(f)",
        "import os.path as maya2\nmaya2.nothing()",
    ],
)
def test_what_maya_has_is_fine(stubs: Stubs, text: str) -> None:
    assert problems(stubs, text) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cmds.lss()", "there is no command lss"),
        ("cmds.ls(selectoin=True)", "ls has no flag selectoin"),
        ("cmds.ls(sl=True)", "ls: write the long name of the flag sl"),
        ("cmds.currentTime(q=True)", "currentTime: write query instead of q"),
        ("cmds.ls(query=True)", "ls cannot be used with query"),
        ("cmds.skinCluster('s', query=True, addInfluence='j')", "skinCluster has no flag addInfluence in query mode"),
        ("cmds.ls(**flags)", "ls: the flags of a ** that is no literal cannot be checked"),
        ("getattr(cmds, 'lss')", "there is no command lss"),
        ("om2.MSpace.kWrld", "maya.api.OpenMaya.MSpace has no kWrld"),
        ("om2.MPxDeformerNode", "maya.api.OpenMaya has no MPxDeformerNode"),
        ("om2.MFnMesh(x).getRawPoints()", "maya.api.OpenMaya.MFnMesh has no getRawPoints"),
        ("def f():\n    fn = om2.MFnMesh(x)\n    return fn.numVertex", "maya.api.OpenMaya.MFnMesh has no numVertex"),
        ("import maya.OpenMayaa", "there is no module maya.OpenMayaa"),
        ("from maya.utils import executeDefered", "maya.utils has no executeDefered"),
        ("from maya.app.general.mayaMixin import Other", "maya.app.general.mayaMixin has no Other, as far as is known"),
        ("class A(ompx.MPxDeformer): pass", "maya.OpenMayaMPx has no MPxDeformer"),
    ],
)
def test_what_maya_does_not_have_is_told(stubs: Stubs, text: str, problem: str) -> None:
    assert problems(stubs, text) == [problem]


def test_a_variable_that_holds_several_things_is_left_alone(stubs: Stubs) -> None:
    assert problems(stubs, "fn = om2.MFnMesh(x)\nfn = other()\nfn.anything()") == []


def test_uses_have_their_flags_and_lines() -> None:
    (use,) = [use for use in names_used("import maya.cmds as mc\n\nmc.ls(selection=True, long=1)") if use.flags]
    assert (use.module, use.path, use.line, use.flags) == ("maya.cmds", "ls", 3, ("selection", "long"))
