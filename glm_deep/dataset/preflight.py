"""What looks odd in the samples, before time goes into learning them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glm_deep.dataset.identical import earlier_twins
from glm_deep.dataset.source import FrameSource
from glm_deep.geometry.skinning import offsets_before_skinning
from glm_deep.inputs import InputLayout, InputStatistics, raw_values

_SAME_INPUTS = 1e-3  # of the scale of the input
_SAME_SHAPE = 1e-3  # of the diagonal; inputs that are so alike move a real character by less
_VERTICES_AT_ONCE = 200_000
_NAMED = 5


@dataclass(frozen=True)
class Finding:
    """Something that the user should know about the samples.

    Attributes:
        text: a sentence without a full stop.
        severity: how much it matters; what makes training impossible is refused elsewhere.
    """

    text: str
    severity: str = "warning"


def preflight(samples: FrameSource) -> tuple[Finding, ...]:
    """All that looks odd in the samples: inputs that never move, contradictory and outlying frames, singular skinning.

    Every frame is read once, a piece at a time; frames with equal inputs are read twice.

    Raises:
        DataError: the samples cannot be read.
    """
    raw = raw_values(samples.layout, samples.inputs)
    findings = _constant_inputs(samples.layout, raw)
    twins = earlier_twins(samples.layout, raw, _SAME_INPUTS)
    for mesh in range(len(samples.meshes)):
        findings += _contradictory_frames(samples, mesh, twins)
        findings += _large_offsets(samples, mesh)
    return tuple(Finding(text) for text in findings)


def _constant_inputs(layout: InputLayout, raw: np.ndarray) -> list[str]:
    kept = InputStatistics.fit(layout, raw).kept
    moving = set(layout.value_groups[kept])
    still = [name for group, name in enumerate(layout.group_names) if group not in moving]
    if not still:
        return []
    if len(still) == 1:
        return [f"the input {still[0]} never moves and is left out"]
    return [f"{len(still)} inputs never move and are left out: {_listed(still)}"]


def _contradictory_frames(samples: FrameSource, mesh: int, twins: np.ndarray) -> list[str]:
    """Frames with the same inputs and another shape, the worst of them first."""
    rest = samples.meshes[mesh]
    frames = np.flatnonzero(twins >= 0)
    apart = np.zeros(len(frames))
    for piece in _pieces(len(frames), len(rest.rest)):
        both = _offsets(samples, mesh, np.concatenate([frames[piece], twins[frames[piece]]]))
        if both is None:
            return []
        first, second = np.split(both[0], 2)
        apart[piece] = np.linalg.norm(first - second, axis=2).max(axis=1)
    bad = np.flatnonzero(apart > _SAME_SHAPE * rest.diagonal)
    if not len(bad):
        return []
    worst = bad[np.argsort(-apart[bad], kind="stable")]
    pairs = [f"{_frame(samples, twins[frames[pair]])} and {_frame(samples, frames[pair])}" for pair in worst]
    return [
        f'mesh "{rest.name}": {_count(len(bad), "pair")} of frames with the same inputs but shapes up to '
        f"{apart[worst[0]] / rest.diagonal:.2%} of the diagonal apart: {_listed(pairs)}; an input may be missing"
    ]


def _large_offsets(samples: FrameSource, mesh: int) -> list[str]:
    rest = samples.meshes[mesh]
    largest = np.zeros(samples.frame_count)
    near_singular = 0
    for piece in _pieces(samples.frame_count, len(rest.rest)):
        found = _offsets(samples, mesh, np.arange(samples.frame_count)[piece])
        if found is None:
            return []
        largest[piece] = np.linalg.norm(found[0], axis=2).max(axis=1)
        near_singular += found[1]
    texts = []
    far = np.flatnonzero(largest > rest.diagonal)
    if len(far):
        worst = far[np.argsort(-largest[far], kind="stable")]
        texts.append(
            f'mesh "{rest.name}": {_count(len(far), "frame")} with offsets larger than the mesh, up to '
            f"{largest[worst[0]] / rest.diagonal:.1f} diagonals: {_listed([_frame(samples, frame) for frame in worst])}"
        )
    if near_singular:
        share = near_singular / (samples.frame_count * len(rest.rest))
        texts.append(
            f'mesh "{rest.name}": the skinning is nearly singular in {near_singular:,} places ({share:.2g} of all '
            "vertices and frames); offsets are kept small there"
        )
    return texts


def _offsets(samples: FrameSource, mesh: int, frames: np.ndarray) -> tuple[np.ndarray, int] | None:
    """Offsets (n, V, 3) before skinning and the number of near-singular solves, or None without truth."""
    posed = samples.read(mesh, frames)
    if posed.deformed is None:
        return None
    return offsets_before_skinning(posed.deformed, posed.linear, posed.linear_part)


def _pieces(frames: int, vertices: int) -> list[slice]:
    step = max(1, _VERTICES_AT_ONCE // vertices)
    return [slice(start, min(start + step, frames)) for start in range(0, frames, step)]


def _frame(samples: FrameSource, frame: int) -> str:
    return f"{frame} ({samples.clips[frame]})"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
