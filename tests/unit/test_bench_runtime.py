"""The published runtime solves what it should, players are timed in turns, and the table says what was measured."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import bench_runtime
import crowd
from glm_deep import cli, dio
from glm_deep.bundle import Bundle
from glm_deep.character import Character
from glm_deep.geometry.anchors import choose_anchors
from glm_deep.geometry.differential import differential_coordinates, graph_laplacian
from glm_deep.geometry.topology import edges_of, shells_of
from glm_deep.inputs import InputFrames
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import from_bundle
from growth_bench.case import Case, measured
from growth_bench.character import MESH, TubeCharacter, tube
from runtime_bench.clock import Timing, in_turns, timing
from runtime_bench.floor import Pace, floor, pace
from runtime_bench.published import Published, Solve
from runtime_bench.subject import errors, load
from runtime_bench.table import PUBLISHED, Row, harmful_rises, markdown, of_the_dial, ratios
from small_model import ANCHORS, CENTRES, PATCHES, REGIONS, SIZES, small_model
from small_model import VERTICES as SMALL

VERTICES = 300


def inputs(numbers: np.ndarray) -> InputFrames:
    """Frames whose only input is their number."""
    count = len(numbers)
    return InputFrames(np.asarray(numbers, float)[:, None], np.zeros((count, 0, 4, 4)), np.zeros((count, 0, 4, 4)))


def archive_of(character: TubeCharacter) -> dict[str, np.ndarray]:
    rest = character.meshes[0]
    read = character.read(0, np.arange(character.frame_count))
    return {
        "meshes": np.array([MESH]),
        f"{MESH}.rest": rest.rest,
        f"{MESH}.face_sizes": rest.face_sizes,
        f"{MESH}.face_vertices": rest.face_vertices,
        f"{MESH}.deformed": read.deformed,
        f"{MESH}.linear": read.linear,
        f"{MESH}.weights": character.weights.astype(np.float32),
        "skinning_matrices": character.matrices,
        "joints": character.inputs.joints,
        "joints_rest": character.layout.joint_rest,
        "joint_parents": character.layout.joint_parents,
        "joint_names": np.array(character.layout.joint_names),
        "floats": character.inputs.floats,
        "float_names": np.array(character.layout.float_names),
        "float_limits": character.layout.float_limits,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `model.glmdeep` and `test.npz`, frames that it was not trained with."""
    made = tmp_path_factory.mktemp("bench é")
    measured(Case(VERTICES, 40, threads=1, epochs=2), made)
    np.savez(made / "test.npz", **archive_of(TubeCharacter(VERTICES, 12, seed=5)))
    return made


def test_the_published_solve_equals_dense_least_squares() -> None:
    mesh = tube(120)
    count, random = len(mesh.rest), np.random.default_rng(0)
    laplacian = graph_laplacian(count, edges_of(mesh.face_sizes, mesh.face_vertices))
    anchors = np.array([3, 77, 95, 103, 111, 119])
    delta, offsets = random.normal(size=(count, 6)), random.normal(size=(len(anchors), 6))
    picks = np.zeros((len(anchors), count))
    picks[np.arange(len(anchors)), anchors] = 1.0
    dense = laplacian.toarray()
    system = np.concatenate([dense, picks])
    assert np.linalg.matrix_rank(system) == count
    wanted = np.linalg.lstsq(system, np.concatenate([np.diag(dense)[:, None] * delta, offsets]), rcond=None)[0]
    assert_allclose(Solve(laplacian, anchors)(delta, offsets), wanted, atol=1e-9)


def test_the_published_solve_gives_back_the_offsets_of_their_own_differentials() -> None:
    mesh = tube(400)
    laplacian = graph_laplacian(len(mesh.rest), edges_of(mesh.face_sizes, mesh.face_vertices))
    anchors = np.arange(0, len(mesh.rest), 7)
    truth = np.random.default_rng(1).normal(size=(len(mesh.rest), 3))
    found = Solve(laplacian, anchors)(differential_coordinates(laplacian, truth), truth[anchors])
    assert_allclose(found, truth, atol=1e-8)


def published(vertices: int, frames: int, *, meshes: int = 1, values: int = 40) -> Published:
    def features(given: InputFrames) -> np.ndarray:
        return np.sin(given.floats * np.arange(1, values + 1)).astype(np.float32)

    return Published([tube(vertices)] * meshes, features, values, frames)


def test_the_published_runtime_has_the_published_sizes() -> None:
    found = published(600, 1000)
    assert (found.vertex_count, found.components, found.anchor_count) == (600, 30, 12)
    network = 40 * 2048 + 4 * 2048**2 + 2048 * 30 + 5 * 2048 + 30
    basis = 600 * 3 * 30 + 600 * 3
    fed = 4  # of 40 input values, by the median of the published character: 14 of 149
    anchors = 12 * (fed * 64 + 2 * 64**2 + 64 * 3 + 3 * 64 + 3)
    weights = 4 * (network + basis + anchors) + 12 * fed * 8
    mesh = tube(600)
    laplacian = graph_laplacian(600, edges_of(mesh.face_sizes, mesh.face_vertices))
    anchors_used = choose_anchors(mesh.rest, shells_of(600, edges_of(mesh.face_sizes, mesh.face_vertices)), 12)
    factors = Solve(laplacian, anchors_used).nbytes
    assert found.nbytes == weights + factors
    assert factors > 12 * laplacian.nnz


def test_the_training_frames_bound_the_published_components() -> None:
    assert published(600, 20).components == 20


def test_the_published_runtime_plays_batches_like_single_frames_and_meshes_apart() -> None:
    player = published(200, 50, meshes=2)
    together = player.offsets(inputs(np.array([1.0, 2.0, 3.0])))
    assert [(each.shape, each.dtype) for each in together] == [((3, 200, 3), np.float32)] * 2
    for frame in range(3):
        alone = player.offsets(inputs(np.array([frame + 1.0])))
        for mesh in range(2):
            assert_allclose(alone[mesh][0], together[mesh][frame], rtol=1e-3, atol=1e-2)
    assert np.abs(together[0][0] - together[0][1]).max() > 0.1
    assert np.abs(together[0] - together[1]).max() > 0.1


class Recorder:
    """A player that writes down what it plays, and takes its time."""

    def __init__(self, name: str, log: list[tuple[str, float]], seconds: float) -> None:
        self.name, self.log, self.seconds = name, log, seconds

    def offsets(self, frames: InputFrames) -> list[np.ndarray]:
        self.log.append((self.name, float(frames.floats[0, 0])))
        time.sleep(self.seconds)
        return []


def test_players_take_turns_at_every_frame_in_changing_order() -> None:
    log: list[tuple[str, float]] = []
    players = {name: Recorder(name, log, seconds) for name, seconds in (("a", 0.0), ("b", 0.004), ("c", 0.0))}
    seconds = in_turns(players, [inputs(np.array([float(number)])) for number in range(8)])
    assert log[:3] == [("a", 0.0), ("b", 0.0), ("c", 0.0)]
    orders = []
    for number in range(8):
        turn = log[3 + 3 * number : 6 + 3 * number]
        assert sorted(turn) == [("a", float(number)), ("b", float(number)), ("c", float(number))]
        orders.append(tuple(name for name, _ in turn))
    assert len(log) == 27
    assert len(set(orders)) > 2
    assert {name: each.shape for name, each in seconds.items()} == {"a": (8,), "b": (8,), "c": (8,)}
    assert seconds["b"].min() > 0.003
    assert np.median(seconds["a"]) < 0.002


def test_a_timing_is_in_milliseconds_a_frame() -> None:
    seconds = np.linspace(0.0, 0.8, 101)
    assert timing(seconds, 1) == Timing(pytest.approx(400.0), pytest.approx(760.0))
    assert timing(seconds, 8) == Timing(pytest.approx(50.0), pytest.approx(95.0))


ROWS = (
    Row(PUBLISHED, None, 1, Timing(24.0, 30.0), Timing(8.0, 9.0), None),
    Row("numpy", 0.5, 1, Timing(3.0, 3.5), Timing(0.5, 0.6), {"mean": 0.02874, "p95": 0.1377, "rms": 0.072}),
    Row(PUBLISHED, None, 2, Timing(12.0, 15.0), Timing(4.0, 5.0), None),
    Row("numpy", 0.5, 2, Timing(2.0, 2.5), Timing(0.4, 0.5), {"mean": 0.02874, "p95": 0.1377, "rms": 0.072}),
)


def test_ratios_are_those_of_medians_with_as_many_threads() -> None:
    assert [ratios(row, ROWS) for row in ROWS] == [None, (8.0, 16.0), None, (6.0, 10.0)]


def test_the_table_has_a_line_for_every_contestant() -> None:
    lines = markdown(ROWS, 8).splitlines()
    assert lines[0].startswith("| back-end | quality | threads | ms a frame, median | p95 | published / ours |")
    assert "| ms a frame of 8, median | p95 | published / ours | error, mean % | p95 % | rms % |" in lines[0]
    assert lines[0].count("|") == lines[1].count("|") == 13
    assert lines[2:4] == [
        "| published |  | 1 | 24.00 | 30.00 |  | 8.00 | 9.00 |  |  |  |  |",
        "| numpy | 0.5 | 1 | 3.00 | 3.50 | 8.0 | 0.50 | 0.60 | 16.0 | 0.0287 | 0.1377 | 0.0720 |",
    ]
    assert len(lines) == 6


def test_a_rise_of_quality_that_harms_is_named() -> None:
    same = {"mean": 1.0, "p95": 2.0, "rms": 3.0}
    assert harmful_rises({1.0: same, 0.0: same}) == []
    assert harmful_rises({1.0: {**same, "rms": 3.0 * 1.019}, 0.0: same}) == []
    assert harmful_rises({1.0: {**same, "rms": 3.0 * 1.03}, 0.0: same}) == [
        "From quality 0 to 1 the rms error rises from 3.0000 % to 3.0900 %."
    ]
    assert harmful_rises({0.0: {**same, "p95": 2.5}, 1.0: same}) == []
    # two rises that are harmless alone
    creeping = {0.0: same, 0.5: {**same, "mean": 1.015}, 1.0: {**same, "mean": 1.03}}
    assert harmful_rises(creeping) == ["From quality 0 to 1 the mean error rises from 1.0000 % to 1.0300 %."]
    assert of_the_dial({0.0: same}) == "No rise of quality makes mean, p95 or rms worse by more than 2 %."


def test_errors_are_vertex_distances_in_percent_of_the_diagonal(folder: Path) -> None:
    subject = load(folder / "model.glmdeep", folder / "test.npz")
    player = Evaluator(from_bundle(Bundle.load(folder / "model.glmdeep")), 0.5)
    pooled, by_mesh = errors(subject, {0.5: player.offsets})
    truth = TubeCharacter(VERTICES, 12, seed=5)
    pose, offsets = truth.read(0, np.arange(12)), player.offsets(truth.inputs)[0]
    result = pose.linear + np.einsum("fvij,fvj->fvi", pose.linear_part, offsets)
    rest = truth.meshes[0].rest
    away = 100.0 * np.linalg.norm(result - pose.deformed, axis=2) / np.linalg.norm(np.ptp(rest, axis=0))
    wanted = {"mean": away.mean(), "p95": np.percentile(away, 95), "rms": np.sqrt(np.mean(away**2))}
    assert pooled[0.5] == pytest.approx(wanted, rel=1e-3)
    assert by_mesh == {MESH: {0.5: pytest.approx(wanted, rel=1e-3)}}


def test_a_model_is_measured_from_end_to_end(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, table, figures = folder / "model.glmdeep", folder / "täble.md", folder / "figures.json"
    asked = [str(model), str(folder / "test.npz"), "--threads", "1", "--qualities", "1,0", "--frames", "10"]
    assert bench_runtime.main([*asked, "--json", str(figures), "--markdown", str(table)]) == 0
    text = table.read_text(encoding="utf-8")
    assert capsys.readouterr().out == text
    assert [line.split("|")[2].strip() for line in text.splitlines() if line.startswith("| numpy | ")] == [
        "1",
        "0",
        "1",
    ]
    assert sum(line.startswith("| floor by ") for line in text.splitlines()) == 2
    assert "onnxruntime cannot play here: " in text
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert found["batch_frames"] == 8
    rows = found["milliseconds_a_frame"]
    assert [(row["back_end"], row["quality"], row["threads"]) for row in rows] == [
        (PUBLISHED, None, 1),
        ("numpy", 1.0, 1),
        ("numpy", 0.0, 1),
    ]
    for row in rows:
        assert 0 < row["single"]["median"] <= row["single"]["p95"]
        assert 0 < row["batch"]["median"] <= row["batch"]["p95"]
    ratio = rows[0]["single"]["median"] / rows[1]["single"]["median"]
    assert rows[1]["published_over_ours"]["single"] == pytest.approx(ratio)
    assert rows[1]["error"] == found["percent_of_diagonal"]["1"] == found["percent_of_diagonal_by_mesh"][MESH]["1"]
    facts = found["facts"]
    assert facts["file_bytes"] == model.stat().st_size
    assert (facts["vertices"], facts["test_frames"], facts["training_frames"]) == (VERTICES, 12, 40)
    assert 0 < facts["resident_growth_bytes"]["numpy"] < 1e8
    back_ends = {row["back_end"]: row for row in found["back_ends"]["rows"]}
    assert set(back_ends["numpy"]["timings"]) == {"1", "16", "64", "256"}
    assert 0 <= back_ends["torch-cpu"]["apart"] < 1e-6 < 1e-4
    assert back_ends["numpy"]["apart"] < 1e-4
    assert (facts["published"]["components"], facts["published"]["anchors"]) == (15, 6)


def test_a_configuration_stands_for_its_model(folder: Path, tmp_path: Path) -> None:
    configuration = tmp_path / "tübe.dio"
    assert cli.main(["new", str(configuration), "--from", str(folder / "test.npz"), "--asset", "tube"]) == 0
    place = Character(dio.load(str(configuration))).model_path
    place.parent.mkdir(parents=True)
    shutil.copy(folder / "model.glmdeep", place)
    assert load(configuration, folder / "test.npz").path == place


def refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], **changed: np.ndarray) -> str:
    """What is said of frames of another character."""
    path = tmp_path / "other.npz"
    np.savez(path, **{**archive_of(TubeCharacter(VERTICES, 3, seed=0)), **changed})
    assert bench_runtime.main([str(folder / "model.glmdeep"), str(path)]) == 1
    return capsys.readouterr().err


def test_frames_with_other_inputs_are_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = np.array([f"other_{number}" for number in range(30)])
    assert "the inputs are not those that the model was trained with" in refused(
        folder, tmp_path, capsys, float_names=names
    )


def test_frames_of_another_mesh_are_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = archive_of(TubeCharacter(400, 3, seed=0))
    changed = {name: array for name, array in other.items() if name.startswith(f"{MESH}.")}
    said = refused(folder, tmp_path, capsys, **changed)
    assert f'the mesh "{MESH}" has 400 vertices and the model {VERTICES}' in said


def test_a_model_that_does_not_tell_its_frames_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = Bundle.load(folder / "model.glmdeep")
    facts = {name: fact for name, fact in bundle.facts.items() if name != "frames"}
    Bundle(facts, bundle.arrays).save(tmp_path / "silent.glmdeep")
    assert bench_runtime.main([str(tmp_path / "silent.glmdeep"), str(folder / "test.npz")]) == 1
    assert "does not say how many frames it was trained with" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--qualities", "1,2"], ["--threads", "0"], ["--threads", "a"], ["--frames", "0"]])
def test_settings_that_make_no_sense_are_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        bench_runtime.main(["model.glmdeep", "test.npz", *wrong])
    assert caught.value.code == 2


def test_the_floor_counts_what_is_read_once_and_what_is_written_for_each_frame() -> None:
    model = small_model()
    kept, outputs = int(model.statistics.kept.sum()), 3 * sum(SMALL)
    groups, components = len(model.closed_form.firsts), sum(SIZES)
    layers = [(5, 6), (6, 7)]
    networks = len(SIZES) * sum(a * b for a, b in [*layers, (7, max(SIZES))])
    networks += sum(ANCHORS) * sum(a * b for a, b in [*layers, (7, 3)])
    biases = len(SIZES) * (6 + 7 + max(SIZES)) + sum(ANCHORS) * (6 + 7 + 3)
    bases = sum(3 * len(vertices) * size for (_, vertices), size in zip(REGIONS, SIZES))
    responses = sum(len(own) * len(near) for patches in PATCHES for own, near in patches)
    metrics = len(SIZES) * 2 * groups
    once = CENTRES * kept + metrics + CENTRES * components + outputs + bases + responses + networks + biases
    products = metrics * CENTRES + CENTRES * components + bases + 3 * responses + networks
    for frames in (1, 16):
        found = floor(model, frames, Pace(moved=1e3, multiplied=2e3))
        assert found.memory == pytest.approx(4 * (once / frames + kept + outputs))
        assert found.arithmetic == pytest.approx(products / 2)


def test_the_pace_is_of_this_machine() -> None:
    found = pace()
    assert 1e8 < found.moved < 1e13
    assert 1e8 < found.multiplied < 1e14


def test_a_crowd_is_played_whole_in_every_batch_size(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = tmp_path / "crowd é.json"
    asked = [str(folder / "model.glmdeep"), str(folder / "test.npz"), "--characters", "50", "--batches", "7,64"]
    assert crowd.main([*asked, "--json", str(figures)]) == 0
    said = capsys.readouterr().out
    assert "50 instances of model.glmdeep, 300 vertices each" in said
    assert "| back-end | batches of 7 | batches of 64 |" in said
    assert "onnxruntime cannot play here: " in said
    rates = json.loads(figures.read_text(encoding="utf-8"))["characters_a_second"]
    assert {name: set(found) for name, found in rates.items()} == {name: {"7", "64"} for name in rates}
    assert {"numpy", "torch-cpu"} <= set(rates)
    assert all(rate > 0 for found in rates.values() for rate in found.values())


def test_no_instance_of_a_crowd_is_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[int] = []

    class Counted:
        def offsets(self, given: InputFrames) -> list[np.ndarray]:
            played.append(len(given.floats))
            return []

    monkeypatch.setattr(crowd, "players", lambda file, threads, frame: ({"counted": Counted()}, {}))
    assert (
        crowd.main([str(folder / "model.glmdeep"), str(folder / "test.npz"), "--characters", "50", "--batches", "7"])
        == 0
    )
    assert played[:8] == [7] * 7 + [1]
    assert len(played) % 8 == 0
