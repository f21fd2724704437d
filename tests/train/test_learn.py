"""A whole training of a small character, and what each setting changes of it."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from glm_deep.config import Pca, Subspaces
from glm_deep.errors import DataError
from glm_deep.events import Phase
from glm_deep.train.fit import FitState
from glm_deep.train.learn import StoppedTooEarly, learn
from glm_deep.train.setting import Setting
from learning import (
    QUICK,
    Character,
    Run,
    offsets_of,
    played,
    rms,
    same,
    trained,
    with_differential,
)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_the_model_beats_ridge_regression_and_the_linear_mesh_in_frames_that_it_has_not_seen(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path)
    errors = rms(learned, Character(frames=40, seed=1).source())
    assert errors["ridge"] < errors["linear_only"]
    assert errors["model"] < 0.2 * errors["ridge"]


def test_the_same_seed_gives_the_same_model_on_any_number_of_threads(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two", "other")]
    for folder in folders:
        folder.mkdir()
    source = Character().source()
    first = Run().learn(source, QUICK, folders[0])
    again = Run().learn(source, QUICK, folders[1], threads=2)
    other = Run().learn(source, replace(QUICK, seed=1), folders[2])
    assert same(first, again)
    assert not same(first, other)
    assert not np.array_equal(first.prepared.split.validation, other.prepared.split.validation)


def test_training_the_networks_improves_on_the_closed_form(tmp_path: Path) -> None:
    training = replace(with_differential(epochs=60), learning_rate=1e-2, subspaces=Subspaces(60, 1, 16))
    learned, run = trained(tmp_path, training)
    for before, after in learned.losses.values():
        assert after < 0.98 * before
    for model, (_, after) in learned.losses.items():
        assert after <= min(event.validation_loss for event in run.epochs(model)) * (1 + 1e-5)


def test_the_loss_is_the_part_of_the_squared_offsets_that_is_wrong(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path, character=Character(frames=40))
    assert len(learned.model.regions) == 1  # of several, the loss is a bound
    prepared, frames = learned.prepared, learned.prepared.split.validation
    truth = prepared.targets.offsets[0]
    closed, networks = learned.measured.coefficients(prepared.x[frames])
    direct = learned.measured.direct_offsets(closed + networks)[0]
    wrong = np.mean(np.sum((direct - truth[frames]) ** 2, axis=(1, 2)))
    whole = np.mean(np.sum(truth.astype(float) ** 2, axis=(1, 2)))
    assert learned.losses["differential"][1] == pytest.approx(wrong / whole, rel=1e-3)


def test_the_loss_bounds_what_is_wrong_where_regions_blend(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path, character=Character(meshes=("body", "shirt")))
    prepared, frames = learned.prepared, learned.prepared.split.validation
    closed, networks = learned.measured.coefficients(prepared.x[frames])
    wrong = 0.0
    for mesh, direct in enumerate(learned.measured.direct_offsets(closed + networks)):
        truth = prepared.targets.offsets[mesh]
        whole = np.mean(np.sum(truth.astype(float) ** 2, axis=(1, 2)))
        wrong += 0.5 * np.mean(np.sum((direct - truth[frames]) ** 2, axis=(1, 2))) / whole
    assert 0.3 * learned.losses["differential"][1] < wrong <= learned.losses["differential"][1]


def test_the_model_to_play_knows_all_frames_and_the_measured_one_those_of_the_training(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path)
    prepared = learned.prepared
    np.testing.assert_array_equal(learned.model.centres, prepared.x)
    np.testing.assert_array_equal(learned.measured.centres, prepared.x[prepared.split.train])
    for name in ("differential", "subspaces"):
        assert getattr(learned.model, name) is getattr(learned.measured, name)


def test_scaled_offsets_have_a_mean_square_of_one(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path, character=Character(meshes=("body", "shirt", "hat"), linear=("shirt",)))
    targets = learned.prepared.targets
    parts = [
        np.mean(np.sum((scale * offsets.astype(float)) ** 2, axis=(1, 2)))
        for scale, offsets in zip(targets.scales, targets.offsets)
    ]
    assert parts == pytest.approx([0.5, 0.0, 0.5], rel=1e-5)


def test_the_offsets_before_skinning_are_found(tmp_path: Path) -> None:
    character = Character()
    learned, _ = trained(tmp_path, character=character)
    source = character.source()
    rotation = source.inputs.joints[:, 1]
    angle = np.arctan2(rotation[:, 1, 0], rotation[:, 0, 0])
    truth = offsets_of(source.meshes[0].rest, angle, source.inputs.floats)
    np.testing.assert_allclose(learned.prepared.targets.offsets[0], truth, atol=1e-5)


def test_all_components_of_all_regions_together_give_the_offsets(tmp_path: Path) -> None:
    training = replace(QUICK, pca=Pca(enabled=False))
    learned, _ = trained(tmp_path, training, Character(meshes=("body", "shirt")))
    train = learned.prepared.split.train
    rebuilt = learned.measured.direct_offsets(learned.solved.coefficients[train])
    for mesh in range(2):
        np.testing.assert_allclose(rebuilt[mesh], learned.prepared.targets.offsets[mesh][train], atol=1e-4)


def test_phases_end_when_all_is_done(tmp_path: Path) -> None:
    _, run = trained(tmp_path)
    last = {event.name: event for event in run.events if isinstance(event, Phase)}
    assert list(last) == ["offsets", "closed form", "reconstruction"]
    assert all(event.done == event.total for event in last.values())


def test_a_training_that_is_stopped_before_anything_was_learned_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoppedTooEarly, match="stopped before there was a model"):
        Run().learn(Character().source(), QUICK, tmp_path, stopped=lambda: True)


def test_a_training_that_is_stopped_in_the_closed_form_says_so(tmp_path: Path) -> None:
    run = Run()

    def in_closed_form() -> bool:
        return any(isinstance(event, Phase) and event.name == "closed form" for event in run.events)

    with pytest.raises(StoppedTooEarly):
        run.learn(Character().source(), QUICK, tmp_path, stopped=in_closed_form)


@pytest.mark.parametrize(("model", "differential", "subspaces"), [("differential", 3, 0), ("subspaces", 12, 3)])
def test_a_training_that_is_stopped_later_gives_what_it_has(
    tmp_path: Path, model: str, differential: int, subspaces: int
) -> None:
    run = Run()
    learned = run.learn(Character().source(), QUICK, tmp_path, stopped=lambda: len(run.epochs(model)) >= 3)
    assert learned.stopped
    assert (len(run.epochs("differential")), len(run.epochs("subspaces"))) == (differential, subspaces)
    errors = rms(learned, Character(frames=20, seed=1).source())
    assert errors["model"] < 0.2 * errors["ridge"]


def test_a_training_to_its_end_is_not_called_stopped(tmp_path: Path) -> None:
    assert not trained(tmp_path)[0].stopped


def test_a_run_with_the_states_of_a_stopped_one_ends_with_the_model_of_an_uninterrupted_one(tmp_path: Path) -> None:
    whole, _ = trained(tmp_path)
    folder = tmp_path / "resumed"
    folder.mkdir()
    run, stop_at = Run(), 5
    saved: dict[str, dict[str, Any]] = {}

    def keep(name: str, state: FitState) -> None:
        saved[name] = copy.deepcopy(vars(state))

    def take(name: str, state: FitState) -> None:
        if name in saved:
            kept = saved[name]
            state.network.load_state_dict(kept["network"].state_dict())
            state.optimiser.load_state_dict(kept["optimiser"].state_dict())
            state.best, state.best_loss, state.reached = kept["best"], kept["best_loss"], kept["reached"]
            state.best_epoch, state.epoch = kept["best_epoch"], kept["epoch"]

    def stopped() -> bool:
        return len(run.epochs("differential")) >= stop_at

    setting = Setting(torch.device("cpu"), 1, folder, run.events.append, stopped, keep, take)
    assert learn(Character().source(), QUICK, setting).stopped
    stop_at = 1000
    resumed = learn(Character().source(), QUICK, setting)
    assert [event.epoch for event in run.epochs("differential")] == list(range(1, 13))
    assert same(resumed, whole)


def test_several_meshes_are_learned_by_one_model(tmp_path: Path) -> None:
    character = Character(meshes=("body", "shirt"))
    learned, _ = trained(tmp_path, character=character)
    assert [mesh.name for mesh in learned.model.meshes] == ["body", "shirt"]
    assert {region.mesh for region in learned.model.regions} == {0, 1}
    unseen = replace(character, frames=30, seed=1).source()
    for mesh in ("body", "shirt"):
        errors = rms(learned, unseen, mesh)
        assert errors["model"] < 0.1 * errors["linear_only"]


def test_a_mesh_that_is_purely_linear_stays_so_beside_one_that_is_not(tmp_path: Path) -> None:
    character = Character(meshes=("body", "board"), linear=("board",))
    learned, _ = trained(tmp_path, character=character)
    unseen = replace(character, frames=30, seed=1).source()
    assert np.abs(played(learned, unseen)[1]).max() < 1e-5
    errors = rms(learned, unseen, "body")
    assert errors["model"] < 0.1 * errors["linear_only"]


def test_rounding_errors_of_a_mesh_are_not_learned(tmp_path: Path) -> None:
    character = Character(meshes=("body", "board"), linear=("board",), noise=1e-7)
    learned, _ = trained(tmp_path, character=character)
    assert np.abs(learned.prepared.targets.offsets[1]).max() > 0
    assert learned.prepared.targets.scales[1] == 0
    assert learned.prepared.targets.scales[0] > 0


@pytest.mark.parametrize(
    "character",
    [Character(joints=False), Character(floats=False), Character(skinned=False)],
    ids=["no joints", "no floats", "no skinning"],
)
def test_characters_that_lack_something_are_learned(tmp_path: Path, character: Character) -> None:
    learned, _ = trained(tmp_path, character=character)
    assert learned.prepared.targets.mesh_space == (() if character.skinned else ("body",))
    errors = rms(learned, replace(character, frames=30, seed=1).source())
    assert errors["model"] < 0.2 * errors["linear_only"]


def test_an_input_that_never_changes_is_dropped(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path, character=Character(constant=True))
    names = np.array(learned.model.layout.value_names)
    kept = set(names[learned.model.statistics.kept].tolist())
    assert {"swell", "push", "elbow.m00", "elbow.m01"} <= kept
    assert "still" not in kept
    assert not any(name.startswith("root") for name in kept)
    source = Character(frames=10, seed=1, constant=True).source()
    before = played(learned, source)[0]
    source.inputs.floats[:, 2] = -5.0
    np.testing.assert_array_equal(played(learned, source)[0], before)


def test_samples_without_deformation_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing to learn"):
        trained(tmp_path, character=Character(linear=("body",)))


def test_samples_in_which_no_input_moves_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no rig input changes"):
        trained(tmp_path, character=Character(joints=False, floats=False))


def test_samples_whose_offsets_never_change_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="same in every training frame"):
        trained(tmp_path, character=Character(still=True, skinned=False))
