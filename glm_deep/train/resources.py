"""What a training may use: device, threads, memory."""

from __future__ import annotations

import os
from dataclasses import dataclass

import psutil
import torch

from glm_deep.config import Training
from glm_deep.errors import GlmDeepError
from glm_deep.train.closed_form import MOST_COMPONENTS
from glm_deep.train.regions import FRAMES_A_REGION, MOST_REGIONS
from glm_deep.train.relevance import MOST_VALUES

_SPARE = 400e6  # bytes that Python and its libraries take


@dataclass(frozen=True)
class Device:
    """The device of the differential model: the one that was asked for, the one in use, and why."""

    asked: str
    used: torch.device
    why: str
    missing: bool


def choose_device(asked: str) -> Device:
    """The device for `automatic`, `cpu` or `cuda`; a GPU that was asked for and is not there is said, not hidden."""
    available = torch.cuda.is_available()
    if asked == "cpu":
        return Device(asked, torch.device("cpu"), "asked for", False)
    if available:
        why = f"asked for: {torch.cuda.get_device_name()}" if asked == "cuda" else torch.cuda.get_device_name()
        return Device(asked, torch.device("cuda"), why, False)
    build = "this torch was built without CUDA" if torch.version.cuda is None else "no usable GPU was found"
    return Device(asked, torch.device("cpu"), build, asked == "cuda")


def use_threads(asked: int) -> int:
    """Sets how many threads torch uses, 0 for as many as there are processors to use, and returns it."""
    threads = asked or usable_threads()
    torch.set_num_threads(threads)
    return threads


def usable_threads() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def needed_memory(frames: int, vertices: int, anchors: int, components: int | None, threads: int) -> float:
    """Bytes that a training takes at its peak, estimated from its largest arrays.

    Args:
        frames: F. vertices: V of all meshes. anchors: A of all meshes.
        components: of a region at the most, None for all that the frames give.
        threads: regions that are solved at once.
    """
    kept = frames if components is None else min(frames, components)
    bases = 1.7 * 3 * vertices * kept * 8  # the regions overlap by about 1.7
    region = 1.7 * 3 * vertices / 20 * frames * 4
    in_work = threads * (2.0 * region + 6 * min(frames, 1200) ** 2 * 8)
    patches = 1.5 * vertices * 60 * 8
    size = min(MOST_REGIONS * kept, frames if components else MOST_REGIONS * frames)
    mesh_loss = 4.0 * (size**2 + 3 * size * anchors + anchors**2) + 2 * 4.0 * frames * (size + 3 * anchors)
    sparse = 3 * 12.0 * 1.7 * vertices * size / MOST_REGIONS
    return _SPARE + bases + in_work + patches + mesh_loss + sparse


def network_memory(training: Training, frames: int, anchors: int, values: int) -> float:
    """Bytes that the networks take: each weight, its gradient, two moments of the optimiser, the best so far, and what
    a batch leaves behind in every layer.

    Args:
        training: their layers and neurons.
        frames: F. anchors: A of all meshes. values: input values of the rig.
    """
    fed = min(values, MOST_VALUES)

    def weights(layers: int, neurons: int, outputs: int) -> float:
        return fed * neurons + (layers - 1) * neurons**2 + neurons * outputs

    regions = max(1, min(MOST_REGIONS, frames // FRAMES_A_REGION))
    differential = regions * weights(training.differential.layers, training.differential.neurons, MOST_COMPONENTS)
    subspaces = anchors * weights(training.subspaces.layers, training.subspaces.neurons, 3)
    batch = frames / min(training.differential.batch_split, frames)
    deep = regions * training.differential.layers * training.differential.neurons
    small = anchors * (fed + training.subspaces.layers * training.subspaces.neurons)
    return 5.0 * 4 * (differential + subspaces) + 3.0 * 4 * batch * (deep + small)


def check_memory(needed: float, available: float | None = None) -> None:
    """Refuses settings that would not fit.

    Raises:
        GlmDeepError: with the figure.
    """
    free = float(psutil.virtual_memory().available) if available is None else available
    if needed > free:
        raise GlmDeepError(
            f"the training needs about {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free",
            hint="Lower training.anchors.percent or the neurons, set training.pca.enabled, or use more memory",
        )
