"""Which control moves which mesh, measured by moving each of them in the scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glm_deep import dio
from glm_deep.character import Character
from glm_deep.errors import GlmDeepError
from glm_deep.geometry.skinning import offsets_before_skinning
from glm_deep_maya.controls import ANGLE, Found
from glm_deep_maya.extract import Extraction
from glm_deep_maya.poses import STEPS, Control, surroundings, values_of
from glm_deep_maya.progress import Progress
from glm_deep_maya.sampler import apply_pose, places_of, under_control
from glm_deep_maya.targets import Target

UNMOVED = 1e-4
"""What moves a mesh by no more than this part of its diagonal is said not to move it."""


def relevance_of(path: str, angle: float = ANGLE) -> list[dict[str, Any]]:
    """Entries of `training.relevance` for the inputs that leave a whole mesh where its skinning puts it.

    Nothing is said of an input that could not be moved, or not in all its parts. Joints are turned and not shifted or
    scaled, so an entry about a joint that stretches has to be looked at.

    Raises:
        GlmDeepError: the scene is not what the configuration says, or nothing can be posed.
    """
    with under_control(Character(dio.load(path)), angle) as (extraction, found):
        extraction.choose_skinning(places_of(extraction, found.controls, surroundings(found.controls)))
        moved = moved_vertices(extraction, found.controls)
        return unmoved(found, moved, {target.name: target.diagonal for target in extraction.targets})


def unmoved(found: Found, moved: Mapping[str, np.ndarray], diagonals: Mapping[str, float]) -> list[dict[str, Any]]:
    """The entries that `moved_vertices` stands for."""
    partly = {name for name, _ in found.left_out}
    tried = [control for control in found.controls if control.low < control.high]
    names = dict.fromkeys(name for control in tried for name in control.inputs if name not in partly)
    entries = []
    for mesh, distances in moved.items():
        for name in names:
            own = [number for number, control in enumerate(found.controls) if name in control.inputs]
            if distances[own].max(initial=0.0) <= UNMOVED * diagonals[mesh]:
                entries.append({"input": name, "mesh": mesh, "vertices": [], "moves": False})
    return entries


def moved_vertices(extraction: Extraction, controls: Sequence[Control], steps: int = STEPS) -> dict[str, np.ndarray]:
    """How far each control moves the vertices of each mesh beyond the skinning: (C, V) float32 by the name of the mesh.

    The offset before skinning is compared, so that what the skinning does with a joint does not count. Every control
    is swept with all others at rest, and again with them at their ends; the largest distance counts.
    """
    moved = {target.name: np.zeros((len(controls), len(target.rest)), np.float32) for target in extraction.targets}
    around = surroundings(controls)
    with Progress("Measuring what moves what", len(around) * len(controls)) as progress:
        for place, (pose, number) in enumerate((pose, number) for pose in around for number in range(len(controls))):
            if progress.cancelled:
                raise GlmDeepError(
                    "the measuring was interrupted", hint="Start it again to know which input moves what"
                )
            for name, distances in _swept(extraction.targets, controls, pose, number, steps).items():
                np.maximum(moved[name][number], distances, out=moved[name][number])
            progress.show(place + 1)
    return moved


def _swept(
    targets: Sequence[Target], controls: Sequence[Control], pose: np.ndarray, number: int, steps: int
) -> dict[str, np.ndarray]:
    """(V,) how far one control moves the vertices of each mesh in its sweep."""
    own = controls[number]
    samples: dict[str, list[Any]] = {target.name: [] for target in targets}
    for value in (own.rest, *values_of(own, steps)):
        apply_pose(controls, [*pose[:number], value, *pose[number + 1 :]], targets)
        for target in targets:
            samples[target.name].append(target.read())
    return {target.name: _farthest(target, samples[target.name]) for target in targets}


def _farthest(target: Target, samples: list[Any]) -> np.ndarray:
    """(V,) the largest distance of the offsets of samples from those of the first."""
    frames = target.frames(samples)
    assert frames.deformed is not None  # it was read from the scene
    part = frames.skinning.linear_part(0, len(samples))
    offsets, _ = offsets_before_skinning(frames.deformed, frames.linear, part)
    distances: np.ndarray = np.linalg.norm(offsets - offsets[:1], axis=2).max(axis=0)
    return distances
