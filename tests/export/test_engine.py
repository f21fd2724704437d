"""Engines of TensorRT-RTX are really built, without a GPU; all that may be missing is said in one sentence."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import onnx
import pytest
import torch
from onnx import TensorProto, helper

from glm_deep.bundle import Bundle
from glm_deep.errors import GlmDeepError, Unavailable
from glm_deep.export import engine
from glm_deep.export.engine import build_engine, half_products, load_package, quiet_logger, targets, write_engine
from glm_deep.export.engine_file import EngineFile, Note, engine_path, engines_beside, save_engine
from glm_deep.export.graph import Graph
from glm_deep.export.onnx_file import metadata, onnx_bytes, read_graph
from glm_deep.runtime.model import Model, from_bundle, to_bundle

try:
    trt: Any = load_package("tensorrt-rtx")
except Unavailable as error:  # macOS, for one
    trt = None
    reason = str(error)
rtx = pytest.mark.skipif(trt is None, reason="" if trt else reason)

ENGINE = b"an engine, as far as its note goes"
CARD = "NVIDIA RTX A4000"
NOTE = Note("model 1", "tensorrt-rtx", "1.7.1", ("SM86", "SM89"), "", hashlib.sha256(ENGINE).hexdigest())
FITS = {"kind": "tensorrt-rtx", "model": "model 1", "gpu": CARD, "capability": "SM86", "version": "1.7.1"}
OWN = {"kind": "tensorrt", "capabilities": (), "gpu": CARD}


@pytest.fixture(scope="module")
def bundle(made: Any) -> Bundle:
    """Two meshes, each with an anchor that matters."""
    return to_bundle(made("pulled").model, {})


@pytest.fixture(scope="module")
def model(bundle: Bundle) -> Model:
    return from_bundle(bundle)


@pytest.fixture(scope="module")
def half(bundle: Bundle, model: Model) -> bytes:
    return onnx_bytes(model, metadata(bundle, "fp16"), half=True)


@pytest.fixture(scope="module")
def single(bundle: Bundle, model: Model) -> bytes:
    return onnx_bytes(model, metadata(bundle, "fp32"), half=False)


@rtx
def test_an_engine_is_written_under_the_name_of_what_it_fits_with_a_note(
    bundle: Bundle, half: bytes, tmp_path: Path
) -> None:
    folder = tmp_path / "Modelle für alle"
    folder.mkdir()
    model_path = folder / "arm.v2.glmdeep"
    file = write_engine(model_path, bundle.identity, half, "tensorrt-rtx", ("SM86", "SM89"))
    path = folder / f"arm.v2.fp16.sm86-sm89.tensorrt-rtx-{trt.__version__}.engine"
    assert file.path == path
    content = path.read_bytes()
    header_is_read = 0  # the GPU that it would run on is not there, but nothing is wrong with its header
    runtime = trt.Runtime(quiet_logger(trt))
    assert runtime.get_engine_validity(content)[1] == header_is_read
    assert runtime.get_engine_validity(b"no engine" * 200)[1] != header_is_read
    assert json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8")) == {
        "model": bundle.identity,
        "kind": "tensorrt-rtx",
        "version": trt.__version__,
        "capabilities": ["SM86", "SM89"],
        "gpu": "",
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert sorted(each.name for each in folder.iterdir()) == [path.name, f"{path.name}.json"]
    assert engines_beside(model_path) == [file]
    for capability, fits in (("SM86", True), ("SM89", True), ("SM80", False)):
        found = file.fitting("tensorrt-rtx", bundle.identity, "any card", capability, trt.__version__)
        assert (found == content) is fits


def _saved(folder: Path, note: Note = NOTE) -> EngineFile:
    model_path = folder / "arm.glmdeep"
    return save_engine(engine_path(model_path, note.kind, note.version, note.capabilities, note.gpu), ENGINE, note)


@pytest.mark.parametrize("note", [NOTE, replace(NOTE, **OWN)], ids=["for cards", "for one GPU"])
def test_an_engine_beside_its_model_is_found_again(tmp_path: Path, note: Note) -> None:
    saved = _saved(tmp_path, note)
    assert saved.path.read_bytes() == ENGINE
    assert engines_beside(tmp_path / "arm.glmdeep") == [saved]
    assert engines_beside(tmp_path / "ar.glmdeep") == engines_beside(tmp_path / "arm.fp16.glmdeep") == []


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({}, None),
        ({"capability": "SM89", "gpu": "another card"}, None),
        ({"version": "1.7.2"}, "it was built by tensorrt-rtx 1.7.1"),
        ({"kind": "tensorrt"}, "it was built by tensorrt-rtx 1.7.1"),
        ({"model": "model 2"}, "it is of another model"),
        ({"capability": "SM80"}, "it was built for SM86, SM89"),
        ({"capability": "SM8"}, "it was built for SM86, SM89"),
    ],
)
def test_an_engine_for_some_cards_says_why_it_does_not_fit(
    tmp_path: Path, other: dict[str, str], why: str | None
) -> None:
    assert _saved(tmp_path).fitting(**{**FITS, **other}) == (why or ENGINE)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({}, None),
        ({"capability": "SM120"}, None),
        ({"gpu": "NVIDIA RTX A400"}, f"it was built for {CARD}"),
        ({"kind": "tensorrt-rtx"}, "it was built by tensorrt 1.7.1"),
    ],
)
def test_an_engine_for_one_gpu_fits_that_gpu_alone(tmp_path: Path, other: dict[str, str], why: str | None) -> None:
    saved = _saved(tmp_path, replace(NOTE, **OWN))
    assert saved.fitting(**{**FITS, "kind": "tensorrt", **other}) == (why or ENGINE)


@pytest.mark.parametrize("content", [ENGINE[:-1], b"", ENGINE.replace(b"far", b"fax")])
def test_an_engine_that_is_not_what_was_built_does_not_fit(tmp_path: Path, content: bytes) -> None:
    saved = _saved(tmp_path)
    saved.path.write_bytes(content)
    (found,) = engines_beside(tmp_path / "arm.glmdeep")
    assert found.fitting(**FITS) == "it is cut short or damaged"
    saved.path.unlink()
    assert str(found.fitting(**FITS)).startswith("it cannot be read (")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: note.unlink(),
        lambda note: note.write_bytes(note.read_bytes()[:-9]),
        lambda note: note.write_bytes(b"\xff\xfe\x00"),
        lambda note: note.write_text("[]", encoding="utf-8"),
        lambda note: note.write_text("null", encoding="utf-8"),
        lambda note: note.write_text('{"model": "model 1", "capabilities": []}', encoding="utf-8"),
        lambda note: note.write_text('{"colour": "green", "capabilities": []}', encoding="utf-8"),
        lambda note: note.write_text(note.read_text(encoding="utf-8").replace("capab", "cap"), encoding="utf-8"),
    ],
    ids=["missing", "cut short", "no text", "a list", "null", "too little", "something else", "no capabilities"],
)
def test_an_engine_without_a_note_that_can_be_read_is_left_out(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    spoilt, sound = _saved(tmp_path), _saved(tmp_path, replace(NOTE, **OWN))
    assert len(engines_beside(tmp_path / "arm.glmdeep")) == 2
    spoil(spoilt.path.with_name(f"{spoilt.path.name}.json"))
    assert engines_beside(tmp_path / "arm.glmdeep") == [sound]


def test_a_model_without_engines_has_none(tmp_path: Path) -> None:
    assert engines_beside(tmp_path / "arm.glmdeep") == []
    (tmp_path / "arm.fp16.onnx").write_bytes(b"a graph")
    assert engines_beside(tmp_path / "arm.glmdeep") == []


@rtx
def test_a_graph_in_single_precision_makes_no_engine(single: bytes) -> None:
    with pytest.raises(GlmDeepError, match=r"--format onnx|--precision fp16"):
        build_engine(single, "tensorrt-rtx", ("SM86",))


@rtx
def test_a_file_that_is_no_graph_makes_no_engine(half: bytes) -> None:
    with pytest.raises(GlmDeepError, match=r"tensorrt-rtx cannot read the graph \("):
        build_engine(half[: len(half) // 2], "tensorrt-rtx", ("SM86",))


@rtx
def test_what_cannot_be_built_for_is_refused_with_what_can() -> None:
    assert targets("tensorrt-rtx", ()) == ("SM80", "SM86", "SM89", "SM120")
    assert targets("tensorrt-rtx", ["sm86"]) == ("SM86",)
    with pytest.raises(GlmDeepError, match=r"does not build for SM99. Choose among SM120, .*SM86"):
        targets("tensorrt-rtx", ["SM86", "SM99"])


@pytest.mark.parametrize("kind", ["tensorrt", "tensorrt-rtx"])
def test_a_package_that_is_missing_is_named_with_what_installs_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, kind.replace("-", "_"), None)
    with pytest.raises(Unavailable, match=rf"^{kind} cannot be used here .*pip install {kind}\. .*--format onnx"):
        load_package(kind)


def test_tensorrt_without_a_gpu_says_what_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its builder is a null pointer then, which its bindings call a TypeError."""

    def builder(logger: object) -> None:
        raise TypeError("pybind11::init(): factory function returned nullptr")

    class ILogger:
        pass

    package = SimpleNamespace(__version__="10.9", ILogger=ILogger, Builder=builder)
    monkeypatch.setitem(sys.modules, "tensorrt", package)
    with pytest.raises(Unavailable, match=r"tensorrt 10.9 finds no GPU .*--format tensorrt-rtx"):
        load_package("tensorrt")


def test_engines_of_other_cards_and_versions_have_other_names(tmp_path: Path) -> None:
    built_for = [
        ("tensorrt", (), "NVIDIA H200"),
        ("tensorrt", (), CARD),
        ("tensorrt-rtx", ("SM86",), ""),
        ("tensorrt-rtx", ("SM86", "SM89"), ""),
    ]
    paths = {
        engine_path(tmp_path / "arm.glmdeep", kind, version, cards, gpu)
        for kind, cards, gpu in built_for
        for version in ("1.7.1", "1.7.2")
    }
    assert len(paths) == 8
    assert {path.parent for path in paths} == {tmp_path}
    assert all(path.name.startswith("arm.fp16.") and path.suffix == ".engine" for path in paths)
    assert all(set(path.name) <= set(f"{path.stem}.engine") - set(' /\\:*?"<>|') for path in paths)


def _half_parameters(model: Model) -> list[torch.nn.Parameter]:
    return [each for each in Graph(model, half=True).parameters() if each.dtype == torch.float16]


def test_the_products_in_half_precision_are_those_of_bases_and_responses(
    made: Any, model: Model, half: bytes, single: bytes
) -> None:
    responses = sum(len(mesh.patches) for mesh in model.meshes)
    assert responses >= 2
    assert half_products(half) == len(_half_parameters(model)) == len(model.regions) + responses
    assert half_products(single) == 0
    plain = made("joints and floats").model
    assert half_products(onnx_bytes(plain, {}, half=True)) == len(_half_parameters(plain)) < half_products(half)


def _parsed(content: bytes) -> Any:
    """The network of a graph, with all that it lives on."""
    logger = quiet_logger(trt)
    builder = trt.Builder(logger)
    flag = getattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED", None)
    network = builder.create_network(0 if flag is None else 1 << int(flag))
    parser = trt.OnnxParser(network, logger)
    assert parser.parse(content)
    return SimpleNamespace(network=network, lives_on=(parser, builder, logger))


def _cast(graph: Any, at: int, name: str, to: int) -> str:
    graph.node.insert(at, helper.make_node("Cast", [name], [f"{name} cast"], to=to))
    return f"{name} cast"


def _with_a_single_product(content: bytes) -> bytes:
    """The graph in which one of the products in half precision was turned into one in single."""
    proto = onnx.load_from_string(content)
    graph = proto.graph
    halves = {each.name for each in graph.initializer if each.data_type == TensorProto.FLOAT16}
    at = next(at for at, node in enumerate(graph.node) if node.op_type == "MatMul" and halves & {*node.input})
    node = graph.node[at]
    result = node.output[0]
    node.output[0] = f"{result} in single"
    graph.node.insert(at + 1, helper.make_node("Cast", [node.output[0]], [result], to=TensorProto.FLOAT16))
    node.input[:] = [_cast(graph, at, name, TensorProto.FLOAT) for name in node.input]
    return bytes(proto.SerializeToString())


def _with_an_output_in_half(content: bytes) -> bytes:
    proto = onnx.load_from_string(content)
    output = proto.graph.output[1]
    (node,) = (each for each in proto.graph.node if output.name in each.output)
    node.output[0] = "before"
    proto.graph.node.append(helper.make_node("Cast", ["before"], [output.name], to=TensorProto.FLOAT16))
    output.type.tensor_type.elem_type = TensorProto.FLOAT16
    return bytes(proto.SerializeToString())


@rtx
def test_a_network_with_the_types_of_its_graph_is_taken(half: bytes) -> None:
    engine._check_types(trt, _parsed(half).network, "tensorrt-rtx", half_products(half))


@rtx
def test_a_network_in_which_one_product_has_become_single_is_refused(half: bytes) -> None:
    count = half_products(half)
    changed = _parsed(_with_a_single_product(half))
    with pytest.raises(GlmDeepError, match=rf"tensorrt-rtx needs it: {count - 1} matrix products, not {count}, are in"):
        engine._check_types(trt, changed.network, "tensorrt-rtx", count)


@rtx
def test_a_network_without_products_in_half_precision_is_refused(single: bytes) -> None:
    with pytest.raises(GlmDeepError, match="0 matrix products, not some, are in half precision"):
        engine._check_types(trt, _parsed(single).network, "tensorrt-rtx", 0)


@rtx
def test_a_network_whose_offsets_are_in_half_precision_is_refused(half: bytes) -> None:
    changed = _with_an_output_in_half(half)
    with pytest.raises(GlmDeepError, match=r"needs it: offsets_1 is not in single precision\. Export with --precision"):
        build_engine(changed, "tensorrt-rtx", ("SM86",))


def test_the_graph_of_a_model_is_read_as_it_is(bundle: Bundle, half: bytes, tmp_path: Path) -> None:
    path = tmp_path / "Björn.fp16.onnx"
    path.write_bytes(half)
    assert read_graph(path, bundle.identity) == half


@pytest.mark.parametrize(
    ("content", "identity", "why"),
    [
        (lambda half: None, None, "the model has not been exported"),
        (lambda half: half[: len(half) // 2], None, "the graph is cut short or damaged"),
        (lambda half: b"\x00no graph", None, "the graph is cut short or damaged"),
        (lambda half: b"", None, "the graph is cut short or damaged"),
        (lambda half: half, "0" * 64, "the graph is of another model"),
    ],
    ids=["missing", "cut short", "something else", "empty", "another model"],
)
def test_a_graph_that_cannot_be_used_is_refused_with_the_next_step(
    bundle: Bundle, half: bytes, tmp_path: Path, content: Any, identity: str | None, why: str
) -> None:
    path, given = tmp_path / "arm.fp16.onnx", content(half)
    if given is not None:
        path.write_bytes(given)
    with pytest.raises(Unavailable) as refused:
        read_graph(path, identity or bundle.identity)
    assert str(refused.value) == f"{path}: {why}. Write it with: glm-deep export CONF.dio."


def test_a_graph_that_says_nothing_of_its_model_is_refused(half: bytes, bundle: Bundle, tmp_path: Path) -> None:
    proto = onnx.load_from_string(half)
    del proto.metadata_props[:]
    (tmp_path / "arm.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(Unavailable, match="of another model"):
        read_graph(tmp_path / "arm.onnx", bundle.identity)
