"""A model of random numbers with an input that never moved in training, its file, and its exported graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from glm_deep.backends.opening import ModelFile
from glm_deep.bundle import Bundle
from glm_deep.export.onnx_file import metadata, onnx_bytes
from glm_deep.inputs import InputFrames, InputLayout, InputStatistics, raw_values
from glm_deep.machine import cache
from glm_deep.rundir import graph_path
from glm_deep.runtime.model import Model, from_bundle, to_bundle
from small_model import inputs, small_model

STILL = 0.7
TRAINING_FRAMES = 40
SMALL = np.float32(0.002)  # so that offsets are a part of the diagonal, as those of characters are

Poses = Callable[..., InputFrames]


@pytest.fixture(autouse=True)
def nothing_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keeps what is found out about this machine away from the user's own folder."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache of Zoë"))


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def _poses(count: int, still: int = 1) -> InputFrames:
    """The first training frames, with some floats that never move."""
    given = inputs(TRAINING_FRAMES, seed=0)
    floats = np.column_stack([given.floats, np.full((TRAINING_FRAMES, still), STILL)])
    return InputFrames(*(array[:count].copy() for array in (floats, given.joints, given.matrices)))


def _model(*still: str) -> Model:
    """The small model with more floats, which never moved in training; as it is when it was stored."""
    small = small_model()
    limits = np.concatenate([small.layout.float_limits, np.full((len(still), 2), np.nan)])
    layout = replace(small.layout, float_names=(*small.layout.float_names, *still), float_limits=limits)
    statistics = InputStatistics.fit(layout, raw_values(layout, _poses(TRAINING_FRAMES, len(still))))
    *layers, (weight, bias) = small.subspaces.layers
    model = replace(
        small,
        layout=layout,
        statistics=statistics,
        subspaces=replace(small.subspaces, layers=(*layers, (weight * SMALL, bias * SMALL))),
        regions=tuple(replace(region, basis=region.basis * SMALL) for region in small.regions),
        meshes=tuple(replace(mesh, mean=mesh.mean * SMALL, diagonal=1.0) for mesh in small.meshes),
    )
    return from_bundle(to_bundle(model, {}))


@pytest.fixture(scope="session")
def poses() -> Poses:
    """A function that gives the first frames of the training."""
    return _poses


@pytest.fixture(scope="session")
def make_model() -> Callable[..., Model]:
    """A function that gives the model whose floats of these names never moved in training."""
    return _model


@pytest.fixture(scope="session")
def model() -> Model:
    """Floats smile, blink and still, joints root and jaw; two meshes."""
    return _model("still")


@pytest.fixture(scope="session")
def bundle(model: Model) -> Bundle:
    return to_bundle(model, {"asset": "Zoë"})


@pytest.fixture(scope="session")
def floats_alone(model: Model) -> Model:
    """The same numbers, of a rig without joints and matrices."""
    names = model.layout.value_names
    none = np.zeros((0, 4, 4))
    layout = InputLayout(names, np.full((len(names), 2), np.nan), (), np.zeros(0, np.int32), none, ())
    return replace(model, layout=layout)


@pytest.fixture(scope="session")
def with_matrices(model: Model) -> Model:
    """The same numbers, of a rig with matrices instead of joints."""
    layout = replace(
        model.layout,
        joint_names=(),
        joint_parents=np.zeros(0, np.int32),
        joint_rest=np.zeros((0, 4, 4)),
        matrix_names=("shoulder", "elbow"),
    )
    return replace(model, layout=layout)


@pytest.fixture(scope="session")
def graph(model: Model, bundle: Bundle) -> bytes:
    """The exported graph of the model, in single precision."""
    return onnx_bytes(model, metadata(bundle, "fp32"), half=False)


@pytest.fixture
def bare(model: Model, bundle: Bundle, tmp_path: Path) -> ModelFile:
    """The model file, with nothing exported."""
    path = tmp_path / "Zoë und Björn" / "der Körper 1.glmdeep"
    bundle.save(path)
    return ModelFile(path, bundle.identity, model)


@pytest.fixture
def file(bare: ModelFile, graph: bytes) -> ModelFile:
    """The model file with its graph."""
    graph_path(bare.path, "fp32").write_bytes(graph)
    return bare
