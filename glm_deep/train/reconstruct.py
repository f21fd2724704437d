"""The reconstruction of every mesh from its anchors, weighed by frames that were held out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import Stacked
from glm_deep.train.assemble import assemble
from glm_deep.train.closed_form import Solved
from glm_deep.train.patches import Followed, find_patches
from glm_deep.train.prepare import Prepared
from glm_deep.train.regions import nearest_sample
from glm_deep.train.setting import Setting, progress_of
from glm_deep.train.subspaces import Anchors
from glm_deep.train.threads import in_threads
from glm_deep.train.weigh import anchor_weights, best_followed

_WEIGHING_FRAMES = 48


def reconstruct(
    prepared: Prepared,
    solved: Solved,
    anchors: Anchors,
    differential: Stacked,
    subspaces: Stacked,
    seed: int,
    setting: Setting,
) -> tuple[tuple[Followed, ...], ...]:
    """How each mesh follows its anchors, by some of the validation frames; patches that gain nothing are left out."""
    frames = prepared.split.validation
    frames = frames[np.linspace(0, len(frames) - 1, min(len(frames), _WEIGHING_FRAMES)).astype(int)]
    play = Evaluator(assemble(prepared, solved, anchors, ((),) * len(prepared.graphs), differential, subspaces))
    x = prepared.x[frames]
    closed, _ = play.coefficients(x)
    added = np.moveaxis(subspaces(x), 0, 1)
    at_anchors = anchors.mean + np.einsum("adk,fk->fad", anchors.basis, closed, optimize=True) + added
    direct = play.offsets_of(x)  # there are no patches yet, so no anchor is asked
    patches = [find_patches(prepared, mesh, own, seed) for mesh, own in enumerate(anchors.of_mesh)]
    progress, total, done = progress_of(setting, "reconstruction"), sum(map(len, patches)), 0
    result = []
    for mesh, graph in enumerate(prepared.graphs):
        truth, vertices = prepared.targets.offsets[mesh][frames].astype(np.float64), anchors.of_mesh[mesh]
        anchored = at_anchors[:, anchors.starts[mesh] : anchors.starts[mesh + 1]]
        error = _by_vertex(truth - direct[mesh])
        correction = _by_vertex(anchored - direct[mesh][:, vertices])
        cells = nearest_sample(prepared.source.meshes[mesh].rest, graph.laplacian, vertices)
        of_anchors = _by_vertex(anchored - truth[:, vertices])
        weights = anchor_weights(graph.laplacian, vertices, cells, error, of_anchors)
        one = partial(best_followed, graph.laplacian, vertices, weights, error, correction)
        found = in_threads(one, patches[mesh], setting.threads, partial(_further, progress, done, total))
        done += len(found)
        result.append(tuple(each for each in found if each is not None))
    return tuple(result)


def _by_vertex(values: np.ndarray) -> np.ndarray:
    """(V,3n) float64 from (n,V,3)."""
    return np.moveaxis(values, 1, 0).reshape(values.shape[1], -1).astype(np.float64)


def _further(tell: Callable[[int, int], None], before: int, total: int, done: int, _: int) -> None:
    """Tells the progress of one mesh as a part of that of all."""
    tell(before + done, total)
