"""What is measured: a model file, and frames that its training never saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glm_deep import dio
from glm_deep.bundle import Bundle
from glm_deep.character import Character
from glm_deep.dataset.archive import read_archive
from glm_deep.dataset.frames import MeshRest
from glm_deep.dataset.source import ArchiveSource, FrameSource, frames_of_meshes
from glm_deep.errors import DataError
from glm_deep.inputs import InputFrames
from glm_deep.runtime.evaluation import measure, some_inputs
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import from_bundle

Figures = dict[str, float]


@dataclass(frozen=True)
class Subject:
    """A model file, what is in it, its meshes in the order of its results, and the frames to play."""

    path: Path
    bundle: Bundle
    mesh_names: tuple[str, ...]
    source: FrameSource

    @property
    def meshes(self) -> list[MeshRest]:
        """The meshes at bind."""
        return [self.source.meshes[number] for number in frames_of_meshes(self.source, self.mesh_names)]

    def inputs(self, frames: NDArray[np.integer]) -> InputFrames:
        """The inputs of some frames."""
        return some_inputs(self.source.inputs, frames)


def load(path: Path, archive: Path) -> Subject:
    """The model, given as its file or by its configuration, and the frames of an archive.

    Raises:
        GlmDeepError: one of them cannot be read, or they are not of the same character.
    """
    if path.suffix == ".dio":
        path = Character(dio.load(str(path))).model_path
    bundle = Bundle.load(path)
    model, source = from_bundle(bundle), ArchiveSource(read_archive(archive))
    if model.layout.group_names != source.layout.group_names:
        raise DataError(
            "the inputs are not those that the model was trained with",
            where=str(archive),
            hint="Use frames of the character of the model",
        )
    player = Evaluator(model)
    subject = Subject(path, bundle, player.mesh_names, source)
    for mesh, offsets in zip(subject.meshes, player.offsets(subject.inputs(np.arange(1)))):
        if len(mesh.rest) != offsets.shape[1]:
            raise DataError(
                f'the mesh "{mesh.name}" has {len(mesh.rest)} vertices and the model {offsets.shape[1]}',
                where=str(archive),
                hint="Use frames of the mesh of the model",
            )
    return subject


def errors(
    subject: Subject, players: Mapping[float, Callable[[InputFrames], list[np.ndarray]]]
) -> tuple[dict[float, Figures], dict[str, dict[float, Figures]]]:
    """Mean, p95 and rms distance from the truth over all frames and vertices, in percent of the diagonal.

    Args:
        players: by quality.

    Returns:
        by quality, all meshes pooled; by mesh and quality.
    """
    source = subject.source
    predictors = {str(quality): player for quality, player in players.items()}
    found = measure(source, np.arange(source.frame_count), subject.mesh_names, predictors)
    pooled: dict[float, Figures] = {}
    by_mesh: dict[str, dict[float, Figures]] = {name: {} for name in subject.mesh_names}
    for quality in players:
        parts = []
        for mesh in subject.meshes:
            parts.append((100.0 / mesh.diagonal * found[mesh.name][str(quality)].distances).ravel())
            by_mesh[mesh.name][quality] = _figures(parts[-1])
        pooled[quality] = _figures(np.concatenate(parts))
    return pooled, by_mesh


def _figures(distances: NDArray[np.floating]) -> Figures:
    return {
        "mean": float(distances.mean(dtype=np.float64)),
        "p95": float(np.percentile(distances, 95.0)),
        "rms": float(np.sqrt(np.mean(distances.astype(np.float64) ** 2))),
    }
