"""What moves what in a small character, as if it had been measured in its scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from glm_deep.dataset.measured_relevance import MeasuredRelevance, extents
from glm_deep.dataset.store import SampleStore


def measure(samples: Path, moving: Mapping[str, float], tried: float = 1.0) -> MeasuredRelevance:
    """Keeps a measurement beside samples of one mesh: every input named moves all vertices by its number.

    Args:
        samples: folder of the samples. moving: inputs that were measured.
        tried: how far, in parts of what the samples do.
    """
    store = SampleStore(samples)
    found = store.open()
    rows = [found.layout.group_names.index(name) for name in moving]
    distances = np.outer(list(moving.values()), np.ones(len(found.meshes[0].rest))).astype(np.float32)
    gone = tried * extents(found.layout, found.inputs)[rows]
    made = MeasuredRelevance(found.fingerprint, tuple(moving), gone, (distances,))
    made.save(samples)
    return made


def same_everywhere(names: Sequence[str], moving: Mapping[str, float], vertices: int) -> np.ndarray:
    """(V, number of inputs) float32: how far each of `names` moves every vertex, 0 where nothing is said."""
    return np.tile(np.array([moving.get(name, 0.0) for name in names], np.float32), (vertices, 1))
