"""What Maya does not have raises: names, flags, modes, types, nodes, attributes, threads."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from rigs import Limb


@pytest.mark.parametrize(
    "text",
    [
        "cmds.lss()",
        "cmds.listAttrs('persp')",
        "om2.MSelectionLst()",
        "om2.MSpace.kWrld",
        "om2.MPxDeformerNode",
        "om2.MFnMesh.getRawPoints",
        "om1.MFnSkinCluster",
        "ompx.MPxDeformer",
        "oma2.MPxDeformerNode",
        "maya.utils.executeDefered",
        "maya.mel.evaluate",
        "om2.MFnMesh(om2.MSelectionList().add('armShape').getDagPath(0)).numVertex",
    ],
)
def test_a_misspelt_name_is_an_attribute_error(maya: Any, limb: Limb, text: str) -> None:
    names: dict[str, Any] = {}
    exec(
        "import maya, maya.mel, maya.utils\nimport maya.cmds as cmds\nimport maya.OpenMaya as om1\n"
        "import maya.api.OpenMaya as om2\nimport maya.OpenMayaMPx as ompx\nimport maya.api.OpenMayaAnim as oma2",
        names,
    )
    with pytest.raises(AttributeError):
        eval(text, names)


def test_a_module_that_does_not_exist_is_not_imported(maya: Any) -> None:
    with pytest.raises(ImportError):
        import maya.OpenMayaa  # noqa: F401
    with pytest.raises(ImportError):
        from maya.api.OpenMaya import MNothing  # noqa: F401


@pytest.mark.parametrize(
    ("call", "failure"),
    [
        (("ls", (), {"selectoin": True}), TypeError),
        (("ls", (), {"selection": "yes"}), TypeError),
        (("ls", (), {"head": 1.5}), TypeError),
        (("ls", (), {"type": "skincluster"}), RuntimeError),
        (("ls", (None,), {}), TypeError),
        (("currentTime", (), {"edit": True}), TypeError),
        (("currentTime", ("5",), {}), TypeError),
        (("skinCluster", ("arm_skin",), {"query": True, "edit": True, "influence": True}), RuntimeError),
        (("skinCluster", ("arm_skin",), {"query": True, "addInfluence": True}), RuntimeError),
        (("skinCluster", ("persp",), {"query": True, "influence": True}), RuntimeError),
        (("getAttr", ("arm_skin.envelop",), {}), ValueError),
        (("getAttr", ("nothing.tx",), {}), ValueError),
        (("getAttr", ("arm.tx[0]",), {}), ValueError),
        (("getAttr", ("armShape.outMesh",), {}), RuntimeError),
        (("setAttr", ("arm.tx", "1"), {}), RuntimeError),
        (("setAttr", ("arm.tx",), {}), RuntimeError),
        (("setAttr", ("arm.translate", 1, 2), {}), RuntimeError),
        (("setAttr", ("arm_skin.geomMatrix", 1, 2), {"type": "matrix"}), RuntimeError),
        (("setAttr", ("arm_skin.skinningMethod", 7), {}), RuntimeError),
        (("createNode", ("transfrom",), {}), RuntimeError),
        (("deformer", ("arm",), {"type": "nothing"}), RuntimeError),
        (("skinCluster", ("arm",), {}), RuntimeError),
        (("delete", ("persp",), {}), RuntimeError),
        (("delete", ("nothing",), {}), ValueError),
        (("parent", ("arm_upper", "arm_hand"), {}), RuntimeError),
        (("addAttr", ("arm",), {"longName": "translateX"}), RuntimeError),
        (("attributeQuery", ("nothing",), {"node": "arm", "minimum": True}), RuntimeError),
        (("workspaceControl", ("nothing",), {"edit": True, "close": True}), RuntimeError),
        (("menuItem", (), {"label": "x", "sourceType": "perl"}), RuntimeError),
        (("objectType", ("arm", "arm"), {}), TypeError),
    ],
)
def test_a_wrong_call_raises(maya: Any, limb: Limb, call: Any, failure: type[Exception]) -> None:
    name, args, flags = call
    with pytest.raises(failure):
        maya.run(name, *args, **flags)


def test_commands_belong_to_the_main_thread(maya: Any) -> None:
    failures: list[Exception] = []

    def work() -> None:
        try:
            maya.run("ls")
        except RuntimeError as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert "main thread" in str(failures[0])


def test_the_interface_is_refused_in_batch(maya: Any) -> None:
    maya.app = "batch"
    for name, flags in (("menu", {"label": "x"}), ("confirmDialog", {"message": "x"}), ("ogs", {"pause": True})):
        with pytest.raises(RuntimeError, match="batch"):
            maya.run(name, **flags)
    assert maya.run("about", batch=True)


def test_what_was_imported_in_one_test_works_in_the_next(tmp_path: Any) -> None:
    import importlib.util

    import maya_fake

    with maya_fake.installed(tmp_path) as first:
        from maya import cmds, mel

        first.run("createNode", "transform", name="old")
        assert importlib.util.find_spec("maya.cmds") is not None
    with maya_fake.installed(tmp_path):
        assert not cmds.objExists("old")
        assert mel.eval('createNode transform -name "new"') == "new"
        assert cmds.objExists("new")


def test_no_module_is_left_when_the_fake_goes() -> None:
    import sys

    import maya_fake

    with maya_fake.installed() as scene:
        assert sys.modules["maya.cmds"].ls(type="time") == ["time1"]
        assert scene.run("about", version=True) == "2025"
    assert "maya.cmds" not in sys.modules
    with pytest.raises(RuntimeError, match="not installed"):
        maya_fake.current.scene()
