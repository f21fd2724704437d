"""A trained character becomes a file for other engines on the command line."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from glm_deep.bundle import Bundle
from glm_deep.events import Epoch, Event
from glm_deep.export.parity import LIMITS
from glm_deep.progress import ConsoleProgress
from glm_deep.rundir import RunFolder

onnxruntime = pytest.importorskip("onnxruntime", exc_type=ImportError, reason="the export plays what it writes")


AFTER = ("--set", "export.after_training=onnx")


def _about(path: Path) -> Any:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return json.loads(session.get_modelmeta().custom_metadata_map["glm_deep"])


def _kinds(place: Any) -> list[str]:
    return [event["kind"] for event in place.events()]


def test_a_training_leaves_a_graph_that_plays_its_model(imported: Any, glm_deep: Any) -> None:
    imported.edit(export={"publish_to": "../published models"})
    said = glm_deep("train", imported.conf, *AFTER)
    assert (said.code, said.err) == (0, "")
    path = imported.model.with_suffix(".onnx")
    assert f"exported {path}, fp32, " in said.out
    assert _about(path)["model"] == Bundle.load(imported.model).identity
    (exported,) = (event for event in imported.events() if event["kind"] == "exported")
    assert (exported["path"], exported["precision"]) == (str(path), "fp32")
    assert exported["bytes"] == path.stat().st_size
    assert 0 < exported["apart"] < LIMITS["fp32"][1]
    assert _kinds(imported)[-4:] == ["phase", "exported", "phase", "finished"]
    published = imported.folder.parent / "published models"
    assert {each.name: each.read_bytes() for each in published.iterdir()} == {
        each.name: each.read_bytes() for each in (imported.model, path)
    }
    means = []
    for back_end in ("numpy", "onnxruntime"):
        report = imported.folder / f"{back_end}.json"
        measured = glm_deep("evaluate", imported.conf, imported.test, "--backend", back_end, "--json", report)
        assert (measured.code, measured.err) == (0, "")
        mesh = json.loads(report.read_text(encoding="utf-8"))["meshes"]["limb"]
        means.append(mesh["scene_units"]["mean"])
    assert means[1] == pytest.approx(means[0], rel=1e-3)


def test_a_training_that_is_to_export_nothing_exports_nothing(trained: Any) -> None:
    assert [path.name for path in trained.model.parent.iterdir()] == [trained.model.name]
    assert not {"exported", "not exported"} & {*_kinds(trained)}
    assert "export" not in [event.get("name") for event in trained.events()]


def test_a_stopped_training_exports_nothing(imported: Any, glm_deep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(self: ConsoleProgress, event: Event) -> None:
        if isinstance(event, Epoch) and event.epoch == 3:
            RunFolder(imported.folder / "runs" / "0001").request_stop()

    monkeypatch.setattr(ConsoleProgress, "show", stop)
    assert glm_deep("train", imported.conf, *AFTER).code == 3
    assert [path.name for path in imported.model.parent.iterdir()] == [imported.model.name]
    assert not {"exported", "not exported"} & {*_kinds(imported)}


def test_a_training_whose_export_lacks_a_package_ends_well_and_says_so(
    imported: Any, glm_deep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported.edit(export={"publish_to": "published"})
    monkeypatch.setitem(sys.modules, "onnx", None)
    said = glm_deep("train", imported.conf, *AFTER)
    assert (said.code, said.err) == (0, "")
    (refused,) = (event for event in imported.events() if event["kind"] == "not exported")
    assert refused["engine"] == "onnx"
    assert "needs a package that is not installed" in refused["why"]
    assert f"not exported for onnx: {refused['why']}\n" in said.out
    assert _kinds(imported)[-1] == "finished"
    assert [path.name for path in imported.model.parent.iterdir()] == [imported.model.name]
    assert [path.name for path in (imported.folder / "published").iterdir()] == [imported.model.name]


def test_a_training_whose_export_breaks_down_ends_well_with_the_traceback_in_its_log(
    imported: Any, glm_deep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*given: Any, **named: Any) -> bytes:
        raise RuntimeError("no such operator")

    monkeypatch.setattr("glm_deep.export.onnx_file.onnx_bytes", break_down)
    said = glm_deep("train", imported.conf, *AFTER)
    assert (said.code, said.err) == (0, "")
    assert "not exported for onnx: It broke down (RuntimeError: no such operator); log.txt says where.\n" in said.out
    assert "in break_down" in (imported.folder / "runs" / "0001" / "log.txt").read_text(encoding="utf-8")
    assert Bundle.load(imported.model).facts["partial"] is False


def test_an_engine_is_exported_with_its_graph(trained: Any, glm_deep: Any) -> None:
    trt = pytest.importorskip("tensorrt_rtx", exc_type=ImportError, reason="there is none for macOS")
    command = ("export", trained.conf, "--format", "tensorrt-rtx", "--compute-capability", "SM86")
    said = glm_deep(*command)
    assert (said.code, said.err) == (0, "")
    graph, engine = said.out.splitlines()
    assert graph.startswith(f"{trained.model.with_suffix('.fp16.onnx')}: ")
    path = trained.model.with_suffix(f".fp16.sm86.tensorrt-rtx-{trt.__version__}.engine")
    assert engine == f"{path}: {path.stat().st_size / 1e6:.1f} MB, fp16"
    assert path.with_name(f"{path.name}.json").is_file()
    assert glm_deep(*command, "--precision", "fp32").code == 1


@pytest.mark.parametrize(("precision", "suffix"), [("fp32", ".onnx"), ("fp16", ".fp16.onnx")])
def test_the_model_is_exported_beside_itself(trained: Any, glm_deep: Any, precision: str, suffix: str) -> None:
    said = glm_deep("export", trained.conf, "--precision", precision)
    assert (said.code, said.err) == (0, "")
    path = trained.model.with_suffix(suffix)
    told = re.fullmatch(
        r"(.+): (\S+) MB, (\S+); .* (\S+) of the diagonal in the mean and (\S+) at the most\n", said.out
    )
    assert told
    assert told.group(1, 3) == (str(path), precision)
    assert float(told[2]) == pytest.approx(path.stat().st_size / 1e6, abs=0.05)
    for figure, limit in zip(told.group(4, 5), LIMITS[precision]):
        assert 0 < float(figure) < limit
    assert {each.name for each in path.parent.glob("*onnx*")} == {path.name}


def test_the_file_may_be_another_and_is_played_by_its_mesh(trained: Any, glm_deep: Any, tmp_path: Path) -> None:
    path = tmp_path / "für andere" / "limb model.onnx"
    said = glm_deep("export", trained.conf, "--format", "onnx", "-o", path)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"{path}: ")
    assert not list(trained.model.parent.glob("*.onnx"))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (mesh,) = json.loads(session.get_modelmeta().custom_metadata_map["glm_deep"])["meshes"]
    assert (mesh["name"], mesh["output"]) == ("limb", session.get_outputs()[0].name)


def test_a_compute_capability_of_a_graph_is_refused(trained: Any, glm_deep: Any) -> None:
    said = glm_deep("export", trained.conf, "--compute-capability", "SM86")
    assert said.code == 1
    assert "Add --format tensorrt-rtx" in said.err
    assert not list(trained.model.parent.glob("*onnx*"))


def test_the_model_itself_is_not_replaced(trained: Any, glm_deep: Any) -> None:
    before = trained.model.read_bytes()
    said = glm_deep("export", trained.conf, "-o", trained.model)
    assert said.code == 1
    assert "would replace the model" in said.err
    assert trained.model.read_bytes() == before


@pytest.mark.parametrize(
    ("cleared", "reason"), [("--model", "there is no trained model yet"), ("--samples", "there are no samples yet")]
)
def test_without_a_model_or_samples_nothing_is_exported(
    trained: Any, glm_deep: Any, contents: Any, cleared: str, reason: str
) -> None:
    assert glm_deep("clear", trained.conf, cleared).code == 0
    before = contents(trained.folder)
    said = glm_deep("export", trained.conf)
    assert (said.code, said.out) == (1, "")
    errors = [line for line in said.err.splitlines() if not line.startswith("warning: the model is stale")]
    assert reason in errors[0]
    assert "Traceback" not in said.err
    assert contents(trained.folder) == before


def test_a_stale_model_is_exported_with_a_warning(trained: Any, glm_deep: Any) -> None:
    trained.edit(training={"differential": {"neurons": 24}})
    said = glm_deep("export", trained.conf)
    assert said.code == 0
    assert said.err == "warning: the model is stale: the setting training.differential.neurons was 16, is 24.\n"
    assert trained.model.with_suffix(".onnx").is_file()


def test_a_format_that_is_not_known_is_refused(trained: Any, glm_deep: Any) -> None:
    said = glm_deep("export", trained.conf, "--format", "fbx")
    assert said.code == 2
    assert "invalid choice: 'fbx'" in said.err
