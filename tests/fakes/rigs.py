"""A small rigged limb: a tube on three joints, a bulge that a control and the elbow drive, animation.

The joints are bound with holes in their logical indices, the way a rig is after some influences were taken out. The
same limb is built in the fake Maya and in a real one: nothing here knows in which it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

AROUND = 8
FRAMES = (1, 24)
BULGE = Path(__file__).with_name("bulge_deformer.py")


@dataclass(frozen=True)
class Limb:
    """The names of what was built, and the numbers behind it.

    `rest` (V, 3) are the points at bind, `weights` (V, 3) those of the joints in the order of `joints`.
    """

    mesh: str
    shape: str
    joints: tuple[str, ...]
    control: str
    skin: str
    bulge: str
    rest: np.ndarray
    weights: np.ndarray
    frames: tuple[int, int]


def tube(
    rings: int = 12, around: int = AROUND, length: float = 10.0, radius: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """An open tube along x: points (rings * around, 3) float32, and its quads (P, 4)."""
    along, angle = np.linspace(0, length, rings), np.linspace(0, 2 * np.pi, around, endpoint=False)
    x, turn = (part.ravel() for part in np.meshgrid(along, angle, indexing="ij"))
    points = np.stack([x, radius * np.cos(turn), radius * np.sin(turn)], axis=1)
    ring, place = (part.ravel() for part in np.meshgrid(np.arange(rings - 1), np.arange(around), indexing="ij"))
    beside = (place + 1) % around
    corners = [(ring, place), (ring + 1, place), (ring + 1, beside), (ring, beside)]
    return points.astype(np.float32), np.stack([r * around + p for r, p in corners], axis=1)


def bulged(points: np.ndarray, values: dict[str, float]) -> np.ndarray:
    """Points of the upper arm pushed outwards: the square of the muscle, and more when the elbow bends."""
    outward = points * (0.0, 1.0, 1.0)
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
    bend = np.tanh(values["bend"] / 60.0) ** 2
    amount = 0.4 * values["muscle"] ** 2 + 0.2 * bend
    pushed: np.ndarray = points + amount * np.exp(-((points[:, 0] - 3.0) ** 2))[:, None] * outward
    return pushed


def build_limb(
    *,
    name: str = "arm",
    holes: bool = True,
    bulge_first: bool = False,
    animate: bool = True,
    method: int = 0,
) -> Limb:
    """Build the limb in the Maya that `from maya import cmds` finds.

    Args:
        name: of the mesh; the rest is named after it.
        holes: take influences out, so that logical and physical indices differ (0, 2, 5 instead of 0, 1, 2).
        bulge_first: the bulge is before the skinCluster (else behind it).
        animate: keys on the elbow, the wrist and the muscle over 24 frames.
        method: the skinning method, 0 linear, 1 dual quaternion, 2 blended.
    """
    from maya import cmds

    points, faces = tube()
    mesh = make_mesh(name, points, faces)
    joints = _chain([f"{name}_{part}" for part in ("upper", "lower", "hand")], [(x, 0.0, 0.0) for x in (0.0, 5.0, 9.0)])
    control = cmds.group(empty=True, name=f"{name}_control")
    cmds.addAttr(control, longName="muscle", attributeType="float", minValue=0.0, maxValue=1.0, keyable=True)
    skin = _bind(mesh, joints, f"{name}_skin", method, holes)
    weights = smooth_weights(points)
    for first in range(0, len(points), AROUND):  # the vertices of a ring have the same weights
        cmds.skinPercent(
            skin,
            f"{mesh}.vtx[{first}:{first + AROUND - 1}]",
            transformValue=[(joint, weight) for joint, weight in zip(joints, weights[first].tolist()) if weight],
            zeroRemainingInfluences=True,
            normalize=False,
        )
    if method == 2:
        for vertex, share in enumerate(np.clip(points[:, 0] / 10.0, 0.0, 1.0).tolist()):
            cmds.setAttr(f"{skin}.blendWeights[{vertex}]", share)
    cmds.loadPlugin(BULGE.as_posix(), quiet=True)
    (bulge,) = cmds.deformer(mesh, type="bulgeDeformer", name=f"{name}_bulge", frontOfChain=bulge_first)
    cmds.connectAttr(f"{control}.muscle", f"{bulge}.muscle")
    cmds.connectAttr(f"{joints[1]}.rotateZ", f"{bulge}.bend")
    if animate:
        _animate(joints, control)
    cmds.select(clear=True)
    cmds.flushUndo()
    (shape,) = cmds.listRelatives(mesh, shapes=True, noIntermediate=True, path=True)
    return Limb(mesh, shape, joints, control, skin, bulge, points.astype(np.float64), weights, FRAMES)


def make_mesh(name: str, points: np.ndarray, faces: np.ndarray) -> str:
    """The name of a new mesh of points (V, 3) in centimetres and faces (P, corners)."""
    from maya import cmds
    from maya.api import OpenMaya as om2

    vertices = om2.MPointArray([om2.MPoint(*point) for point in points.tolist()])
    counts, corners = om2.MIntArray([len(face) for face in faces]), om2.MIntArray(faces.ravel().tolist())
    made = om2.MFnMesh().create(vertices, counts, corners)
    mesh = cmds.rename(om2.MFnDagNode(made).fullPathName(), name)
    cmds.rename(cmds.listRelatives(mesh, shapes=True, fullPath=True)[0], f"{name}Shape")
    return str(mesh)


def _chain(names: list[str], places: list[tuple[float, float, float]]) -> tuple[str, ...]:
    """Joints, each below the one before it, at places of the world."""
    from maya import cmds

    cmds.select(clear=True)
    return tuple(str(cmds.joint(name=name, position=place)) for name, place in zip(names, places))


def _bind(mesh: str, joints: tuple[str, ...], name: str, method: int, holes: bool) -> str:
    """A skinCluster with the joints as its influences; with holes, at the logical indices 0, 2 and 5."""
    from maya import cmds

    spare = _chain([f"{mesh}_spare{number}" for number in range(3)], [(0.0, 5.0, 0.0)] * 3) if holes else ()
    order = [joints[0], spare[0], joints[1], spare[1], spare[2], joints[2]] if holes else list(joints)
    (skin,) = cmds.skinCluster(
        *order, mesh, toSelectedBones=True, skinMethod=method, name=name, obeyMaxInfluences=False
    )
    for joint in spare:
        cmds.skinCluster(skin, edit=True, removeInfluence=joint)
    if spare:
        cmds.delete(spare[0])
    return str(skin)


def smooth_weights(points: np.ndarray) -> np.ndarray:
    """(V, 3) weights that hand a point on from one joint to the next; rows sum to 1."""
    x = points[:, 0].astype(np.float64)
    lower, hand = np.clip((x - 4.0) / 2.0, 0, 1), np.clip((x - 8.0) / 2.0, 0, 1)
    lower, hand = lower * lower * (3 - 2 * lower), hand * hand * (3 - 2 * hand)
    return np.stack([1 - lower, lower * (1 - hand), lower * hand], axis=1)


def _animate(joints: tuple[str, ...], control: str) -> None:
    from maya import cmds

    first, last = FRAMES
    middle = (first + last) // 2
    for plug, values in (
        (f"{joints[0]}.rotateY", (0.0, 20.0, -15.0)),
        (f"{joints[1]}.rotateZ", (0.0, 80.0, 10.0)),
        (f"{joints[2]}.rotateX", (-30.0, 0.0, 60.0)),
        (f"{control}.muscle", (0.0, 0.3, 1.0)),
    ):
        for frame, value in zip((first, middle, last), values):
            cmds.setKeyframe(plug, time=frame, value=value)
    cmds.playbackOptions(minTime=first, maxTime=last, animationStartTime=first, animationEndTime=last)
    cmds.currentTime(first)
