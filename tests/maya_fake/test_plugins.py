"""Plug-in files are really run: commands, results, failures, unloading, reloading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

COMMAND = """
    import maya.cmds as cmds
    import maya.OpenMaya as om1
    import maya.OpenMayaMPx as ompx

    class Make(ompx.MPxCommand):
        def __init__(self):
            ompx.MPxCommand.__init__(self)

        def doIt(self, args):
            db = om1.MArgDatabase(self.syntax(), args)
            if db.isFlagSet("-f"):
                om1.MGlobal.displayError("it failed")
                raise RuntimeError("it failed")
            count = db.flagArgumentInt("-count", 0) if db.isFlagSet("-count") else 1
            names = []
            for use in range(db.numberOfFlagUses("-name")):
                found = om1.MArgList()
                db.getFlagArgumentList("-name", use, found)
                names.append(found.asString(0))
            for name in names or ["made"]:
                for _ in range(count):
                    self.appendToResult(cmds.createNode("transform", name=name))

        @staticmethod
        def creator():
            return ompx.asMPxPtr(Make())

        @staticmethod
        def syntax_creator():
            syntax = om1.MSyntax()
            syntax.addFlag("-c", "-count", om1.MSyntax.kLong)
            syntax.addFlag("-n", "-name", om1.MSyntax.kString)
            syntax.makeFlagMultiUse("-n")
            syntax.addFlag("-f", "-fail", om1.MSyntax.kNoArg)
            return syntax

    VERSION = "VERSION 1"

    def initializePlugin(mobj):
        plugin = ompx.MFnPlugin(mobj, "Vendor", VERSION, "Any")
        plugin.registerCommand("glmMake", Make.creator, Make.syntax_creator)

    def uninitializePlugin(mobj):
        ompx.MFnPlugin(mobj).deregisterCommand("glmMake")
"""


@pytest.fixture
def cmds(maya: Any, write_plugin: Callable[..., str]) -> Any:
    from maya import cmds

    assert cmds.loadPlugin(write_plugin(COMMAND)) == ["tiny"]
    return cmds


def test_a_command_takes_long_and_short_flags_several_times(cmds: Any) -> None:
    assert cmds.glmMake() == ["made"]
    assert cmds.glmMake(count=2, name=["a", "b"]) == ["a", "a1", "b", "b1"]
    assert cmds.glmMake(c=1, n="x") == ["x"]


@pytest.mark.parametrize("flags", [{"cuont": 1}, {"count": "2"}, {"name": 3}, {"q": True, "nothing": 1}])
def test_a_wrong_flag_raises(cmds: Any, flags: dict[str, Any]) -> None:
    with pytest.raises((TypeError, RuntimeError)):
        cmds.glmMake(**flags)
    assert not cmds.objExists("made")


def test_a_positional_argument_that_no_syntax_has_raises(cmds: Any) -> None:
    with pytest.raises(RuntimeError, match="0 arguments are needed"):
        cmds.glmMake("x")


def test_a_failing_command_raises_with_its_text(maya: Any, cmds: Any) -> None:
    with pytest.raises(RuntimeError, match="it failed"):
        cmds.glmMake(fail=True)
    assert maya.texts("error")[0] == "it failed"


def test_what_a_command_does_inside_is_undone(cmds: Any) -> None:
    cmds.glmMake(name="a")
    assert cmds.objExists("a")
    cmds.undo()
    assert not cmds.objExists("a")


def test_unloading_takes_the_command_away_and_loading_runs_the_file_anew(
    maya: Any, cmds: Any, write_plugin: Callable[..., str]
) -> None:
    assert cmds.pluginInfo("tiny.py", query=True, version=True) == "VERSION 1"
    assert cmds.pluginInfo("tiny", query=True, command=True) == ["glmMake"]
    assert cmds.unloadPlugin("tiny") == ["tiny"]
    assert not hasattr(cmds, "glmMake")
    with pytest.raises(RuntimeError, match="Cannot find procedure"):
        maya.mel("glmMake")
    cmds.loadPlugin(write_plugin(COMMAND.replace("VERSION 1", "VERSION 2")))
    assert cmds.pluginInfo("tiny", query=True, version=True) == "VERSION 2"
    assert cmds.loadPlugin("tiny", quiet=True) is None


def test_a_plugin_is_found_on_the_path(
    maya: Any, write_plugin: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    write_plugin(COMMAND)
    with pytest.raises(RuntimeError, match="not found"):
        maya.run("loadPlugin", "tiny.py")
    monkeypatch.setenv("MAYA_PLUG_IN_PATH", str(tmp_path))
    assert maya.run("loadPlugin", "tiny.py") == ["tiny"]
    assert maya.run("pluginInfo", query=True, listPlugins=True) == ["tiny"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("import maya.cmds as cmds", "import maya.cmdz", "maya.cmdz"),
        ("Make.creator, Make", "Make.creator, Mkae", "Mkae"),
        ('syntax.addFlag("-c"', 'syntax.addFlag("-much"', "up to 3 characters"),
        ("om1.MSyntax.kLong", "om1.MSyntax.kLnog", "kLnog"),
        ("def uninitializePlugin", "def uninitialisePlugin", "uninitializePlugin"),
        ('VERSION = "VERSION 1"', "VERSION = __file__", "__file__"),
    ],
)
def test_a_wrong_plugin_does_not_load(
    maya: Any, write_plugin: Callable[..., str], old: str, new: str, message: str
) -> None:
    assert old in COMMAND
    with pytest.raises(RuntimeError, match=message):
        maya.run("loadPlugin", write_plugin(COMMAND.replace(old, new)))
    assert not maya.run("pluginInfo", "tiny", query=True, loaded=True)
    assert "glmMake" not in maya.commands


def test_a_creator_gives_its_command_to_maya(maya: Any, write_plugin: Callable[..., str]) -> None:
    maya.run("loadPlugin", write_plugin(COMMAND.replace("ompx.asMPxPtr(Make())", "Make()")))
    with pytest.raises(RuntimeError, match="asMPxPtr"):
        maya.run("glmMake")


def test_a_plugin_that_leaves_something_registered_is_told_off(maya: Any, write_plugin: Callable[..., str]) -> None:
    forgetful = COMMAND.replace('ompx.MFnPlugin(mobj).deregisterCommand("glmMake")', "pass")
    maya.run("loadPlugin", write_plugin(forgetful))
    with pytest.raises(RuntimeError, match="left registered: glmMake"):
        maya.run("unloadPlugin", "tiny")


def test_an_undoable_command_is_undone_by_itself(maya: Any, write_plugin: Callable[..., str]) -> None:
    text = """
        import maya.OpenMayaMPx as ompx

        log = []

        class Log(ompx.MPxCommand):
            def doIt(self, args):
                self.redoIt()
            def redoIt(self):
                log.append(1)
                self.setResult(len(log))
            def undoIt(self):
                log.pop()
            def isUndoable(self):
                return True

        def initializePlugin(mobj):
            ompx.MFnPlugin(mobj).registerCommand("glmLog", lambda: ompx.asMPxPtr(Log()))

        def uninitializePlugin(mobj):
            ompx.MFnPlugin(mobj).deregisterCommand("glmLog")
    """
    maya.run("loadPlugin", write_plugin(text, "log.py"))
    assert [maya.run("glmLog"), maya.run("glmLog")] == [1, 2]
    maya.run("undo")
    assert maya.run("glmLog") == 2
    assert maya.run("undoInfo", query=True, undoName=True) == "glmLog"
    with pytest.raises(TypeError, match="Invalid flag"):
        maya.run("glmLog", x=1)
