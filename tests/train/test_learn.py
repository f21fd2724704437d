"""A whole training of a small character, and what each setting changes of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from glm_deep.config import AdditionalAnchors, Anchors, Differential, Pca, Subspaces, Training
from glm_deep.dataset.frames import Frames, MeshFrames, MeshRest, Skinning
from glm_deep.dataset.source import ArchiveSource
from glm_deep.errors import DataError
from glm_deep.events import Epoch, Event, Phase, Warned
from glm_deep.inputs import InputFrames, InputLayout, raw_values
from glm_deep.runtime.evaluation import measure
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import to_bundle
from glm_deep.train.fit import FitState
from glm_deep.train.learn import Learned, Setting, StoppedTooEarly, learn

ROWS, COLUMNS, LENGTH = 12, 14, 6.0
QUICK = Training(
    differential=Differential(layers=2, neurons=16, batch_split=2, epochs=12),
    subspaces=Subspaces(epochs=8, layers=1, neurons=8),
    anchors=Anchors(percent=5.0),
    learning_rate=1e-3,
)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def grid(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Quads of a grid whose rows are closed: sizes and vertices."""
    corners = []
    for row in range(rows - 1):
        for column in range(columns):
            here, following = row * columns + column, row * columns + (column + 1) % columns
            corners.append((here, following, following + columns, here + columns))
    return np.full(len(corners), 4, np.int32), np.array(corners, np.int32).ravel()


def tube(name: str, radius: float = 1.0) -> MeshRest:
    """A tube along x with a ring around it, which is a shell of its own."""
    angles = np.linspace(0, 2 * np.pi, COLUMNS, endpoint=False)
    along = np.concatenate([np.linspace(0, LENGTH, ROWS), [4.0, 4.5]])
    wide = np.concatenate([np.full(ROWS, radius), [1.3 * radius, 1.3 * radius]])
    x, angle = np.meshgrid(along, angles, indexing="ij")
    rest = np.stack([x, wide[:, None] * np.cos(angle), wide[:, None] * np.sin(angle)], axis=-1).reshape(-1, 3)
    sizes, vertices = grid(ROWS, COLUMNS)
    ring_sizes, ring = grid(2, COLUMNS)
    sizes, vertices = np.concatenate([sizes, ring_sizes]), np.concatenate([vertices, ring + ROWS * COLUMNS])
    return MeshRest(name, rest.astype(np.float32), sizes, vertices)


def bend(angles: np.ndarray) -> np.ndarray:
    """(F,4,4) turns about z."""
    result = np.tile(np.eye(4), (len(angles), 1, 1))
    result[:, 0, 0] = result[:, 1, 1] = np.cos(angles)
    result[:, 1, 0], result[:, 0, 1] = np.sin(angles), -np.sin(angles)
    return result


def offsets_of(rest: np.ndarray, angle: np.ndarray, floats: np.ndarray) -> np.ndarray:
    """(F,V,3): a muscle that follows the bend, and a product of both floats at the far end, none of them linear."""
    x = rest[:, 0].astype(float)
    out = np.stack([0 * x, rest[:, 1], rest[:, 2]], axis=-1).astype(float)
    muscle = np.exp(-((x - 2.0) ** 2))[None] * np.sin(1.5 * angle)[:, None] ** 2
    swell = np.exp(-((x - 5.0) ** 2))[None] * (floats[:, :1] * floats[:, 1:2])
    slide = np.exp(-((x - 3.0) ** 2))[None] * np.abs(angle)[:, None]
    return (0.3 * muscle + 0.2 * swell)[:, :, None] * out + 0.1 * slide[:, :, None] * np.array([1.0, 0.0, 0.0])


@dataclass(frozen=True)
class Character:
    """What a test wants of the character."""

    frames: int = 70
    seed: int = 0
    joints: bool = True
    floats: bool = True
    skinned: bool = True
    meshes: tuple[str, ...] = ("body",)
    linear: tuple[str, ...] = ()
    still: bool = False  # the offsets are the same in all frames
    noise: float = 0.0  # offsets of each frame that nothing explains
    constant: bool = False

    def source(self) -> ArchiveSource:
        random = np.random.default_rng(self.seed)
        angle = random.uniform(-1.2, 1.2, self.frames) if self.joints else np.zeros(self.frames)
        floats = random.uniform(-1, 1, (self.frames, 2))
        if not self.floats:
            floats = np.zeros((self.frames, 0))
        elif self.constant:
            floats = np.column_stack([floats, np.full(self.frames, 0.7)])
        names = ("swell", "push", "still")[: floats.shape[1]]
        elbow_rest = np.eye(4)
        elbow_rest[0, 3] = LENGTH / 2
        joints = np.stack([np.tile(np.eye(4), (self.frames, 1, 1)), elbow_rest @ bend(angle)], axis=1)
        parents, rests = np.array([-1, 0], np.int32), np.stack([np.eye(4), elbow_rest])
        kept = slice(0, 2 if self.joints else 0)
        layout = InputLayout(
            names, np.full((len(names), 2), np.nan), ("root", "elbow")[kept], parents[kept], rests[kept], ()
        )
        inputs = InputFrames(floats, joints[:, kept], np.zeros((self.frames, 0, 4, 4)))
        moving = joints @ np.linalg.inv(rests)
        meshes = tuple(
            self._mesh(tube(name, 1.0 + index), angle, floats, moving) for index, name in enumerate(self.meshes)
        )
        return ArchiveSource(Frames(layout, inputs, ("poses",) * self.frames, meshes))

    def _mesh(self, rest: MeshRest, angle: np.ndarray, floats: np.ndarray, moving: np.ndarray) -> MeshFrames:
        share = 1 / (1 + np.exp(-4 * (rest.rest[:, 0] - LENGTH / 2)))
        weights = np.column_stack([1 - share, share]).astype(np.float32)
        matrices = np.einsum("vw,fwij->fvij", weights.astype(float), moving)
        if not self.skinned:
            matrices = np.tile(np.eye(4), (self.frames, len(weights), 1, 1))
        linear = np.einsum("fvij,vj->fvi", matrices[..., :3, :3], rest.rest) + matrices[..., :3, 3]
        two = floats[:, :2] if self.floats else np.zeros((self.frames, 2))
        offsets = offsets_of(rest.rest, angle, two) * (rest.name not in self.linear)
        offsets = offsets + self.noise * np.random.default_rng(9).normal(size=offsets.shape)
        if self.still:
            offsets = np.tile(offsets[:1], (self.frames, 1, 1))
        deformed = linear + np.einsum("fvij,fvj->fvi", matrices[..., :3, :3], offsets)
        skinning = Skinning(weights, moving) if self.skinned else Skinning()
        return MeshFrames(rest, deformed.astype(np.float32), linear.astype(np.float32), skinning)


@dataclass
class Run:
    """A training and what it told."""

    events: list[Event] = field(default_factory=list)
    states: dict[str, FitState] = field(default_factory=dict)

    def learn(
        self,
        source: ArchiveSource,
        training: Training,
        folder: Path,
        stopped: Callable[[], bool] = lambda: False,
        threads: int = 1,
    ) -> Learned:
        setting = Setting(
            device=torch.device("cpu"),
            threads=threads,
            folder=folder,
            tell=self.events.append,
            stopped=stopped,
            fitted=self.states.__setitem__,
            resume=lambda name, state: None,
        )
        return learn(source, training, setting)

    def epochs(self, model: str) -> list[Epoch]:
        return [event for event in self.events if isinstance(event, Epoch) and event.model == model]


def trained(tmp_path: Path, training: Training = QUICK, character: Character | None = None) -> tuple[Learned, Run]:
    run, character = Run(), character or Character()
    folder = tmp_path / f"work {len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    return run.learn(character.source(), training, folder), run


def played(learned: Learned, source: ArchiveSource) -> list[np.ndarray]:
    return Evaluator(learned.model).offsets(source.inputs)


def rms(learned: Learned, source: ArchiveSource, mesh: str = "body") -> dict[str, float]:
    """Errors over all frames of the model, of the ridge regression and of the linear mesh."""

    def ridge(inputs: InputFrames) -> list[np.ndarray]:
        x = learned.prepared.statistics.apply(raw_values(source.layout, inputs))
        return learned.measured.direct_offsets(np.column_stack([x, np.ones(len(x))]) @ learned.ridge)

    names = [each.name for each in source.meshes]
    predictors = {"model": Evaluator(learned.model).offsets, "ridge": ridge}
    found = measure(source, np.arange(source.frame_count), names, predictors)[mesh]
    return {name: errors.summary(1.0).scene_units["rms"] for name, errors in found.items()}


def arrays(learned: Learned) -> dict[str, np.ndarray]:
    found = {**to_bundle(learned.model, {}).arrays}
    found.update({f"measured/{name}": array for name, array in to_bundle(learned.measured, {}).arrays.items()})
    return found


def same(first: Learned, second: Learned) -> bool:
    one, other = arrays(first), arrays(second)
    return one.keys() == other.keys() and all(one[name].tobytes() == other[name].tobytes() for name in one)


def with_differential(**changes: int) -> Training:
    return replace(QUICK, differential=replace(QUICK.differential, **changes))


def with_subspaces(**changes: int) -> Training:
    return replace(QUICK, subspaces=replace(QUICK.subspaces, **changes))


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
    assert (learned.model.coefficients(x)[1] == 0).all()
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
