"""Which input moves which vertices, measured by moving each control in the scene, and kept beside the samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glm_deep import dio
from glm_deep.character import Character
from glm_deep.dataset.fingerprint import difference, fingerprint
from glm_deep.dataset.measured_relevance import EXTENTS, UNMOVED, MeasuredRelevance, extents
from glm_deep.errors import DataError, GlmDeepError
from glm_deep.geometry.skinning import offsets_before_skinning
from glm_deep_maya.controls import ANGLE, Found
from glm_deep_maya.extract import Extraction
from glm_deep_maya.poses import STEPS, Control, surroundings, values_of
from glm_deep_maya.progress import Progress
from glm_deep_maya.rig_inputs import InputSample
from glm_deep_maya.sampler import apply_pose, places_of, under_control
from glm_deep_maya.targets import MeshSample, Target


def measure_relevance(path: str, angle: float = ANGLE) -> list[str]:
    """Measures which input of a configuration moves which vertices, and keeps it for the trainings; sentences about it.

    Nothing is said of an input that could not be moved, or not in all its parts. The scene is as before in every case.

    Args:
        path: of the `.dio`. angle: in degrees, how far a joint without limits turns to either side.

    Raises:
        GlmDeepError: the scene is not what the configuration says or the samples are, nothing can be posed, or Esc was
            pressed; what was measured before stays.
    """
    character = Character(dio.load(path))
    with under_control(character, angle) as (extraction, found):
        described = _described(extraction)
        _check_samples(character, described)
        if extraction.choose_skinning(places_of(extraction, found.controls, tried_around(found.controls))):
            raise _interrupted()
        tried, moved = moved_vertices(extraction, found.controls)
        inputs = inputs_in_all_parts(found)
        own = [[number for number, each in enumerate(found.controls) if name in each.inputs] for name in inputs]
        rows = [extraction.inputs.layout.group_names.index(name) for name in inputs]
        distances = tuple(
            np.array([each[numbers].max(axis=0) for numbers in own], np.float32).reshape(len(inputs), each.shape[1])
            for each in moved
        )
        measured = MeasuredRelevance(described, inputs, tried[rows], distances)
        diagonals = [target.diagonal for target in extraction.targets]
        names = extraction.inputs.layout.group_names
    measured.save(character.main.samples)
    return told_of(measured, diagonals, [name for name in names if name not in inputs])


def inputs_in_all_parts(found: Found) -> tuple[str, ...]:
    """The inputs of which every part could be moved, in the order of the controls."""
    partly = {name for name, _ in found.left_out}
    names = dict.fromkeys(name for each in found.controls if each.low < each.high for name in each.inputs)
    return tuple(name for name in names if name not in partly)


def tried_around(controls: Sequence[Control]) -> np.ndarray:
    """(4, C) the poses in which a control is tried: those of `surroundings`, and one somewhere between the ends.

    What two controls do together may vanish at the ends of one of them.
    """
    limits = np.array([(each.low, each.high) for each in controls])
    between = np.random.default_rng(0).uniform(limits[:, 0], limits[:, 1])
    whole = np.array([each.whole for each in controls])
    found: np.ndarray = np.concatenate([surroundings(controls), np.where(whole, between.round(), between)[None]])
    return found


def moved_vertices(
    extraction: Extraction, controls: Sequence[Control], steps: int = STEPS
) -> tuple[np.ndarray, list[np.ndarray]]:
    """How far each input went, (number of inputs, EXTENTS), and of each mesh (C, V) how far each control moves it.

    The offset before skinning is compared, so that what the skinning does with a joint does not count. Every control
    is swept in all poses of `tried_around` the others; the largest distance counts.
    """
    layout = extraction.inputs.layout
    tried = np.full((len(layout.group_names), EXTENTS), -np.inf)
    moved = [np.zeros((len(controls), len(target.rest)), np.float32) for target in extraction.targets]
    around = tried_around(controls)
    with Progress("Measuring what moves what", len(around) * len(controls)) as progress:
        for done, (pose, number) in enumerate((pose, number) for pose in around for number in range(len(controls))):
            if progress.cancelled:
                raise _interrupted()
            inputs, meshes = _swept(extraction, controls, pose, number, steps)
            own = [row for row, name in enumerate(layout.group_names) if name in controls[number].inputs]
            tried[own] = np.maximum(tried[own], extents(layout, extraction.inputs.frames(inputs))[own])
            for target, distances, samples in zip(extraction.targets, moved, meshes):
                np.maximum(distances[number], _farthest(target, samples), out=distances[number])
            progress.show(done + 1)
    return tried, moved


def told_of(measured: MeasuredRelevance, diagonals: Sequence[float], unknown: Sequence[str]) -> list[str]:
    """A sentence for every input: what it moves, and how far at the most in scene units; and those that are unknown."""
    meshes = [str(mesh["name"]) for mesh in measured.fingerprint["meshes"]]
    found = []
    for row, name in enumerate(measured.inputs):
        parts = []
        for mesh, distances, diagonal in zip(meshes, measured.distances, diagonals):
            count = int((distances[row] > UNMOVED * diagonal).sum())
            if count:
                farthest = float(distances[row].max())
                parts.append(f"{count} of {distances.shape[1]} vertices of {mesh} by up to {farthest:.3g}")
        found.append(f"{name} moves {' and '.join(parts) or 'nothing beyond the skinning'}.")
    if unknown:
        found.append(f"Not measured, since they could not be moved in all their parts: {', '.join(unknown)}.")
    return found


def _interrupted() -> GlmDeepError:
    return GlmDeepError("the measuring was interrupted", hint="Start it again to know which input moves what")


def _described(extraction: Extraction) -> dict[str, Any]:
    """The fingerprint of what is measured, as the samples of it have it."""
    frames = [target.frames([target.read()]) for target in extraction.targets]
    skinned = [each.skinning.kind != "none" for each in frames]
    return fingerprint(extraction.inputs.layout, [each.rest for each in frames], skinned)


def _check_samples(character: Character, described: dict[str, Any]) -> None:
    """Refuses a scene that samples are not of, before the time goes into it."""
    samples = character.store.fingerprint
    other = [] if samples is None else difference(samples, described)
    if other:
        raise DataError(
            f"the scene does not fit the samples: {'; '.join(other)}",
            where=str(character.main.samples),
            hint="Open the scene that was extracted, or clear the samples with glmDeepClear -samples",
        )


def _swept(
    extraction: Extraction, controls: Sequence[Control], pose: np.ndarray, number: int, steps: int
) -> tuple[list[InputSample], list[list[MeshSample]]]:
    """The inputs, and of each mesh its samples, in the sweep of one control; its rest comes first."""
    own, targets = controls[number], extraction.targets
    inputs: list[InputSample] = []
    meshes: list[list[MeshSample]] = [[] for _ in targets]
    for value in (own.rest, *values_of(own, steps)):
        apply_pose(controls, [*pose[:number], value, *pose[number + 1 :]], targets)
        inputs.append(extraction.inputs.read())
        for target, samples in zip(targets, meshes):
            samples.append(target.read())
    return inputs, meshes


def _farthest(target: Target, samples: list[MeshSample]) -> np.ndarray:
    """(V,) the largest distance of the offsets of samples from those of the first."""
    frames = target.frames(samples)
    assert frames.deformed is not None  # it was read from the scene
    part = frames.skinning.linear_part(0, len(samples))
    offsets, _ = offsets_before_skinning(frames.deformed, frames.linear, part)
    distances: np.ndarray = np.linalg.norm(offsets - offsets[:1], axis=2).max(axis=0)
    return distances
