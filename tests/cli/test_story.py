"""A character from nothing to its predictions on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glm_deep import cli
from glm_deep.bundle import Bundle
from glm_deep.config import fields
from pulled_model import pull_model_file

ERRORS = ("mean", "p95", "p99", "frame_max", "max", "rms")


def test_a_character_goes_from_an_archive_to_predictions(
    tmp_path: Path, glm_deep: Any, place_at: Any, make_limb: Any, write_archive: Any
) -> None:
    place = place_at(tmp_path)
    write_archive(place.frames, make_limb())
    write_archive(place.test, make_limb(frames=20, seed=9))
    made = glm_deep("new", place.conf, "--from", place.frames, "--asset", "Ada")
    assert made.code == 0
    assert "meshes 1, floats 2, joints 2, matrices 0" in made.out
    values = json.loads(place.conf.read_text(encoding="utf-8"))
    assert values["asset"] == "Ada"
    assert values["rig_inputs"]["joints"] == [{"name": "upper", "parent": ""}, {"name": "lower", "parent": "upper"}]
    assert values["rig_inputs"]["floats"][0] == {"name": "muscle", "min": -1.0, "max": 1.0}
    assert glm_deep("import", place.conf, place.frames).out == "60 frames added; 60 samples in all\n"
    quick = ["training.differential.epochs=2", "training.subspaces.epochs=2", "training.cpu_threads=1"]
    settings = [word for setting in quick for word in ("--set", setting)]
    trained = glm_deep("train", place.conf, *settings)
    assert trained.code == 0, trained.err
    assert (tmp_path / "models" / "Ada.glmdeep").is_file()
    assert re.search(r"^(exported .*Ada\.onnx, fp32|not exported for onnx: )", trained.out, flags=re.MULTILINE)
    assert glm_deep("evaluate", place.conf, place.test).code == 0
    assert glm_deep("predict", place.conf, place.test, "-o", tmp_path / "out.npz").code == 0
    assert glm_deep("info", place.conf).code == 0


def test_a_new_configuration_without_frames_has_a_mesh_of_its_name(tmp_path: Path, glm_deep: Any) -> None:
    assert glm_deep("new", tmp_path / "Bea.dio").code == 0
    values = json.loads((tmp_path / "Bea.dio").read_text(encoding="utf-8"))
    assert (values["asset"], values["meshes"][0]["deformed"]) == ("Bea", "Bea")
    assert glm_deep("config", "check", tmp_path / "Bea.dio").out == "ok\n"


def test_new_overwrites_no_configuration(imported: Any, glm_deep: Any, contents: Any) -> None:
    before = contents(imported.folder)
    said = glm_deep("new", imported.conf)
    assert said.code == 1
    assert "the file is there already" in said.err
    assert contents(imported.folder) == before


def test_frames_that_are_there_already_are_left_out_and_counted(imported: Any, glm_deep: Any) -> None:
    again = glm_deep("import", imported.conf, imported.frames)
    assert again.code == 0
    assert again.out == "0 frames added, 60 left out because their inputs were there already; 60 samples in all\n"
    more = glm_deep("import", imported.conf, imported.test, "--clip", "extra")
    assert more.out.startswith("20 frames added; 80 samples")
    assert json.loads(glm_deep("info", imported.conf, "--json").out)["samples"]["sessions"][1]["clips"] == {"extra": 20}


def test_identical_frames_are_kept_where_the_settings_say_so(imported: Any, glm_deep: Any) -> None:
    imported.edit(extraction={"discard_identical": False})
    assert glm_deep("import", imported.conf, imported.frames).out == "60 frames added; 120 samples in all\n"


def test_config_show_and_check_read_the_file(imported: Any, glm_deep: Any) -> None:
    shown = glm_deep("config", "show", imported.conf).out
    assert re.search(r"^training\.differential\.epochs +12 +file", shown, flags=re.MULTILINE)
    assert re.search(r"^training\.learning_rate +0\.0001 +default", shown, flags=re.MULTILINE)
    assert glm_deep("config", "check", imported.conf).out == "ok\n"


def test_the_report_of_a_training_compares_with_the_linear_mesh_and_with_ridge(trained: Any, glm_deep: Any) -> None:
    report = json.loads((trained.folder / "report.json").read_text(encoding="utf-8"))
    mesh = report["meshes"]["limb"]
    for found in (mesh, mesh["linear_only"], mesh["direct"], mesh["ridge"]):
        for unit in ("percent_of_diagonal", "scene_units"):
            assert set(found[unit]) == set(ERRORS)
    assert mesh["percent_of_diagonal"]["mean"] < mesh["ridge"]["percent_of_diagonal"]["mean"]
    assert mesh["ridge"]["percent_of_diagonal"]["mean"] < mesh["linear_only"]["percent_of_diagonal"]["mean"]
    assert mesh["direct"]["percent_of_diagonal"]["mean"] < mesh["ridge"]["percent_of_diagonal"]["mean"]
    assert report["frames"] + report["trained_frames"] == 60
    assert set(report["verdicts"]) == {"differential", "subspaces"}
    assert json.loads((trained.folder / "runs" / "0001" / "report.json").read_text(encoding="utf-8")) == report


def test_the_json_of_evaluate_has_its_documented_layout(trained: Any, glm_deep: Any) -> None:
    path = trained.folder / "figures" / "evaluation.json"
    said = glm_deep("evaluate", trained.conf, trained.test, "--json", path)
    assert (said.code, said.err) == (0, "")
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["frames"] == 20
    mesh = report["meshes"]["limb"]
    assert mesh["vertices"] == 180
    for found in (mesh, mesh["linear_only"], mesh["direct"]):
        assert set(found["percent_of_diagonal"]) == set(found["scene_units"]) == set(ERRORS)
        assert all(isinstance(value, float) for value in found["scene_units"].values())
    for found in (mesh, mesh["linear_only"], mesh["direct"]):
        assert f"{found['percent_of_diagonal']['mean']:.4f}" in said.out


def test_the_figures_of_evaluate_are_those_of_the_predicted_positions(
    trained: Any, glm_deep: Any, tmp_path: Path
) -> None:
    glm_deep("evaluate", trained.conf, trained.test, "--json", tmp_path / "e.json")
    glm_deep("predict", trained.conf, trained.test, "-o", tmp_path / "p.npz")
    with np.load(trained.test) as truth, np.load(tmp_path / "p.npz") as played:
        distance = np.linalg.norm(played["limb.posed"].astype(float) - truth["limb.deformed"], axis=2)
        linear = np.linalg.norm(truth["limb.linear"].astype(float) - truth["limb.deformed"], axis=2)
        rest = truth["limb.rest"].astype(float)
    diagonal = np.linalg.norm(np.ptp(rest, axis=0))
    mesh = json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))["meshes"]["limb"]
    for found, expected in ((mesh, distance), (mesh["linear_only"], linear)):
        units = {
            "mean": expected.mean(),
            "p95": np.percentile(expected, 95),
            "p99": np.percentile(expected, 99),
            "frame_max": expected.max(axis=1).mean(),
            "max": expected.max(),
            "rms": np.sqrt((expected**2).mean()),
        }
        for name, value in units.items():
            assert found["scene_units"][name] == pytest.approx(value, rel=2e-3, abs=1e-6)
            assert found["percent_of_diagonal"][name] == pytest.approx(100 * value / diagonal, rel=2e-3, abs=1e-5)


def test_evaluate_discards_no_identical_frame(trained: Any, glm_deep: Any, make_limb: Any, write_archive: Any) -> None:
    arrays = make_limb(frames=6, seed=9)
    for name, array in arrays.items():
        if len(array) == 6 and name not in ("meshes",):
            arrays[name] = np.repeat(array[:1], 6, axis=0)
    twice = write_archive(trained.folder / "twice.npz", arrays)
    glm_deep("evaluate", trained.conf, twice, "--json", trained.folder / "e.json")
    assert json.loads((trained.folder / "e.json").read_text(encoding="utf-8"))["frames"] == 6


def test_a_prediction_needs_no_truth_and_adds_the_skinned_offsets_to_the_linear_mesh(
    trained: Any, glm_deep: Any, make_limb: Any, write_archive: Any
) -> None:
    arrays = make_limb(frames=20, seed=9)
    truth = arrays.pop("limb.deformed")
    blind = write_archive(trained.folder / "blind.npz", arrays)
    said = glm_deep("predict", trained.conf, blind, "-o", trained.folder / "out.npz")
    assert (said.code, said.err) == (0, "")
    with np.load(trained.folder / "out.npz") as played:
        assert played["meshes"].tolist() == ["limb"]
        offsets, posed = played["limb.offsets"], played["limb.posed"]
    assert offsets.dtype == posed.dtype == np.float32
    turned = np.einsum("vw,fwij->fvij", arrays["limb.weights"].astype(float), arrays["skinning_matrices"][..., :3, :3])
    expected = arrays["limb.linear"] + np.einsum("fvij,fvj->fvi", turned, offsets.astype(float))
    assert np.abs(posed - expected).max() < 1e-5
    assert np.abs(offsets).max() > 0.05
    assert np.linalg.norm(posed - truth, axis=2).mean() < np.linalg.norm(arrays["limb.linear"] - truth, axis=2).mean()


def test_evaluate_needs_the_truth(trained: Any, glm_deep: Any, make_limb: Any, write_archive: Any) -> None:
    arrays = make_limb(frames=20, seed=9)
    del arrays["limb.deformed"]
    said = glm_deep("evaluate", trained.conf, write_archive(trained.folder / "blind.npz", arrays))
    assert said.code == 1
    assert 'array "limb.deformed" is missing' in said.err


def test_a_lower_quality_plays_with_fewer_anchors(imported: Any, glm_deep: Any, tmp_path: Path) -> None:
    glm_deep("train", imported.conf, "--set", "training.anchors.percent=10")
    (model,) = (imported.conf.parent / "models").glob("*.glmdeep")
    pull_model_file(model)
    played = []
    for quality in ("0", "1"):
        out = tmp_path / f"{quality}.npz"
        assert glm_deep("predict", imported.conf, imported.test, "-o", out, "--quality", quality).code == 0
        with np.load(out) as arrays:
            played.append(arrays["limb.offsets"])
    assert np.abs(played[0] - played[1]).max() > 1e-6


def test_info_tells_samples_runs_and_model(trained: Any, glm_deep: Any) -> None:
    found = json.loads(glm_deep("info", trained.conf, "--json").out)
    assert found["asset"] == "limb"
    assert found["samples"]["frames"] == 60
    assert found["samples"]["sessions"][0]["clips"] == {"swing": 30, "poses": 30}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*", found["samples"]["sessions"][0]["date"])
    assert found["samples"]["fingerprint"]["meshes"][0]["vertices"] == 180
    assert (found["runs"], found["training"]) == (["0001"], None)
    assert (found["model"]["frames"], found["model"]["seed"], found["model"]["stale"]) == (60, 0, [])
    text = glm_deep("info", trained.conf).out
    for said in ("limb, in ", "samples: 60 frames", "swing (30)", "180 vertices", "runs: 0001", "fits the samples"):
        assert said in text


def test_info_of_a_new_character_says_that_there_is_nothing_yet(tmp_path: Path, glm_deep: Any) -> None:
    glm_deep("new", tmp_path / "Bea.dio")
    said = glm_deep("info", tmp_path / "Bea.dio")
    assert said.code == 0
    assert "samples: 0 frames\nruns: none\nmodel: none yet" in said.out
    assert json.loads(glm_deep("info", tmp_path / "Bea.dio", "--json").out)["model"] is None


def test_cleared_models_and_samples_get_numbered_backups(trained: Any, glm_deep: Any) -> None:
    model, samples = trained.model.read_bytes(), trained.folder / "samples"
    first = glm_deep("clear", trained.conf, "--model")
    assert first.code == 0
    assert "limb.glmdeep.backup-0001" in first.out
    trained.model.write_bytes(b"another")
    assert "limb.glmdeep.backup-0002" in glm_deep("clear", trained.conf, "--model").out
    assert (trained.model.parent / "limb.glmdeep.backup-0001").read_bytes() == model
    assert "There is no model to clear." in glm_deep("clear", trained.conf, "--model").out
    assert "samples.backup-0001" in glm_deep("clear", trained.conf, "--samples").out
    assert not samples.exists()
    assert glm_deep("import", trained.conf, trained.frames).out.startswith("60 frames added")
    assert "samples.backup-0002" in glm_deep("clear", trained.conf, "--samples").out
    assert (trained.folder / "samples.backup-0001" / "index.json").is_file()


def test_a_model_of_other_settings_is_stale_and_still_plays(trained: Any, glm_deep: Any) -> None:
    trained.edit(training={"differential": {"neurons": 24}})
    reason = "the setting training.differential.neurons was 16, is 24"
    for command in (("evaluate",), ("predict", "-o", trained.folder / "out.npz")):
        said = glm_deep(command[0], trained.conf, trained.test, *command[1:])
        assert said.code == 0
        assert said.err == f"warning: the model is stale: {reason}.\n"
    assert json.loads(glm_deep("info", trained.conf, "--json").out)["model"]["stale"] == [reason]


def test_a_model_of_fewer_samples_is_stale(trained: Any, glm_deep: Any) -> None:
    glm_deep("import", trained.conf, trained.test)
    said = glm_deep("evaluate", trained.conf, trained.test)
    assert said.code == 0
    assert "warning: the model is stale: the samples have changed: 60 frames then, 80 now." in said.err
    assert "  stale: the samples have changed: 60 frames then, 80 now" in glm_deep("info", trained.conf).out


def test_a_model_of_as_many_other_samples_is_stale(
    trained: Any, glm_deep: Any, make_limb: Any, write_archive: Any
) -> None:
    glm_deep("clear", trained.conf, "--samples")
    glm_deep("import", trained.conf, write_archive(trained.folder / "other.npz", make_limb(seed=77)))
    reasons = json.loads(glm_deep("info", trained.conf, "--json").out)["model"]["stale"]
    assert reasons == ["the samples have changed: their content is another"]


def test_info_names_what_is_damaged_in_the_samples(imported: Any, glm_deep: Any) -> None:
    assert json.loads(glm_deep("info", imported.conf, "--json").out)["samples"]["damaged"] is None
    assert "damaged" not in glm_deep("info", imported.conf).out
    path = imported.folder / "samples" / "session" / "shard-0001" / "mesh0.deformed.npy"
    path.write_bytes(path.read_bytes()[:-7])
    told = glm_deep("info", imported.conf)
    assert told.code == 0
    assert "  damaged: shard-0001: array mesh0.deformed is truncated: " in told.out
    damaged = json.loads(glm_deep("info", imported.conf, "--json").out)["samples"]["damaged"]
    assert damaged.endswith("Restore the samples from a backup, or clear them and extract again")


def test_a_model_without_its_samples_says_so_and_plays(trained: Any, glm_deep: Any) -> None:
    glm_deep("clear", trained.conf, "--samples")
    said = glm_deep("evaluate", trained.conf, trained.test)
    assert (said.code, said.err) == (0, "warning: the model is stale: there are no samples any more.\n")


def test_settings_that_train_nothing_else_make_no_model_stale(trained: Any, glm_deep: Any) -> None:
    trained.edit(training={"cpu_threads": 2}, extraction={"step": 2})
    assert json.loads(glm_deep("info", trained.conf, "--json").out)["model"]["stale"] == []


def test_a_setting_of_one_run_is_not_saved_in_the_file(imported: Any, glm_deep: Any) -> None:
    before = imported.conf.read_bytes()
    assert glm_deep("train", imported.conf, "--set", "training.seed=5").code == 0
    assert imported.conf.read_bytes() == before
    assert Bundle.load(imported.model).facts["seed"] == 5
    assert imported.events()[1]["settings"]["training"]["seed"] == 5
    assert "the setting training.seed was 5, is 0" in glm_deep("info", imported.conf).out


def test_a_finished_model_is_published(imported: Any, glm_deep: Any) -> None:
    imported.edit(export={"publish_to": "../published models"})
    assert glm_deep("train", imported.conf).code == 0
    copy = imported.folder.parent / "published models" / "limb.glmdeep"
    assert copy.read_bytes() == imported.model.read_bytes()


def test_paths_with_spaces_and_letters_of_other_alphabets_work(
    tmp_path: Path, glm_deep: Any, make_limb: Any, write_archive: Any
) -> None:
    folder = tmp_path / "Žofie a její ruka 腕"
    folder.mkdir()
    arrays = {name.replace("limb", "paže 腕"): array for name, array in make_limb().items()}
    arrays["meshes"], arrays["joint_names"] = np.array(["paže 腕"]), np.array(["rameno", "předloktí"])
    archive, conf = write_archive(folder / "snímky č. 1.npz", arrays), folder / "ruka č. 1.dio"
    assert glm_deep("new", conf, "--from", archive).code == 0
    said = glm_deep("import", conf, archive)
    assert (said.code, said.err) == (0, "")
    settings = ["training.cpu_threads=1", "training.differential.epochs=1", "training.subspaces.epochs=1"]
    trained = glm_deep("train", conf, *(word for each in settings for word in ("--set", each)))
    assert trained.code == 0, trained.err
    assert glm_deep("evaluate", conf, archive, "--json", folder / "výsledek.json").code == 0
    assert list(json.loads((folder / "výsledek.json").read_text(encoding="utf-8"))["meshes"]) == ["paže 腕"]
    assert glm_deep("predict", conf, archive, "-o", folder / "křivky.npz").code == 0
    found = glm_deep("info", conf, "--json").out
    assert found.isascii()  # whatever a console makes of it
    assert json.loads(found)["model"]["path"] == str(folder / "models" / "ruka č. 1.glmdeep")


def test_paths_are_relative_to_where_one_is_and_the_main_directory_to_the_file(
    imported: Any, glm_deep: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    imported.edit(main_directory="../data of the limb")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert glm_deep("import", "../limb/limb.dio", "../limb/frames.npz").code == 0
    assert glm_deep("train", "../limb/limb.dio", "--json", "report.json").code == 0
    assert glm_deep("predict", "../limb/limb.dio", "../limb/test.npz", "-o", "out.npz").code == 0
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["out.npz", "report.json"]
    assert (tmp_path / "data of the limb" / "models" / "limb.glmdeep").is_file()
    assert not imported.model.exists()


def test_an_error_is_one_sentence_unless_one_debugs(imported: Any, glm_deep: Any) -> None:
    plain = glm_deep("evaluate", imported.conf, imported.test)
    assert plain.code == 1
    assert plain.err.startswith("glm-deep evaluate: ")
    assert "there is no trained model yet. Train one with: glm-deep train" in plain.err
    assert "Traceback" not in plain.err
    for command in (
        ("--debug", "evaluate", imported.conf, imported.test),
        ("evaluate", imported.conf, imported.test, "--debug"),
    ):
        debugged = glm_deep(*command)
        assert debugged.code == 1
        assert "Traceback (most recent call last)" in debugged.err
        assert debugged.err.endswith(plain.err)


def test_one_may_debug_the_actions_of_config(tmp_path: Path, glm_deep: Any) -> None:
    assert "Traceback" in glm_deep("config", "check", tmp_path / "missing.dio", "--debug").err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fly",),
        ("train",),
        ("predict", "a.dio", "b.npz"),
        ("clear", "a.dio"),
        ("clear", "a.dio", "--model", "--samples"),
        ("evaluate", "a.dio", "b.npz", "--quality", "1.5"),
        ("evaluate", "a.dio", "b.npz", "--quality", "nan"),
    ],
)
def test_a_command_that_is_spelled_wrong_is_a_usage_error(glm_deep: Any, arguments: tuple[str, ...]) -> None:
    said = glm_deep(*arguments)
    assert said.code == 2
    assert said.err.startswith("usage: glm-deep")


def test_help_and_version_end_well(glm_deep: Any) -> None:
    assert glm_deep("--version").out.startswith("glm-deep ")
    assert (glm_deep("--help").code, glm_deep("train", "--help").code) == (0, 0)


def test_a_missing_package_is_said_with_what_to_install(
    imported: Any, glm_deep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "glm_deep.train.run", None)
    said = glm_deep("train", imported.conf)
    assert said.code == 1
    assert "a package is missing" in said.err
    assert 'pip install ".[train]"' in said.err


def test_an_interruption_before_the_training_is_one_word(
    imported: Any, glm_deep: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.info_command, "run", interrupted)
    said = glm_deep("info", imported.conf)
    assert (said.code, said.err) == (1, "Interrupted.\n")


def test_the_help_of_train_lists_every_setting_of_the_training(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["train", "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for field in fields():
        if field.key.startswith("training.") and "[]" not in field.key:
            assert f"  {field.key} (default {json.dumps(field.default)}" in text
            assert field.help.split()[-1] in text


def test_predict_does_not_replace_the_frames_that_it_reads(trained: Any, glm_deep: Any) -> None:
    before = trained.frames.read_bytes()
    said = glm_deep("predict", trained.conf, trained.frames, "-o", trained.frames)
    assert said.code == 1
    assert "would replace the frames that are read" in said.err
    assert trained.frames.read_bytes() == before


@pytest.mark.parametrize("command", ["train", "evaluate", "predict"])
def test_a_place_that_cannot_be_written_is_refused_before_the_work(
    command: str, trained: Any, glm_deep: Any, tmp_path: Path
) -> None:
    (tmp_path / "in the way").write_bytes(b"")
    out = tmp_path / "in the way" / "out"
    frames = [] if command == "train" else [trained.frames]
    option = "-o" if command == "predict" else "--json"
    runs = len(list((trained.folder / "runs").iterdir()))
    said = glm_deep(command, trained.conf, *frames, option, out)
    assert said.code == 1
    assert "is a file" in said.err
    assert len(list((trained.folder / "runs").iterdir())) == runs


def test_worst_frames_are_numbered_within_their_clips(trained: Any, glm_deep: Any, tmp_path: Path) -> None:
    report = tmp_path / "errors.json"
    assert glm_deep("evaluate", trained.conf, trained.frames, "--json", report).code == 0
    with np.load(trained.frames) as frames:
        clips = frames["clip"].tolist()
    (mesh,) = json.loads(report.read_text(encoding="utf-8"))["meshes"].values()
    for frame in mesh["worst_frames"]:
        assert 0 <= frame["frame"] < clips.count(frame["clip"])
