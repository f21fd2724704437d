"""The arrays of the import contract (docs/import.md) from what a sort of character knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sample_variety_kinds.skeleton import Skeleton, linearly_skinned
from sample_variety_kinds.surfaces import Surface

Floats = npt.NDArray[np.float64]
Arrays = dict[str, npt.NDArray[Any]]
Truth = Callable[[slice], Floats]

_VERTICES_AT_ONCE = 200_000


@dataclass(frozen=True)
class Posing:
    """A skeleton in a motion: world matrices (F, J, 4, 4), and the skinning matrices that follow from them."""

    skeleton: Skeleton
    world: Floats
    matrices: Floats

    @classmethod
    def of(cls, skeleton: Skeleton, angles: Floats, shifts: Floats | None = None) -> Posing:
        """Return the skeleton posed by angles and shifts (F, J, 3)."""
        world = skeleton.posed(angles, shifts)
        return cls(skeleton, world, skeleton.relative(world))

    def arrays(self) -> Arrays:
        """Return the arrays of the joints."""
        return {
            "joints": self.world,
            "joints_rest": self.skeleton.rest(),
            "joint_parents": self.skeleton.parents,
            "joint_names": np.array(self.skeleton.names),
            "skinning_matrices": self.matrices,
        }


def stored(weights: Floats) -> Floats:
    """Return weights (V, J) rounded as the archive stores them, so that they give the linear mesh exactly."""
    rounded: Floats = weights.astype(np.float32).astype(np.float64)
    return rounded


def float_arrays(names: Sequence[str], values: Floats, low: Floats, high: Floats) -> Arrays:
    """Return the arrays of the float controls from their values (F, K) and limits (K,)."""
    return {"floats": values, "float_names": np.array(names), "float_limits": np.stack([low, high], axis=1)}


def skinned_mesh(name: str, surface: Surface, weights: Floats, posing: Posing, truth: Truth) -> Arrays:
    """Return the arrays of a skinned mesh; `truth` gives the positions (n, V, 3) of a piece of the frames."""
    linear, deformed = _empty(len(posing.matrices), surface)
    for piece in _pieces(len(linear), len(surface.points)):
        linear[piece] = linearly_skinned(surface.points, weights, posing.matrices[piece])
        deformed[piece] = truth(piece)
    return {f"{name}.weights": weights.astype(np.float32), **_mesh(name, surface, linear, deformed)}


def rigid_mesh(name: str, surface: Surface, frames: int, truth: Truth) -> Arrays:
    """Return the arrays of a mesh without skinning, whose linear mesh is the rest shape."""
    linear, deformed = _empty(frames, surface)
    for piece in _pieces(frames, len(surface.points)):
        linear[piece] = surface.points
        deformed[piece] = truth(piece)
    return _mesh(name, surface, linear, deformed)


def archive(names: Sequence[str], clips: Sequence[str], *parts: Arrays) -> Arrays:
    """Return all arrays together."""
    arrays: Arrays = {"meshes": np.array(names), "clip": np.array(clips)}
    for part in parts:
        arrays.update(part)
    return arrays


def _mesh(name: str, surface: Surface, linear: npt.NDArray[np.float32], deformed: npt.NDArray[np.float32]) -> Arrays:
    return {
        f"{name}.rest": surface.points.astype(np.float32),
        f"{name}.face_sizes": np.full(len(surface.quads), 4, np.int32),
        f"{name}.face_vertices": surface.quads.ravel().astype(np.int32),
        f"{name}.linear": linear,
        f"{name}.deformed": deformed,
    }


def _empty(frames: int, surface: Surface) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    shape = frames, len(surface.points), 3
    return np.empty(shape, np.float32), np.empty(shape, np.float32)


def _pieces(frames: int, vertices: int) -> list[slice]:
    step = max(1, _VERTICES_AT_ONCE // vertices)
    return [slice(start, min(start + step, frames)) for start in range(0, frames, step)]
