"""The quality dial: playing with fewer anchors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glm_deep.runtime.model import MeshModel, PatchModel

LEAST_ANCHORS = 3


def kept_anchors(mesh: MeshModel, quality: float) -> int:
    """How many anchors quality 0..1 leaves: never fewer than three, nor than the connected shells."""
    count = len(mesh.anchors)
    least = min(count, max(LEAST_ANCHORS, mesh.shell_count))
    return least + round(min(max(quality, 0.0), 1.0) * (count - least))


def with_anchors(mesh: MeshModel, count: int) -> MeshModel:
    """The mesh with its first `count` anchors, of which the first cover the shells.

    An anchor that is dropped stays where the differential model has it: its pull is zero, so its column of the response
    goes, and where none of a patch is left the patch goes too. Playing costs less with fewer anchors.
    """
    patches = []
    for patch in mesh.patches:
        kept = np.flatnonzero(patch.anchors < count)
        if len(kept) == len(patch.anchors):
            patches.append(patch)
        elif len(kept):
            response = np.ascontiguousarray(patch.response[:, kept])
            patches.append(PatchModel(patch.vertices, patch.anchors[kept], response))
    return replace(mesh, anchors=mesh.anchors[:count], patches=tuple(patches))
