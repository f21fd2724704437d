"""What an extraction or an import delivers: meshes, inputs and where each frame comes from.

Column vectors (`p' = M p`), scene units, everything relative to the placement of the character.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glm_deep.geometry.skinning import blend
from glm_deep.inputs import InputFrames, InputLayout


@dataclass(frozen=True)
class MeshRest:
    """A mesh at bind.

    Attributes:
        name: name of the mesh.
        rest: (V, 3) float32 positions in scene units.
        face_sizes: (P,) int32 vertex count of each polygon.
        face_vertices: (sum of face_sizes,) int32 vertex numbers, polygon after polygon.
    """

    name: str
    rest: np.ndarray
    face_sizes: np.ndarray
    face_vertices: np.ndarray

    @property
    def diagonal(self) -> float:
        """The diagonal of the box around the rest positions, in scene units."""
        extent = self.rest.max(axis=0).astype(np.float64) - self.rest.min(axis=0)
        return float(np.linalg.norm(extent))


@dataclass(frozen=True)
class Skinning:
    """What undoes the skinning: weights with matrices, an affine map per vertex, or nothing (mesh space).

    Attributes:
        weights: (V, W) float32, or None.
        matrices: (F, W, 4, 4) float64, identity at bind, or None.
        affine: (F, V, 3, 4) float32, or None.
        influence_names: W names, or none when they are not known.
    """

    weights: np.ndarray | None = None
    matrices: np.ndarray | None = None
    affine: np.ndarray | None = None
    influence_names: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`weights`, `affine` or `none`."""
        if self.affine is not None:
            return "affine"
        return "none" if self.weights is None else "weights"

    def linear_part(self, start: int, stop: int) -> np.ndarray | None:
        """The 3x3 part A of the skinning of every vertex for the frames start to stop.

        Returns:
            (stop - start, V, 3, 3) float64, or None when the offsets are taken in mesh space.
        """
        if self.affine is not None:
            return self.affine[start:stop, :, :, :3].astype(np.float64)
        if self.weights is None or self.matrices is None:
            return None
        return blend(self.weights, self.matrices[start:stop])


@dataclass(frozen=True)
class MeshFrames:
    """One mesh in all frames.

    Attributes:
        rest: the mesh at bind.
        deformed: (F, V, 3) float32 truth, or None where only predictions are wanted.
        linear: (F, V, 3) float32 skinned-only positions in the same space.
        skinning: what undoes the skinning.
    """

    rest: MeshRest
    deformed: np.ndarray | None
    linear: np.ndarray
    skinning: Skinning


@dataclass(frozen=True)
class Frames:
    """The frames of one extraction or import.

    Attributes:
        layout: the inputs of the rig.
        inputs: their values in every frame.
        clips: where each frame comes from, F names.
        meshes: the meshes, all with F frames.
        warnings: sentences for the user about what was accepted but looks odd.
    """

    layout: InputLayout
    inputs: InputFrames
    clips: tuple[str, ...]
    meshes: tuple[MeshFrames, ...]
    warnings: tuple[str, ...] = ()
