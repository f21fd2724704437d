"""Extraction: frames of the scene become samples of a character."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from maya import cmds

from glm_deep import dio
from glm_deep.character import Character
from glm_deep.dataset.frames import Frames
from glm_deep.errors import DataError
from glm_deep_maya.progress import Progress
from glm_deep_maya.rig_inputs import Inputs, InputSample
from glm_deep_maya.state import go_to, quiet_scene
from glm_deep_maya.targets import FORMULA_TOLERANCE, MeshSample, Target
from glm_deep_maya.undo import without_undo

BYTES_AT_ONCE = 200e6
"""About so much is held before it is written as a shard: what an interruption can cost is not more than this."""
CHECKED = 3  # places in which the formula of the skinning is compared


@dataclass(frozen=True)
class Extracted:
    """What became of an extraction: samples added and left out, and whether it was interrupted."""

    added: int
    discarded: int
    total: int
    interrupted: bool


@dataclass(frozen=True)
class Place:
    """A state of the scene of which a sample is taken: its name in sentences, and what brings the scene there."""

    name: str
    reach: Callable[[], None]


@dataclass(frozen=True)
class _Read:
    clip: str
    inputs: InputSample
    meshes: list[MeshSample]


class Extraction:
    """Reads the character of a configuration in the scene, frame by frame, and stores what it reads.

    Raises:
        GlmDeepError: the scene lacks something that the configuration names.
    """

    def __init__(self, character: Character) -> None:
        self._character = character
        config = character.config
        self.targets = [Target(mesh) for mesh in config.meshes]
        self.inputs = Inputs(config.rig_inputs, [target.skin for target in self.targets])
        called = {cmds.ls(joint.name, long=True)[0]: joint.name for joint in config.rig_inputs.joints}
        for target in self.targets:
            target.call_influences(called)
        character.check_inputs([target.name for target in self.targets], self.inputs.layout)
        self._held: list[_Read] = []
        self.added = self.discarded = 0

    def choose_skinning(self, places: Sequence[Place]) -> bool:
        """Compares the formula of the skinning with the linear mesh in some of the places; probes where it is wrong.

        Whether Esc ended it: then nothing is chosen.
        """
        worst = np.zeros(len(self.targets))
        looked_at = spread(places, CHECKED)
        with Progress("Comparing the skinning with its formula", len(looked_at)) as progress:
            for done, place in enumerate(looked_at):
                place.reach()
                worst = np.maximum(worst, [target.formula_error() for target in self.targets])
                progress.show(done + 1)
                if progress.cancelled:  # after each, since Maya forgets Esc with the end of its bar
                    return True
        for target, error in zip(self.targets, worst):
            if error > FORMULA_TOLERANCE:
                cmds.warning(
                    f"{target.name}: the linear mesh is up to {100 * error:.2g} % of its size from the formula of its "
                    "skinning, so the skinning is measured with three copies of it instead, which takes longer."
                )
                target.probe()
        return False

    def read_all(self, places: Sequence[Place], clip: str, title: str) -> bool:
        """Takes and stores a sample in every place; whether Esc ended it before the last one.

        Raises:
            DataError: a sample is wrong; the place is named, and those before it are stored.
        """
        try:
            with Progress(title, len(places)) as progress:
                for done, place in enumerate(places):
                    if progress.cancelled:
                        return True
                    place.reach()
                    self._read_named(place, clip)
                    progress.show(done + 1)
            return False
        finally:
            self.store()  # whatever goes wrong, what was read before it is whole

    def _read_named(self, place: Place, clip: str) -> None:
        try:
            self.read(clip)
        except DataError as error:
            raise DataError(f"{place.name}: {error.what}", where=error.where, hint=error.hint) from error

    def read(self, clip: str) -> None:
        """Takes the present state of the scene as a sample."""
        self._held.append(_Read(clip, self.inputs.read(), [target.read() for target in self.targets]))
        if len(self._held) * self._bytes_a_frame() > BYTES_AT_ONCE:
            self.store()

    def _bytes_a_frame(self) -> float:
        return sum(200.0 * len(target.rest) for target in self.targets)

    def store(self) -> None:
        """Adds what was read since the last time to the samples."""
        held, self._held = self._held, []
        if not held:
            return
        extraction = self._character.config.extraction
        meshes = tuple(
            target.frames([each.meshes[number] for each in held]) for number, target in enumerate(self.targets)
        )
        frames = Frames(
            self.inputs.layout,
            self.inputs.frames([each.inputs for each in held]),
            tuple(each.clip for each in held),
            meshes,
        )
        result = self._character.store.add(
            frames,
            session=extraction.session_directory,
            discard_identical=extraction.discard_identical,
            tolerance=extraction.identical_tolerance,
        )
        self.added += result.added
        self.discarded += result.discarded
        for text in (*frames.warnings, *result.warnings):
            cmds.warning(text)

    def close(self) -> None:
        """Leaves nothing of it in the scene."""
        for target in self.targets:
            target.forget_probes()


def extract(path: str) -> Extracted:
    """Steps through the frame range of a configuration and adds its frames to the samples.

    Esc ends it; what was read until then is kept. Time, selection and the rest are as before in every case.

    Raises:
        GlmDeepError: the scene or a frame is not what the configuration says; samples before that frame are kept.
    """
    character = Character(dio.load(path))
    settings = character.config.extraction
    frames = frame_range(settings.start_frame, settings.end_frame, settings.step)
    places = [Place(f"frame {frame:g}", partial(go_to, frame)) for frame in frames]
    with without_undo(), quiet_scene(), closing(Extraction(character)) as extraction:
        interrupted = extraction.choose_skinning(places) or extraction.read_all(
            places, _clip_name(), f"Extracting {character.config.asset}"
        )
    return Extracted(extraction.added, extraction.discarded, character.store.frame_count, interrupted)


def frame_range(start: float, end: float, step: float) -> list[float]:
    """All frames from start to end, in steps that do not add up their rounding."""
    count = int(np.floor((end - start) / step + 1e-6)) + 1
    return [float(start + number * step) for number in range(max(0, count))]


def spread(places: Sequence[Place], count: int) -> list[Place]:
    """Some of the places, from the first to the last."""
    return [places[number] for number in np.unique(np.linspace(0, len(places) - 1, count).round().astype(int))]


def _clip_name() -> str:
    scene = str(cmds.file(query=True, sceneName=True) or "")
    return Path(scene).stem if scene else "untitled"
