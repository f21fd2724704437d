"""What is odd about frames on their way into the samples: discarded ones with a shape of their own, odd floats."""

from __future__ import annotations

import numpy as np

from glm_deep.dataset.frames import Frames
from glm_deep.dataset.samples import SampleSet
from glm_deep.dataset.source import ArchiveSource, Posed
from glm_deep.geometry.skinning import offsets_before_skinning

_SAME_SHAPE = 1e-3  # of the diagonal
_VERTICES_AT_ONCE = 200_000
_WHY = "an input that matters is missing in rig_inputs, or the rig depends on its history"


def contradictions(frames: Frames, twins: np.ndarray, samples: SampleSet | None) -> list[str]:
    """Warnings, one a mesh, about frames that have the inputs of another frame but not its shape.

    Args:
        frames: the new frames, with deformed positions.
        twins: (F,) for every new frame one with identical inputs, -1 for none; numbers below those of the stored
            samples mean these, the others new frames.
        samples: what is stored, None for nothing.
    """
    source = ArchiveSource(frames)
    stored = samples.frame_count if samples else 0
    found = []
    for mesh, rest in enumerate(source.meshes):
        same_shape = _SAME_SHAPE * rest.diagonal
        apart = np.zeros(len(twins))
        discarded = np.flatnonzero(twins >= 0)
        step = max(1, _VERTICES_AT_ONCE // len(rest.rest))
        for first in range(0, len(discarded), step):
            piece = discarded[first : first + step]
            is_stored = twins[piece] < stored
            old, new = piece[is_stored], piece[~is_stored]
            if samples is not None and len(old):
                apart[old] = _distances(source.read(mesh, old), samples.read(mesh, twins[old]), same_shape)
            apart[new] = _distances(source.read(mesh, new), source.read(mesh, twins[new] - stored), same_shape)
        if apart.max(initial=0) > same_shape:
            found.append(f'mesh "{rest.name}": {_described(frames, twins, stored, apart, same_shape)}; {_WHY}')
    return found


def outside_limits(frames: Frames) -> list[str]:
    """Warnings, one a float, about values that are not within the limits which the frames give."""
    found = []
    for number, (name, (low, high)) in enumerate(zip(frames.layout.float_names, frames.layout.float_limits)):
        values = frames.inputs.floats[:, number]
        beyond = np.fmax(low - values, values - high)  # fmax leaves out the limit that is not given
        if len(beyond) and np.fmax.reduce(beyond) > 0:
            worst = int(np.nanargmax(beyond))
            more = np.count_nonzero(beyond > 0)
            others = f"; {more:,} frames in all" if more > 1 else ""
            found.append(
                f'float "{name}" is {values[worst]:g} in frame {worst}, outside of its limits {_range(low, high)}'
                f"{others}; the range of the data is used instead of the limits"
            )
    return found


def _distances(first: Posed, second: Posed, same_shape: float) -> np.ndarray:
    """(n,) how far the shapes of two times n frames are apart, at the vertex where they differ most."""
    apart = _largest(_moved(first) - _moved(second))
    # the same pose that is turned as a whole has other offsets after skinning, so the costly ones decide
    doubtful = np.flatnonzero(apart > same_shape)
    if len(doubtful):
        before = [_before_skinning(each, doubtful) for each in (first, second)]
        apart[doubtful] = _largest(before[0] - before[1])
    return apart


def _moved(posed: Posed) -> np.ndarray:
    moved: np.ndarray = np.subtract(np.asarray(posed.deformed), posed.linear, dtype=np.float64)
    return moved


def _before_skinning(posed: Posed, frames: np.ndarray) -> np.ndarray:
    linear_part = None if posed.linear_part is None else posed.linear_part[frames]
    offsets, _ = offsets_before_skinning(np.asarray(posed.deformed)[frames], posed.linear[frames], linear_part)
    return offsets.astype(np.float64)


def _largest(vectors: np.ndarray) -> np.ndarray:
    largest: np.ndarray = np.linalg.norm(vectors, axis=2).max(axis=1)
    return largest


def _described(frames: Frames, twins: np.ndarray, stored: int, apart: np.ndarray, same_shape: float) -> str:
    """The worst pair, and how many others there are."""
    worst = int(np.argmax(apart))
    twin = int(twins[worst])
    other = f"sample {twin} of those that are stored" if twin < stored else f"frame {twin - stored} of this archive"
    count = np.count_nonzero(apart > same_shape)
    more = f", and so on for {count:,} frames in all" if count > 1 else ""
    return (
        f"frame {worst} ({frames.clips[worst]}) has the inputs of {other} but another shape, "
        f"up to {apart[worst]:.3g} apart, and is left out{more}"
    )


def _range(low: float, high: float) -> str:
    if np.isnan(low):
        return f"up to {high:g}"
    return f"from {low:g}" if np.isnan(high) else f"{low:g} to {high:g}"
