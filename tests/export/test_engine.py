"""Engines of TensorRT-RTX are really built, without a GPU; all that may be missing is said in one sentence."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from glm_deep.errors import GlmDeepError
from glm_deep.export import engine
from glm_deep.export.engine import Unavailable, build_engine, engine_name, load_package, targets, write_engine
from glm_deep.export.onnx_file import metadata, onnx_bytes
from glm_deep.runtime.model import Model
from learning import QUICK, Character, trained

try:
    trt: Any = load_package("tensorrt-rtx")
except Unavailable as error:  # macOS, for one
    trt = None
    reason = str(error)
rtx = pytest.mark.skipif(trt is None, reason="" if trt else reason)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    torch.set_num_threads(1)
    learned, _ = trained(tmp_path_factory.mktemp("engine"), QUICK, Character(meshes=("body", "sleeve")))
    return learned.model


@pytest.fixture(scope="module")
def half(model: Model) -> bytes:
    return onnx_bytes(model, metadata(model, {}, "fp16"), half=True)


@rtx
def test_an_engine_is_written_under_the_name_of_what_it_fits(half: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "Modelle für alle"
    folder.mkdir()
    path = write_engine(folder, "arm", half, "tensorrt-rtx", ("SM86", "SM89"))
    assert path.name == f"arm.fp16.sm86-sm89.tensorrt-rtx-{trt.__version__}.engine"
    assert path.parent == folder
    header_is_read = 0  # the GPU that it would run on is not there, but nothing is wrong with its header
    runtime = trt.Runtime(engine._logger(trt))
    assert runtime.get_engine_validity(path.read_bytes())[1] == header_is_read
    assert runtime.get_engine_validity(b"no engine" * 200)[1] != header_is_read
    assert [each.name for each in folder.iterdir()] == [path.name]


@rtx
def test_a_graph_in_single_precision_makes_no_engine(model: Model) -> None:
    single = onnx_bytes(model, metadata(model, {}, "fp32"), half=False)
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
    with pytest.raises(Unavailable, match=rf"^{kind} cannot be used here .*Install it with .*--format onnx"):
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


def test_engines_of_other_cards_and_versions_have_other_names() -> None:
    names = {
        engine_name("arm", kind, version, cards)
        for kind, cards in (("tensorrt", ()), ("tensorrt-rtx", ("SM86",)), ("tensorrt-rtx", ("SM86", "SM89")))
        for version in ("1.7.1", "1.7.2")
    }
    assert len(names) == 6
