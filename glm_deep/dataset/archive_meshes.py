"""The meshes of an import archive."""

from __future__ import annotations

import numpy as np

from glm_deep.dataset.frames import MeshFrames, MeshRest, Skinning
from glm_deep.dataset.mesh_checks import check_mesh
from glm_deep.dataset.npz import Archive

_KEYS = ("deformed", "weights", "skinning_matrices", "influence_names", "affine")
_FRAMES_AT_ONCE = 16
_FRAMES_COMPARED = 8
_WEIGHT_SUM_TOLERANCE = 1e-3
_SKINNING_TOLERANCE = 0.01
_MAX_INDEX = np.iinfo(np.int32).max


def read_mesh(
    archive: Archive, name: str, frames: int, to_character: np.ndarray | None, *, need_deformed: bool
) -> tuple[MeshFrames, list[str]]:
    """One mesh in all frames, and warnings about it.

    Args:
        archive: the archive.
        name: name of the mesh.
        frames: number of frames.
        to_character: (F, 4, 4) what takes positions into the space of the character, or None.
        need_deformed: False leaves the deformed positions out.

    Raises:
        DataError: missing, misshapen, non-finite or contradictory arrays.
    """
    archive.know(*(f"{name}.{key}" for key in _KEYS))
    rest = _read_rest(archive, name)
    warnings = check_mesh(rest, str(archive.path))
    shape = {"frames": frames, "vertices": len(rest.rest)}
    skinning, remarks = _read_skinning(archive, name, shape, to_character)
    linear = _relative_points(archive.numbers(f"{name}.linear", shape, (3,)), to_character)
    deformed = None
    if need_deformed:
        deformed = _relative_points(archive.numbers(f"{name}.deformed", shape, (3,)), to_character)
    mesh = MeshFrames(rest, deformed, linear, skinning)
    return mesh, warnings + remarks + _compare_with_skinning(mesh)


def _read_rest(archive: Archive, name: str) -> MeshRest:
    rest = archive.numbers(f"{name}.rest", {"vertices": None}, (3,))
    sizes = archive.integers(f"{name}.face_sizes", {"polygons": None})
    vertices = archive.integers(f"{name}.face_vertices", {"corners": None})
    if not len(rest):
        raise archive.error(f'mesh "{name}" has no vertices', "Leave the mesh out")
    clipped = [np.clip(array, -1, _MAX_INDEX).astype(np.int32) for array in (sizes, vertices)]
    return MeshRest(name, rest.astype(np.float32), clipped[0], clipped[1])


def _read_skinning(
    archive: Archive, name: str, shape: dict[str, int], to_character: np.ndarray | None
) -> tuple[Skinning, list[str]]:
    weights_name, affine_name, own_name = (f"{name}.{key}" for key in ("weights", "affine", "skinning_matrices"))
    has_weights = weights_name in archive
    if affine_name in archive:
        affine = _relative_affine(archive.numbers(affine_name, shape, (3, 4)), to_character)
        both = [f'mesh "{name}" has weights and affine maps; the affine maps are used'] if has_weights else []
        return Skinning(affine=affine), both
    if not has_weights:
        text = "has neither weights nor affine maps; its offsets are taken in mesh space, which is harder to learn"
        return Skinning(), [f'mesh "{name}" {text}']
    matrices_name = own_name if own_name in archive else "skinning_matrices"
    matrices = archive.matrices(matrices_name, {"frames": shape["frames"], "influences": None})
    influences = matrices.shape[1]
    names = _influence_names(archive, name, influences, matrices_name)
    weights = archive.numbers(weights_name, {"vertices": shape["vertices"], "influences": influences})
    if to_character is not None:
        matrices = to_character[:, None] @ matrices
    skinning = Skinning(weights.astype(np.float32), matrices, influence_names=names)
    off = np.flatnonzero(np.abs(weights.sum(axis=1, dtype=np.float64) - 1) > _WEIGHT_SUM_TOLERANCE)
    if not len(off):
        return skinning, []
    return skinning, [f'mesh "{name}": the weights of {len(off):,} vertices (the first is {off[0]}) do not add up to 1']


def _influence_names(archive: Archive, mesh: str, influences: int, matrices_name: str) -> tuple[str, ...]:
    """The names of the influences: the mesh's own, else the common ones, else those of the joints."""
    source = f"{mesh}.influence_names"
    if source not in archive:
        source = "influence_names" if "influence_names" in archive else "joint_names"
    if source not in archive:
        return ()
    names = archive.names(source)
    if len(names) == influences:
        return names
    raise archive.error(
        f'array "{matrices_name}" has {influences} influences, but "{source}" has {len(names)} names',
        f'Write the influences of the weights and matrices into "{mesh}.influence_names" or "influence_names"',
    )


def _relative_points(points: np.ndarray, to_character: np.ndarray | None) -> np.ndarray:
    """World positions (F, V, 3) in the space of the character, float32."""
    if to_character is None:
        return points.astype(np.float32, copy=False)
    relative = np.empty(points.shape, np.float32)
    for start in range(0, len(points), _FRAMES_AT_ONCE):
        piece = slice(start, start + _FRAMES_AT_ONCE)
        turn, shift = to_character[piece, :3, :3], to_character[piece, None, :3, 3]
        relative[piece] = points[piece].astype(np.float64) @ np.swapaxes(turn, 1, 2) + shift
    return relative


def _relative_affine(affine: np.ndarray, to_character: np.ndarray | None) -> np.ndarray:
    """Affine maps (F, V, 3, 4) into world space as such into the space of the character, float32."""
    if to_character is None:
        return affine.astype(np.float32, copy=False)
    relative = np.empty(affine.shape, np.float32)
    for frame, matrix in enumerate(to_character):
        mapped = matrix[:3, :3] @ affine[frame].astype(np.float64)
        mapped[:, :, 3] += matrix[:3, 3]
        relative[frame] = mapped
    return relative


def _compare_with_skinning(mesh: MeshFrames) -> list[str]:
    """A warning when the skinning, applied to the rest mesh, is far from the linear mesh: wrong order of influences."""
    chosen = np.unique(np.linspace(0, len(mesh.linear) - 1, _FRAMES_COMPARED).astype(int))
    rest = np.concatenate([mesh.rest.rest, np.ones((len(mesh.rest.rest), 1), np.float32)], axis=1).astype(np.float64)
    worst, worst_frame = 0.0, 0
    for frame in chosen:
        skinned = _skinned(mesh.skinning, frame, rest)
        if skinned is None:
            return []
        distance = float(np.linalg.norm(skinned - mesh.linear[frame], axis=1).max()) / mesh.rest.diagonal
        if distance > worst:
            worst, worst_frame = distance, int(frame)
    if worst <= _SKINNING_TOLERANCE:
        return []
    return [
        f'mesh "{mesh.rest.name}": its skinning puts the rest mesh up to {worst:.1%} of the diagonal away from its '
        f"linear positions (frame {worst_frame}); check the order of the influences"
    ]


def _skinned(skinning: Skinning, frame: int, rest: np.ndarray) -> np.ndarray | None:
    """The rest mesh (V, 4, homogeneous) under the skinning of one frame: (V, 3)."""
    if skinning.affine is not None:
        maps = skinning.affine[frame].astype(np.float64)
    elif skinning.weights is not None and skinning.matrices is not None:
        flat = skinning.matrices[frame, :, :3, :].reshape(-1, 12)
        maps = (skinning.weights.astype(np.float64) @ flat).reshape(-1, 3, 4)
    else:
        return None
    skinned: np.ndarray = np.einsum("vij,vj->vi", maps, rest)
    return skinned
