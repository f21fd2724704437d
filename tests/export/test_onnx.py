"""The ONNX file plays what the model plays, says how it is fed, and is not written when it does not."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from glm_deep.dataset.source import ArchiveSource
from glm_deep.errors import GlmDeepError
from glm_deep.export import onnx_file
from glm_deep.export.onnx_file import write_onnx
from glm_deep.export.parity import LIMITS, Parity, raw_inputs
from glm_deep.inputs import InputFrames, raw_values
from glm_deep.runtime.evaluator import exact_player
from glm_deep.runtime.model import to_bundle

FACTS = {"asset": "Zoë", "fingerprint": {"frames": [1, 2]}, "data_hash": "abc", "unrelated": object()}


class Exported:
    """A model that was exported, and what is in its file."""

    def __init__(self, path: Path, made: Any, precision: str) -> None:
        self.model, self.source = made
        self.bundle = to_bundle(self.model, FACTS)
        self.found: Parity = write_onnx(path, self.bundle, self.source, precision)
        self.path, self.proto = path, onnx.load(path)
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        (about,) = (each.value for each in self.proto.metadata_props if each.key == onnx_file.METADATA)
        self.about = json.loads(about)

    def apart(self, count: int, quality: float = 1.0) -> np.ndarray:
        """Distances from the player in the first frames, in parts of the diagonal."""
        inputs = InputFrames(*(array[:count] for array in vars(self.source.inputs).values()))
        player = exact_player(self.model)
        player.set_quality(quality)
        given = {"inputs": raw_inputs(self.model, inputs), "quality": np.array([quality], np.float32)}
        distances = []
        for found, truth, mesh in zip(self.session.run(None, given), player.offsets(inputs), self.model.meshes):
            assert found.shape == truth.shape
            distances.append(np.linalg.norm(found - truth, axis=2).ravel() / mesh.diagonal)
        return np.concatenate(distances)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, made: Any) -> Exported:
    """Two meshes with anchors."""
    return Exported(tmp_path_factory.mktemp("files") / "Zoë und Björn" / "der Körper 1.onnx", made("pulled"), "fp32")


@pytest.fixture(scope="module")
def halved(tmp_path_factory: pytest.TempPathFactory, made: Any) -> Exported:
    """Networks and anchors, in half precision."""
    return Exported(tmp_path_factory.mktemp("files") / "half.onnx", made("networks"), "fp16")


def test_the_file_passes_the_full_check_of_onnx(exported: Exported, halved: Exported) -> None:
    for each in (exported, halved):
        onnx.checker.check_model(each.proto, full_check=True)


@pytest.mark.parametrize("count", [1, 7])
def test_the_file_plays_any_number_of_frames_as_the_player_does(exported: Exported, count: int) -> None:
    assert exported.apart(count).max() < 1e-6


def test_the_file_plays_with_fewer_anchors_where_quality_says_so(exported: Exported) -> None:
    for quality in (0.5, 0.0):
        assert exported.apart(3, quality).max() < 1e-6


@pytest.mark.parametrize("count", [1, 7])
def test_the_file_in_half_precision_stays_within_its_limits(halved: Exported, count: int) -> None:
    assert halved.apart(count).max() < LIMITS["fp16"][1]


def test_what_is_found_is_within_the_limits_and_no_less_than_nothing(exported: Exported, halved: Exported) -> None:
    for each, precision in ((exported, "fp32"), (halved, "fp16")):
        mean, largest = LIMITS[precision]
        assert 0 < each.found.mean < mean
        assert each.found.mean < each.found.largest < largest
    assert halved.found.largest > exported.found.largest


def test_inputs_and_outputs_are_single_precision_with_any_number_of_frames(
    exported: Exported, halved: Exported
) -> None:
    for each in (exported, halved):
        meshes = [f"offsets_{number}" for number in range(len(each.model.meshes))]
        found = {value.name: value.type.tensor_type for value in (*each.proto.graph.input, *each.proto.graph.output)}
        assert list(found) == ["inputs", "quality", *meshes]
        assert {kind.elem_type for kind in found.values()} == {onnx.TensorProto.FLOAT}
        shapes = {name: [size.dim_param or size.dim_value for size in kind.shape.dim] for name, kind in found.items()}
        frames = shapes["inputs"][0]
        assert isinstance(frames, str)
        assert shapes["inputs"] == [frames, len(each.model.layout.value_names)]
        assert shapes["quality"] == [1]
        for output, mesh in zip(meshes, each.model.meshes):
            assert shapes[output] == [frames, len(mesh.mean), 3]


def test_only_the_file_in_half_precision_holds_half_precision(exported: Exported, halved: Exported) -> None:
    kinds = [{array.data_type for array in each.proto.graph.initializer} for each in (exported, halved)]
    assert onnx.TensorProto.FLOAT16 not in kinds[0]
    assert onnx.TensorProto.FLOAT16 in kinds[1]
    assert onnx.TensorProto.DOUBLE not in kinds[1]


def test_the_metadata_say_what_the_graph_is_fed_with_and_what_comes_out(exported: Exported) -> None:
    about, model = exported.about, exported.model
    assert about["inputs"] == list(model.layout.value_names)
    assert [each["name"] for each in about["meshes"]] == ["body", "sleeve"]
    assert [each["vertices"] for each in about["meshes"]] == [len(mesh.mean) for mesh in model.meshes]
    assert (about["asset"], about["precision"], about["version"]) == ("Zoë", "fp32", 1)
    assert (about["fingerprint"], about["data_hash"]) == (FACTS["fingerprint"], "abc")


def test_the_metadata_say_which_model_the_graph_is_of(exported: Exported, halved: Exported) -> None:
    for each in (exported, halved):
        assert each.about["model"] == each.bundle.identity
    assert exported.bundle.identity != halved.bundle.identity


def test_the_metadata_say_from_where_to_where_the_inputs_went(exported: Exported) -> None:
    raw = raw_values(exported.model.layout, exported.source.inputs)
    assert len(exported.about["low"]) == len(exported.about["high"]) == raw.shape[1]
    np.testing.assert_array_equal(exported.about["low"], exported.model.statistics.low)
    np.testing.assert_array_equal(exported.about["high"], exported.model.statistics.high)
    assert (raw.min(axis=0) <= exported.about["low"]).all()
    assert (raw.max(axis=0) >= exported.about["high"]).all()


def test_the_statistics_of_the_metadata_scale_as_the_model_does(exported: Exported) -> None:
    about, model = exported.about, exported.model
    raw = raw_values(model.layout, exported.source.inputs)
    scaled = ((raw[:, about["kept"]] - about["centre"]) / about["scale"]).astype(np.float32)
    np.testing.assert_array_equal(scaled, model.statistics.apply(raw))


@pytest.mark.parametrize("name", ["inputs", "quality", "permute", "ns:arm|größe 1"])
def test_a_mesh_may_have_any_name(made: Any, tmp_path: Path, name: str) -> None:
    model, source = made("joints and floats")
    (mesh,), frames = model.meshes, source.frames
    (of_mesh,) = frames.meshes
    other = replace(of_mesh, rest=replace(of_mesh.rest, name=name))
    source = ArchiveSource(replace(frames, meshes=(other,)))
    each = Exported(tmp_path / "model.onnx", (replace(model, meshes=(replace(mesh, name=name),)), source), "fp32")
    assert each.apart(2).max() < 1e-6
    assert each.about["meshes"][0]["name"] == name


@pytest.mark.parametrize("before", [None, b"an older file"])
@pytest.mark.parametrize(
    ("change", "figure"),
    [(lambda basis: basis.mul_(1.001), "e-0"), (lambda basis: basis.fill_(float("nan")), "inf at the most")],
    ids=["a thousandth", "NaN"],
)
def test_a_graph_that_plays_something_else_is_not_written(
    made: Any, spoil: Any, tmp_path: Path, change: Any, figure: str, before: bytes | None
) -> None:
    spoil(change)
    path = tmp_path / "model.onnx"
    if before:
        path.write_bytes(before)
    with pytest.raises(GlmDeepError, match="the ONNX graph does not play as the model does") as refused:
        write_onnx(path, *_asked(made), "fp32")
    assert figure in str(refused.value)
    assert "1e-06 are allowed with fp32" in str(refused.value)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == ([before] if before else [])


@pytest.mark.parametrize("package", ["onnx", "onnxruntime", "onnxscript"])
def test_a_missing_package_is_named_with_how_to_install_it(
    made: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(GlmDeepError, match=package) as refused:
        write_onnx(tmp_path / "model.onnx", *_asked(made), "fp32")
    assert 'pip install ".[onnx]"' in str(refused.value.hint)
    assert not list(tmp_path.iterdir())


def _asked(made: Any) -> tuple[Any, ...]:
    model, source = made("joints and floats")
    return to_bundle(model, FACTS), source
