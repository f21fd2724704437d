"""Frames from a NumPy archive: the route into the samples for every host that is not Maya."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glm_deep.dataset.archive_inputs import read_inputs
from glm_deep.dataset.archive_meshes import read_mesh
from glm_deep.dataset.frames import Frames
from glm_deep.dataset.npz import Archive

_NAMED_UNKNOWN = 5


def read_archive(path: Path, *, clip: str | None = None, need_deformed: bool = True) -> Frames:
    """The frames of an import archive, checked, and relative to the placement of the character.

    Args:
        path: the `.npz` file.
        clip: name for all frames; by default the archive's own names, or the name of the file.
        need_deformed: False leaves the deformed positions out, which a prediction does not need.

    Raises:
        DataError: no archive, or missing, misshapen, non-finite or contradictory arrays.
    """
    path = Path(path)
    with Archive(path) as archive:
        archive.know("skinning_matrices", "influence_names")
        names = archive.names("meshes")
        if not names:
            raise archive.error('array "meshes" names no mesh', "Add the names of the meshes")
        frames = archive.length(f"{names[0]}.linear")
        if not frames:
            raise archive.error("there are no frames", "Write at least one frame")
        clips = _read_clips(archive, frames, clip)
        to_character = _read_placement(archive, frames)
        layout, inputs = read_inputs(archive, frames, to_character)
        meshes, warnings = [], []
        for name in names:
            mesh, remarks = read_mesh(archive, name, frames, to_character, need_deformed=need_deformed)
            meshes.append(mesh)
            warnings += remarks
        warnings += _unknown_arrays(archive)
    return Frames(layout, inputs, clips, tuple(meshes), tuple(warnings))


def _read_clips(archive: Archive, frames: int, clip: str | None) -> tuple[str, ...]:
    stored = "clip" in archive
    if clip is not None or not stored:
        return (archive.path.stem if clip is None else clip,) * frames
    return archive.texts("clip", {"frames": frames})


def _read_placement(archive: Archive, frames: int) -> np.ndarray | None:
    """What takes world space into the space of the character, (F, 4, 4), or None."""
    if "placement" not in archive:
        return None
    placement = archive.matrices("placement", {"frames": frames})
    flat = np.flatnonzero(~(np.abs(np.linalg.det(placement)) > 0))
    if len(flat):
        raise archive.error(
            f'array "placement" cannot be inverted in frame {flat[0]}', "Scale the character by something other than 0"
        )
    inverse: np.ndarray = np.linalg.inv(placement)
    return inverse


def _unknown_arrays(archive: Archive) -> list[str]:
    unknown = archive.unknown()
    if not unknown:
        return []
    listed = ", ".join(unknown[:_NAMED_UNKNOWN])
    rest = f" and {len(unknown) - _NAMED_UNKNOWN} more" if len(unknown) > _NAMED_UNKNOWN else ""
    return [f"unknown arrays are left out: {listed}{rest}"]
