"""What the skin weights tell of the joints that can move a region, before any frame is asked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from glm_deep.dataset.source import FrameSource
from glm_deep.inputs import InputLayout
from glm_deep.train.regions import Region

FAR = 0.1
"""Factor of the share with which the search begins for a joint that is far from a region."""

_HOLDS = 0.01  # of the weights of a region: a joint with less holds nothing of it
_KNOWN = 0.5  # of the weights of a region: where fewer are of joints among the inputs, the hierarchy tells nothing


def influences_of(source: FrameSource, region: Region) -> dict[str, float]:
    """The part of a region's skin weights that each influence has, the strongest first; empty when not known."""
    skin = source.skin_weights(region.mesh)
    if skin is None:
        return {}
    held = region.blend @ np.asarray(skin.weights[region.vertices], np.float64)
    held = held / max(float(held.sum()), 1e-300)
    order = np.argsort(-held, kind="stable")
    return {skin.influence_names[index]: float(held[index]) for index in order if held[index] > 0}


def joint_factors(layout: InputLayout, influences: Mapping[str, float]) -> NDArray[np.float64]:
    """(number of inputs,) factors of the shares with which the search begins: 1, or `FAR` for joints that are far.

    A joint moves what it holds, and what its parent and its children hold: its matrix is relative to its parent, and a
    bend shows on both of its sides. A beginning, not a mask: the gradient finds a joint that was far in error.

    Args:
        influences: of a region, from `influences_of`.
    """
    held = np.array([influences.get(name, 0.0) for name in layout.joint_names])
    factors = np.ones(len(layout.group_names))
    if held.sum() < _KNOWN:
        return factors
    parents = np.asarray(layout.joint_parents)
    children = np.flatnonzero(parents >= 0)
    holding = held > _HOLDS
    near = holding.copy()
    near[children] |= holding[parents[children]]
    near[parents[children[holding[children]]]] = True
    first = len(layout.float_names)
    factors[first : first + len(near)] = np.where(near, 1.0, FAR)
    return factors
