"""Every setting of the training does what its help says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from glm_deep.config import AdditionalAnchors, Anchors, Pca
from glm_deep.events import Warned
from glm_deep.runtime.evaluator import Evaluator
from learning import COLUMNS, QUICK, ROWS, Character, rms, same, trained, with_differential, with_subspaces


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize(("layers", "neurons"), [(1, 8), (3, 24)])
def test_layers_and_neurons_give_the_shapes_of_the_differential_model(
    tmp_path: Path, layers: int, neurons: int
) -> None:
    learned, _ = trained(tmp_path, with_differential(layers=layers, neurons=neurons))
    shapes = [weight.shape[1:] for weight, _ in learned.model.differential.layers]
    assert len(shapes) == layers + 1
    assert [shape[1] for shape in shapes[:-1]] == [neurons] * layers
    assert all(len(weight) == len(learned.model.regions) for weight, _ in learned.model.differential.layers)


@pytest.mark.parametrize(("layers", "neurons"), [(1, 4), (3, 12)])
def test_layers_and_neurons_give_the_shapes_of_the_subspace_models(tmp_path: Path, layers: int, neurons: int) -> None:
    learned, _ = trained(tmp_path, with_subspaces(layers=layers, neurons=neurons))
    shapes = [weight.shape for weight, _ in learned.model.subspaces.layers]
    assert [shape[2] for shape in shapes] == [neurons] * layers + [3]
    assert {shape[0] for shape in shapes} == {10}


def test_epochs_are_trained_as_often_as_is_set_for_each_kind_of_model(tmp_path: Path) -> None:
    training = replace(with_differential(epochs=7), subspaces=replace(QUICK.subspaces, epochs=3))
    _, run = trained(tmp_path, training)
    assert [event.epoch for event in run.epochs("differential")] == list(range(1, 8))
    assert [event.epoch for event in run.epochs("subspaces")] == [1, 2, 3]
    assert {event.epochs for event in run.epochs("differential")} == {7}
    assert {event.epochs for event in run.epochs("subspaces")} == {3}


def test_without_epochs_what_is_solved_is_kept(tmp_path: Path) -> None:
    training = replace(with_differential(epochs=0), subspaces=replace(QUICK.subspaces, epochs=0))
    learned, run = trained(tmp_path, training)
    assert not run.epochs("differential") + run.epochs("subspaces")
    x = learned.prepared.x[:5]
    assert (Evaluator(learned.model).coefficients(x)[1] == 0).all()
    assert (learned.model.subspaces(x) == 0).all()
    errors = rms(learned, Character(frames=20, seed=1).source())
    assert errors["model"] < 0.2 * errors["ridge"]


@pytest.mark.parametrize("batches", [1, 5])
def test_the_batch_split_is_the_number_of_steps_in_an_epoch(tmp_path: Path, batches: int) -> None:
    _, run = trained(tmp_path, with_differential(batch_split=batches))
    steps = {int(each["step"]) for each in run.states["differential"].optimiser.state.values()}
    assert steps == {12 * batches}


def test_the_learning_rate_scales_the_schedule(tmp_path: Path) -> None:
    slow, slow_run = trained(tmp_path, replace(QUICK, learning_rate=1e-3))
    fast, fast_run = trained(tmp_path, replace(QUICK, learning_rate=4e-3))
    for model in ("differential", "subspaces"):
        slow_rates = [event.learning_rate for event in slow_run.epochs(model)]
        assert [event.learning_rate for event in fast_run.epochs(model)] == pytest.approx(np.multiply(slow_rates, 4))
        assert 0.8e-2 < max(slow_rates) <= 1e-2
    assert not same(slow, fast)


def test_decay_epochs_and_divider_set_the_rates(tmp_path: Path) -> None:
    training = replace(QUICK, learning_rate_decay_epochs=5, learning_rate_decay_divider=4.0)
    _, run = trained(tmp_path, training)
    rates = [event.learning_rate for event in run.epochs("differential")]
    assert rates == pytest.approx([1e-3] * 5 + [2.5e-4] * 5 + [6.25e-5] * 2)


def test_a_pca_size_is_used_as_it_is(tmp_path: Path) -> None:
    learned, run = trained(tmp_path, replace(QUICK, pca=Pca(size=3)))
    assert learned.model.starts[-1] == learned.measured.starts[-1] == 3
    assert learned.ridge.shape[1] == 3
    assert not any(isinstance(event, Warned) for event in run.events)


def test_a_pca_size_above_a_tenth_of_the_vertices_is_bounded_with_a_warning(tmp_path: Path) -> None:
    learned, run = trained(tmp_path, replace(QUICK, pca=Pca(size=500)), Character(noise=0.01))
    assert learned.model.starts[-1] == 20
    warned = [event.text for event in run.events if isinstance(event, Warned)]
    assert len(warned) == 1
    assert "500" in warned[0]
    assert "20 is used" in warned[0]


def test_the_size_that_is_found_is_nearly_as_good_as_any(tmp_path: Path) -> None:
    found, _ = trained(tmp_path)
    most, _ = trained(tmp_path, replace(QUICK, pca=Pca(size=500)))
    assert found.model.starts[-1] <= most.model.starts[-1]
    assert found.losses["differential"][0] ** 0.5 <= 1.01 * most.losses["differential"][0] ** 0.5


def test_without_pca_nothing_is_left_out_of_the_basis(tmp_path: Path) -> None:
    with_pca, _ = trained(tmp_path, replace(QUICK, pca=Pca(size=2)))
    without, _ = trained(tmp_path, replace(QUICK, pca=Pca(enabled=False, size=2)))
    train = without.prepared.split.train
    assert without.model.starts[-1] > 2
    assert without.solved.left[train].max() < 1e-6
    assert with_pca.solved.left[train].max() > 1e-3


@pytest.mark.parametrize(("percent", "count"), [(0.1, 2), (5.0, 10), (10.0, 20)])
def test_the_percentage_of_anchors_is_that_of_the_vertices_but_every_shell_has_one(
    tmp_path: Path, percent: float, count: int
) -> None:
    learned, run = trained(tmp_path, replace(QUICK, anchors=Anchors(percent=percent)))
    anchors = learned.model.meshes[0].anchors
    assert len(anchors) == len(learned.model.subspaces.inputs) == count
    assert (anchors[:2] < ROWS * COLUMNS).tolist() == [True, False]  # the tube and the ring
    assert {len(event.anchor_train or ()) for event in run.epochs("subspaces")} == {count}


def test_losses_of_the_anchors_average_to_the_loss_of_the_epoch(tmp_path: Path) -> None:
    _, run = trained(tmp_path)
    for event in run.epochs("subspaces"):
        assert event.anchor_train is not None
        assert event.anchor_validation is not None
        assert np.mean(event.anchor_train) == pytest.approx(event.train_loss, rel=1e-3)
        assert np.mean(event.anchor_validation) == pytest.approx(event.validation_loss, rel=1e-3)


def test_additional_anchors_of_a_mesh_come_first_on_top_of_the_others(tmp_path: Path) -> None:
    additional = (AdditionalAnchors("shirt", (3, 90)), AdditionalAnchors("shirt", (17,)))
    training = replace(QUICK, anchors=Anchors(percent=5.0, additional=additional))
    learned, _ = trained(tmp_path, training, Character(meshes=("body", "shirt")))
    body, shirt = (mesh.anchors.tolist() for mesh in learned.model.meshes)
    assert len(body) == 10
    assert len(shirt) == 13
    assert {3, 90, 17} <= set(shirt[:4])


@pytest.mark.parametrize(("share", "count"), [(0.1, 7), (0.3, 21)])
def test_the_validation_share_is_held_out(tmp_path: Path, share: float, count: int) -> None:
    learned, _ = trained(tmp_path, replace(QUICK, validation_share=share))
    assert len(learned.prepared.split.validation) == count
    assert len(learned.solved.frames) == 70 - count


@pytest.mark.parametrize(("early_stop", "epochs"), [(True, 20), (False, 24)])
def test_a_training_that_gains_nothing_is_stopped_early_where_this_is_wanted(
    tmp_path: Path, early_stop: bool, epochs: int
) -> None:
    training = replace(with_differential(epochs=24), learning_rate=1e-9, early_stop=early_stop)
    _, run = trained(tmp_path, training)
    assert len(run.epochs("differential")) == epochs
