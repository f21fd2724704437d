"""MEL is as strict as Maya's: what lacks quotes is a syntax error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

PLUGIN = """
    import maya.OpenMaya as om1
    import maya.OpenMayaMPx as ompx

    class Echo(ompx.MPxCommand):
        def doIt(self, args):
            db = om1.MArgDatabase(self.syntax(), args)
            self.setResult(db.flagArgumentString("-ioConfFile", 0) if db.isFlagSet("-icf") else "nothing")

        @staticmethod
        def creator():
            return ompx.asMPxPtr(Echo())

        @staticmethod
        def syntax_creator():
            syntax = om1.MSyntax()
            syntax.addFlag("-icf", "-ioConfFile", om1.MSyntax.kString)
            return syntax

    def initializePlugin(mobj):
        ompx.MFnPlugin(mobj, "Vendor", "1.0", "Any").registerCommand("glmEcho", Echo.creator, Echo.syntax_creator)

    def uninitializePlugin(mobj):
        ompx.MFnPlugin(mobj).deregisterCommand("glmEcho")
"""


@pytest.fixture
def echo(maya: Any, write_plugin: Callable[..., str]) -> Any:
    maya.run("loadPlugin", write_plugin(PLUGIN))
    from maya import mel

    return mel.eval


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('glmEcho -ioConfFile "/path/x.dio"', "/path/x.dio"),
        ('glmEcho -icf "/path/x y.dio";', "/path/x y.dio"),
        (r'glmEcho -icf "C:\\a\\b.dio"', r"C:\a\b.dio"),
        (r'glmEcho -icf "C:\new\table.dio"', "C:\new\table.dio"),  # not what the artist meant, as in Maya
        ('glmEcho -icf "say \\"hi\\""', 'say "hi"'),
        ('glmEcho -icf "http://x" // a comment', "http://x"),
        ("glmEcho -icf word", "word"),
        ("glmEcho", "nothing"),
        ('string $p = "/a"; glmEcho -icf ($p + "/b.dio")', "/a/b.dio"),
        ('eval("glmEcho -ioConfFile \\"/p/x.dio\\"")', "/p/x.dio"),
        ('$x = `glmEcho -icf "q"`; $x', "q"),
    ],
)
def test_what_is_understood(echo: Any, text: str, expected: str) -> None:
    assert echo(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "glmEcho -ioConfFile /path/to/x.dio",
        r"glmEcho -ioConfFile C:\a\x.dio",
        "glmEcho -ioConfFile C:/a/x.dio",
        'glmEcho -ioConfFile "open',
        "glmEcho -ioConfFile //server/x.dio",
        "glmEcho -ioConfFile",
        'glmEcho -ioconffile "x"',
        'glmEcho -icf "a" -icf "b"',
        'glmEcho "argument"',
        'glmecho -icf "x"',
        "$nothing",
    ],
)
def test_what_is_refused(echo: Any, text: str) -> None:
    with pytest.raises(RuntimeError):
        echo(text)


def test_an_unknown_command_is_found_before_anything_runs(maya: Any, write_plugin: Callable[..., str]) -> None:
    path = write_plugin(PLUGIN)
    with pytest.raises(RuntimeError, match="Cannot find procedure"):
        maya.mel(f'loadPlugin "{path}"; glmEcho -icf "x"')
    assert not maya.run("pluginInfo", path, query=True, loaded=True)
    assert maya.mel(f'loadPlugin "{path}"; eval("glmEcho -icf \\"x\\"")') == "x"


def test_maya_commands_in_mel(maya: Any) -> None:
    maya.mel('createNode transform -name "a"; setAttr a.tx 3; setAttr -lock on a.ty;')
    assert maya.mel("getAttr a.tx") == 3
    assert maya.mel("ls -type transform a") == ["a"]
    assert maya.mel("getAttr -lock a.ty") is True
    assert maya.mel("setAttr a.tx -2.5; setAttr -lock off a.ty; getAttr a.translateX") == -2.5
    maya.mel('xform -translation 1 2 3 "a"')
    assert maya.mel("getAttr a.t") == [(1.0, 2.0, 3.0)]
    assert maya.mel('optionVar -sv "k" "v"; optionVar -q "k"') == "v"


def test_globals_name_parts_of_the_interface(maya: Any) -> None:
    assert maya.mel("$tmp = $gMainProgressBar") == "mainProgressBar"
    assert maya.mel("global string $gShelfTopLevel; $t = $gShelfTopLevel") == "ShelfLayout"
    maya.app = "batch"
    assert maya.mel("$tmp = $gMainProgressBar") == ""
