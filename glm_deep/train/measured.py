"""What was measured of which inputs move what, as a training uses it: beside what the samples tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glm_deep.dataset.frames import MeshRest
from glm_deep.dataset.measured_relevance import UNMOVED, MeasuredRelevance
from glm_deep.dataset.source import FrameSource

_NAMED = 5


@dataclass(frozen=True, eq=False)
class Measured:
    """How far the inputs move the vertices.

    Attributes:
        known: (number of inputs,) of which inputs that is known.
        distances: of each mesh (V, number of inputs) in scene units; of an input that is not known nothing is said.
        meshes: the meshes.
        checksum: of all that was measured.
        remarks: sentences about it for the user.
    """

    known: NDArray[np.bool_]
    distances: tuple[NDArray[np.float32], ...]
    meshes: tuple[MeshRest, ...]
    checksum: str
    remarks: tuple[str, ...] = ()

    def unmoved_at(self, mesh: int, vertices: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(n, number of inputs) which inputs are known not to move some vertices of a mesh."""
        near: NDArray[np.bool_] = self.distances[mesh][vertices] <= UNMOVED * self.meshes[mesh].diagonal
        return near & self.known

    def unmoved_in(self, mesh: int, vertices: NDArray[np.int64], shares: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(number of inputs,) which inputs are known not to move some vertices (n,) with shares (n,), taken together.

        Not most of them: few frames make few and large regions, and most inputs move the lesser part of one.
        """
        mean = (shares @ self.distances[mesh][vertices].astype(np.float64) ** 2) / shares.sum()
        near: NDArray[np.bool_] = np.sqrt(mean) <= UNMOVED * self.meshes[mesh].diagonal
        return near & self.known

    def blended_with(
        self, moved: NDArray[np.float64], of_mesh: Sequence[NDArray[np.int64]], scales: Sequence[float]
    ) -> NDArray[np.float64]:
        """(S, number of inputs) what the samples tell of sample vertices, corrected by what was measured.

        The geometric mean of both: samples tell how far an input goes in them, but not which of two that move together
        does it; what was measured tells that, at its ends.

        Args:
            moved: (S, number of inputs) mean squared movement from `closed_form.survey`.
            of_mesh: the sample vertices of each mesh, S in all. scales: of each mesh, as in `Targets`.
        """
        parts = zip(self.distances, of_mesh, scales)
        squared = np.concatenate([(each[own].astype(np.float64) * scale) ** 2 for each, own, scale in parts])
        squared, told = squared[:, self.known], moved[:, self.known]
        result: NDArray[np.float64] = moved.copy()
        result[:, self.known] = np.sqrt(told * squared * (told.sum() / max(float(squared.sum()), 1e-300)))
        return result


def measured_of(source: FrameSource, found: MeasuredRelevance) -> Measured:
    """What was measured, in the numbers of a source; nothing is known of what its frames move beyond what was tried."""
    names, meshes = source.layout.group_names, tuple(source.meshes)
    beyond = found.beyond(source.layout, source.inputs, max(mesh.diagonal for mesh in meshes))
    known = np.array([name in found.inputs and name not in beyond for name in names])
    rows = [names.index(name) for name in found.inputs]
    distances = []
    for each in found.distances:
        of_all = np.zeros((each.shape[1], len(names)), np.float32)
        of_all[:, rows] = each.T
        distances.append(of_all)
    return Measured(known, tuple(distances), meshes, found.checksum, _remarks(beyond))


def _remarks(beyond: Sequence[str]) -> tuple[str, ...]:
    if not beyond:
        return ()
    more = f" and {len(beyond) - _NAMED:,} more" if len(beyond) > _NAMED else ""
    return (
        "The samples move these inputs farther than they were tried when the relevance was measured, so it does not "
        f"count for them: {', '.join(beyond[:_NAMED])}{more}.",
    )
