"""What is told of which inputs move which vertices: measured in the scene, and above that in the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from glm_deep.config import Relevance
from glm_deep.train.prepare import Prepared
from glm_deep.train.regions import Region
from glm_deep.train.skin_prior import influences_of, joint_factors

_MOST = 0.5  # of a region
_SOME = 0.1  # of the vertices that an entry names

Told = NDArray[np.int8]
"""1 where an input is told to move something, -1 where it is told not to, 0 where nothing is told."""


def told_at(prepared: Prepared, entries: Sequence[Relevance], of_mesh: Sequence[NDArray[np.int64]]) -> Told:
    """(vertices of all meshes, number of inputs) what is told of some vertices of each mesh.

    The last entry counts, and what was measured where there is none.
    """
    names = np.array(prepared.input_names)
    parts = []
    for number, (mesh, vertices) in enumerate(zip(prepared.source.meshes, of_mesh)):
        told = np.zeros((len(vertices), len(names)), np.int8)
        if prepared.measured is not None:
            told -= prepared.measured.unmoved_at(number, vertices)
        for entry in entries:
            if entry.mesh == mesh.name:
                told[np.ix_(_named(entry, vertices), names == entry.input)] = 1 if entry.moves else -1
        parts.append(told)
    return np.concatenate(parts)


def told_of_regions(prepared: Prepared, entries: Sequence[Relevance], regions: Sequence[Region]) -> Told:
    """(R, number of inputs) what is told of each region: by the last entry that concerns it, else as measured."""
    names = np.array(prepared.input_names)
    told = np.zeros((len(regions), len(names)), np.int8)
    for number, region in enumerate(regions):
        if prepared.measured is not None:
            told[number] -= prepared.measured.unmoved_in(region.mesh, region.vertices, region.blend)
        for entry in entries:
            if _concerns(entry, prepared, region):
                told[number, names == entry.input] = 1 if entry.moves else -1
    return told


def starting_shares(
    prepared: Prepared, regions: Sequence[Region], moved: NDArray[np.float64], told: Told
) -> NDArray[np.float64]:
    """(R, number of inputs) how much each input is thought to count in each region before its kernel is searched.

    What the survey of the samples says, less of it for joints that are far, as much as the strongest input for what is
    told to move the region, and exactly 0, which no search changes, for what is told not to.

    Args:
        moved: (S, number of inputs) from `closed_form.survey`, in the order of the regions' samples.
        told: (R, number of inputs) from `told_of_regions`.
    """
    layout, source = prepared.source.layout, prepared.source
    shares = np.array([moved[each.samples].sum(axis=0) for each in regions])
    shares *= np.array([joint_factors(layout, influences_of(source, each)) for each in regions])
    shares = np.where(told < 0, 0.0, shares + 1e-300)  # what never showed may still be found
    return np.where(told > 0, shares.max(axis=1, keepdims=True), shares)


def kept_out_as_measured(
    prepared: Prepared, entries: Sequence[Relevance], regions: Sequence[Region]
) -> NDArray[np.bool_]:
    """(R, number of inputs) what the measurement alone keeps out, since no entry speaks of it."""
    by_hand = told_of_regions(replace(prepared, measured=None), entries, regions)
    result: NDArray[np.bool_] = (told_of_regions(prepared, entries, regions) < 0) & (by_hand == 0)
    return result


def without_effect(prepared: Prepared, entries: Sequence[Relevance], regions: Sequence[Region]) -> list[str]:
    """A sentence for each entry that concerns no region."""
    found = []
    for number, entry in enumerate(entries):
        if not any(_concerns(entry, prepared, region) for region in regions):
            found.append(
                f'training.relevance[{number}] lets "{entry.input}" into no region of the mesh "{entry.mesh}", for its '
                "vertices are scattered, less than a tenth of them in any: name vertices that lie together."
                if entry.moves
                else f'training.relevance[{number}] keeps "{entry.input}" out of no region of the mesh "{entry.mesh}", '
                "for its vertices are less than half of each: name more of the vertices around them."
            )
    return found


def _concerns(entry: Relevance, prepared: Prepared, region: Region) -> bool:
    """Whether a region consists mostly of an entry's vertices; to let an input move it, some of them are enough."""
    if entry.mesh != prepared.source.meshes[region.mesh].name:
        return False
    shared = float(region.blend[_named(entry, region.vertices)].sum())
    return shared > _MOST * region.blend.sum() or (entry.moves and shared > _SOME * len(set(entry.vertices)))


def _named(entry: Relevance, vertices: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) which of some vertices of its mesh an entry is about."""
    return np.isin(vertices, entry.vertices) if entry.vertices else np.ones(len(vertices), bool)
