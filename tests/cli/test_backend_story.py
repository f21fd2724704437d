"""Which back-end plays a model on the command line, and what is said where another one does; inputs far outside."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glm_deep.backends.player import FAR
from glm_deep.bundle import Bundle
from glm_deep.runtime.model import from_bundle

needs_onnx = pytest.mark.usefixtures("_needs_onnx")


@pytest.fixture
def _needs_onnx() -> None:
    for name in ("onnx", "onnxruntime", "onnxscript"):
        pytest.importorskip(name, exc_type=ImportError, reason="the export needs it")


@pytest.fixture(scope="session")
def _exported(tmp_path_factory: pytest.TempPathFactory, _trained: Any, place_at: Any, glm_deep: Any) -> Any:
    place = place_at(tmp_path_factory.mktemp("exported") / "limb")
    shutil.copytree(_trained.folder, place.folder)
    said = glm_deep("export", place.conf)
    assert said.code == 0, said.err
    return place


@pytest.fixture
def exported(tmp_path: Path, _exported: Any, place_at: Any) -> Any:
    """A character with samples, a model and its graph."""
    shutil.copytree(_exported.folder, tmp_path / "limb")
    return place_at(tmp_path / "limb")


@pytest.fixture
def predict(glm_deep: Any, tmp_path: Path) -> Any:
    """A function that gives the offsets of an archive, and what was said."""

    def play(place: Any, archive: Path, *more: str) -> tuple[np.ndarray, Any]:
        out = tmp_path / "predicted.npz"
        said = glm_deep("predict", place.conf, archive, "-o", out, *more)
        assert said.code == 0, said.err
        with np.load(out) as found:
            return found["limb.offsets"], said

    return play


@pytest.fixture
def stray(trained: Any, make_limb: Any, write_archive: Any) -> Any:
    """The frames of the training with a float that goes three times as far: its values, and the archive."""
    arrays = make_limb()
    arrays["floats"][:, 0] *= 3
    return arrays["floats"][:, 0], write_archive(trained.folder / "stray.npz", arrays)


def _diagonal(archive: Path) -> float:
    with np.load(archive) as frames:
        return float(np.linalg.norm(np.ptp(frames["limb.rest"].astype(float), axis=0)))


def _report(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_model_that_was_not_exported_is_played_by_numpy_and_the_reason_is_said(
    trained: Any, predict: Any, glm_deep: Any
) -> None:
    expected, plain = predict(trained, trained.test, "--backend", "numpy")
    assert plain.err == ""
    found, said = predict(trained, trained.test, "--backend", "onnxruntime")
    graph = trained.model.with_suffix(".onnx")
    reason = f"{graph}: the model has not been exported. Write it with: glm-deep export CONF.dio."
    if "cannot be used" not in said.err:  # the package itself
        assert said.err == f"onnxruntime cannot play, so numpy does: {reason}\n"
    assert said.out.endswith(", played by numpy\n")
    np.testing.assert_array_equal(found, expected)
    report = trained.folder / "e.json"
    measured = glm_deep("evaluate", trained.conf, trained.test, "--backend", "onnxruntime", "--json", report)
    assert (measured.code, measured.err) == (0, said.err)
    assert measured.out.startswith("20 frames, played by numpy\n")
    assert _report(report)["back_end"] == "numpy"


@needs_onnx
def test_an_exported_model_is_played_by_onnxruntime_as_numpy_plays_it(
    exported: Any, predict: Any, glm_deep: Any
) -> None:
    expected, _ = predict(exported, exported.test, "--backend", "numpy")
    found, said = predict(exported, exported.test, "--backend", "onnxruntime")
    assert said.err == ""
    assert said.out.endswith(", played by onnxruntime\n")
    apart = np.linalg.norm(found - expected, axis=2)
    assert 0 < apart.max() < 1e-5 * _diagonal(exported.test)  # not the very same: another engine was at work
    report = exported.folder / "e.json"
    measured = glm_deep("evaluate", exported.conf, exported.test, "--backend", "onnxruntime", "--json", report)
    assert (measured.code, measured.err) == (0, "")
    assert measured.out.startswith("20 frames, played by onnxruntime\n")
    assert _report(report)["back_end"] == "onnxruntime"


@needs_onnx
def test_a_graph_that_is_damaged_is_said_and_numpy_plays(exported: Any, predict: Any) -> None:
    graph = exported.model.with_suffix(".onnx")
    graph.write_bytes(graph.read_bytes()[:-100])
    _, said = predict(exported, exported.test, "--backend", "onnxruntime")
    assert said.err.startswith(f"onnxruntime cannot play, so numpy does: {graph}: the graph cannot be read (")
    assert said.out.endswith(", played by numpy\n")


@needs_onnx
def test_a_graph_of_the_model_before_is_not_played(exported: Any, predict: Any, glm_deep: Any) -> None:
    exported.edit(training={"seed": 5})
    before = exported.model.read_bytes()
    assert glm_deep("train", exported.conf).code == 0
    assert exported.model.read_bytes() != before
    expected, _ = predict(exported, exported.test, "--backend", "numpy")
    found, said = predict(exported, exported.test, "--backend", "onnxruntime")
    graph = exported.model.with_suffix(".onnx")
    assert said.err.startswith(f"onnxruntime cannot play, so numpy does: {graph}: the graph is of another model. ")
    np.testing.assert_array_equal(found, expected)
    assert glm_deep("export", exported.conf).code == 0
    _, said = predict(exported, exported.test, "--backend", "onnxruntime")
    assert (said.err, said.out.endswith(", played by onnxruntime\n")) == ("", True)


@pytest.mark.parametrize("back_end", ["torch-fp32", "torch-fp16", "tensorrt"])
def test_without_a_gpu_numpy_plays_and_the_reason_is_said(trained: Any, predict: Any, back_end: str) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    _, said = predict(trained, trained.test, "--backend", back_end)
    assert said.err.startswith(f"{back_end} cannot play, so numpy does: ")
    assert re.search(r"NVIDIA|cannot use the", said.err)
    assert said.out.endswith(", played by numpy\n")


def test_torch_on_the_cpu_plays_as_numpy_does(trained: Any, predict: Any) -> None:
    expected, _ = predict(trained, trained.test, "--backend", "numpy")
    found, said = predict(trained, trained.test, "--backend", "torch-cpu")
    assert (said.err, said.out.endswith(", played by torch-cpu\n")) == ("", True)
    assert 0 < np.linalg.norm(found - expected, axis=2).max() < 1e-5 * _diagonal(trained.test)


def _measured(said: Any) -> str:
    """What was measured as the fastest, and has played."""
    told = re.match(r"(\S+) plays, the fastest here \((.+) a frame\)\.\n", said.err)
    assert told, said.err
    assert "numpy " in told[2]
    assert said.out.endswith(f", played by {told[1]}\n")
    return told[1]


def test_automatic_measures_at_first_and_remembers(
    trained: Any, predict: Any, glm_deep: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLM_DEEP_CACHE", str(tmp_path / "own cache"))
    _, first = predict(trained, trained.test, "--backend", "automatic")
    best = _measured(first)
    assert re.search(r"^onnxruntime left out: ", first.err, flags=re.MULTILINE)
    _, second = predict(trained, trained.test, "--backend", "automatic")
    assert (second.err, second.out) == ("", first.out)
    report = trained.folder / "e.json"
    measured = glm_deep("evaluate", trained.conf, trained.test, "--backend", "automatic", "--json", report)
    assert (measured.code, measured.err) == (0, "")
    assert _report(report)["back_end"] == best
    monkeypatch.setenv("GLM_DEEP_CACHE", str(tmp_path / "another"))
    _measured(predict(trained, trained.test, "--backend", "automatic")[1])


@needs_onnx
def test_automatic_measures_again_when_the_model_was_exported(
    trained: Any, predict: Any, glm_deep: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLM_DEEP_CACHE", str(tmp_path / "own cache"))
    expected, _ = predict(trained, trained.test, "--backend", "automatic")
    assert glm_deep("export", trained.conf).code == 0
    found, said = predict(trained, trained.test, "--backend", "automatic")
    _measured(said)
    assert re.search(r"onnxruntime \d+\.\d+ ms", said.err)
    np.testing.assert_allclose(found, expected, atol=1e-5 * _diagonal(trained.test))
    assert predict(trained, trained.test, "--backend", "automatic")[1].err == ""


@needs_onnx
def test_the_configuration_says_what_plays_and_the_option_overrides_it(exported: Any, predict: Any) -> None:
    exported.edit(playing={"back_end": "onnxruntime"})
    assert predict(exported, exported.test)[1].out.endswith(", played by onnxruntime\n")
    assert predict(exported, exported.test, "--backend", "numpy")[1].out.endswith(", played by numpy\n")


def test_a_back_end_that_is_not_known_is_a_usage_error(trained: Any, glm_deep: Any) -> None:
    for option, value in (("--backend", "abacus"), ("--outside", "ignore")):
        said = glm_deep("evaluate", trained.conf, trained.test, option, value)
        assert said.code == 2
        assert f"invalid choice: '{value}'" in said.err


def test_inputs_far_outside_are_named_and_held_beside_the_range(
    trained: Any, predict: Any, stray: Any, make_limb: Any, write_archive: Any
) -> None:
    values, archive = stray
    statistics = from_bundle(Bundle.load(trained.model)).statistics
    low, high = statistics.low[0], statistics.high[0]
    apart = np.maximum(np.maximum(low - values, values - high), 0) / (high - low)
    assert apart.max() > FAR
    told = (
        f"muscle is outside the range of the training by {apart.max():.1f} of its width in frame {apart.argmax()} "
        f"(in {np.sum(apart > FAR)} frames by more than 0.25); such inputs are"
    )
    held, said = predict(trained, archive, "--outside", "clamp")
    assert said.err == f"warning: {told} held 0.25 of the width outside.\n"
    passed, said = predict(trained, archive, "--outside", "pass")
    assert said.err == f"warning: {told} played as they are.\n"
    moved = np.abs(held - passed).max(axis=(1, 2)) > 0
    np.testing.assert_array_equal(moved, apart > FAR)
    clipped = make_limb()
    border = FAR * (high - low)
    clipped["floats"][:, 0] = np.clip(values, low - border, high + border)
    expected, _ = predict(trained, write_archive(trained.folder / "clipped.npz", clipped), "--outside", "pass")
    np.testing.assert_allclose(held, expected, atol=1e-6)


def test_inputs_within_the_range_play_the_same_either_way_and_nothing_is_said(trained: Any, predict: Any) -> None:
    found = [predict(trained, trained.frames, "--outside", each) for each in ("clamp", "pass")]
    assert [said.err for _, said in found] == ["", ""]
    np.testing.assert_array_equal(found[0][0], found[1][0])


def test_the_configuration_says_what_becomes_of_inputs_far_outside(trained: Any, predict: Any, stray: Any) -> None:
    _, archive = stray
    passed, _ = predict(trained, archive, "--outside", "pass")
    held, _ = predict(trained, archive, "--outside", "clamp")
    assert np.abs(held - passed).max() > 0
    by_default, said = predict(trained, archive)
    assert "such inputs are played as they are" in said.err
    np.testing.assert_array_equal(by_default, passed)
    for setting, expected, option, other in (("clamp", held, "pass", passed), ("pass", passed, "clamp", held)):
        trained.edit(playing={"outside_range": setting})
        np.testing.assert_array_equal(predict(trained, archive)[0], expected)
        np.testing.assert_array_equal(predict(trained, archive, "--outside", option)[0], other)


def test_evaluate_tells_and_holds_inputs_far_outside_as_predict_does(trained: Any, glm_deep: Any, stray: Any) -> None:
    _, archive = stray
    errors = []
    for outside, words in (("clamp", "held 0.25 of the width outside"), ("pass", "played as they are")):
        report = trained.folder / f"{outside}.json"
        said = glm_deep("evaluate", trained.conf, archive, "--outside", outside, "--json", report)
        assert said.code == 0
        (line,) = said.err.splitlines()
        assert line.startswith("warning: muscle is outside the range of the training by ")
        assert line.endswith(f"such inputs are {words}.")
        mesh = _report(report)["meshes"]["limb"]
        errors.append([found["scene_units"]["max"] for found in (mesh["linear_only"], mesh, mesh["direct"])])
    (linear, held, direct), (same_linear, passed, direct_passed) = errors
    assert linear == same_linear
    assert held != passed
    assert direct != direct_passed


def test_an_input_that_never_moved_in_the_training_is_named_when_it_does(
    trained: Any, predict: Any, make_limb: Any, write_archive: Any
) -> None:
    arrays = make_limb(frames=10, seed=3)
    arrays["joints"][4:, :, 2, 3] += 7.0  # the whole character, which its upper joint never did
    _, said = predict(trained, write_archive(trained.folder / "moved.npz", arrays))
    assert said.err == ("warning: upper moved as never in the training frames, which the model ignores.\n")
