"""Nodes, names, attributes and connections behave as in Maya."""

from __future__ import annotations

from typing import Any

import pytest

from rigs import Limb


def test_a_taken_name_gets_a_number(maya: Any) -> None:
    assert [maya.run("createNode", "transform", name="a") for _ in range(3)] == ["a", "a1", "a2"]
    assert maya.run("createNode", "transform", name="a b") == "a_b"


def test_the_same_name_under_two_parents_needs_a_path(maya: Any) -> None:
    for parent in ("left", "right"):
        maya.run("group", empty=True, name=parent)
        maya.run("createNode", "transform", name="hand", parent=parent)
    assert maya.run("ls", "hand") == ["left|hand", "right|hand"]
    assert maya.run("ls", "hand", long=True) == ["|left|hand", "|right|hand"]
    with pytest.raises(ValueError, match="More than one object matches name: hand"):
        maya.run("getAttr", "hand.tx")
    assert maya.run("getAttr", "left|hand.tx") == 0
    assert maya.run("listRelatives", "left", children=True) == ["hand"]


def test_namespaces(maya: Any) -> None:
    maya.run("namespace", add="rig")
    maya.run("namespace", set="rig")
    assert maya.run("createNode", "transform", name="arm") == "rig:arm"
    maya.run("namespace", set=":")
    assert maya.run("ls", "arm") == []
    assert maya.run("ls", "*:arm") == ["rig:arm"]
    assert maya.run("rename", "rig:arm", "rig:leg") == "rig:leg"
    maya.run("namespace", removeNamespace="rig", mergeNamespaceWithRoot=True)
    assert maya.run("ls", "leg") == ["leg"]
    with pytest.raises(RuntimeError, match="does not exist"):
        maya.run("createNode", "transform", name="nowhere:leg")


def test_a_referenced_file_keeps_connections_under_its_namespace(maya: Any, limb: Limb) -> None:
    maya.run("file", rename="/scenes/arm.ma")
    maya.run("file", save=True)
    maya.run("file", new=True, force=True)
    assert maya.run("ls", type="skinCluster") == []
    maya.run("file", "/scenes/arm.ma", reference=True, namespace="chr")
    maya.run("currentTime", 12)
    assert maya.run("skinCluster", "chr:arm_skin", query=True, influence=True) == [
        f"chr:{name}" for name in limb.joints
    ]
    assert maya.run("referenceQuery", "chr:arm", isNodeReferenced=True)
    assert maya.run("referenceQuery", "chr:arm", filename=True) == "/scenes/arm.ma"
    with pytest.raises(RuntimeError, match="read only"):
        maya.run("rename", "chr:arm", "other")
    with pytest.raises(RuntimeError, match="referenced"):
        maya.run("delete", "chr:arm")


def test_renaming_a_transform_renames_its_shape(maya: Any, limb: Limb) -> None:
    assert maya.run("rename", limb.mesh, "leg") == "leg"
    assert maya.run("listRelatives", "leg", shapes=True) == ["legShape", "legShapeOrig"]


def test_a_custom_attribute_has_limits_and_labels(maya: Any) -> None:
    node = maya.run("createNode", "network", name="config")
    maya.run(
        "addAttr",
        node,
        longName="amount",
        shortName="am",
        attributeType="double",
        minValue=0,
        maxValue=2,
        defaultValue=1,
    )
    maya.run("addAttr", node, longName="mode", attributeType="enum", enumName="fast:good=4:best")
    maya.run("addAttr", node, longName="path", dataType="string")
    assert maya.run("getAttr", "config.am") == 1
    assert maya.run("attributeQuery", "amount", node=node, range=True) == [0, 2]
    assert maya.run("attributeQuery", "mode", node=node, listEnum=True) == ["fast:good=4:best"]
    maya.run("setAttr", "config.mode", 5)
    assert maya.run("getAttr", "config.mode", asString=True) == "best"
    with pytest.raises(RuntimeError, match="past its maximum"):
        maya.run("setAttr", "config.amount", 3)
    maya.run("setAttr", "config.path", 'C:/a "b".dio', type="string")
    assert maya.run("getAttr", "config.path") == 'C:/a "b".dio'
    assert maya.run("listAttr", node, userDefined=True) == ["amount", "mode", "path"]
    with pytest.raises(RuntimeError, match="-type flag"):
        maya.run("setAttr", "config.path", "x")


def test_a_locked_or_connected_attribute_cannot_be_set(maya: Any) -> None:
    for name in "ab":
        maya.run("createNode", "transform", name=name)
    maya.run("connectAttr", "a.translateX", "b.translateX")
    maya.run("setAttr", "a.rotateX", lock=True)
    for plug in ("b.tx", "b.translate", "a.rx", "a.worldMatrix[0]"):
        with pytest.raises(RuntimeError):
            maya.run("setAttr", plug, *([1, 1, 1] if plug == "b.translate" else [1]))
    maya.run("setAttr", "a.tx", 7)
    assert maya.run("getAttr", "b.translate") == [(7.0, 0.0, 0.0)]
    with pytest.raises(RuntimeError, match="already has an incoming connection"):
        maya.run("connectAttr", "a.translateY", "b.translateX")
    maya.run("disconnectAttr", "a.tx", "b.tx")
    assert maya.run("getAttr", "b.tx") == 7


def test_connections_are_listed_from_both_ends(maya: Any, limb: Limb) -> None:
    upper = limb.joints[0]
    plugs = maya.run(
        "listConnections", f"{limb.skin}.matrix", source=True, destination=False, plugs=True, connections=True
    )
    assert plugs[:2] == [f"{limb.skin}.matrix[0]", f"{upper}.worldMatrix[0]"]
    assert maya.run("listConnections", f"{limb.skin}.matrix[2]", source=True, destination=False) == [limb.joints[1]]
    assert maya.run("listConnections", f"{limb.skin}.matrix[1]") is None
    assert limb.skin in maya.run("listConnections", upper, type="skinCluster")
    assert maya.run("listConnections", limb.shape, type="geometryFilter") == [limb.bulge]


def test_incompatible_attributes_are_not_connected(maya: Any, limb: Limb) -> None:
    for source, dest in (
        (f"{limb.control}.muscle", f"{limb.skin}.matrix[9]"),
        (f"{limb.shape}.outMesh", f"{limb.control}.tx"),
    ):
        with pytest.raises(RuntimeError, match="incompatible types"):
            maya.run("connectAttr", source, dest)


def test_a_joint_has_its_orientation_and_order_in_the_matrix(maya: Any) -> None:
    first = maya.run("joint", name="first")
    maya.run("setAttr", f"{first}.jointOrient", 0, 0, 90)
    second = maya.run("joint", name="second", position=(0, 5, 0))
    assert maya.run("getAttr", f"{second}.translate") == [pytest.approx((5, 0, 0))]
    maya.run("setAttr", f"{first}.rotateX", 90)
    assert maya.run("xform", second, query=True, worldSpace=True, translation=True) == pytest.approx([0, 5, 0])
    maya.run("setAttr", f"{first}.rotateZ", 90)
    assert maya.run("xform", second, query=True, worldSpace=True, translation=True) == pytest.approx(
        [-5, 0, 0], abs=1e-9
    )
    assert maya.run("listConnections", f"{second}.inverseScale", plugs=True) == ["first.scale"]


def test_a_joint_has_limits(maya: Any, limb: Limb) -> None:
    lower = limb.joints[1]
    maya.run("transformLimits", lower, rotationZ=(0, 140), enableRotationZ=(True, False))
    assert maya.run("transformLimits", lower, query=True, rotationZ=True) == [0, 140]
    assert maya.run("transformLimits", lower, query=True, enableRotationZ=True) == [True, False]
    assert maya.run("getAttr", f"{lower}.maxRotZLimit") == 140
    assert maya.run("transformLimits", lower, query=True, enableRotationX=True) == [False, False]


def test_history_starts_at_the_shape_and_the_original_has_the_rest_points(maya: Any, limb: Limb) -> None:
    history = maya.run("listHistory", limb.mesh, pruneDagObjects=True)
    assert history[:2] == [limb.bulge, limb.skin]
    assert maya.run("ls", maya.run("listHistory", limb.mesh), type="skinCluster") == [limb.skin]
    (plug,) = maya.run("deformableShape", limb.mesh, originalGeometry=True)
    assert plug == f"{limb.shape}Orig.outMesh"
    maya.run("currentTime", 12)
    assert maya.get(maya.node(f"{limb.shape}Orig"), "outMesh").points == pytest.approx(limb.rest, abs=1e-6)
    assert maya.run("polyCube", name="box") == ["box"]
    assert maya.run("deformableShape", "box", originalGeometry=True) == [""]


def test_deleting_a_deformer_closes_the_chain(maya: Any, limb: Limb) -> None:
    maya.run("delete", limb.bulge)
    assert maya.run("findDeformers", limb.mesh) == [limb.skin]
    maya.run("delete", limb.skin)
    assert maya.get(maya.node(limb.shape), "outMesh").points == pytest.approx(limb.rest, abs=1e-6)


def test_a_second_skin_cluster_must_be_wanted(maya: Any, limb: Limb) -> None:
    flags = {"toSelectedBones": True, "name": "second"}
    with pytest.raises(RuntimeError, match="already bound"):
        maya.run("skinCluster", limb.joints[0], limb.mesh, **flags)
    maya.run("skinCluster", limb.joints[0], limb.mesh, multi=True, **flags)
    assert maya.run("findDeformers", limb.mesh) == ["second", limb.bulge, limb.skin]


def test_deformers_go_with_their_mesh(maya: Any, limb: Limb) -> None:
    maya.run("delete", limb.mesh)
    assert maya.run("ls", limb.skin, limb.bulge) == []
    assert maya.run("objExists", limb.joints[0])
    maya.run("undo")
    assert maya.run("findDeformers", limb.mesh) == [limb.bulge, limb.skin]


def test_a_deformer_keeps_its_logical_indices_when_geometry_goes(maya: Any, limb: Limb) -> None:
    boxes = [maya.run("polyCube")[0] for _ in range(3)]
    (node,) = maya.run("deformer", *boxes, type="bulgeDeformer")
    maya.run("deformer", node, edit=True, geometry=boxes[1], remove=True)
    assert maya.run("deformer", node, query=True, geometryIndices=True) == [0, 2]
    assert maya.run("deformer", node, query=True, geometry=True) == [
        f"{box[:-1]}Shape{box[-1]}" for box in (boxes[0], boxes[2])
    ]
    maya.run("deformer", node, edit=True, geometry=limb.mesh)
    assert maya.run("deformer", node, query=True, geometryIndices=True) == [0, 2, 3]


def test_a_blend_shape_brings_the_history_of_its_targets(maya: Any, limb: Limb) -> None:
    target = maya.run("duplicate", limb.mesh, name="target")[0]
    maya.run("skinCluster", limb.joints[0], target, toSelectedBones=True, name="foreign")
    maya.run("blendShape", target, limb.mesh, name="shapes", frontOfChain=True)
    skins = maya.run("ls", maya.run("listHistory", limb.mesh), type="skinCluster")
    assert skins == [limb.skin, "foreign"]
    maya.run("setAttr", "shapes.target", 0.5)
    assert maya.run("getAttr", "shapes.weight[0]") == 0.5


def test_a_duplicate_looks_like_the_mesh_now_and_has_no_history(maya: Any, limb: Limb) -> None:
    maya.run("currentTime", 12)
    (copy,) = maya.run("duplicate", limb.mesh, returnRootsOnly=True, name="copy")
    assert maya.run("listRelatives", copy, shapes=True) == ["copyShape", "copyShapeOrig"]
    assert maya.run("listHistory", copy, pruneDagObjects=True) is None
    same = maya.get(maya.node(limb.shape), "outMesh").points
    assert (maya.get(maya.node("copyShape"), "outMesh").points == same).all()


def test_vertices_are_selected_by_number(maya: Any, limb: Limb) -> None:
    maya.run("select", f"{limb.mesh}.vtx[0:2]", f"{limb.mesh}.vtx[7]", limb.control)
    assert maya.run("ls", selection=True) == [f"{limb.mesh}.vtx[0:2]", f"{limb.mesh}.vtx[7]", limb.control]
    flat = maya.run("ls", selection=True, flatten=True)
    assert flat[:4] == [f"{limb.mesh}.vtx[{number}]" for number in (0, 1, 2, 7)]
    assert maya.run("filterExpand", selectionMask=31, expand=True) == flat[:4]
    assert maya.run("ls", selection=True, objectsOnly=True) == [limb.mesh, limb.control]
    with pytest.raises(ValueError, match="No object matches name"):
        maya.run("select", f"{limb.mesh}.vtx[96]")


def test_units_are_those_of_the_interface_in_commands_and_centimetres_in_the_api(maya: Any) -> None:
    import maya.api.OpenMaya as om2

    maya.run("createNode", "transform", name="a")
    maya.run("currentUnit", linear="m")
    maya.run("setAttr", "a.translateX", 2)
    maya.run("setAttr", "a.rotateX", 180)
    plug = om2.MSelectionList().add("a.translateX").getPlug(0)
    assert plug.asDouble() == 200
    assert maya.run("getAttr", "a.tx") == 2
    assert om2.MSelectionList().add("a.rx").getPlug(0).asDouble() == pytest.approx(3.14159265)


def test_option_variables_outlive_the_scene(maya: Any) -> None:
    maya.run("optionVar", stringValue=("glmPath", "/p"), intValue=("glmCount", 3))
    maya.run("file", new=True, force=True)
    assert maya.run("optionVar", query="glmPath") == "/p"
    assert maya.run("optionVar", exists="glmCount")
    assert maya.run("optionVar", query="unknown") == 0
    maya.run("optionVar", remove="glmPath")
    assert not maya.run("optionVar", exists="glmPath")
