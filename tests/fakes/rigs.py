"""A small rigged limb in the fake scene: a tube on three joints, a bulge that a control and the elbow drive, animation.

The joints are bound with holes in their logical indices, the way a rig is after some influences were taken out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from maya_fake import MeshData, Scene
from maya_fake.cmds_nodes import new_mesh
from maya_fake.state import Node

AROUND = 8
FRAMES = (1, 24)


@dataclass(frozen=True)
class Limb:
    """The names of what was built, and the numbers behind it.

    `rest` (V, 3) are the points at bind, `weights` (V, 3) those of the joints in the order of `joints`.
    """

    mesh: str
    shape: str
    joints: tuple[str, str, str]
    control: str
    skin: str
    bulge: str
    rest: np.ndarray
    weights: np.ndarray
    frames: tuple[int, int]


def tube(rings: int = 12, around: int = AROUND, length: float = 10.0, radius: float = 1.0) -> MeshData:
    """An open tube along x of `rings` * `around` vertices."""
    along, angle = np.linspace(0, length, rings), np.linspace(0, 2 * np.pi, around, endpoint=False)
    x, turn = (part.ravel() for part in np.meshgrid(along, angle, indexing="ij"))
    points = np.stack([x, radius * np.cos(turn), radius * np.sin(turn)], axis=1)
    faces = []
    for ring in range(rings - 1):
        for place in range(around):
            beside = (place + 1) % around
            faces.append(
                tuple(r * around + p for r, p in ((ring, place), (ring + 1, place), (ring + 1, beside), (ring, beside)))
            )
    return MeshData.of(points, faces)


def bulged(points: np.ndarray, values: dict[str, float]) -> np.ndarray:
    """Points of the upper arm pushed outwards: the square of the muscle, and more when the elbow bends."""
    outward = points * (0.0, 1.0, 1.0)
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
    bend = np.tanh(values["bend"] / 60.0) ** 2
    amount = 0.4 * values["muscle"] ** 2 + 0.2 * bend
    pushed: np.ndarray = points + amount * np.exp(-((points[:, 0] - 3.0) ** 2))[:, None] * outward
    return pushed


def build_limb(
    scene: Scene,
    *,
    name: str = "arm",
    holes: bool = True,
    bulge_first: bool = False,
    animate: bool = True,
    method: int = 0,
) -> Limb:
    """Build the limb with `cmds`.

    Args:
        name: of the mesh; the rest is named after it.
        holes: take influences out, so that logical and physical indices differ (0, 2, 5 instead of 0, 1, 2).
        bulge_first: the bulge is before the skinCluster (else behind it).
        animate: keys on the elbow, the wrist and the muscle over 24 frames.
        method: the skinning method, 0 linear, 1 dual quaternion, 2 blended.
    """
    run = scene.run
    data = tube()
    transform, _ = new_mesh(scene, name, data)
    mesh = scene.short_name(transform)
    run("select", clear=True)
    joints = tuple(
        run("joint", name=f"{name}_{part}", position=(x, 0.0, 0.0))
        for part, x in (("upper", 0.0), ("lower", 5.0), ("hand", 9.0))
    )
    control = run("group", empty=True, name=f"{name}_control")
    run("addAttr", control, longName="muscle", attributeType="float", minValue=0.0, maxValue=1.0, keyable=True)
    run("select", clear=True)
    extra = (
        [run("joint", name=f"{name}_spare{number}", position=(0.0, 5.0, 0.0)) for number in range(3)] if holes else []
    )
    order = [joints[0], extra[0], joints[1], extra[1], extra[2], joints[2]] if holes else list(joints)
    (skin,) = run(
        "skinCluster",
        *order,
        mesh,
        toSelectedBones=True,
        skinMethod=method,
        name=f"{name}_skin",
        obeyMaxInfluences=False,
    )
    for spare in extra:
        run("skinCluster", skin, edit=True, removeInfluence=spare)
    if extra:
        run("delete", extra[0])
    weights = smooth_weights(data.points)
    _set_weights(scene.node(skin), weights, [0, 2, 5] if holes else [0, 1, 2])
    if method == 2:
        for vertex, point in enumerate(data.points):
            scene.node(skin).values[f"blendWeights[{vertex}]"] = float(np.clip(point[0] / 10.0, 0.0, 1.0))
    scene.register_deformer("bulgeDeformer", bulged, {"muscle": 0.0, "bend": 0.0})
    (bulge,) = run("deformer", mesh, type="bulgeDeformer", name=f"{name}_bulge", frontOfChain=bulge_first)
    run("connectAttr", f"{control}.muscle", f"{bulge}.muscle")
    run("connectAttr", f"{joints[1]}.rotateZ", f"{bulge}.bend")
    if animate:
        _animate(run, joints, control)
    run("select", clear=True)
    run("flushUndo")
    (shape,) = run("listRelatives", mesh, shapes=True, noIntermediate=True, path=True)
    first, last = FRAMES
    return Limb(mesh, shape, joints, control, skin, bulge, data.points.astype(np.float64), weights, (first, last))  # type: ignore[arg-type]


def smooth_weights(points: np.ndarray) -> np.ndarray:
    """(V, 3) weights that hand a point on from one joint to the next; rows sum to 1."""
    x = points[:, 0].astype(np.float64)
    lower, hand = np.clip((x - 4.0) / 2.0, 0, 1), np.clip((x - 8.0) / 2.0, 0, 1)
    lower, hand = lower * lower * (3 - 2 * lower), hand * hand * (3 - 2 * hand)
    return np.stack([1 - lower, lower * (1 - hand), lower * hand], axis=1)


def _set_weights(node: Node, weights: np.ndarray, logical: list[int]) -> None:
    node.weights = {
        vertex: {logical[place]: float(row[place]) for place in np.flatnonzero(row)}
        for vertex, row in enumerate(weights)
    }


def _animate(run: Any, joints: tuple[str, ...], control: str) -> None:
    first, last = FRAMES
    middle = (first + last) // 2
    for plug, values in (
        (f"{joints[0]}.rotateY", (0.0, 20.0, -15.0)),
        (f"{joints[1]}.rotateZ", (0.0, 80.0, 10.0)),
        (f"{joints[2]}.rotateX", (-30.0, 0.0, 60.0)),
        (f"{control}.muscle", (0.0, 0.3, 1.0)),
    ):
        for frame, value in zip((first, middle, last), values):
            run("setKeyframe", plug, time=frame, value=value)
    run("playbackOptions", minTime=first, maxTime=last, animationStartTime=first, animationEndTime=last)
    run("currentTime", first)
