"""One kernel regression over all meshes, fed with all inputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from baselines.kernel_ridge import Smoother, choose, squared_distances
from baselines.parts import Part, sampled_offsets
from baselines.predictor import Fitted, Predictor
from glm_deep.train.prepare import Prepared

MOST_FRAMES = 3000
"""Above it a random subset of the frames carries the kernel: solving costs the cube of their number."""

MOST_CHOOSING = 800
"""Training frames, and validation frames, that the choices are made with at the most."""

_VERTICES = 300  # of each mesh, for choosing


def fit(prepared: Prepared, seed: int = 0) -> Fitted:
    """The kernel, and the scaling of the inputs, with the smallest error on the validation frames."""
    train, validation = choosing_frames(prepared, seed)
    some = np.concatenate([train, validation])
    y = _normalised(prepared, some, seed)
    first, second = np.arange(len(train)), np.arange(len(train), len(some))
    scalings = {"inputs as they are": np.ones(prepared.x.shape[1]), "every input alike": equal_inputs(prepared)}
    found = {}
    for name, factors in scalings.items():
        x = prepared.x[some] * factors
        found[name] = choose(squared_distances(x, x), y, first, second)
    name = min(found, key=lambda each: found[each].error)
    kept = carrying_frames(prepared, seed)
    x = prepared.x[kept] * scalings[name]
    offsets = [each if len(kept) == len(prepared.x) else np.asarray(each[kept]) for each in prepared.targets.offsets]

    def predictor(rows: NDArray[np.int64]) -> Predictor:
        return _predictor(Smoother(x[rows], found[name]), scalings[name], offsets, rows)

    training = np.flatnonzero(np.isin(kept, prepared.split.train))
    note = f"{found[name].shape}, ridge {found[name].ridge:g}, {name}"
    return Fitted(predictor(np.arange(len(kept))), predictor(training), note)


def choosing_frames(prepared: Prepared, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Training and validation frames that choices are made with."""
    random = np.random.default_rng(seed)
    train, validation = (
        np.sort(random.choice(frames, min(len(frames), MOST_CHOOSING), replace=False))
        for frames in (prepared.split.train, prepared.split.validation)
    )
    return train, validation


def carrying_frames(prepared: Prepared, seed: int) -> NDArray[np.int64]:
    """The frames that a kernel is fitted to in the end, in order."""
    count = len(prepared.x)
    return np.sort(np.random.default_rng(seed).choice(count, min(count, MOST_FRAMES), replace=False))


def equal_inputs(prepared: Prepared) -> NDArray[np.float64]:
    """(I,) factors after which every rig input has the same variance, however many values it has."""
    groups = prepared.groups
    variances = np.bincount(groups, prepared.x.var(axis=0, dtype=np.float64), int(groups.max()) + 1)[groups]
    return 1.0 / np.sqrt(np.maximum(variances, 1e-12))


def _normalised(prepared: Prepared, frames: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Offsets (n,N) of some vertices, every mesh with the same variance."""
    meshes = [Part(mesh, np.arange(count)) for mesh, count in enumerate(prepared.targets.vertex_counts)]
    sampled = sampled_offsets(prepared, meshes, _VERTICES, frames, seed)
    return np.concatenate([y / max(float(np.linalg.norm(y - y.mean(axis=0))), 1e-30) for y in sampled], axis=1)


def _predictor(
    smoother: Smoother, factors: NDArray[np.float64], offsets: Sequence[np.ndarray], rows: NDArray[np.int64]
) -> Predictor:
    """What a smoother that was fitted to the frames `rows` of `offsets` predicts."""
    used = np.isin(np.arange(len(offsets[0])), rows)
    means = [each.mean(axis=0, dtype=np.float64, where=used[:, None, None]) for each in offsets]

    def predict(x: np.ndarray) -> list[np.ndarray]:
        some = smoother(x * factors)
        weights = np.zeros((len(x), len(used)), np.float32)
        weights[:, rows] = some
        rest = (1.0 - some.sum(axis=1)).astype(np.float32)[:, None, None]
        return [np.tensordot(weights, each, 1) + rest * mean.astype(np.float32) for each, mean in zip(offsets, means)]

    return predict
