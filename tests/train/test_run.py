"""A whole training run: its records, its model file, and what becomes of it when it is stopped, fails or is killed."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import glm_deep
from glm_deep import dio
from glm_deep.bundle import Bundle
from glm_deep.character import Character, stale_reasons
from glm_deep.cli import main
from glm_deep.config import Config
from glm_deep.dataset.source import FrameSource
from glm_deep.errors import DataError, ExitCode, GlmDeepError, TrainingFailed
from glm_deep.events import Epoch, Event, Exported, Phase, Started, Stopped, Warned, read_events
from glm_deep.progress import ConsoleProgress
from glm_deep.rundir import RunFolder, is_training
from glm_deep.train import checkpoint, run
from glm_deep.train.run import Outcome, train
from measured import measure

QUICK = {
    "training.cpu_threads": 1,
    "training.device": "cpu",
    "training.differential.epochs": 12,
    "training.differential.neurons": 16,
    "training.differential.layers": 1,
    "training.subspaces.epochs": 12,
    "training.subspaces.neurons": 4,
    "training.subspaces.layers": 1,
}

NOTHING_TO_TAKE_UP = "There is no unfinished run of these samples and settings to take up: this one is new."


class Killed(BaseException):
    """The process is gone: nobody is told."""


@pytest.fixture(scope="module")
def _imported(tmp_path_factory: pytest.TempPathFactory, make_limb: Any, write_archive: Any) -> Path:
    folder = tmp_path_factory.mktemp("run") / "limb"
    folder.mkdir()
    archive = write_archive(folder / "frames.npz", make_limb())
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(["new", str(folder / "limb.dio"), "--from", str(archive)]) == 0
        assert main(["import", str(folder / "limb.dio"), str(archive)]) == 0
    return folder


@pytest.fixture
def folder(tmp_path: Path, _imported: Path) -> Path:
    """The folder of a character with samples."""
    shutil.copytree(_imported, tmp_path / "limb")
    return tmp_path / "limb"


def _character(folder: Path, **settings: Any) -> Character:
    changed = {**QUICK, **{f"training.{key.replace('__', '.')}": value for key, value in settings.items()}}
    return Character(dio.load(folder / "limb.dio").with_values(changed))


def _train(
    folder: Path,
    show: Callable[[Event], None] = lambda event: None,
    interrupted: Callable[[], bool] = lambda: False,
    resume: bool = False,
    **settings: Any,
) -> Outcome:
    return train(_character(folder, **settings), show, interrupted=interrupted, resume=resume)


def _records(folder: Path, number: str = "0001") -> list[Event]:
    found, _ = read_events(folder / "runs" / number / "events.jsonl")
    return found


def _warnings(folder: Path, number: str = "0001") -> list[str]:
    return [event.text for event in _records(folder, number) if isinstance(event, Warned)]


def _model(folder: Path) -> Bundle:
    return Bundle.load(folder / "models" / "limb.glmdeep")


def _at(model: str, epoch: int, act: Callable[[], None]) -> Callable[[Event], None]:
    """A `show` that acts in one epoch of a model."""

    def show(event: Event) -> None:
        if isinstance(event, Epoch) and (event.model, event.epoch) == (model, epoch):
            act()

    return show


def _kill() -> None:
    raise Killed


def test_the_records_of_a_run_are_complete_and_in_order(folder: Path) -> None:
    shown: list[Event] = []
    outcome = _train(folder, shown.append)
    records = _records(folder)
    assert records == shown
    kinds = [record.kind for record in records]
    first = list(dict.fromkeys(kinds))
    assert first[:3] == ["started", "configuration", "device"]
    assert first[-3:] == ["verdict", "report", "finished"]
    assert kinds[-4:] == ["verdict", "verdict", "report", "finished"]
    for model in ("differential", "subspaces"):
        epochs = [record for record in records if isinstance(record, Epoch) and record.model == model]
        assert [each.epoch for each in epochs] == list(range(1, 13))
        assert all(np.isfinite([each.train_loss, each.validation_loss, each.learning_rate]).all() for each in epochs)
    models = [record.model for record in records if isinstance(record, Epoch)]
    assert models == ["differential"] * 12 + ["subspaces"] * 12
    phases = list(dict.fromkeys(record.name for record in records if isinstance(record, Phase)))
    assert phases == ["offsets", "closed form", "reconstruction", "vertex errors", "fine-tuning"]
    times = [record.time for record in records]
    assert times == sorted(times)
    assert min(times) > 1.7e9
    assert outcome.stopped is False
    assert outcome.model == folder / "models" / "limb.glmdeep"


def test_the_first_records_say_who_trains_with_which_settings(folder: Path) -> None:
    _train(folder, seed=3)
    started, configured, device = _records(folder)[:3]
    assert isinstance(started, Started)
    assert (started.run, started.asset, started.version) == ("0001", "limb", glm_deep.__version__)
    assert configured.settings["training"]["seed"] == 3  # type: ignore[union-attr]
    assert (device.asked, device.used, device.threads) == ("cpu", "cpu", 1)  # type: ignore[union-attr]


def test_a_run_leaves_records_settings_and_report_and_nothing_large(folder: Path) -> None:
    outcome = _train(folder)
    assert sorted(path.name for path in outcome.run.path.iterdir()) == [
        "configuration.dio",
        "events.jsonl",
        "report.json",
    ]
    kept = json.loads(outcome.run.configuration.read_text(encoding="utf-8"))
    assert Config.from_json(kept) == _character(folder).config
    assert json.loads(outcome.run.report.read_text(encoding="utf-8")) == outcome.report
    assert is_training(_character(folder).main) is None


def test_the_model_file_says_what_it_was_made_from(folder: Path) -> None:
    character = _character(folder, seed=7)
    outcome = _train(folder, seed=7)
    facts = _model(folder).facts
    assert (facts["asset"], facts["run"], facts["frames"], facts["seed"]) == ("limb", "0001", 60, 7)
    assert facts["partial"] is False
    assert facts["configuration"] == character.config.to_json()
    assert facts["fingerprint"] == character.store.fingerprint
    assert facts["data_hash"] == character.store.data_hash
    assert facts["report"] == outcome.report
    versions = facts["versions"]
    assert set(versions) == {"glm_deep", "python", "torch", "numpy", "scipy", "scikit-learn"}
    assert (versions["torch"].split("+")[0], versions["numpy"]) == (torch.__version__.split("+")[0], np.__version__)
    assert stale_reasons(character, facts) == []


def test_the_regions_of_a_model_name_the_inputs_that_move_them(folder: Path) -> None:
    _train(folder)
    named = _model(folder).facts["inputs_of_regions"]
    assert len(named) >= 1
    for region in named:
        assert set(region) <= {"muscle", "crease", "lower"}
        assert 0.9 < sum(region.values()) <= 1.001
        assert list(region.values()) == sorted(region.values(), reverse=True)
    assert {"muscle", "crease"} <= {name for region in named for name in region}


def test_the_same_seed_gives_the_same_model_and_another_seed_another(folder: Path) -> None:
    arrays = []
    for seed in (1, 1, 2):
        _train(folder, seed=seed)
        arrays.append(dict(_model(folder).arrays))
    assert _equal(arrays[0], arrays[1])
    assert not _equal(arrays[0], arrays[2])


def test_something_that_breaks_is_recorded_with_its_traceback_and_the_old_model_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _train(folder)
    before = (folder / "models" / "limb.glmdeep").read_bytes()

    def broken(*anything: object) -> None:
        raise RuntimeError("the matrix is not what it was")

    monkeypatch.setattr(run, "learn", broken)
    with pytest.raises(TrainingFailed, match="the training broke down: RuntimeError: the matrix is not what it was"):
        _train(folder)
    records = _records(folder, "0002")
    assert [record.kind for record in records[:3]] == ["started", "configuration", "device"]
    failed = records[-1]
    assert failed.kind == "failed"
    assert "the matrix is not what it was" in failed.what  # type: ignore[union-attr]
    log = folder / "runs" / "0002" / "log.txt"
    assert failed.log == str(log)  # type: ignore[union-attr]
    text = log.read_text(encoding="utf-8")
    assert text.startswith("Traceback")
    assert "in broken" in text
    assert (folder / "models" / "limb.glmdeep").read_bytes() == before
    assert is_training(_character(folder).main) is None
    assert main(["train", str(folder / "limb.dio"), "--set", "training.cpu_threads=1"]) == 4
    said = capsys.readouterr().err
    assert "glm-deep train: " in said
    assert "Send log.txt to the developers." in said
    assert "Traceback" not in said


def test_samples_without_anything_to_learn_are_an_error_of_the_user_and_recorded(
    tmp_path: Path, make_limb: Any, write_archive: Any
) -> None:
    arrays = make_limb()
    arrays["limb.deformed"] = arrays["limb.linear"]
    conf, archive = tmp_path / "limb.dio", write_archive(tmp_path / "frames.npz", arrays)
    with contextlib.redirect_stdout(io.StringIO()):
        main(["new", str(conf), "--from", str(archive)])
        main(["import", str(conf), str(archive)])
    with pytest.raises(DataError, match="the deformed mesh equals the linear mesh in every frame") as caught:
        _train(tmp_path)
    assert caught.value.exit_code == ExitCode.ERROR
    assert _records(tmp_path)[-1].kind == "failed"
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("model", ["differential", "subspaces"])
def test_a_stop_request_ends_a_run_with_what_it_has_learned(folder: Path, model: str) -> None:
    request = RunFolder(folder / "runs" / "0001").request_stop
    outcome = _train(folder, _at(model, 3, request))
    assert outcome.stopped is True
    records = _records(folder)
    last = records[-1]
    assert isinstance(last, Stopped)
    assert last.model == str(folder / "models" / "limb.glmdeep")
    assert [record.kind for record in records if record.kind in ("finished", "failed")] == []
    epochs = [record for record in records if isinstance(record, Epoch) and record.model == model]
    assert epochs[-1].epoch == 3
    assert list(outcome.report["verdicts"]) == ["differential", "subspaces"][: 1 + (model == "subspaces")]
    facts = _model(folder).facts
    assert facts["partial"] is True
    mesh = outcome.report["meshes"]["limb"]
    assert mesh["scene_units"]["rms"] < mesh["linear_only"]["scene_units"]["rms"]


def test_a_stopped_training_keeps_the_model_that_was_there_and_publishes_nothing(folder: Path) -> None:
    document = dio.load(folder / "limb.dio").with_values({"export.publish_to": "published"})
    dio.save(document)
    _train(folder)
    whole, published = (folder / "models" / "limb.glmdeep").read_bytes(), folder / "published" / "limb.glmdeep"
    published.unlink()
    _train(folder, _at("differential", 2, RunFolder(folder / "runs" / "0002").request_stop))
    assert (folder / "models" / "limb.glmdeep.backup-0001").read_bytes() == whole
    assert _model(folder).facts["partial"] is True
    assert not published.exists()
    warnings = _warnings(folder, "0002")
    assert "The model that was there before went to limb.glmdeep.backup-0001." in warnings
    assert "The training was stopped, so its model is not published." in warnings


class Export:
    """An export that writes one file, and remembers what it was given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.given: list[tuple[Any, ...]] = []

    def __call__(
        self, bundle: Bundle, model: Path, source: FrameSource, tell: Callable[[Event], None], log: Path
    ) -> list[Path]:
        assert model.read_bytes()
        self.given.append((bundle, model, source.frame_count, log))
        path = model.with_suffix(".graph")
        path.write_bytes(bundle.identity.encode("ascii"))
        tell(Exported(str(path), "fp32", 64))
        return [path]

    def train(self, show: Callable[[Event], None] = lambda event: None) -> Outcome:
        return train(_character(self.folder), show, interrupted=lambda: False, export=self)


def test_a_finished_model_is_exported_and_published_with_what_was_written(folder: Path) -> None:
    dio.save(dio.load(folder / "limb.dio").with_values({"export.publish_to": "published"}))
    export = Export(folder)
    outcome = export.train()
    ((bundle, model, frames, log),) = export.given
    assert (model, frames, log) == (outcome.model, 60, outcome.run.log)
    assert bundle.identity == _model(folder).identity
    assert bundle.facts == _model(folder).facts
    assert [record.kind for record in _records(folder)][-3:] == ["report", "exported", "finished"]
    assert {path.name: path.read_bytes() for path in (folder / "published").iterdir()} == {
        "limb.glmdeep": model.read_bytes(),
        "limb.graph": bundle.identity.encode("ascii"),
    }


@pytest.mark.parametrize("model", ["differential", "subspaces"])
def test_a_stopped_training_is_not_exported(folder: Path, model: str) -> None:
    export = Export(folder)
    outcome = export.train(_at(model, 2, RunFolder(folder / "runs" / "0001").request_stop))
    assert outcome.stopped is True
    assert export.given == []
    assert "exported" not in [record.kind for record in _records(folder)]
    assert [path.name for path in outcome.model.parent.iterdir()] == ["limb.glmdeep"]


def test_a_model_is_not_exported_when_the_stop_comes_after_all_was_learned(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = run.held_out_report
    stop = RunFolder(folder / "runs" / "0001").request_stop
    monkeypatch.setattr(run, "held_out_report", lambda learned: [stop(), report(learned)][1])
    export = Export(folder)
    outcome = export.train()
    assert outcome.stopped is False
    assert export.given == []
    assert _records(folder)[-1].kind == "finished"


def test_the_settings_of_export_and_playing_are_no_part_of_what_is_trained(folder: Path) -> None:
    facts = _train(folder) and _model(folder).facts
    document = dio.load(folder / "limb.dio")
    other = {**QUICK, "export.after_training": "onnx", "playing.back_end": "numpy", "playing.outside_range": "clamp"}
    assert stale_reasons(Character(document.with_values(other)), facts) == []


def test_what_a_killed_training_left_behind_is_removed_by_the_next(folder: Path) -> None:
    left = folder / "runs" / "0001" / "scratch-of-a-killed-run"
    left.mkdir(parents=True)
    (left / "offsets_0.npy").write_bytes(b"much")
    _train(folder)
    assert not left.exists()
    assert [path.name for path in (folder / "runs" / "0002").iterdir() if path.is_dir()] == []


def test_a_stopped_training_ends_with_its_own_exit_code(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = _at("differential", 2, RunFolder(folder / "runs" / "0001").request_stop)
    monkeypatch.setattr(ConsoleProgress, "show", lambda self, event: stop(event))
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(["train", str(folder / "limb.dio"), "--set", "training.cpu_threads=1"]) == 3


def test_a_stop_before_anything_was_learned_leaves_no_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(GlmDeepError, match=r"the training was stopped before there was a model\. Start it again\."):
        _train(folder, interrupted=lambda: True)
    last = _records(folder)[-1]
    assert isinstance(last, Stopped)
    assert last.model == ""
    assert not (folder / "models").exists()

    def stop(self: ConsoleProgress, event: Event) -> None:
        if isinstance(event, Started):
            RunFolder(folder / "runs" / event.run).request_stop()

    monkeypatch.setattr(ConsoleProgress, "show", stop)
    assert main(["train", str(folder / "limb.dio"), "--set", "training.cpu_threads=1"]) == 1
    assert "the training was stopped before there was a model" in capsys.readouterr().err


def test_a_run_that_is_broken_off_by_hand_is_recorded_as_stopped(folder: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _train(folder, _at("subspaces", 2, interrupt))
    last = _records(folder)[-1]
    assert isinstance(last, Stopped)
    assert last.model == ""


@pytest.mark.parametrize(("model", "epoch"), [("differential", 2), ("differential", 7), ("subspaces", 5)])
def test_a_killed_run_that_is_taken_up_gives_bit_for_bit_the_same_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch, model: str, epoch: int
) -> None:
    monkeypatch.setattr(checkpoint, "SECONDS_BETWEEN", 0.0)
    _train(folder)
    whole = dict(_model(folder).arrays)
    (folder / "models" / "limb.glmdeep").unlink()
    with pytest.raises(Killed):
        _train(folder, _at(model, epoch, _kill))
    assert _records(folder, "0002")[-1].kind == "epoch"
    assert is_training(_character(folder).main) is None
    _train(folder, resume=True)
    assert _equal(whole, dict(_model(folder).arrays))
    again = [event.epoch for event in _records(folder, "0003") if isinstance(event, Epoch) and event.model == model]
    assert again == list(range(epoch, 13))  # the checkpoint comes after the record of its epoch
    assert _warnings(folder, "0003") == _warnings(folder)


def test_a_stopped_run_is_taken_up_where_it_stopped(folder: Path) -> None:
    _train(folder)
    whole = dict(_model(folder).arrays)
    assert _train(folder, _at("differential", 4, RunFolder(folder / "runs" / "0002").request_stop)).stopped
    assert not _train(folder, resume=True).stopped
    assert _equal(whole, dict(_model(folder).arrays))
    epochs = [each.epoch for each in _records(folder, "0003") if isinstance(each, Epoch)]
    assert epochs[:8] == list(range(5, 13))
    assert _model(folder).facts["partial"] is False


def test_a_run_that_was_taken_up_and_finished_is_not_taken_up_again(folder: Path) -> None:
    _train(folder, _at("differential", 4, RunFolder(folder / "runs" / "0001").request_stop))
    _train(folder, resume=True)
    assert not list((folder / "runs").glob("*/checkpoint.npz"))
    _train(folder, resume=True)
    assert NOTHING_TO_TAKE_UP in _warnings(folder, "0003")
    assert [each.epoch for each in _records(folder, "0003") if isinstance(each, Epoch)][:12] == list(range(1, 13))


@pytest.mark.parametrize("what", ["settings", "samples", "relevance", "damage"])
def test_a_checkpoint_that_does_not_fit_is_not_taken_up_and_that_is_said(
    folder: Path, what: str, make_limb: Any, write_archive: Any
) -> None:
    _train(folder, _at("differential", 4, RunFolder(folder / "runs" / "0001").request_stop))
    kept = folder / "runs" / "0001" / "checkpoint.npz"
    assert kept.is_file()
    if what == "samples":
        more = write_archive(folder / "more.npz", make_limb(frames=12, seed=4))
        assert main(["import", str(folder / "limb.dio"), str(more)]) == 0
    if what == "relevance":
        measure(folder / "samples", {"muscle": 0.3})
    if what == "damage":
        content = bytearray(kept.read_bytes())
        content[len(content) // 2 :] = b"\0" * 1000
        kept.write_bytes(content)
    _train(folder, resume=True, **({"seed": 5} if what == "settings" else {}))
    assert NOTHING_TO_TAKE_UP in _warnings(folder, "0002")
    first = next(each for each in _records(folder, "0002") if isinstance(each, Epoch))
    assert first.epoch == 1
    assert kept.is_file()


def test_the_run_before_the_last_is_taken_up_where_the_last_was_of_other_settings(folder: Path) -> None:
    _train(folder, _at("differential", 4, RunFolder(folder / "runs" / "0001").request_stop))
    _train(folder, _at("differential", 6, RunFolder(folder / "runs" / "0002").request_stop), seed=5)
    _train(folder, resume=True)
    assert next(each for each in _records(folder, "0003") if isinstance(each, Epoch)).epoch == 5


def test_a_gpu_that_is_asked_for_and_missing_is_said_and_the_cpu_trains(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    _train(folder, device="cuda")
    device = _records(folder)[2]
    assert (device.asked, device.used) == ("cuda", "cpu")  # type: ignore[union-attr]
    assert device.why  # type: ignore[union-attr]
    asked = [text for text in _warnings(folder) if "GPU" in text]
    assert len(asked) == 1
    assert asked[0].startswith("The GPU that was asked for cannot be used, because ")
    assert asked[0].endswith(": the CPU trains instead.")
    assert _records(folder)[-1].kind == "finished"


def test_a_ridge_regression_explains_what_is_proportional_to_an_input(
    tmp_path: Path, make_limb: Any, write_archive: Any
) -> None:
    arrays = make_limb()
    del arrays["limb.weights"], arrays["skinning_matrices"]
    bulge = np.exp(-((arrays["limb.rest"][:, 0] - 2.5) ** 2))
    lift = 0.4 * arrays["floats"][:, 0, None, None] * bulge[:, None] * (0.0, 0.0, 1.0)
    arrays["limb.deformed"] = (arrays["limb.linear"] + lift).astype(np.float32)
    arrays["float_limits"] = np.array([[-1.0, 3.0], [-1.0, 3.0]])  # so that the scaled input is not 0 on average
    conf, archive = tmp_path / "limb.dio", write_archive(tmp_path / "frames.npz", arrays)
    with contextlib.redirect_stdout(io.StringIO()):
        main(["new", str(conf), "--from", str(archive)])
        main(["import", str(conf), str(archive)])
    mesh = _train(tmp_path).report["meshes"]["limb"]
    assert mesh["ridge"]["scene_units"]["max"] < 0.02 * mesh["linear_only"]["scene_units"]["max"]


def test_limits_of_the_configuration_scale_the_inputs(folder: Path) -> None:
    narrow = _character(folder)
    wide = {"rig_inputs.floats[0].min": -4, "rig_inputs.floats[0].max": 4}
    train(narrow, lambda event: None, interrupted=lambda: False)
    scale = _model(folder).arrays["inputs/scale"]
    train(Character(narrow.document.with_values(wide)), lambda event: None, interrupted=lambda: False)
    assert _model(folder).arrays["inputs/scale"][0] == pytest.approx(4 * scale[0])


def _equal(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and np.array_equal(one[name], other[name]) for name in one
    )
