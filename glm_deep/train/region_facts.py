"""What the model file, and the warnings of a training, say of the regions and of the inputs that move them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glm_deep.config import Relevance
from glm_deep.train.learn import Learned
from glm_deep.train.left_out import LeftOver
from glm_deep.train.regions import Region
from glm_deep.train.skin_prior import influences_of
from glm_deep.train.told import kept_out_as_measured, told_of_regions, without_effect

_NAMED = 0.01  # of the movement, or of what is left: inputs with less are not named
_MOST_NAMED = 3  # in a sentence
_MEASURED = -2
_ADVICE = {
    -1: "an entry of training.relevance keeps that out: take it away",
    _MEASURED: "the measured relevance keeps that out: measure again with glmDeepRelevance, or tell of it in "
    "training.relevance with moves true",
    0: "extract more frames with such movement, or tell of it in training.relevance with moves true",
    1: "extract more frames with such movement",
}
"""By what is told of such inputs, as in `told_of_regions`, and where that was measured."""


def region_facts(learned: Learned, left: LeftOver) -> dict[str, Any]:
    """Two lists over the regions, as JSON.

    `inputs_of_regions`: the share of each input in the movement, by name, strongest first.
    `regions`: mesh, number of vertices, centre in scene units, influence that holds most of it (null when not known),
    the part `residual` of all that the model leaves in frames that its fit has not seen, the parts of that which inputs
    that hardly count there explain, `left_out`, by name, and those of them that were perhaps left out, `suspected`.
    """
    names, source = learned.prepared.input_names, learned.prepared.source
    inputs, regions = [], []
    for number, each in enumerate(learned.solved.regions):
        region = each.region
        inputs.append(_strongest(names, each.moved / max(float(each.moved.sum()), 1e-300)))
        regions.append(
            {
                "mesh": source.meshes[region.mesh].name,
                "vertices": len(region.vertices),
                "centre": [float(f"{value:.4g}") for value in _centre(learned, region)],
                "influence": next(iter(influences_of(source, region)), None),
                "residual": round(float(left.share[number]), 4),
                "left_out": _strongest(names, left.explained[number]),
                "suspected": [names[index] for index in left.suspects(number)],
            }
        )
    return {"inputs_of_regions": inputs, "regions": regions}


def relevance_warnings(learned: Learned, left: LeftOver, entries: Sequence[Relevance]) -> list[str]:
    """A sentence for each region of which an input seems to have been left out, and for each entry without effect."""
    prepared = learned.prepared
    regions = [each.region for each in learned.solved.regions]
    told = told_of_regions(prepared, entries, regions)
    told[kept_out_as_measured(prepared, entries, regions)] = _MEASURED
    found = []
    for number, region in enumerate(regions):
        suspects = np.array(left.suspects(number), np.int64)
        for sort, advice in _ADVICE.items():
            some = suspects[told[number, suspects] == sort]
            if not len(some):
                continue
            named = [f'"{prepared.input_names[at]}" ({left.explained[number, at]:.0%})' for at in some[:_MOST_NAMED]]
            more = f" and {len(some) - _MOST_NAMED} more" if len(some) > _MOST_NAMED else ""
            found.append(
                f"what the model gets wrong {_place(learned, region)} partly follows {', '.join(named)}{more}, "
                f"which hardly {'counts' if len(some) == 1 else 'count'} there; {advice}."
            )
    return found + without_effect(prepared, entries, regions)


def _strongest(names: Sequence[str], shares: np.ndarray) -> dict[str, float]:
    order = np.argsort(-shares, kind="stable")
    return {names[index]: round(float(shares[index]), 3) for index in order if shares[index] >= _NAMED}


def _centre(learned: Learned, region: Region) -> np.ndarray:
    """(3,) where the vertices of a region are on the average at bind, each as much as its share."""
    rest = learned.prepared.source.meshes[region.mesh].rest[region.vertices].astype(np.float64)
    return np.average(rest, axis=0, weights=region.blend)


def _place(learned: Learned, region: Region) -> str:
    """Where a region is, in words: mesh, influence, and a vertex in its middle."""
    source = learned.prepared.source
    mesh = source.meshes[region.mesh]
    own = region.vertices[region.blend >= region.blend.max()]
    middle = own[np.argmin(np.linalg.norm(mesh.rest[own] - _centre(learned, region), axis=1))]
    influence = next(iter(influences_of(source, region)), None)
    near = f", near {influence}," if influence else ""
    return f'around vertex {middle} of the mesh "{mesh.name}"{near}'
