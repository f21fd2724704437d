"""The baselines of the benchmarks against what other libraries and dense solves make of the same data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.gaussian_process.kernels import RBF, Matern
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge

from baselines import global_kernel, global_network, kernel_ridge, published, published_networks, region_kernel, ridge
from baselines.components import principal_components
from baselines.kernel_ridge import Choice, Smoother, choose, squared_distances
from baselines.methods import FITS, Means
from baselines.parts import Part, regions
from baselines.predictor import Predictor
from baselines.published_inputs import scaling
from baselines.published_networks import Anchors, Descent, Differential
from baselines.published_solve import LaplacianSolve
from baselines.published_targets import Scaled, differentials, output_basis
from baselines.relevance import growth_without, moving_inputs, skinning_joints
from glm_deep.dataset.frames import Frames, MeshFrames, Skinning
from glm_deep.dataset.source import ArchiveSource
from glm_deep.geometry.anchors import choose_anchors
from glm_deep.geometry.differential import differential_coordinates, graph_laplacian
from glm_deep.geometry.topology import edges_of, shells_of
from glm_deep.inputs import ROTATION, TRANSLATION, InputFrames, InputLayout, raw_values
from glm_deep.train.prepare import Prepared, prepare
from learning import Character, tube

CPU = torch.device("cpu")
SIZES = (published_networks.LAYERS, published_networks.NEURONS)
ANCHOR_SIZES = (published_networks.ANCHOR_LAYERS, published_networks.ANCHOR_NEURONS)


def ready(folder: Path, source: ArchiveSource, share: float = 0.2) -> Prepared:
    folder.mkdir(exist_ok=True)
    return prepare(source, share, 0, folder, lambda done, total: None, lambda: False)


@pytest.fixture(scope="module")
def limb(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """One mesh, two joints, two floats, seventy unrelated poses."""
    return ready(tmp_path_factory.mktemp("limb"), Character().source())


@pytest.fixture(autouse=True)
def _small_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published_networks, "NEURONS", 24)
    monkeypatch.setattr(published_networks, "ANCHOR_NEURONS", 8)


def flat(prepared: Prepared) -> np.ndarray:
    """(F,3V) float64 offsets of all meshes."""
    count = len(prepared.x)
    return np.concatenate([each.reshape(count, -1) for each in prepared.targets.offsets], axis=1).astype(float)


def joined(offsets: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([each.reshape(len(each), -1) for each in offsets], axis=1)


def new_inputs(prepared: Prepared, count: int = 6) -> np.ndarray:
    random = np.random.default_rng(3)
    return (prepared.x[random.permutation(len(prepared.x))[:count]] * 0.9).astype(np.float32)


def mean_distance(prepared: Prepared, predict: Predictor, frames: np.ndarray) -> float:
    """Mean distance of the predicted from the true offsets."""
    apart = joined(predict(prepared.x[frames])) - flat(prepared)[frames]
    return float(np.linalg.norm(apart.reshape(len(frames), -1, 3), axis=2).mean())


# --- components and ridge ---------------------------------------------------------------------------------------------


def test_all_components_give_the_offsets_of_every_mesh_back(tmp_path: Path) -> None:
    prepared = ready(tmp_path, Character(meshes=("body", "sleeve")).source())
    components = principal_components(prepared, np.arange(len(prepared.x)), None, 0)
    for found, offsets in zip(components.offsets(components.coefficients), prepared.targets.offsets):
        np.testing.assert_allclose(found, offsets, atol=2e-5)


def test_the_first_components_leave_least_of_the_training_frames(limb: Prepared) -> None:
    train = limb.split.train
    components = principal_components(limb, train, 3, 0)
    truth = flat(limb)[train]
    centred = truth - truth.mean(axis=0)
    left = np.linalg.norm(joined(components.offsets(components.coefficients[train])) - truth)
    assert left == pytest.approx(np.sqrt(np.sum(np.linalg.svd(centred, compute_uv=False)[3:] ** 2)), rel=1e-3)


def test_ridge_equals_that_of_scikit_learn_with_the_penalty_of_the_smallest_left_out_error(limb: Prepared) -> None:
    design = np.column_stack([limb.x.astype(float), np.ones(len(limb.x))])
    truth = flat(limb)
    centred = truth - truth.mean(axis=0)
    penalties = [np.linalg.norm(design, 2) ** 2 * 10.0**power for power in range(-10, 1)]

    def left_out(penalty: float) -> float:
        hat = design @ np.linalg.solve(design.T @ design + penalty * np.eye(design.shape[1]), design.T)
        return float(np.sum(((centred - hat @ centred) / (1 - np.diag(hat))[:, None]) ** 2))

    best = min(penalties, key=left_out)
    x = new_inputs(limb)
    expected = Ridge(best, fit_intercept=False).fit(design, centred).predict(np.column_stack([x, np.ones(len(x))]))
    np.testing.assert_allclose(joined(ridge.fit(limb).predict(x)), expected + truth.mean(axis=0), atol=2e-5)


# --- kernels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", list(kernel_ridge.SHAPES))
def test_a_smoother_equals_the_kernel_ridge_of_scikit_learn(shape: str) -> None:
    random = np.random.default_rng(0)
    x, new, y = random.normal(size=(30, 4)), random.normal(size=(7, 4)), random.normal(size=(30, 5))
    length, noise = 3.0, 1e-3
    if shape == "RBF":
        expected = KernelRidge(alpha=noise, kernel="rbf", gamma=1 / (2 * length)).fit(x, y).predict(new)
    else:
        matern = Matern(length_scale=np.sqrt(length), nu=2.5)
        expected = KernelRidge(alpha=noise, kernel="precomputed").fit(matern(x), y).predict(matern(new, x))
    weights = Smoother(x, Choice(shape, length, noise, 0.0))(new)
    np.testing.assert_allclose(weights @ y, expected, atol=1e-9)


def test_the_chosen_kernel_has_the_smallest_error_on_the_validation_frames() -> None:
    random = np.random.default_rng(1)
    x = random.uniform(-1, 1, (40, 3))
    y = np.column_stack([np.sin(3 * x[:, 0]) + x[:, 1] * x[:, 2], x[:, 1] ** 2]) + 0.01 * random.normal(size=(40, 2))
    train, validation = np.arange(30), np.arange(30, 40)
    unit = median_distance(x[train])
    errors = {}
    for length in kernel_ridge.LENGTHS:
        for noise in kernel_ridge.RIDGES:
            model = KernelRidge(alpha=noise, kernel="rbf", gamma=1 / (2 * length * unit))
            mean = y[train].mean(axis=0)
            found = model.fit(x[train], y[train] - mean).predict(x[validation]) + mean
            errors[length * unit, noise] = float(np.sum((found - y[validation]) ** 2))
    chosen = choose(squared_distances(x, x), y, train, validation, ["RBF"])
    assert (chosen.length, chosen.ridge) == min(errors, key=lambda key: errors[key])
    assert chosen.error == pytest.approx(min(errors.values()))


def median_distance(x: np.ndarray) -> float:
    """Median squared distance between different rows."""
    apart = np.sum((x[:, None] - x[None]) ** 2, axis=2)
    return float(np.median(apart[np.triu_indices(len(x), 1)]))


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("shape", ["RBF", "Matern 5/2"])
def test_the_global_kernel_is_that_of_scikit_learn_in_all_frames_or_in_the_training_frames(
    shape: str, held_out: bool, limb: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_ridge, "LENGTHS", (4.0,))
    monkeypatch.setattr(kernel_ridge, "RIDGES", (1e-4,))
    monkeypatch.setattr(kernel_ridge.choose, "__defaults__", ((shape,),))
    fitted = global_kernel.fit(limb)
    factors = global_kernel.equal_inputs(limb) if "every input alike" in fitted.note else 1.0
    rows = limb.split.train if held_out else np.arange(len(limb.x))
    known, x = limb.x[rows] * factors, new_inputs(limb)
    length = 4.0 * median_distance(limb.x[limb.split.train] * factors)
    kernel = Matern(np.sqrt(length), nu=2.5) if shape != "RBF" else RBF(np.sqrt(length))
    truth = flat(limb)[rows]
    model = KernelRidge(alpha=1e-4, kernel="precomputed").fit(kernel(known), truth - truth.mean(axis=0))
    predict = fitted.held_out if held_out else fitted.predict
    expected = model.predict(kernel(x * factors, known)) + truth.mean(axis=0)
    np.testing.assert_allclose(joined(predict(x)), expected, atol=2e-5)


def test_every_input_has_the_same_variance_however_many_values_it_has(limb: Prepared) -> None:
    scaled = limb.x * global_kernel.equal_inputs(limb)
    totals = [scaled[:, limb.groups == group].var(axis=0).sum() for group in np.unique(limb.groups)]
    np.testing.assert_allclose(totals, 1.0, rtol=1e-4)


# --- regions and masks ------------------------------------------------------------------------------------------------


def test_regions_hold_every_vertex_of_every_mesh_once(tmp_path: Path) -> None:
    prepared = ready(tmp_path, Character(meshes=("body", "sleeve")).source())
    parts = regions(prepared, 12, 0)
    assert len(parts) == 12
    for mesh, count in enumerate(prepared.targets.vertex_counts):
        held = np.concatenate([part.vertices for part in parts if part.mesh == mesh])
        np.testing.assert_array_equal(np.sort(held), np.arange(count))


def two_ends(frames: int, seed: int) -> ArchiveSource:
    """Floats 0 to 2 move the vertices below x = 3, 3 and 4 those above, two of them only as a product; 5 moves none."""
    random = np.random.default_rng(seed)
    floats = random.uniform(-1, 1, (frames, 6))
    rest = tube("body")
    first = floats[:, 0] * floats[:, 1] + np.abs(floats[:, 2])
    second = np.sin(2 * floats[:, 3]) * (1 + floats[:, 4])
    below = rest.rest[:, 0] < 3.0
    moved = np.where(below, first[:, None], second[:, None])[..., None] * np.array([0.1, 0.2, 0.0])
    names = tuple(f"control{number}" for number in range(6))
    none = np.zeros((0,), np.int32)
    layout = InputLayout(names, np.full((6, 2), np.nan), (), none, np.zeros((0, 4, 4)), ())
    inputs = InputFrames(floats, np.zeros((frames, 0, 4, 4)), np.zeros((frames, 0, 4, 4)))
    linear = np.tile(rest.rest, (frames, 1, 1))
    mesh = MeshFrames(rest, (linear + moved).astype(np.float32), linear, Skinning())
    return ArchiveSource(Frames(layout, inputs, ("poses",) * frames, (mesh,)))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_masks_hide_no_input_that_moves_the_region_and_one_that_moves_nothing(seed: int, tmp_path: Path) -> None:
    prepared = ready(tmp_path, two_ends(200, seed))
    x = prepared.source.meshes[0].rest[:, 0]
    parts = [Part(0, np.flatnonzero(x < 2.5)), Part(0, np.flatnonzero(x > 3.5))]
    frames = prepared.split.train, prepared.split.validation
    growth = growth_without(prepared, parts, global_kernel.equal_inputs(prepared), frames, 0)
    for least in region_kernel.GROWTHS:
        found = moving_inputs(np.zeros((2, 6), bool), growth, least)
        assert found[0, [0, 1, 2]].all()
        assert found[1, [3, 4]].all()
    strict = moving_inputs(np.zeros((2, 6), bool), growth, region_kernel.GROWTHS[0])
    np.testing.assert_array_equal(strict, [[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 0]])


def test_a_part_that_nothing_moves_is_fed_with_everything() -> None:
    found = moving_inputs(np.zeros((2, 3), bool), np.array([[-1.0, -1.0, -1.0], [0.0, 0.5, 0.0]]), 0.1)
    np.testing.assert_array_equal(found, [[1, 1, 1], [0, 1, 0]])


def chain(names: tuple[str, ...]) -> ArchiveSource:
    """Four joints in a row along a tube, each of which holds its quarter, and one float before them."""
    random = np.random.default_rng(0)
    frames, rest = 12, tube("body")
    bind = np.tile(np.eye(4), (4, 1, 1))
    layout = InputLayout(("f",), np.full((1, 2), np.nan), tuple("abcd"), np.array([-1, 0, 1, 2], np.int32), bind, ())
    posed = np.tile(bind, (frames, 1, 1, 1))
    posed[:, :, :3, 3] = random.normal(size=(frames, 4, 3))
    inputs = InputFrames(random.uniform(size=(frames, 1)), posed, np.zeros((frames, 0, 4, 4)))
    weights = np.eye(4, dtype=np.float32)[np.clip(rest.rest[:, 0] / 1.5, 0, 3).astype(int)]
    linear = np.tile(rest.rest, (frames, 1, 1))
    deformed = linear + random.normal(size=linear.shape).astype(np.float32)
    skinning = Skinning(weights=weights, matrices=posed, influence_names=names)
    return ArchiveSource(Frames(layout, inputs, ("poses",) * frames, (MeshFrames(rest, deformed, linear, skinning),)))


def test_the_joints_of_a_part_are_those_that_hold_it_their_parents_and_their_children(tmp_path: Path) -> None:
    prepared = ready(tmp_path, chain(("a", "b", "c", "d")))
    x = prepared.source.meshes[0].rest[:, 0]
    parts = [Part(0, np.flatnonzero(x < 1.4)), Part(0, np.flatnonzero((x > 3.1) & (x < 4.4)))]
    np.testing.assert_array_equal(skinning_joints(prepared, parts), [[0, 1, 1, 0, 0], [0, 0, 1, 1, 1]])


def test_influences_that_are_no_joints_say_nothing_of_the_inputs(tmp_path: Path) -> None:
    prepared = ready(tmp_path, chain(("p", "q", "c", "r")))
    found = skinning_joints(prepared, [Part(0, np.arange(20)), Part(0, np.arange(prepared.vertex_count))])
    np.testing.assert_array_equal(found, [[0, 0, 0, 0, 0], [0, 0, 1, 1, 1]])


# --- the published recipe ---------------------------------------------------------------------------------------------


def meshes_with_two_shells() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Laplacian (V,V) of a tube with its ring, the shells, and anchors of both."""
    rest = tube("body")
    edges = edges_of(rest.face_sizes, rest.face_vertices)
    shells = shells_of(len(rest.rest), edges)
    return graph_laplacian(len(rest.rest), edges), shells, choose_anchors(rest.rest, shells, 7)


def test_the_published_solve_is_the_dense_least_squares_solution() -> None:
    laplacian, _, anchors = meshes_with_two_shells()
    random = np.random.default_rng(0)
    delta, anchored = random.normal(size=(3, laplacian.shape[0], 3)), random.normal(size=(3, len(anchors), 3))
    picks = np.eye(laplacian.shape[0])[anchors]
    valences = np.diag(laplacian.diagonal())
    found = LaplacianSolve(laplacian, anchors)(delta, anchored)
    for frame in range(3):
        rows, right = np.vstack([laplacian.toarray(), picks]), np.vstack([valences @ delta[frame], anchored[frame]])
        np.testing.assert_allclose(found[frame], np.linalg.lstsq(rows, right, rcond=None)[0], atol=1e-8)


def test_the_published_solve_gives_offsets_back_whose_differentials_and_anchors_are_true() -> None:
    laplacian, _, anchors = meshes_with_two_shells()
    offsets = np.random.default_rng(1).normal(size=(2, laplacian.shape[0], 3))
    delta = np.stack([differential_coordinates(laplacian, each) for each in offsets])
    np.testing.assert_allclose(LaplacianSolve(laplacian, anchors)(delta, offsets[:, anchors]), offsets, atol=1e-8)


def test_inputs_of_the_recipe_are_matrices_and_go_from_0_to_1_where_it_says_so(tmp_path: Path) -> None:
    prepared = ready(tmp_path, chain(("a", "b", "c", "d")))
    factors, shifts = scaling(prepared)
    found, layout = prepared.x * factors + shifts, prepared.source.layout
    kinds, raw = layout.value_kinds, raw_values(layout, prepared.source.inputs)
    kept = prepared.statistics.kept
    moved = raw[:, kept & (kinds == TRANSLATION)]
    np.testing.assert_allclose(found[:, 0], (raw[:, 0] - raw[:, 0].min()) / np.ptp(raw[:, 0]), atol=1e-6)
    np.testing.assert_allclose(found[:, 1:], (moved - moved.min()) / np.ptp(moved), atol=1e-6)


def test_rotations_of_the_recipe_are_the_entries_of_the_local_matrices(limb: Prepared) -> None:
    factors, shifts = scaling(limb)
    layout = limb.source.layout
    turned = limb.source.inputs.joints[:, 1, :3, :3]  # the root does not move, and the elbow is not turned at rest
    kept = limb.statistics.kept & (layout.value_kinds == ROTATION)
    entries = [int(name[-2]) * 3 + int(name[-1]) for name, each in zip(layout.value_names, kept) if each]
    chosen = limb.source.layout.value_kinds[limb.statistics.kept] == ROTATION
    found = (limb.x * factors + shifts)[:, chosen]
    np.testing.assert_allclose(found, turned.reshape(-1, 9)[:, entries], atol=1e-6)


def test_targets_of_the_recipe_go_from_0_to_1_and_come_back() -> None:
    raw = np.random.default_rng(0).normal(size=(5, 12)).astype(np.float32)
    scaled = Scaled.of(raw, CPU)
    assert (float(scaled.values.min()), float(scaled.values.max())) == (0.0, 1.0)
    np.testing.assert_allclose(scaled.back(scaled.values), raw, atol=1e-6)


def test_differentials_are_those_of_each_mesh(tmp_path: Path) -> None:
    prepared = ready(tmp_path, Character(frames=20, meshes=("body", "sleeve")).source())
    found = differentials(prepared, np.array([4, 9])).reshape(2, -1, 3)
    count = prepared.targets.vertex_counts[0]
    second = differential_coordinates(prepared.graphs[1].laplacian, prepared.targets.offsets[1][9])
    np.testing.assert_allclose(found[1, count:], second, atol=1e-6)


def test_the_output_basis_is_orthonormal_and_holds_the_strongest_components() -> None:
    values = np.random.default_rng(0).normal(size=(20, 50)) * np.linspace(1, 5, 50)
    basis, mean = output_basis(torch.as_tensor(values, dtype=torch.float32), 4, 0)
    _, _, expected = np.linalg.svd(values - values.mean(axis=0))
    np.testing.assert_allclose(basis @ basis.T, np.eye(4), atol=1e-5)
    np.testing.assert_allclose(np.abs(np.sum(basis * expected[:4], axis=1)), 1.0, atol=1e-4)
    np.testing.assert_allclose(mean, values.mean(axis=0), atol=1e-5)


def test_the_recipe_has_the_numbers_of_its_paper() -> None:
    assert (SIZES, ANCHOR_SIZES) == ((5, 2048), (3, 64))
    assert (published_networks.BATCH, published.EPOCHS) == (128, 10_000)


def test_the_recipe_has_components_for_a_twentieth_and_anchors_for_a_fiftieth_of_the_vertices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = ready(tmp_path, Character(noise=0.01).source())
    sizes = {}

    def differential(inputs: int, basis: np.ndarray, mean: np.ndarray) -> Differential:
        sizes["components"] = len(basis)
        return Differential(inputs, basis, mean)

    def anchors(fed: np.ndarray) -> Anchors:
        sizes["anchors"] = len(fed)
        return Anchors(fed)

    monkeypatch.setattr(published, "Differential", differential)
    monkeypatch.setattr(published, "Anchors", anchors)
    published.fit(prepared, 1)
    assert prepared.vertex_count == 196
    assert sizes == {"components": 10, "anchors": 4}


def test_the_differential_network_puts_its_coefficients_through_the_basis() -> None:
    network = Differential(3, np.eye(2, 5), np.arange(5.0))
    assert [tuple(layer.weight.shape) for layer in network.layers] == [(24, 3), *[(24, 24)] * 4, (2, 24)]
    found = network(torch.ones(4, 3)).detach().numpy()
    np.testing.assert_array_equal(found[:, 2:], np.tile([2.0, 3.0, 4.0], (4, 1)))
    assert np.ptp(found[:, :2] - [0.0, 1.0]) != 0


def test_an_anchor_network_does_not_see_the_inputs_that_do_not_move_it() -> None:
    fed = np.array([[True, False, True], [False, True, True]])
    torch.manual_seed(0)
    networks = Anchors(fed)
    x = torch.rand(5, 3)
    before = networks(x)
    for value in range(3):
        changed = x.clone()
        changed[:, value] += 1.0
        differs = (networks(changed) != before).any(dim=2).any(dim=0).tolist()
        assert differs == fed[:, value].tolist()


def test_descent_is_nesterovs_with_a_rate_that_decays_step_by_step() -> None:
    weight = torch.nn.Parameter(torch.tensor([2.0], dtype=torch.float64))
    network = torch.nn.Module()
    network.weight = weight
    descent = Descent(network)
    by_hand, velocity = 2.0, 0.0
    for step in range(3):
        descent.step((weight**2).sum())
        gradient = 2.0 * by_hand
        velocity = 0.9 * velocity + gradient
        by_hand -= 0.1 / (1.0 + 1e-6 * step) * (gradient + 0.9 * velocity)
        assert float(weight.detach()) == pytest.approx(by_hand, abs=1e-12)


def test_the_published_recipe_learns_and_ends_when_its_watch_says_so(limb: Prepared) -> None:
    errors: list[float] = []

    def watch(epochs: int, predict: Predictor) -> bool:
        if epochs in (1, 300):
            errors.append(mean_distance(limb, predict, limb.split.train))
        return epochs == 300

    fitted = published.fit(limb, 1000, watch=watch)
    assert fitted.note.startswith("300 epochs")
    assert errors[1] < 0.5 * errors[0]
    assert mean_distance(limb, fitted.predict, limb.split.train) == errors[1]


# --- the global network -----------------------------------------------------------------------------------------------


def test_the_global_network_keeps_its_best_epoch(limb: Prepared) -> None:
    errors: list[float] = []

    def watch(epochs: int, predict: Predictor) -> bool:
        x = limb.x[limb.split.validation]
        errors.append(float(np.sum((joined(predict(x)) - flat(limb)[limb.split.validation]) ** 2)))
        return epochs == 40

    fitted = global_network.fit(limb, epochs=60, watch=watch)
    best = int(np.argmin(errors)) + 1
    assert fitted.note == f"epoch {best} of 60"
    assert len(errors) == 40
    assert errors[-1] == pytest.approx(min(errors), rel=1e-6)
    assert errors[-1] < 0.3 * float(np.sum(flat(limb)[limb.split.validation] ** 2))


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "character",
    [
        Character(meshes=("body", "sleeve"), linear=("sleeve",)),
        Character(joints=False),
        Character(floats=False),
        Character(skinned=False, constant=True),
    ],
    ids=["two meshes, one of them linear", "no joints", "no floats", "no skinning"],
)
def test_all_of_them_predict_every_sort_of_character(
    character: Character, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(global_network, "EPOCHS", 60)
    prepared = ready(tmp_path, replace(character, frames=60).source())
    validation = prepared.split.validation
    linear = float(np.linalg.norm(flat(prepared)[validation].reshape(len(validation), -1, 3), axis=2).mean())
    for name, fit in FITS.items():
        fitted = fit(prepared, Means(0, CPU, published_epochs=2))
        for predict in (fitted.predict, fitted.held_out):
            shapes = [each.shape for each in predict(prepared.x[:3])]
            assert shapes == [(3, count, 3) for count in prepared.targets.vertex_counts]
        error = mean_distance(prepared, fitted.held_out, validation)
        assert error == pytest.approx(linear, rel=1e-6) if name == "linear_mesh" else np.isfinite(error)
        if name in ("global_network", "global_kernel", "region_kernel"):
            assert error < 0.8 * linear


@pytest.mark.parametrize("name", ["ridge", "global_kernel", "region_kernel"])
def test_what_is_in_closed_form_is_fitted_again_to_all_frames(name: str, limb: Prepared) -> None:
    fitted = FITS[name](limb, Means(0, CPU))
    validation = limb.split.validation
    assert mean_distance(limb, fitted.predict, validation) < 0.99 * mean_distance(limb, fitted.held_out, validation)
