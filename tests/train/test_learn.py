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
from glm_deep.dataset.frames import Frames, MeshFrames, Skinning
from glm_deep.dataset.source import ArchiveSource
from glm_deep.errors import DataError
from glm_deep.events import Phase
from glm_deep.inputs import InputFrames
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import from_bundle, to_bundle
from glm_deep.train.fit import FitState
from glm_deep.train.learn import Learned, StoppedTooEarly, learn
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

LEARNED = replace(
    with_differential(epochs=30), learning_rate=3e-3, subspaces=Subspaces(30, 1, 16), validation_share=0.2
)
held_back = pytest.mark.usefixtures("_held_back")
"""Makes networks with LEARNED prove themselves, some of them with QUICK too."""


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_the_model_beats_ridge_regression_and_the_linear_mesh_in_frames_that_it_has_not_seen(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path)
    errors = rms(learned, Character(frames=40, seed=1).source())
    assert errors["ridge"] < errors["linear_only"]
    assert errors["model"] < 0.2 * errors["ridge"]


@held_back
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


@held_back
def test_training_the_networks_improves_on_the_closed_form(tmp_path: Path) -> None:
    learned, run = trained(tmp_path, LEARNED, Character(frames=150))
    for model, part in (("differential", 0.2), ("subspaces", 0.2), ("fine-tuning", 0.95)):
        before, after = learned.losses[model]
        assert after < part * before
    for model in ("differential", "subspaces"):
        lowest = min(event.validation_loss for event in run.epochs(model))
        assert learned.losses[model][1] <= lowest * (1 + 1e-5)


def wrong_parts(learned: Learned, played: list[np.ndarray]) -> list[float]:
    """Of each mesh, the part of its squared offsets that is wrong in the validation frames."""
    prepared, frames = learned.prepared, learned.prepared.split.validation
    parts = []
    for truth, found in zip(prepared.targets.offsets, played):
        whole = np.mean(np.sum(truth.astype(float) ** 2, axis=(1, 2)))
        parts.append(float(np.mean(np.sum((found - truth[frames]) ** 2, axis=(1, 2))) / whole))
    return parts


def direct(learned: Learned) -> list[np.ndarray]:
    """Offsets without anchors in the validation frames."""
    player = Evaluator(learned.measured)
    closed, networks = player.coefficients(learned.prepared.x[learned.prepared.split.validation])
    return player.offsets_of_coefficients(closed + networks)


@held_back
def test_the_loss_is_the_part_of_the_squared_offsets_that_is_wrong(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path, replace(LEARNED, validation_share=0.5), Character(frames=80, noise=0.01))
    assert len(learned.model.regions) == 1  # of several, the loss is a bound
    assert learned.losses["differential"][1] < 0.9 * learned.losses["differential"][0]
    assert learned.losses["differential"][1] == pytest.approx(wrong_parts(learned, direct(learned))[0], rel=3e-3)


@held_back
def test_the_loss_bounds_what_is_wrong_where_regions_blend(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path, LEARNED, Character(frames=150, meshes=("body", "shirt"), noise=0.01))
    assert learned.losses["differential"][1] < 0.9 * learned.losses["differential"][0]
    wrong = float(np.mean(wrong_parts(learned, direct(learned))))
    assert 0.3 * learned.losses["differential"][1] < wrong <= learned.losses["differential"][1]


@held_back
def test_the_loss_of_both_together_is_what_is_wrong_in_the_model(tmp_path: Path) -> None:
    """Exactly, anchors and blending included, whatever number of meshes."""
    learned, _ = trained(tmp_path, LEARNED, Character(frames=150, meshes=("body", "shirt"), noise=0.02))
    before, after = learned.losses["fine-tuning"]
    assert after < before < learned.losses["differential"][1]
    x = learned.prepared.x[learned.prepared.split.validation]
    wrong = float(np.mean(wrong_parts(learned, Evaluator(learned.measured).offsets_of(x))))
    assert after == pytest.approx(wrong, rel=3e-3)


def test_the_model_to_play_knows_all_frames_and_the_measured_one_those_of_the_training(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path)
    prepared = learned.prepared
    np.testing.assert_array_equal(learned.model.closed_form.centres, prepared.x)
    np.testing.assert_array_equal(learned.measured.closed_form.centres, prepared.x[prepared.split.train])
    played, measured = (to_bundle(each, {}).arrays for each in (learned.model, learned.measured))
    other = {name for name in played if played[name].tobytes() != measured[name].tobytes()}
    assert other == {"closed_form/centres", "closed_form/weights"}


@held_back
def test_the_model_is_as_its_file_keeps_it(tmp_path: Path) -> None:
    """So that what is measured is what is played."""
    learned, _ = trained(tmp_path)
    for model in (learned.model, learned.measured):
        again = Evaluator(from_bundle(to_bundle(model, {})))
        for before, after in zip(Evaluator(model).offsets_of(learned.prepared.x), again.offsets_of(learned.prepared.x)):
            np.testing.assert_allclose(after, before, atol=1e-6)


def test_the_closed_form_plays_in_single_precision_as_it_was_solved_in_double(tmp_path: Path) -> None:
    learned, _ = trained(tmp_path, character=Character(meshes=("body", "shirt")))
    closed, _ = Evaluator(learned.measured).coefficients(learned.prepared.x)
    exact = learned.solved.predict(learned.prepared.x)
    error = np.sqrt(np.mean((closed - exact) ** 2, axis=0))
    assert error.max() < 1e-3 * np.sqrt(np.mean(exact**2, axis=0)).max()


def in_units(source: ArchiveSource, factor: float) -> ArchiveSource:
    """The same character with all lengths times a factor."""

    def moved(matrices: np.ndarray) -> np.ndarray:
        result = matrices.copy()
        result[..., :3, 3] *= factor
        return result

    frames = source.frames
    meshes = tuple(
        MeshFrames(
            replace(mesh.rest, rest=np.float32(factor) * mesh.rest.rest),
            np.float32(factor) * mesh.deformed,
            np.float32(factor) * mesh.linear,
            Skinning(mesh.skinning.weights, moved(mesh.skinning.matrices)),
        )
        for mesh in frames.meshes
    )
    layout = replace(frames.layout, joint_rest=moved(frames.layout.joint_rest))
    inputs = InputFrames(frames.inputs.floats, moved(frames.inputs.joints), frames.inputs.matrices)
    return ArchiveSource(Frames(layout, inputs, frames.clips, meshes))


@pytest.mark.parametrize("factor", [1e-3, 100.0, 1e5])
def test_the_scene_unit_makes_no_difference(tmp_path: Path, factor: float) -> None:
    """Metres, millimetres or kilometres: the errors are the same parts of the character."""
    errors = []
    for name, unit in (("plain", 1.0), ("other", factor)):
        (tmp_path / name).mkdir()
        learned = Run().learn(in_units(Character(noise=0.005).source(), unit), QUICK, tmp_path / name)
        found = rms(learned, in_units(Character(frames=40, seed=1).source(), unit))
        errors.append([value / unit for value in found.values()])
    np.testing.assert_allclose(errors[1], errors[0], rtol=0.02)


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
    coefficients = learned.solved.coefficients[train].astype(np.float32)
    rebuilt = Evaluator(learned.measured).offsets_of_coefficients(coefficients)
    for mesh in range(2):
        np.testing.assert_allclose(rebuilt[mesh], learned.prepared.targets.offsets[mesh][train], atol=5e-4)


def test_phases_end_when_all_is_done(tmp_path: Path) -> None:
    _, run = trained(tmp_path)
    last = {event.name: event for event in run.events if isinstance(event, Phase)}
    assert list(last) == ["offsets", "closed form", "reconstruction", "vertex errors", "fine-tuning"]
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


@held_back
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
