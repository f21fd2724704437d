"""The character as arrays of the import contract: linear skinning and the truth, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sample_limb import crease, muscles, skinning
from sample_limb.arm_shape import Shape, skin
from sample_limb.garments import nails, sleeve
from sample_limb.muscles import Motion
from sample_limb.poses import CONTROLS
from sample_limb.skeleton import joint_names, joint_parents, rest_matrices, skinning_matrices, world_matrices
from sample_limb.weights import skin_weights

Floats = npt.NDArray[np.float64]

_FRAMES_AT_ONCE = 32


@dataclass(frozen=True)
class Body:
    """A mesh of the character: its shape, its skin weights (V, J), and whether it is cloth."""

    name: str
    shape: Shape
    weights: Floats
    cloth: bool


def bodies() -> tuple[Body, ...]:
    """Return the meshes: `arm` (skin and five nails) and `sleeve`."""
    arm, cloth = _joined((skin(), *nails())), sleeve()
    return Body("arm", arm, skin_weights(arm), False), Body("sleeve", cloth, skin_weights(cloth), True)


def _joined(shapes: tuple[Shape, ...]) -> Shape:
    """Return one shape of several shells."""
    starts = np.cumsum([0, *(len(shape.positions) for shape in shapes[:-1])])
    parts = {
        name: np.concatenate([getattr(shape, name) for shape in shapes])
        for name in ("positions", "along", "angle", "thumb", "normals")
    }
    quads = np.concatenate([shape.quads + start for shape, start in zip(shapes, starts)])
    return Shape(quads=quads, **parts)


def truth(body: Body, motion: Motion, matrices: Floats) -> Floats:
    """Return the true positions (F, V, 3) of a mesh for skinning matrices (F, J, 4, 4)."""
    offsets = muscles.cloth_offsets if body.cloth else muscles.flesh_offsets
    flesh = body.shape.positions + offsets(body.shape, motion)
    posed = skinning.dual_quaternion_blend(flesh, body.weights, matrices, joint_parents())
    return crease.pressed_apart(posed, body.shape, matrices, motion.bend)


def archive(motion: Motion, clips: list[str]) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of the import contract for a motion; `clips` names the clip of every frame."""
    world = world_matrices(motion.angles)
    matrices = skinning_matrices(world)
    arrays: dict[str, npt.NDArray[Any]] = {
        "joints": world,
        "joints_rest": rest_matrices(),
        "joint_parents": joint_parents(),
        "joint_names": np.array(joint_names()),
        "skinning_matrices": matrices,
        "floats": np.stack([motion.controls[control.name] for control in CONTROLS], axis=1),
        "float_names": np.array([control.name for control in CONTROLS]),
        "float_limits": np.array([[control.low, control.high] for control in CONTROLS]),
        "clip": np.array(clips),
    }
    meshes = bodies()
    arrays["meshes"] = np.array([body.name for body in meshes])
    for body in meshes:
        arrays.update(_mesh_arrays(body, motion, matrices))
    return arrays


def _mesh_arrays(body: Body, motion: Motion, matrices: Floats) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of one mesh; positions are float32."""
    frames, points = len(matrices), len(body.shape.positions)
    linear = np.empty((frames, points, 3), dtype=np.float32)
    deformed = np.empty_like(linear)
    for start in range(0, frames, _FRAMES_AT_ONCE):
        part = slice(start, start + _FRAMES_AT_ONCE)
        linear[part] = skinning.linear_blend(body.shape.positions, body.weights, matrices[part])
        deformed[part] = truth(body, motion.part(start, start + _FRAMES_AT_ONCE), matrices[part])
    return {
        f"{body.name}.rest": body.shape.positions.astype(np.float32),
        f"{body.name}.face_sizes": np.full(len(body.shape.quads), 4, dtype=np.int32),
        f"{body.name}.face_vertices": body.shape.quads.ravel().astype(np.int32),
        f"{body.name}.weights": body.weights.astype(np.float32),
        f"{body.name}.linear": linear,
        f"{body.name}.deformed": deformed,
    }
