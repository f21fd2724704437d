"""The player: rig inputs to offsets of every mesh, with numpy alone."""

from __future__ import annotations

import numpy as np

from glm_deep.inputs import InputFrames, raw_values
from glm_deep.runtime.model import Model
from glm_deep.runtime.quality import kept_anchors, with_anchors


class Evaluator:
    """Plays a model, one frame or many at once.

    Args:
        model: what is played.
        quality: 0..1, the share of the anchors in use.
    """

    def __init__(self, model: Model, quality: float = 1.0) -> None:
        self._model = model
        self.set_quality(quality)

    @property
    def mesh_names(self) -> tuple[str, ...]:
        """The meshes in the order of the results."""
        return tuple(mesh.name for mesh in self._model.meshes)

    @property
    def anchor_counts(self) -> tuple[int, ...]:
        """How many anchors of each mesh are in use."""
        return tuple(len(mesh.anchors) for mesh in self._meshes)

    def set_quality(self, quality: float) -> None:
        """Uses a share of the anchors; costs one small dense solve a mesh, and no training."""
        self._meshes = [with_anchors(mesh, kept_anchors(mesh, quality)) for mesh in self._model.meshes]
        firsts = np.concatenate([[0], np.cumsum([len(mesh.anchors) for mesh in self._model.meshes])])
        used = [int(first) + np.arange(len(mesh.anchors)) for first, mesh in zip(firsts, self._meshes)]
        self._subspaces = self._model.subspaces.of(np.concatenate(used))

    def offsets(self, inputs: InputFrames) -> list[np.ndarray]:
        """Offsets before skinning of each mesh, (F,V,3) float32 in scene units."""
        model = self._model
        x = model.statistics.apply(raw_values(model.layout, inputs))
        closed, learned = model.coefficients(x)
        results = model.direct_offsets(closed + learned)
        self._pull(results, self._subspaces(x), learned)
        return results

    def _pull(self, offsets: list[np.ndarray], added: np.ndarray, learned: np.ndarray) -> None:
        """Lets each mesh follow its anchors: to what the subspace models add, from where the networks took them."""
        count, first = len(learned), 0
        for mesh, result in zip(self._meshes, offsets):
            last = first + len(mesh.anchors)
            there = learned @ mesh.anchor_basis.reshape(-1, mesh.anchor_basis.shape[2]).T
            pull = added[first:last] - np.moveaxis(there.reshape(count, -1, 3), 0, 1)
            followed = (mesh.response @ pull.reshape(last - first, -1)).reshape(-1, count, 3)
            result += np.moveaxis(followed, 0, 1)
            first = last
