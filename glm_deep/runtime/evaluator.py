"""The player: rig inputs to offsets of every mesh, with numpy alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glm_deep.inputs import InputFrames, raw_values
from glm_deep.kernel import input_distances, mixed_kernel
from glm_deep.runtime.mesh_player import MeshPlayer
from glm_deep.runtime.model import Model
from glm_deep.runtime.parts import in_parts
from glm_deep.runtime.quality import kept_anchors, with_anchors

_FRAMES_AT_ONCE = 8


def exact_player(model: Model) -> Evaluator:
    """The player with its closed form in double precision, where single precision loses digits."""
    closed = model.closed_form
    double = {name: array.astype(np.float64) for name, array in vars(closed).items() if name != "firsts"}
    return Evaluator(replace(model, closed_form=replace(closed, **double)))


class Evaluator:
    """Plays a model, one frame or many at once.

    Args:
        model: what is played.
        quality: 0..1, the share of the anchors in use.
    """

    def __init__(self, model: Model, quality: float = 1.0) -> None:
        self._model = model
        self._starts = model.starts
        closed = model.closed_form
        self._root = np.sqrt(closed.unit)
        self._centres = np.ascontiguousarray((closed.centres * self._root).T)
        spans = zip(self._starts[:-1], self._starts[1:])
        self._weights = [np.ascontiguousarray(closed.weights[:, first:last]) for first, last in spans]
        self._totals = closed.weights.sum(axis=0, dtype=np.float64).astype(closed.weights.dtype)
        self._region_of = np.repeat(np.arange(len(self._weights)), np.diff(self._starts))
        self._heard = model.differential.heard
        self._differential = model.differential.of(self._heard)
        self.set_quality(quality)

    @property
    def mesh_names(self) -> tuple[str, ...]:
        """The meshes in the order of the results."""
        return tuple(mesh.name for mesh in self._model.meshes)

    @property
    def anchor_counts(self) -> tuple[int, ...]:
        """How many anchors of each mesh are in use."""
        return tuple(player.anchor_count for player in self._players)

    def set_quality(self, quality: float) -> None:
        """Uses a share of the anchors; costs no training."""
        model = self._model
        meshes = [with_anchors(mesh, kept_anchors(mesh, quality)) for mesh in model.meshes]
        self._players = [MeshPlayer(mesh, model.regions, index) for index, mesh in enumerate(meshes)]
        firsts = np.concatenate([[0], np.cumsum([len(mesh.anchors) for mesh in model.meshes])])
        asked = [int(first) + player.asked for first, player in zip(firsts, self._players)]
        self._subspaces = model.subspaces.of(np.concatenate(asked))

    def offsets(self, inputs: InputFrames) -> list[np.ndarray]:
        """Offsets before skinning of each mesh, (F,V,3) float32 in scene units."""
        return self.play(raw_values(self._model.layout, inputs))

    def direct_offsets(self, inputs: InputFrames) -> list[np.ndarray]:
        """The same without the anchors: what closed form and differential model say alone."""
        return self.play_direct(raw_values(self._model.layout, inputs))

    def play(self, values: np.ndarray) -> list[np.ndarray]:
        """Offsets of each mesh for raw input values (F,I)."""
        return in_parts(self.offsets_of, self._model.statistics.apply(values), _FRAMES_AT_ONCE)

    def play_direct(self, values: np.ndarray) -> list[np.ndarray]:
        """The same without the anchors."""
        closed, learned = self.coefficients(self._model.statistics.apply(values))
        return self.offsets_of_coefficients(closed + learned)

    def offsets_of_coefficients(self, coefficients: np.ndarray) -> list[np.ndarray]:
        """Offsets of each mesh for coefficients (F,K), no anchor asked."""
        return [player.offsets(coefficients, None) for player in self._players]

    def scaled(self, inputs: InputFrames) -> np.ndarray:
        """(F,I) scaled input values."""
        return self._model.statistics.apply(raw_values(self._model.layout, inputs))

    def offsets_of(self, x: np.ndarray) -> list[np.ndarray]:
        """Offsets of each mesh for scaled inputs (F,I)."""
        closed, learned = self.coefficients(x)
        added = self._subspaces(x)
        results, first = [], 0
        for player in self._players:
            last = first + len(player.asked)
            results.append(player.offsets(closed + learned, player.pull(added[first:last], learned)))
            first = last
        return results

    def coefficients(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Closed form and networks, (F,K) each, for scaled inputs (F,I)."""
        starts, closed_form = self._starts, self._model.closed_form
        closed = np.empty((len(x), int(starts[-1])), np.float32)
        learned = np.zeros_like(closed)
        for start in range(0, len(x), _FRAMES_AT_ONCE):  # bounds the memory of the distances
            some = slice(start, start + _FRAMES_AT_ONCE)
            distances = input_distances(x[some] * self._root, self._centres, closed_form.firsts)
            radial = mixed_kernel(distances, closed_form.metrics, closed_form.amounts)
            # The sums nearly cancel; about their mean the kernels lose four times fewer digits of float32.
            mean = radial.mean(axis=2)
            radial -= mean[:, :, None]
            sums = mean.T[:, self._region_of] * self._totals
            for region, weights in enumerate(self._weights):
                sums[:, starts[region] : starts[region + 1]] += radial[region] @ weights
            closed[some] = sums
        if len(self._heard):
            for region, outputs in zip(self._heard, self._differential(x)):
                first, last = starts[region], starts[region + 1]
                learned[:, first:last] = outputs[:, : last - first]
        return closed, learned
