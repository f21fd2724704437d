"""What an extraction reads of each mesh: the truth, the linear mesh, and what the skinning does to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from maya import cmds

from glm_deep.config import Mesh
from glm_deep.dataset.frames import MeshFrames, MeshRest, Skinning
from glm_deep.errors import DataError, GlmDeepError
from glm_deep_maya import arrays, scene
from glm_deep_maya.linear_mesh import bind_poses, copy_of, formula_error, rest_points
from glm_deep_maya.skin import LINEAR, Skin, affine_maps, read_skin

FORMULA_TOLERANCE = 1e-3
"""Above this error of the formula, in parts of the diagonal, the skinning is probed instead."""


@dataclass
class MeshSample:
    """One mesh at one frame, in the space of its linear mesh: deformed and linear (V, 3), and what undoes the skinning,
    matrices (W, 4, 4) or affine maps (V, 3, 4), both for column vectors."""

    deformed: np.ndarray
    linear: np.ndarray
    matrices: np.ndarray | None
    affine: np.ndarray | None


class Target:
    """One mesh of a configuration in the scene.

    Raises:
        GlmDeepError: something of it is missing, or the meshes do not fit one another.
    """

    def __init__(self, mesh: Mesh) -> None:
        self.name = mesh.deformed
        self.deformed = scene.mesh_shape(mesh.deformed)
        self.linear = scene.mesh_shape(mesh.linear)
        self.skin: Skin = read_skin(scene.mesh_shape(mesh.base_skin_cluster_mesh or mesh.linear))
        self.sizes, self.vertices = arrays.topology(self.linear)
        self._check_topology()
        self.rest = rest_points(self.linear)
        self._influence_names = tuple(cmds.ls(path)[0] for path in self.skin.influences)
        self._probes: list[str] = []
        self._step = 0.1 * self.diagonal

    @property
    def diagonal(self) -> float:
        """Of the box around the rest positions."""
        return float(np.linalg.norm(self.rest.max(axis=0) - self.rest.min(axis=0))) or 1.0

    def _check_topology(self) -> None:
        for other, role in ((self.deformed, "deformed mesh"), (self.skin.shape, "mesh with the base skinCluster")):
            sizes, vertices = arrays.topology(other)
            if not (np.array_equal(sizes, self.sizes) and np.array_equal(vertices, self.vertices)):
                raise GlmDeepError(
                    f"the topology of {scene.transform_of(other)} is not that of {scene.transform_of(self.linear)}",
                    where=f"{role} of {self.name}",
                    hint="Make the linear mesh again with glmDuplicateMeshLinear",
                )

    def call_influences(self, names: Mapping[str, str]) -> None:
        """Gives influences, by their full paths, the names that they have in the configuration: by those a training
        finds which joint input moves which vertex."""
        pairs = zip(self.skin.influences, self._influence_names)
        self._influence_names = tuple(names.get(path, name) for path, name in pairs)

    # --- the formula, and probing where it does not hold

    def formula_error(self) -> float:
        """How far the formula is from the linear mesh at the present time, in parts of the diagonal.

        0 where one of them is no number or has other vertices: reading says so, and names the place.
        """
        try:
            self._points(self.linear)
        except DataError:
            return 0.0
        if not np.isfinite(self.skin.matrices()).all():
            return 0.0
        return formula_error(self.linear, self.skin, self.rest)

    def probe(self) -> None:
        """Makes three copies of the linear mesh, each moved along an axis at rest: they tell the affine maps."""
        for axis in range(3):
            moved = self.rest.copy()
            moved[:, axis] += self._step
            poses = bind_poses()
            name = copy_of(read_skin(self.linear), moved, f"glmDeepProbe{axis}")
            self._probes.append(scene.mesh_shape(name))
            if bind_poses() - poses:  # they would stay when the copy goes
                cmds.delete(*(bind_poses() - poses))

    def forget_probes(self) -> None:
        """Deletes the copies."""
        for shape in self._probes:
            if cmds.objExists(shape):
                cmds.delete(scene.transform_of(shape))
        self._probes = []

    @property
    def kind(self) -> str:
        """How the skinning is undone: "probes", "weights" or "affine"."""
        if self._probes:
            return "probes"
        plain = self.skin.method == LINEAR and self.skin.envelope == 1.0
        return "weights" if plain and np.allclose(self.skin.weights.sum(axis=1), 1.0, atol=1e-6) else "affine"

    # --- what is read at a frame

    def read(self) -> MeshSample:
        """The mesh at the present time.

        Raises:
            DataError: the mesh is gone, the number of vertices has changed, or something is no number.
        """
        linear = self._points(self.linear)
        deformed = self._in_space_of_linear(self._points(self.deformed))
        if self._probes:
            return MeshSample(deformed, linear, None, self._probed(linear))
        matrices = self.skin.matrices()
        wrong = np.flatnonzero(~np.isfinite(matrices).all(axis=(1, 2)))
        if len(wrong):
            raise DataError(
                f"the matrix of {self.skin.influences[wrong[0]]} is not a number",
                where=self.skin.node,
                hint="Repair the rig at this frame, or leave the frame out",
            )
        if self.kind == "weights":
            return MeshSample(deformed, linear, matrices.transpose(0, 2, 1), None)
        maps = affine_maps(self.skin, matrices)
        return MeshSample(deformed, linear, None, maps.transpose(0, 2, 1)[:, :3].astype(np.float32))

    def _points(self, shape: str) -> np.ndarray:
        try:
            found = arrays.points(shape)
        except RuntimeError as error:
            raise DataError(
                "the mesh is not there any more", where=shape.rpartition("|")[0], hint="Leave it as it is meanwhile"
            ) from error
        if len(found) != len(self.rest):
            raise DataError(
                f"it has {len(found)} vertices now, and had {len(self.rest)} at rest",
                where=scene.transform_of(shape),
                hint="Extract frames in which the topology stays the same",
            )
        wrong = np.flatnonzero(~np.isfinite(found).all(axis=1))
        if len(wrong):
            raise DataError(
                f"the position of vertex {wrong[0]} is not a number",
                where=scene.transform_of(shape),
                hint="Repair the rig at this frame, or leave the frame out",
            )
        return found

    def _in_space_of_linear(self, deformed: np.ndarray) -> np.ndarray:
        own = arrays.matrix(scene.plug(f"{self.deformed}.worldMatrix[0]"))
        other = arrays.matrix(scene.plug(f"{self.linear}.worldMatrix[0]"))
        if np.allclose(own, other, rtol=0, atol=1e-9):
            return deformed
        if not np.linalg.det(other[:3, :3]):
            raise DataError(
                "it is scaled to nothing, so nothing can be said in its space",
                where=scene.transform_of(self.linear),
                hint="Scale the linear mesh as the deformed one",
            )
        between = own @ np.linalg.inv(other)
        moved: np.ndarray = deformed @ between[:3, :3] + between[3, :3]
        return moved

    def _probed(self, linear: np.ndarray) -> np.ndarray:
        """(V, 3, 4) affine maps for column vectors, from where the copies are."""
        columns = [(self._points(shape) - linear) / self._step for shape in self._probes]
        part = np.stack(columns, axis=2)
        shift = linear - np.einsum("vij,vj->vi", part, self.rest)
        return np.concatenate([part, shift[:, :, None]], axis=2).astype(np.float32)

    def frames(self, samples: list[MeshSample]) -> MeshFrames:
        """Several frames together."""
        rest = MeshRest(self.name, self.rest.astype(np.float32), self.sizes, self.vertices)
        deformed = np.array([each.deformed for each in samples], np.float32)
        linear = np.array([each.linear for each in samples], np.float32)
        if self.kind == "weights":
            matrices = np.array([each.matrices for each in samples])
            skinning = Skinning(self.skin.weights.astype(np.float32), matrices, None, self._influence_names)
        else:
            skinning = Skinning(affine=np.array([each.affine for each in samples], np.float32))
        return MeshFrames(rest, deformed, linear, skinning)
