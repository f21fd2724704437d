"""Several meshes in one model: none pays for the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from glm_deep.dataset.source import ArchiveSource
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.train.learn import Learned
from learning import QUICK, Character, Run, rms
from pulled_model import pulled

MESHES = ("body", "shirt")


def learned_from(source: ArchiveSource, folder: Path) -> Learned:
    torch.set_num_threads(1)
    folder.mkdir()
    return Run().learn(source, QUICK, folder)


def left(learned: Learned, source: ArchiveSource, mesh: str) -> float:
    """The error in frames that were not seen, as a part of what the linear mesh leaves."""
    errors = rms(learned, source, mesh)
    return errors["model"] / errors["linear_only"]


def disturbed(source: ArchiveSource, mesh: int, size: float) -> ArchiveSource:
    """The same frames, one mesh of which trembles without a reason."""
    frames = source.frames
    meshes = list(frames.meshes)
    deformed = meshes[mesh].deformed
    assert deformed is not None
    noise = size * np.random.default_rng(5).normal(size=deformed.shape).astype(np.float32)
    meshes[mesh] = replace(meshes[mesh], deformed=deformed + noise)
    return ArchiveSource(replace(frames, meshes=tuple(meshes)))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    return learned_from(Character(frames=120, meshes=MESHES).source(), tmp_path_factory.mktemp("shared") / "work")


@pytest.mark.parametrize("mesh", MESHES)
def test_a_mesh_is_no_worse_in_a_shared_model_than_alone(mesh: str, shared: Learned, tmp_path: Path) -> None:
    alone = learned_from(Character(frames=120, meshes=(mesh,)).source(), tmp_path / "alone")
    unseen = Character(frames=60, seed=1, meshes=MESHES).source()
    of_shared = left(shared, unseen, mesh)
    of_alone = left(alone, Character(frames=60, seed=1, meshes=(mesh,)).source(), mesh)
    assert of_alone < 0.1
    assert of_shared < 1.2 * of_alone


def test_noise_of_one_mesh_does_not_reach_the_other(shared: Learned, tmp_path: Path) -> None:
    noisy = learned_from(disturbed(Character(frames=120, meshes=MESHES).source(), 1, 0.05), tmp_path / "noisy")
    unseen = Character(frames=60, seed=1, meshes=MESHES).source()
    assert left(noisy, unseen, "shirt") > 2 * left(shared, unseen, "shirt")
    assert left(noisy, unseen, "body") < 1.2 * left(shared, unseen, "body")


def test_no_vertex_follows_an_anchor_of_another_mesh(shared: Learned) -> None:
    model = pulled(shared.model)
    apart = [replace(mesh, anchors=mesh.anchors[:0], patches=()) for mesh in model.meshes]
    inputs = Character(frames=9, seed=2, meshes=MESHES).source().inputs
    whole = Evaluator(model).offsets(inputs)
    count = len(model.meshes[0].anchors)
    without = Evaluator(
        replace(model, meshes=(model.meshes[0], apart[1]), subspaces=model.subspaces.of(np.arange(count)))
    ).offsets(inputs)
    np.testing.assert_allclose(without[0], whole[0], atol=1e-6)
    assert np.abs(without[1] - whole[1]).max() > 1e-6  # the other one has lost its own anchors
