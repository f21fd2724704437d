"""How fast a model could be played at best: what has to be moved and multiplied, at the pace of the machine."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from glm_deep.runtime.model import Model, Stacked

_COPIED = 64 << 20  # bytes, more than the caches near a core hold
_SIDE = 1024
_REPEATS = 7


@dataclass(frozen=True)
class Floor:
    """Milliseconds a frame below which one thread cannot go: by memory, and by arithmetic."""

    memory: float
    arithmetic: float


@dataclass(frozen=True)
class Pace:
    """What one thread does in a second: bytes moved, read or written, and multiplications with additions."""

    moved: float
    multiplied: float


def pace() -> Pace:
    """Measured with a copy and a product of matrices, the best of a few."""
    source = np.ones(_COPIED // 4, np.float32)
    target = np.empty_like(source)
    square = np.ones((_SIDE, _SIDE), np.float32)
    copies, products = [], []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        np.copyto(target, source)
        copies.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        np.dot(square, square)
        products.append(time.perf_counter() - begun)
    return Pace(2 * _COPIED / min(copies), _SIDE**3 / min(products))


def floor(model: Model, frames: int, measured: Pace) -> Floor:
    """The floor of a batch of so many frames: the arrays are read once, inputs read and offsets written each."""
    closed = model.closed_form
    vertices = sum(len(mesh.mean) for mesh in model.meshes)
    arrays = [closed.centres, closed.metrics, closed.weights, *(mesh.mean for mesh in model.meshes)]
    arrays += [region.basis for region in model.regions]
    arrays += [patch.response for mesh in model.meshes for patch in mesh.patches]
    networks = [model.differential.of(model.differential.heard), model.subspaces]
    once = sum(array.nbytes for array in arrays) + sum(map(_bytes, networks))
    each = 4 * (len(model.statistics.kept) + 3 * vertices)
    count, parts, groups = closed.metrics.shape
    products = count * parts * groups * len(closed.centres) + closed.weights.size
    products += sum(region.basis.size for region in model.regions)
    products += sum(3 * patch.response.size for mesh in model.meshes for patch in mesh.patches)
    products += sum(weight.size for network in networks for weight, _ in network.layers)
    seconds = (once / frames + each) / measured.moved, products / measured.multiplied
    return Floor(1000 * seconds[0], 1000 * seconds[1])


def _bytes(networks: Stacked) -> int:
    return sum(weight.nbytes + bias.nbytes for weight, bias in networks.layers)
