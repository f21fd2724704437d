"""Undo goes back over commands, chunks and scenes; what the API changed it does not know."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rigs import Limb


def test_undo_and_redo_a_command(maya: Any) -> None:
    maya.run("createNode", "transform", name="a")
    maya.run("setAttr", "a.tx", 3)
    maya.run("undo")
    assert maya.run("getAttr", "a.tx") == 0
    maya.run("undo")
    assert not maya.run("objExists", "a")
    maya.run("redo")
    maya.run("redo")
    assert maya.run("getAttr", "a.tx") == 3


def test_a_chunk_is_undone_in_one_go(maya: Any, limb: Limb) -> None:
    before = set(maya.run("ls"))
    maya.run("undoInfo", openChunk=True, chunkName="duplicate")
    maya.run("duplicate", limb.mesh, name="copy")
    maya.run("undoInfo", openChunk=True)
    maya.run("skinCluster", *limb.joints, "copy", toSelectedBones=True)
    maya.run("undoInfo", closeChunk=True)
    maya.run("undoInfo", closeChunk=True)
    assert maya.run("undoInfo", query=True, undoName=True) == "duplicate"
    after = set(maya.run("ls"))
    maya.run("undo")
    assert set(maya.run("ls")) == before
    maya.run("redo")
    assert set(maya.run("ls")) == after


def test_queries_are_not_in_the_queue(maya: Any, limb: Limb) -> None:
    maya.run("ls")
    maya.run("currentTime", query=True)
    maya.run("getAttr", f"{limb.control}.muscle")
    assert maya.run("undoInfo", query=True, undoQueueEmpty=True)
    with pytest.raises(RuntimeError, match="no more commands"):
        maya.run("undo")


def test_time_and_selection_are_undone_too(maya: Any, limb: Limb) -> None:
    maya.run("select", limb.mesh)
    maya.run("currentTime", 10)
    maya.run("undo")
    maya.run("undo")
    assert maya.run("currentTime", query=True) == 1
    assert maya.run("ls", selection=True) == []


def test_nothing_is_recorded_without_flushing(maya: Any) -> None:
    maya.run("createNode", "transform", name="a")
    maya.run("undoInfo", stateWithoutFlush=False)
    maya.run("setAttr", "a.tx", 5)
    maya.run("undoInfo", stateWithoutFlush=True)
    assert maya.run("undoInfo", query=True, undoName=True) == "createNode"
    maya.run("undoInfo", state=False)
    assert maya.run("undoInfo", query=True, undoQueueEmpty=True)


def test_points_that_the_api_set_stay(maya: Any) -> None:
    import maya.api.OpenMaya as om2

    maya.run("polyCube", name="box")
    maya.run("setAttr", "box.tx", 1)
    path = om2.MSelectionList().add("boxShape").getDagPath(0)
    om2.MFnMesh(path).setPoints([om2.MPoint(*point) for point in np.full((8, 3), 4.0).tolist()])
    maya.run("undo")
    assert maya.run("getAttr", "box.tx") == 0
    assert om2.MFnMesh(path).getPoints()[0].x == 4
    maya.run("undo")
    assert not maya.run("objExists", "box")


def test_what_is_done_anew_cannot_be_redone(maya: Any) -> None:
    maya.run("createNode", "transform", name="a")
    maya.run("undo")
    maya.run("createNode", "transform", name="b")
    with pytest.raises(RuntimeError, match="redo"):
        maya.run("redo")
