"""The rig inputs of an import archive."""

from __future__ import annotations

import numpy as np

from glm_deep.dataset.npz import Archive
from glm_deep.errors import DataError
from glm_deep.inputs import InputFrames, InputLayout, raw_values


def read_inputs(archive: Archive, frames: int, to_character: np.ndarray | None) -> tuple[InputLayout, InputFrames]:
    """Floats, joints and matrices, each of them optional, but not all.

    Args:
        archive: the archive.
        frames: number of frames.
        to_character: (F, 4, 4) what takes the joints into the space of the character, or None.

    Raises:
        DataError: missing, misshapen, non-finite or contradictory arrays, or no input at all.
    """
    float_names, limits, floats = _read_floats(archive, frames)
    joint_names, parents, rest, joints = _read_joints(archive, frames)
    matrix_names, matrices = _read_matrices(archive, frames)
    if not (float_names or joint_names or matrix_names):
        raise archive.error("there are no inputs", "Add floats, joints or matrices with their names")
    twice = sorted(set(joint_names) & set(matrix_names))
    if twice:
        raise archive.error(f'"{twice[0]}" is the name of a joint and of a matrix', "Rename one of them")
    if to_character is not None:
        joints = to_character[:, None] @ joints
    layout = InputLayout(float_names, limits, joint_names, parents, rest, matrix_names)
    inputs = InputFrames(floats, joints, matrices)
    try:
        raw_values(layout, inputs)
    except DataError as error:
        raise archive.error(error.what, error.hint) from error
    return layout, inputs


def _read_floats(archive: Archive, frames: int) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    if not archive.group("floats", "float_names"):
        return (), np.zeros((0, 2)), np.zeros((frames, 0))
    names = archive.names("float_names")
    axes = {"frames": frames, "floats": len(names)}
    floats = archive.numbers("floats", axes, names={"floats": names}).astype(np.float64)
    limits = np.full((len(names), 2), np.nan)
    if "float_limits" in archive:
        limits = archive.numbers("float_limits", {"floats": len(names)}, (2,), nan=True).astype(np.float64)
        reversed_ = np.flatnonzero(limits[:, 0] > limits[:, 1])
        if len(reversed_):
            first = reversed_[0]
            raise archive.error(
                f'the limits of float "{names[first]}" are {limits[first, 0]:g} to {limits[first, 1]:g}',
                "Write the lower limit first",
            )
    return names, limits, floats


def _read_joints(archive: Archive, frames: int) -> tuple[tuple[str, ...], np.ndarray, np.ndarray, np.ndarray]:
    if not archive.group("joints", "joints_rest", "joint_parents", "joint_names"):
        return (), np.zeros(0, np.int32), np.zeros((0, 4, 4)), np.zeros((frames, 0, 4, 4))
    names = archive.names("joint_names")
    parents = archive.integers("joint_parents", {"joints": len(names)})
    _check_parents(archive, names, parents)
    rest = archive.matrices("joints_rest", {"joints": len(names)}, names={"joints": names})
    joints = archive.matrices("joints", {"frames": frames, "joints": len(names)}, names={"joints": names})
    return names, parents.astype(np.int32), rest, joints


def _read_matrices(archive: Archive, frames: int) -> tuple[tuple[str, ...], np.ndarray]:
    if not archive.group("matrices", "matrix_names"):
        return (), np.zeros((frames, 0, 4, 4))
    names = archive.names("matrix_names")
    axes = {"frames": frames, "matrices": len(names)}
    return names, archive.matrices("matrices", axes, names={"matrices": names})


def _check_parents(archive: Archive, names: tuple[str, ...], parents: np.ndarray) -> None:
    outside = np.flatnonzero((parents < -1) | (parents >= len(names)))
    if len(outside):
        joint = outside[0]
        raise archive.error(
            f'joint "{names[joint]}" has the parent {parents[joint]}, but only -1 to {len(names) - 1} are allowed',
            "Write the number of the parent in joint_names, or -1 for a root",
        )
    ancestors = parents
    for _ in names:
        ancestors = np.where(ancestors >= 0, parents[ancestors], -1)
    circle = np.flatnonzero(ancestors >= 0)
    if len(circle):
        raise archive.error(
            f'joint "{names[ancestors[circle[0]]]}" is its own ancestor', "Mend the circle in joint_parents"
        )
