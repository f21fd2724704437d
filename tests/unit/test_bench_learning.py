"""The benchmarks of accuracy and of training, from their command lines to their tables."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import bench_accuracy
import bench_training
from baselines import ridge
from glm_deep import dio
from glm_deep.character import Character
from glm_deep.cli import main
from glm_deep.dataset.archive import read_archive
from glm_deep.dataset.source import ArchiveSource
from glm_deep.errors import DataError
from glm_deep.metrics import VertexErrors
from glm_deep.runtime.evaluation import measure
from learning_bench import fit_one, ours
from learning_bench.curve import Curve
from learning_bench.names import CONTESTANTS, OURS, TITLES
from learning_bench.scores import ALL, by_clip, to_ours
from learning_bench.subject import errors_of, mean_percent, of_inputs, prepared_in, unseen_frames
from learning_bench.training_table import goals, report, seconds_to
from pulled_model import PULL, pull_model_file

QUICK = {
    "cpu_threads": 1,
    "device": "cpu",
    "differential": {"epochs": 4, "neurons": 8, "layers": 1},
    "subspaces": {"epochs": 4, "neurons": 4, "layers": 1},
}


@pytest.fixture(autouse=True, scope="module")
def _threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def limb(tmp_path_factory: pytest.TempPathFactory, make_limb: Any, write_archive: Any) -> Path:
    """The configuration of a limb with samples and a model, and test.npz beside it."""
    folder = tmp_path_factory.mktemp("lïmb of a test")
    frames, conf = write_archive(folder / "frames.npz", make_limb()), folder / "limb.dio"
    write_archive(folder / "test.npz", make_limb(frames=20, seed=9))
    assert main(["new", str(conf), "--from", str(frames)]) == 0
    assert main(["import", str(conf), str(frames)]) == 0
    conf.write_text(json.dumps({**json.loads(conf.read_text(encoding="utf-8")), "training": QUICK}), encoding="utf-8")
    assert main(["train", str(conf)]) == 0
    return conf


def files(folder: Path) -> dict[str, int]:
    """Every file below a folder with its time, locks apart."""
    found = {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    return {path: changed for path, changed in found.items() if ".lock" not in path}


# --- accuracy ---------------------------------------------------------------------------------------------------------


def test_accuracy_is_told_of_every_contestant_in_every_clip(
    limb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = [name for name in CONTESTANTS if name != "global_network"]
    wanted = ["--only", *quick, "--published-epochs", "1", "--json", str(tmp_path / "ä.json")]
    assert bench_accuracy.main([str(limb), str(limb.with_name("test.npz")), *wanted]) == 0
    said = capsys.readouterr()
    found = json.loads((tmp_path / "ä.json").read_text(encoding="utf-8"))
    errors = found["meshes"]["limb"]["errors"]
    assert list(errors) == [ALL, "swing", "poses"]
    assert all(list(figures) == [*quick, "ours_direct"] for figures in errors.values())
    assert found["frames"] == {"training": 53, "validation": 7, "test": 20}
    assert found["notes"]["published"].startswith("1 epochs")
    assert f"| {TITLES['region_kernel']} | " in said.out
    assert "fitting" in said.err
    assert "fitting:" not in said.out


def test_accuracy_of_ours_is_that_of_the_model_file(limb: Path, tmp_path: Path) -> None:
    arguments = [str(limb), str(limb.with_name("test.npz")), "--only", "ours", "linear_mesh"]
    assert bench_accuracy.main([*arguments, "--json", str(tmp_path / "found.json")]) == 0
    evaluated = ["evaluate", str(limb), str(limb.with_name("test.npz")), "--backend", "numpy"]
    assert main([*evaluated, "--json", str(tmp_path / "told.json")]) == 0
    figures = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))["meshes"]["limb"]["errors"][ALL]
    told = json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))["meshes"]["limb"]
    for unit in ("percent_of_diagonal", "scene_units"):
        assert figures["ours"][unit] == pytest.approx(told[unit])
        assert figures["linear_mesh"][unit] == pytest.approx(told["linear_only"][unit])


def test_the_direct_form_leaves_the_anchors_out(limb: Path, tmp_path: Path) -> None:
    character, model = Character(dio.load(limb)), tmp_path / "pulled.glmdeep"
    shutil.copy(character.model_path, model)
    pull_model_file(model)
    test = ArchiveSource(read_archive(limb.with_name("test.npz")))
    pulled, plain = (ours.forms(ours.load(character, path)) for path in (model, None))
    reconstructed, direct = (pulled[name](test.inputs)[0] for name in ("ours", "ours_direct"))
    assert np.abs(reconstructed - direct).max() > 0.5 * PULL
    np.testing.assert_array_equal(direct, plain["ours_direct"](test.inputs)[0])


def test_frames_of_another_character_are_refused(
    limb: Path, tmp_path: Path, make_limb: Any, write_archive: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    arrays = make_limb(frames=20)
    arrays["float_names"] = np.array(["muscle", "other"])
    other = write_archive(tmp_path / "other.npz", arrays)
    assert bench_accuracy.main([str(limb), str(other), "--only", "ridge"]) == 1
    assert "float crease is missing; float other is new" in capsys.readouterr().err
    with pytest.raises(DataError, match="not of the character"):
        unseen_frames(Character(dio.load(limb)), other)


def test_figures_by_clip_are_those_of_its_frames() -> None:
    errors = VertexErrors()
    truth = np.zeros((3, 2, 3), np.float32)
    errors.add(truth, truth + np.array([[[1, 0, 0]] * 2, [[0, 3, 4]] * 2, [[0, 2, 0]] * 2], np.float32), np.arange(3))
    found = by_clip(errors, ("a", "b", "a"), 50.0)
    assert [found[clip]["scene_units"]["mean"] for clip in (ALL, "a", "b")] == pytest.approx([8 / 3, 1.5, 5.0])
    assert found["a"]["percent_of_diagonal"]["max"] == pytest.approx(4.0)
    assert found["a"]["scene_units"]["rms"] == pytest.approx(np.sqrt(2.5))
    assert list(by_clip(errors, ("a", "a", "a"), 50.0)) == [ALL]


def test_ratios_are_to_ours() -> None:
    def figures(mean: float, rms: float) -> dict[str, dict[str, float]]:
        return {"percent_of_diagonal": {"mean": mean, "rms": rms}}

    found = {"ridge": figures(3.0, 8.0), OURS: figures(2.0, 4.0)}
    assert to_ours(found, "ridge") == {"mean": 1.5, "rms": 2.0}
    assert to_ours({"ridge": figures(3.0, 8.0)}, "ridge") is None


def test_the_mean_of_all_meshes_weighs_every_vertex_alike(make_limb: Any, write_archive: Any, tmp_path: Path) -> None:
    source = ArchiveSource(read_archive(write_archive(tmp_path / "limb.npz", make_limb(frames=4))))
    errors = measure(source, np.arange(4), ["limb"], {})
    distances = errors["limb"]["linear_only"].distances
    found = mean_percent(source, {"limb": errors["limb"]["linear_only"]})
    assert found == pytest.approx(100 * float(distances.mean()) / source.meshes[0].diagonal, rel=1e-5)


# --- training ---------------------------------------------------------------------------------------------------------


def test_training_runs_in_a_process_of_its_own_and_leaves_the_character_alone(
    limb: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = files(limb.parent)
    arguments = [str(limb), str(limb.with_name("test.npz")), "--only", "ours", "--json", str(tmp_path / "found.json")]
    assert bench_training.main(arguments) == 0
    assert files(limb.parent) == before
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    result = found["results"]["ours"]
    assert 0 < result["seconds"] < 60
    assert 50e6 < result["peak_memory"] < 5e9
    assert found["goals"] == {"twice our error": 2 * result["points"][-1][1]}
    assert found["seconds_to_goals"] == {"twice our error": {"ours": result["seconds"]}}
    said = capfd.readouterr()
    assert f"| {TITLES['ours']} | " in said.out
    assert "learning" in said.err


def test_a_contestant_that_fails_says_why_and_the_exit_code_tells(
    limb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = [str(limb), str(tmp_path / "none.npz")]
    assert fit_one.main([*arguments, "ridge", str(tmp_path / "result.json")]) == 1
    assert "none.npz" in capsys.readouterr().err
    monkeypatch.setattr(bench_training.subprocess, "call", lambda command, env: 1)
    assert bench_training.main([*arguments, "--only", "ridge"]) == 1
    assert "| ridge on all inputs | failed |" in capsys.readouterr().out


def test_the_validation_error_of_ridge_is_that_of_a_fit_to_the_training_frames(limb: Path, tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    assert fit_one.main([str(limb), str(limb.with_name("test.npz")), "ridge", str(result)]) == 0
    found = json.loads(result.read_text(encoding="utf-8"))
    prepared = prepared_in(Character(dio.load(limb)), tmp_path)
    validation = prepared.split.validation
    predict = of_inputs(prepared, ridge.fit(prepared).held_out)
    expected = mean_percent(prepared.source, errors_of(prepared.source, validation, predict))
    assert [error for _, error in found["points"]] == pytest.approx([expected])


def test_the_published_recipe_ends_at_its_time_with_a_curve(limb: Path, tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    arguments = [str(limb), str(limb.with_name("test.npz")), "published", str(result), "--seconds", "0.5"]
    assert fit_one.main(arguments) == 0
    found = json.loads(result.read_text(encoding="utf-8"))
    seconds = [point[0] for point in found["points"]]
    assert 0.5 <= found["seconds"] < 30
    assert seconds == sorted(seconds)
    assert len(seconds) >= 2
    assert all(error > 0 for _, error in found["points"])


def test_the_clock_of_a_curve_stands_still_while_it_measures() -> None:
    def slow(predict: Any) -> float:
        time.sleep(0.2)
        return 1.0

    curve = Curve(time.perf_counter(), slow, 0.1)
    assert not curve(1, lambda x: [])
    assert not curve(2, lambda x: [])
    assert curve.seconds < 0.1
    time.sleep(0.1)
    assert curve(3, lambda x: [])
    assert len(curve.points) >= 2


def result_of(seconds: float, *points: tuple[float, float]) -> dict[str, Any]:
    return {
        "seconds": seconds,
        "peak_memory": 1e9 * seconds,
        "points": points,
        "test_error": 0.5,
        "note": "",
        "threads": 1,
        "device": "cpu",
    }


def test_goals_are_the_error_of_ridge_and_twice_ours_and_are_reached_or_not() -> None:
    results = {
        "ridge": result_of(1.0, (1.0, 0.4)),
        "published": result_of(9.0, (2.0, 0.9), (5.0, 0.3), (9.0, 0.25)),
        "global_network": None,
        "ours": result_of(3.0, (3.0, 0.1)),
    }
    assert goals(results) == {"the error of ridge": 0.4, "twice our error": 0.2}
    assert seconds_to(results["published"] or {}, 0.4) == 5.0
    text = report({"asset": "a", "published_seconds": 8.0, "results": results})
    row = next(line for line in text.splitlines() if line.startswith(f"| {TITLES['published']}"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:] == ["9", "3.00", "9.00", "3.00", "0.2500", "0.5000", "1.00", "5", "not reached in 9 s"]
    assert f"| {TITLES['global_network']} | failed |" in text
    assert "stopped after 8 s" in text


@pytest.mark.parametrize(
    ("script", "wrong"),
    [
        (bench_accuracy.main, ["--published-epochs", "0"]),
        (bench_accuracy.main, ["--only", "magic"]),
        (bench_training.main, ["--published-seconds", "-1"]),
        (bench_training.main, ["--published-seconds", "nan"]),
    ],
)
def test_arguments_that_mean_nothing_are_refused(
    script: Callable[[list[str]], int], wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        script(["a.dio", "b.npz", *wrong])
    assert caught.value.code == 2
    assert wrong[1] in capsys.readouterr().err
