"""Samples made ready for learning: scaled inputs, held-out frames, offsets, and the mesh they live on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from glm_deep.dataset.source import FrameSource
from glm_deep.dataset.split import Split, split
from glm_deep.errors import DataError
from glm_deep.geometry.differential import graph_laplacian
from glm_deep.geometry.topology import edges_of, shells_of
from glm_deep.inputs import InputStatistics, raw_values
from glm_deep.train.measured import Measured
from glm_deep.train.targets import Targets, make_targets


@dataclass(frozen=True)
class MeshGraph:
    """What the reconstruction needs of a mesh: graph Laplacian (V,V) and shell of each vertex (V,)."""

    laplacian: csr_matrix
    shells: NDArray[np.int32]

    @property
    def shell_count(self) -> int:
        """Connected shells, vertices without polygons among them."""
        return int(self.shells.max()) + 1


@dataclass(frozen=True)
class Prepared:
    """All that learning starts from.

    Attributes:
        source: the samples.
        split: which frames train, which validate, and their blocks in time.
        statistics: scaling of the inputs.
        x: (F,I) scaled inputs. groups: (I,) the rig input each value belongs to.
        targets: the offsets.
        graphs: one a mesh.
        measured: which inputs move what, as far as it was measured in the scene; None where nothing was.
    """

    source: FrameSource
    split: Split
    statistics: InputStatistics
    x: NDArray[np.float32]
    groups: NDArray[np.int32]
    targets: Targets
    graphs: tuple[MeshGraph, ...]
    measured: Measured | None = None

    @property
    def vertex_count(self) -> int:
        """Vertices of all meshes together."""
        return sum(self.targets.vertex_counts)

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the rig inputs that `groups` numbers."""
        return self.source.layout.group_names

    @property
    def input_sizes(self) -> NDArray[np.int64]:
        """(number of inputs,) how many values each rig input has that change."""
        return np.bincount(self.groups, minlength=len(self.input_names))


def prepare(
    source: FrameSource,
    share: float,
    seed: int,
    folder: Path,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool],
    measured: Measured | None = None,
) -> Prepared:
    """Reads the samples once and writes the offsets to `folder`.

    Raises:
        DataError: too few frames, inputs that never change, or nothing to learn.
    """
    layout = source.layout
    raw = raw_values(layout, source.inputs)
    statistics = InputStatistics.fit(layout, raw)
    if not statistics.kept.any():
        raise DataError(
            "no rig input changes in the samples, so nothing can be learned from them",
            hint="Extract frames in which the inputs move",
        )
    x = statistics.apply(raw)
    parts = split(source.clips, x, share, seed)
    targets = make_targets(source, folder, progress, stopped)
    graphs = []
    for mesh in source.meshes:
        edges = edges_of(mesh.face_sizes, mesh.face_vertices)
        graphs.append(MeshGraph(graph_laplacian(len(mesh.rest), edges), shells_of(len(mesh.rest), edges)))
    groups = layout.value_groups[statistics.kept]
    return Prepared(source, parts, statistics, x, groups, targets, tuple(graphs), measured)
