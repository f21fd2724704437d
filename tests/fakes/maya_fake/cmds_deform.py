"""Commands for deformers: skinCluster, deformer, blendShape, histories."""

from __future__ import annotations

from typing import Any

import numpy as np

from maya_fake import matrices
from maya_fake.cmds_nodes import select
from maya_fake.commands import Call, command
from maya_fake.components import mesh_of
from maya_fake.deformers import attach, chain, detach, original, outputs, plug
from maya_fake.evaluate import influences, world_matrix
from maya_fake.state import Node

Scene = Any
_GEOMETRY = (
    "after/af bool CE, afterReference/ar bool CE, before/bf bool CE, exclusive/ex str CQ, frontOfChain/foc "
    "bool CE, includeHiddenSelections/ihs bool C, ignoreSelected/ignoreSelected bool C, name/n str C, "
    "parallel/par bool CE, split/sp bool CE, useComponentTags/uct bool C, geometry/g str EQM, "
    "geometryIndices/gi bool Q, remove/rm bool E, "
)


def mesh_shape(scene: Scene, name: str) -> Node:
    """The mesh that a name stands for.

    Raises:
        RuntimeError: it is none.
    """
    mesh = mesh_of(scene, scene.node(name.partition(".")[0]))
    if mesh is None:
        raise RuntimeError(f"{name} is no geometry that can be deformed")
    return mesh


def _deformer_node(scene: Scene, name: str) -> Node:
    """The deformer with this name, or the first one of a mesh with it."""
    node = scene.node(name)
    if not scene.type_of(node).is_a("geometryFilter"):
        raise RuntimeError(f"{name} is no deformer")
    return node


def _geometry_answer(scene: Scene, node: Node, asked: str) -> Any:
    found = outputs(scene, node)
    if asked == "geometry":
        return [scene.short_name(found[index]) for index in sorted(found)] or None
    return sorted(found) or None


def _edit_geometry(scene: Scene, node: Node, call: Call) -> None:
    for name in call.get("geometry", []):
        shape = mesh_shape(scene, name)
        if call.get("remove"):
            places = [index for index, found in outputs(scene, node).items() if found is shape]
            if not places:
                raise RuntimeError(f"{name} is not deformed by {node.name}")
            detach(scene, node, places[0])
        else:
            attach(scene, node, shape, front=call.get("frontOfChain", False))


@command("deformer", _GEOMETRY + "type/typ str C")
def deformer(scene: Scene, call: Call) -> Any:
    if call.query:
        return _geometry_answer(scene, _deformer_node(scene, call.args[0]), call.asked())
    if call.edit:
        _edit_geometry(scene, _deformer_node(scene, call.args[0]), call)
        return None
    kind = call.get("type")
    if kind is None or kind not in scene.types or not scene.types[kind].is_a("geometryFilter"):
        raise RuntimeError(f"deformer: Invalid deformer type: {kind}")
    names = call.args or scene.selected_names()
    shapes = [mesh_shape(scene, name) for name in names]
    if not shapes:
        raise RuntimeError("deformer: No deformable objects selected.")
    node = scene.create(kind, call.get("name"))
    for shape in shapes:
        attach(scene, node, shape, front=call.get("frontOfChain", False))
    select(scene, [node.uuid])
    return [node.name]


@command(
    "skinCluster",
    _GEOMETRY + "toSelectedBones/tsb bool C, multi/mul bool C, "
    "toSkeletonAndTransforms/tst bool C, bindMethod/bm int CQ, skinMethod/sm int "
    "CEQ, normalizeWeights/nw int CEQ, weightDistribution/wd int CEQ, maximumInfluences/mi int CEQ, "
    "obeyMaxInfluences/omi bool CEQ, removeUnusedInfluence/rui bool CEQ, ignoreBindPose/ibp bool CE, "
    "dropoffRate/dr float CEQ, influence/inf str EQ, weightedInfluence/wi bool Q, addInfluence/ai str EM, "
    "removeInfluence/ri str EM, weight/wt float E, lockWeights/lw bool EQ, unbind/ub bool E, "
    "unbindKeepHistory/ubk bool E, forceNormalizeWeights/fnw bool E, moveJointsMode/mjm bool E, "
    "recacheBindMatrices/rbm bool E",
)
def skin_cluster(scene: Scene, call: Call) -> Any:
    if call.query:
        return _skin_answer(scene, call)
    if call.edit:
        return _skin_edit(scene, call)
    names = call.args or scene.selected_names(long=True)
    bones: list[Node] = []
    shapes: list[Node] = []
    for name in names:
        node = scene.node(name)
        mesh = mesh_of(scene, node)
        (shapes if mesh is not None else bones).append(mesh or node)
    if not shapes:
        raise RuntimeError("skinCluster: No valid geometry was selected to bind.")
    if len(shapes) > 1:
        raise RuntimeError("skinCluster: a skinCluster can only bind one geometry")
    if not bones or not all(scene.type_of(bone).is_a("transform") for bone in bones):
        raise RuntimeError("skinCluster: Must select joints to bind.")
    if any(bone.type == "joint" for bone in bones):  # the documentation speaks of bones; Maya may leave the others out
        bones = [bone for bone in bones if bone.type == "joint"]
    if scene.binds_in_reverse:
        bones.reverse()
    if not call.get("toSelectedBones"):
        bones = [each for bone in bones for each in (bone, *(b for b in scene.below(bone) if b.type == "joint"))]
        bones = list({bone.uuid: bone for bone in bones}.values())
    (shape,) = shapes
    if any(node.type == "skinCluster" for node, _ in chain(scene, shape)) and not call.get("multi"):
        raise RuntimeError(f"skinCluster: {scene.short_name(shape)} is already bound; `multi` allows another one")
    node = scene.create("skinCluster", call.get("name"))
    attach(scene, node, shape, front=call.get("frontOfChain", False))
    world = world_matrix(scene, shape)
    node.values["geomMatrix"] = matrices.flat(world)
    for index, bone in enumerate(bones):
        _bind(scene, node, bone, index)
    _settings(scene, node, call)
    _distance_weights(
        scene, node, shape, bones, call.get("maximumInfluences", 5) if call.get("obeyMaxInfluences", True) else 9
    )
    pose = scene.create("dagPose", "bindPose#")
    scene.connect(plug(scene, pose, "message"), plug(scene, node, "bindPose"))
    select(scene, [node.uuid])
    scene.changed("skinned", node)
    return [node.name]


def _bind(scene: Scene, node: Node, bone: Node, index: int) -> None:
    scene.connect(plug(scene, bone, "worldMatrix[0]"), plug(scene, node, f"matrix[{index}]"))
    node.values[f"bindPreMatrix[{index}]"] = matrices.flat(np.linalg.inv(world_matrix(scene, bone)))
    if bone.type == "joint":
        scene.connect(plug(scene, bone, "lockInfluenceWeights"), plug(scene, node, f"lockWeights[{index}]"))


_SETTINGS = {
    "skinMethod": "skinningMethod",
    "normalizeWeights": "normalizeWeights",
    "weightDistribution": "weightDistribution",
    "maximumInfluences": "maxInfluences",
    "obeyMaxInfluences": "maintainMaxInfluences",
    "dropoffRate": "dropoffRate",
    "bindMethod": "bindMethod",
}


def _settings(scene: Scene, node: Node, call: Call) -> None:
    for flag, name in _SETTINGS.items():
        if call.has(flag):
            kind = scene.attribute(node, name).kind
            value = call.get(flag)
            node.values[name] = bool(value) if kind == "bool" else value
    if node.values.get("skinningMethod", 0) not in (0, 1, 2):
        raise RuntimeError("skinCluster: skinMethod must be 0, 1 or 2")


def _distance_weights(scene: Scene, node: Node, shape: Node, bones: list[Node], most: int) -> None:
    """Some weights by the distance to the joints, each row summing to 1."""
    world = world_matrix(scene, shape)
    data = scene.get(shape, "outMesh")
    points = data.points @ world[:3, :3] + world[3, :3]
    places = np.stack([world_matrix(scene, bone)[3, :3] for bone in bones])
    near = 1.0 / (np.linalg.norm(points[:, None] - places, axis=2) ** 4 + 1e-9)
    kept = np.argsort(-near, axis=1)[:, : max(1, most)]
    weights = np.zeros_like(near)
    np.put_along_axis(weights, kept, np.take_along_axis(near, kept, axis=1), axis=1)
    weights /= weights.sum(axis=1, keepdims=True)
    node.weights = {
        vertex: {int(i): float(row[i]) for i in np.flatnonzero(row > 0)} for vertex, row in enumerate(weights)
    }


def _skin_node(scene: Scene, name: str) -> Node:
    node = scene.node(name)
    if node.type != "skinCluster":
        shape = mesh_of(scene, node)
        found = [each for each, _ in chain(scene, shape) if each.type == "skinCluster"] if shape else []
        if not found:
            raise RuntimeError(f"skinCluster: Object {name} is not a skinCluster nor skinned")
        node = found[0]
    return node


def influence_nodes(scene: Scene, node: Node) -> list[Node]:
    """The influences of a skinCluster in their physical order."""
    found = []
    for index in influences(scene, node):
        source = scene.state.connections[(node.uuid, f"matrix[{index}]")]
        found.append(scene.state.nodes[source[0]])
    return found


def _skin_answer(scene: Scene, call: Call) -> Any:
    node = _skin_node(scene, call.args[0])
    asked = call.asked()
    if asked in ("geometry", "geometryIndices"):
        return _geometry_answer(scene, node, asked)
    if asked == "influence":
        return [scene.short_name(each) for each in influence_nodes(scene, node)] or None
    if asked == "weightedInfluence":
        used = {index for row in node.weights.values() for index, weight in row.items() if weight}
        pairs = zip(influences(scene, node), influence_nodes(scene, node))
        return [scene.short_name(each) for index, each in pairs if index in used] or None
    if asked not in _SETTINGS:
        raise RuntimeError(f"skinCluster: the query of {asked} is not faked")
    return scene.get(node, _SETTINGS[asked])


def _skin_edit(scene: Scene, call: Call) -> None:
    node = _skin_node(scene, call.args[0])
    if call.get("unbind"):
        from maya_fake.deformers import heal

        heal(scene, node)
        scene.remove(node)
        return
    _edit_geometry(scene, node, call)
    _settings(scene, node, call)
    if call.get("recacheBindMatrices"):
        node.extra["recached"] = {key: value for key, value in node.values.items() if key.startswith("bindPreMatrix")}
    for name in call.get("addInfluence", []):
        bone = scene.node(name)
        if bone in influence_nodes(scene, node):
            raise RuntimeError(f"skinCluster: {name} is already an influence of {node.name}")
        used = set(influences(scene, node))
        _bind(scene, node, bone, next(index for index in range(len(used) + 1) if index not in used))
    for name in call.get("removeInfluence", []):
        _remove_influence(scene, node, scene.node(name))
    scene.changed("skin edited", node)


def _remove_influence(scene: Scene, node: Node, bone: Node) -> None:
    """Take an influence away: its logical index stays empty, and the weights of the others sum to 1 again."""
    places = dict(zip((each.uuid for each in influence_nodes(scene, node)), influences(scene, node)))
    if bone.uuid not in places:
        raise RuntimeError(f"skinCluster: {scene.short_name(bone)} is no influence of {node.name}")
    index = places[bone.uuid]
    left = next((each for each in sorted(places.values()) if each != index), None)
    for key in (f"matrix[{index}]", f"lockWeights[{index}]"):
        scene.state.connections.pop((node.uuid, key), None)
        node.values.pop(key, None)
    node.values.pop(f"bindPreMatrix[{index}]", None)
    for vertex, row in list(node.weights.items()):
        rest = {each: weight for each, weight in row.items() if each != index}
        total = sum(rest.values())
        if total == 0 and left is not None:
            rest = {left: 1.0}
        elif node.values.get("normalizeWeights", 1) == 1 and index in row:
            rest = {each: weight / total for each, weight in rest.items()}
        node.weights[vertex] = rest


@command(
    "skinPercent",
    "transformValue/tv tuple CM, normalize/nrm bool C, value/v bool Q, transform/t str QN, "
    "zeroRemainingInfluences/zri bool C, pruneWeights/prw float C",
)
def skin_percent(scene: Scene, call: Call) -> Any:
    node = _skin_node(scene, call.args[0])
    places = dict(zip((each.uuid for each in influence_nodes(scene, node)), influences(scene, node)))
    from maya_fake import components

    vertices = [v for name in call.args[1:] for v in components.parse(scene, name)[2]]
    if call.query:
        if call.has("transform"):
            index = places[scene.node(call.get("transform")).uuid]
            return node.weights.get(vertices[0], {}).get(index, 0.0)
        return [node.weights.get(vertices[0], {}).get(index, 0.0) for index in places.values()]
    for vertex in vertices:
        row = {} if call.get("zeroRemainingInfluences") else dict(node.weights.get(vertex, {}))
        given = {places[scene.node(name).uuid]: float(value) for name, value in call.get("transformValue", [])}
        row.update(given)
        if call.get("normalize", True):
            others = sum(weight for index, weight in row.items() if index not in given)
            room = max(0.0, 1.0 - sum(given.values()))
            row = {index: (w if index in given else (w * room / others if others else 0.0)) for index, w in row.items()}
        node.weights[vertex] = {index: weight for index, weight in row.items() if weight}
    scene.changed("skin edited", node)
    return None


@command("blendShape", _GEOMETRY + "weight/w tuple CEQM, target/t tuple CEQM, origin/o str C")
def blend_shape(scene: Scene, call: Call) -> Any:
    if call.query:
        node = _deformer_node(scene, call.args[0])
        asked = call.asked()
        if asked == "target":
            return list(node.aliases) or None
        if asked == "weight":
            return [scene.get(node, f"weight[{i}]") for i in scene.indices(plug(scene, node, "weight"))]
        return _geometry_answer(scene, node, asked)
    if call.edit:
        node = _deformer_node(scene, call.args[0])
        for index, value in call.get("weight", []):
            node.values[f"weight[{index}]"] = float(value)
        _edit_geometry(scene, node, call)
        scene.changed("blendShape", node)
        return None
    *targets, base = [mesh_shape(scene, name) for name in call.args]
    node = scene.create("blendShape", call.get("name"))
    attach(scene, node, base, front=call.get("frontOfChain", False))
    start = original(scene, base)
    node.extra["base"] = scene.get(start, "outMesh").points
    for index, target in enumerate(targets):
        key = f"inputTarget[0].inputTargetGroup[{index}].inputTargetItem[6000].inputGeomTarget"
        scene.connect(plug(scene, target, "worldMesh[0]"), plug(scene, node, key))
        node.values[f"weight[{index}]"] = 0.0
        node.aliases[scene.state.nodes[target.parent].name.rpartition(":")[2]] = f"weight[{index}]"
    for index, value in call.get("weight", []):
        node.values[f"weight[{index}]"] = float(value)
    select(scene, [node.uuid])
    return [node.name]
