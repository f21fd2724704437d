"""A skinCluster as arrays, and the formula that it follows.

Maya's points are row vectors: a vertex at rest p, in the space of the mesh, goes to
`p G (sum_i w_i bindPre_i M_i) inv(G)`, with G the matrix of the mesh at bind and M_i the world matrix of influence i.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from maya import cmds
from maya.api import OpenMaya as om2
from maya.api import OpenMayaAnim as oma2

from glm_deep.errors import GlmDeepError
from glm_deep_maya import arrays, scene

LINEAR, DUAL_QUATERNION, BLENDED = 0, 1, 2
METHODS = ("linear", "dual quaternion", "blended")


@dataclass(frozen=True)
class Skin:
    """A skinCluster on one shape.

    Attributes:
        node: its name. shape: the full path of the mesh.
        influences: full paths, in their physical order. logical: (W,) index of each in `matrix` and `bindPreMatrix`.
        weights: (V, W) float64. blend_weights: (V,) share of dual quaternions, for the method BLENDED.
        bind_pre: (W, 4, 4) float64. geometry: (4, 4) G of the formula. method: LINEAR, DUAL_QUATERNION or BLENDED.
        envelope: 0 to 1.
    """

    node: str
    shape: str
    influences: tuple[str, ...]
    logical: tuple[int, ...]
    weights: np.ndarray
    blend_weights: np.ndarray
    bind_pre: np.ndarray
    geometry: np.ndarray
    method: int
    envelope: float

    def matrices(self) -> np.ndarray:
        """(W, 4, 4) of each influence at the present time, in the space of the mesh; the identity at bind."""
        plugs = [scene.plug(f"{self.node}.matrix[{index}]") for index in self.logical]
        posed = np.array([arrays.matrix(each) for each in plugs])
        found: np.ndarray = self.geometry @ self.bind_pre @ posed @ np.linalg.inv(self.geometry)
        return found


def skin_cluster_of(shape: str) -> str:
    """The first skinCluster up the history of a shape, of those that deform this very shape.

    Raises:
        GlmDeepError: there is none.
    """
    for node in scene.texts(cmds.listHistory(shape, pruneDagObjects=True)):
        if cmds.objectType(node) != "skinCluster":
            continue
        deformed = scene.texts(cmds.skinCluster(node, query=True, geometry=True))
        if shape in (cmds.ls(*deformed, long=True) if deformed else ()):
            return str(node)
    raise GlmDeepError(f"{scene.transform_of(shape)} has no skinCluster", hint="Bind it, or name another mesh")


def read_skin(shape: str) -> Skin:
    """The first skinCluster of a shape, with its weights as they are stored.

    Raises:
        GlmDeepError: there is none, or an influence is no joint or transform.
    """
    node = skin_cluster_of(shape)
    function = oma2.MFnSkinCluster(scene.depend_node(node))
    paths = function.influenceObjects()
    for each in paths:
        if not each.hasFn(om2.MFn.kTransform):
            raise GlmDeepError(
                f"{each.fullPathName()} drives {node}, but is no joint and no transform",
                hint="Only joints and transforms move a mesh linearly; remove this influence",
            )
    logical = tuple(int(function.indexForInfluenceObject(each)) for each in paths)
    path, vertices = scene.dag_path(shape), all_vertices(shape)
    weights, width = function.getWeights(path, vertices)
    method = int(cmds.getAttr(f"{node}.skinningMethod"))
    blended = function.getBlendWeights(path, vertices) if method == BLENDED else []
    table = np.array(weights, np.float64).reshape(-1, width)
    return Skin(
        node,
        shape,
        tuple(each.fullPathName() for each in paths),
        logical,
        _as_used(node, table),
        np.array(blended, np.float64) if method == BLENDED else np.full(len(table), float(method)),
        np.array([arrays.matrix(scene.plug(f"{node}.bindPreMatrix[{index}]")) for index in logical]),
        arrays.matrix(scene.plug(f"{node}.geomMatrix")),
        method,
        float(cmds.getAttr(f"{node}.envelope")),
    )


def all_vertices(shape: str) -> om2.MObject:
    """The component of all vertices of a mesh."""
    function = om2.MFnSingleIndexedComponent()
    component: om2.MObject = function.create(om2.MFn.kMeshVertComponent)
    function.setCompleteData(om2.MFnMesh(scene.dag_path(shape)).numVertices)
    return component


def _as_used(node: str, weights: np.ndarray) -> np.ndarray:
    """The weights as the node uses them: with the normalisation "post" they are divided by their sum."""
    if int(cmds.getAttr(f"{node}.normalizeWeights")) != 2:
        return weights
    total = weights.sum(axis=1, keepdims=True)
    divided: np.ndarray = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    return divided


def affine_maps(skin: Skin, matrices: np.ndarray) -> np.ndarray:
    """(V, 4, 4) what the skinning does to each vertex, whatever the method, as row-vector matrices.

    Args:
        matrices: (W, 4, 4) from `Skin.matrices`.
    """
    maps = np.einsum("vi,ijk->vjk", skin.weights, matrices)
    if skin.method != LINEAR:
        share = skin.blend_weights[:, None, None]
        maps = (1.0 - share) * maps + share * _dual_quaternion_maps(skin.weights, matrices)
    maps[:, :, 3] = (0.0, 0.0, 0.0, 1.0)  # affine also where the weights do not add up to one
    kept: np.ndarray = skin.envelope * maps + (1.0 - skin.envelope) * np.eye(4)
    return kept


def _dual_quaternion_maps(weights: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """(V, 4, 4) rigid maps of blended dual quaternions (Kavan et al. 2007), signs after the strongest influence.

    Maya's own rule of signs is not documented; where it differs, the comparison with the linear mesh shows it.
    """
    real, dual = _dual_quaternions(matrices)
    strongest = np.argmax(weights, axis=1)
    signs = np.where(real[strongest] @ real.T < 0, -1.0, 1.0)
    blended, moved = (weights * signs) @ real, (weights * signs) @ dual
    length = np.maximum(np.linalg.norm(blended, axis=1, keepdims=True), 1e-300)
    return _rigid(blended / length, moved / length)


def _dual_quaternions(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Real and dual parts, (W, 4) each with w first, of the rigid part of row-vector matrices (W, 4, 4)."""
    real = np.array([_quaternion(each[:3, :3].T) for each in matrices])
    x, y, z = matrices[:, 3, 0], matrices[:, 3, 1], matrices[:, 3, 2]
    w, i, j, k = real.T
    dual = 0.5 * np.stack(
        [-x * i - y * j - z * k, x * w + y * k - z * j, -x * k + y * w + z * i, x * j - y * i + z * w]
    )
    return real, dual.T


def _quaternion(rotation: np.ndarray) -> np.ndarray:
    """(4,) unit quaternion, w first, of the rotation nearest to a column-vector 3x3 matrix."""
    u, _, vt = np.linalg.svd(rotation)
    if np.linalg.det(u @ vt) < 0:
        u[:, -1] *= -1
    r = u @ vt
    # The eigenvector of the largest eigenvalue (Bar-Itzhack 2000) has no special cases.
    k = np.array(
        [
            [r[0, 0] + r[1, 1] + r[2, 2], r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]],
            [r[2, 1] - r[1, 2], r[0, 0] - r[1, 1] - r[2, 2], r[0, 1] + r[1, 0], r[0, 2] + r[2, 0]],
            [r[0, 2] - r[2, 0], r[0, 1] + r[1, 0], r[1, 1] - r[0, 0] - r[2, 2], r[1, 2] + r[2, 1]],
            [r[1, 0] - r[0, 1], r[0, 2] + r[2, 0], r[1, 2] + r[2, 1], r[2, 2] - r[0, 0] - r[1, 1]],
        ]
    )
    vector: np.ndarray = np.linalg.eigh(k)[1][:, -1]
    return vector if vector[0] >= 0 else -vector


def _rigid(real: np.ndarray, dual: np.ndarray) -> np.ndarray:
    """(V, 4, 4) row-vector matrices of unit dual quaternions."""
    w, x, y, z = real.T
    maps = np.zeros((len(real), 4, 4))
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)),
        (2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)),
        (2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)),
    )
    for row, entries in enumerate(rows):
        for column, entry in enumerate(entries):
            maps[:, row, column] = entry
    dw, dx, dy, dz = dual.T
    maps[:, 3, 0] = 2 * (-dw * x + dx * w - dy * z + dz * y)
    maps[:, 3, 1] = 2 * (-dw * y + dx * z + dy * w - dz * x)
    maps[:, 3, 2] = 2 * (-dw * z - dx * y + dy * x + dz * w)
    maps[:, 3, 3] = 1.0
    return maps
