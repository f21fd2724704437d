"""A trained character becomes a file for other engines on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from glm_deep.export.parity import LIMITS

onnxruntime = pytest.importorskip("onnxruntime", exc_type=ImportError, reason="the export plays what it writes")


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
