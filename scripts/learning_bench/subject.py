"""What is measured: a character with its samples, and frames that nothing was fitted to."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from baselines.predictor import Predictor
from glm_deep import dio
from glm_deep.character import Character, wanted_of
from glm_deep.dataset.archive import read_archive
from glm_deep.dataset.fingerprint import difference, fingerprint
from glm_deep.dataset.selection import LimitedSource
from glm_deep.dataset.source import ArchiveSource, FrameSource
from glm_deep.errors import DataError
from glm_deep.inputs import raw_values
from glm_deep.metrics import VertexErrors
from glm_deep.runtime.evaluation import Predictor as OfInputs
from glm_deep.runtime.evaluation import measure
from glm_deep.train.prepare import Prepared, prepare


def character_in(configuration: Path) -> Character:
    """The character that a configuration file names."""
    return Character(dio.load(configuration))


def prepared_in(character: Character, folder: Path) -> Prepared:
    """The samples of a character, made ready as its training makes them; large files go to `folder`."""
    training = character.config.training
    source = LimitedSource(character.open_samples(), wanted_of(character.config).floats)
    return prepare(source, training.validation_share, training.seed, folder, lambda done, total: None, lambda: False)


def unseen_frames(character: Character, archive: Path) -> ArchiveSource:
    """The frames of an archive.

    Raises:
        DataError: they cannot be read, or are of another character.
    """
    frames = read_archive(archive, need_deformed=True)
    skinned = [mesh.skinning.kind != "none" for mesh in frames.meshes]
    given = fingerprint(frames.layout, [mesh.rest for mesh in frames.meshes], skinned)
    found = difference(character.open_samples().fingerprint, given)
    if found:
        raise DataError(
            "these frames are not of the character of the samples: " + "; ".join(found),
            where=str(archive),
            hint="Use frames of the same rig, with the same meshes and inputs",
        )
    return ArchiveSource(frames)


def of_inputs(prepared: Prepared, predict: Predictor) -> OfInputs:
    """A predictor from rig inputs, made of one from scaled inputs."""
    return lambda inputs: predict(prepared.statistics.apply(raw_values(prepared.source.layout, inputs)))


def errors_of(source: FrameSource, frames: np.ndarray, predict: OfInputs) -> dict[str, VertexErrors]:
    """The vertex errors after skinning in some frames, by mesh."""
    names = [mesh.name for mesh in source.meshes]
    return {mesh: found["this"] for mesh, found in measure(source, frames, names, {"this": predict}).items()}


def mean_percent(source: FrameSource, errors: dict[str, VertexErrors]) -> float:
    """The mean error over all vertices of all meshes, in percent of the diagonal of the mesh that each belongs to."""
    sums = counts = 0.0
    for mesh in source.meshes:
        distances = errors[mesh.name].distances
        sums += 100.0 / mesh.diagonal * float(distances.sum(dtype=np.float64))
        counts += distances.size
    return sums / counts
