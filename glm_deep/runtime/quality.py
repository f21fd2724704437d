"""The quality dial: playing with fewer anchors, exactly as if the others had never been there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glm_deep.runtime.model import MeshModel

LEAST_ANCHORS = 3


def kept_anchors(mesh: MeshModel, quality: float) -> int:
    """How many anchors quality 0..1 leaves: never fewer than three, nor than the connected shells."""
    count = len(mesh.anchors)
    least = min(count, max(LEAST_ANCHORS, mesh.shell_count))
    return least + round(min(max(quality, 0.0), 1.0) * (count - least))


def with_anchors(mesh: MeshModel, count: int) -> MeshModel:
    """The mesh with its first `count` anchors, of which the first cover the shells.

    An anchor that is dropped takes the place that the smaller reconstruction gives it. With R the response, S its rows
    at the anchors, k the kept anchors and d the dropped ones, that is `d_d = (I - S_dd)^-1 S_dk d_k`, which is put back
    into the response once: playing then costs less with fewer anchors.

    Raises:
        ValueError: fewer anchors than connected shells.
    """
    total = len(mesh.anchors)
    if count >= total:
        return mesh
    if count < mesh.shell_count:
        raise ValueError(f"{count} anchors cannot hold {mesh.shell_count} shells")
    own = mesh.at_anchors
    followed = np.linalg.solve(np.eye(total - count) - own[count:, count:], own[count:, :count])
    return replace(
        mesh,
        response=mesh.response[:, :count] + mesh.response[:, count:] @ followed.astype(np.float32),
        at_anchors=own[:count, :count] + own[:count, count:] @ followed,
        anchors=mesh.anchors[:count],
        anchor_basis=mesh.anchor_basis[:count],
    )
