"""A back-end is loaded by its name; where it cannot play numpy does, and nothing is imported that is not needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glm_deep.backends import choice, load, opening
from glm_deep.backends.back_end import BACK_ENDS
from glm_deep.backends.load import AUTOMATIC
from glm_deep.backends.onnxruntime_back_end import OnnxRuntimeBackEnd
from glm_deep.backends.opening import ModelFile, open_back_end
from glm_deep.backends.torch_back_end import TorchOnCpu
from glm_deep.config import fields
from glm_deep.errors import GlmDeepError, Unavailable
from glm_deep.inputs import raw_values
from glm_deep.machine import gpu
from glm_deep.machine.gpu import Gpu
from glm_deep.runtime.evaluator import Evaluator

KINDS = {"numpy": Evaluator, "onnxruntime": OnnxRuntimeBackEnd, "torch-cpu": TorchOnCpu}
HEAVY = ("torch", "onnxruntime", "onnx", "tensorrt", "tensorrt_rtx", "scipy", "sklearn")
ROOT = Path(load.__file__).parents[2]


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_gpu() -> Gpu:
        raise Unavailable("there is no driver for a GPU of NVIDIA")

    monkeypatch.setattr(gpu, "find_gpu", find_gpu)


def test_every_name_can_be_opened_and_no_other() -> None:
    assert tuple(opening._OPENERS) == BACK_ENDS
    assert len(set(BACK_ENDS)) == len(BACK_ENDS)


def test_the_configuration_offers_every_back_end() -> None:
    (setting,) = (each for each in fields() if each.key == "playing.back_end")
    assert tuple(setting.choices) == (AUTOMATIC, *BACK_ENDS)
    assert setting.default == AUTOMATIC


@pytest.mark.parametrize("name", KINDS)
def test_a_back_end_that_is_asked_for_plays(file: ModelFile, poses: Any, name: str) -> None:
    loaded = load.load(name, file, frames_at_once=4)
    assert type(loaded.back_end) is KINDS[name]
    assert (loaded.name, loaded.told) == (name, ())
    values = raw_values(file.model.layout, poses(3))
    for found, truth in zip(loaded.back_end.play(values), Evaluator(file.model).play(values)):
        np.testing.assert_allclose(found, truth, atol=1e-5)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_threads_are_those_of_onnxruntime(file: ModelFile, threads: int) -> None:
    for back_end in (
        open_back_end("onnxruntime", file, threads),
        load.load("onnxruntime", file, 4, threads).back_end,
    ):
        assert isinstance(back_end, OnnxRuntimeBackEnd)
        assert back_end._session._session.get_session_options().intra_op_num_threads == threads


def numpy_instead(asked: str, file: ModelFile) -> str:
    """Loads what cannot play; the reason that is told."""
    loaded = load.load(asked, file, frames_at_once=4)
    assert loaded.name == "numpy"
    assert type(loaded.back_end) is Evaluator
    (told,) = loaded.told
    assert told.startswith(f"{asked} cannot play, so numpy does: ")
    return told


def test_without_a_graph_numpy_plays_and_the_next_step_is_told(bare: ModelFile) -> None:
    told = numpy_instead("onnxruntime", bare)
    assert f"{bare.path.with_suffix('.onnx')}: the model has not been exported" in told
    assert "glm-deep export CONF.dio" in told


def test_the_graph_in_half_precision_is_not_taken_for_the_other(bare: ModelFile, graph: bytes) -> None:
    bare.path.with_suffix(".fp16.onnx").write_bytes(graph)
    assert "the model has not been exported" in numpy_instead("onnxruntime", bare)


@pytest.mark.parametrize("name", ["torch-fp32", "torch-fp16", "tensorrt"])
def test_without_a_gpu_numpy_plays(no_gpu: None, file: ModelFile, name: str) -> None:
    assert "there is no driver for a GPU of NVIDIA" in numpy_instead(name, file)


@pytest.mark.parametrize("name", ["torch-cpu", "torch-fp32", "torch-fp16", "tensorrt"])
def test_without_torch_numpy_plays_and_how_to_install_it_is_told(
    file: ModelFile, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(gpu, "find_gpu", lambda: Gpu("NVIDIA Testkarte 5", "SM86", "12.4"))
    monkeypatch.setitem(sys.modules, "torch", None)
    told = numpy_instead(name, file)
    assert "torch cannot be used" in told
    assert 'pip install ".[train]"' in told


def test_without_onnxruntime_numpy_plays(file: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert "pip install onnxruntime" in numpy_instead("onnxruntime", file)


def test_what_is_told_ends_without_a_full_stop(bare: ModelFile) -> None:
    assert not numpy_instead("onnxruntime", bare).endswith(".")


@pytest.mark.parametrize("name", ["", "Numpy", "torch", "cuda", "numpy "])
def test_another_name_is_refused_with_all_that_there_are(file: ModelFile, name: str) -> None:
    with pytest.raises(GlmDeepError, match="is no back-end") as refused:
        load.load(name, file, 4)
    assert repr(name) in refused.value.what
    assert refused.value.hint == f"Choose among automatic, {', '.join(BACK_ENDS)}"


def test_automatic_takes_the_fastest_of_those_that_can_play(no_gpu: None, file: ModelFile) -> None:
    loaded = load.load(AUTOMATIC, file, frames_at_once=4, threads=1)
    assert loaded.name in ("numpy", "onnxruntime")
    assert type(loaded.back_end) is KINDS[loaded.name]
    assert loaded.told[0].startswith(f"{loaded.name} plays, the fastest here (numpy ")
    assert loaded.told[1:] == ("torch-fp32, torch-fp16, tensorrt left out: there is no driver for a GPU of NVIDIA",)


def imported(program: str, *arguments: str) -> set[str]:
    """Which heavy packages a Python has imported when the program has run."""
    report = f"import json, sys; print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{report}", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


PLAY = """
import sys
from pathlib import Path
from glm_deep.backends.load import load
from glm_deep.backends.opening import ModelFile
from glm_deep.backends.player import Player
from glm_deep.bundle import Bundle
from glm_deep.runtime.model import from_bundle
bundle = Bundle.load(sys.argv[2])
model = from_bundle(bundle)
loaded = load(sys.argv[1], ModelFile(Path(sys.argv[2]), bundle.identity, model), 4, 1)
assert loaded.name == sys.argv[3], loaded
assert loaded.told == (), loaded
Player(model, loaded.back_end).set_quality(0.5)
"""


@pytest.mark.parametrize("module", ["load", "choice", "player", "back_end"])
def test_importing_a_module_imports_no_back_end(module: str) -> None:
    assert imported(f"import glm_deep.backends.{module}") == set()


@pytest.mark.parametrize(("name", "needed"), [("numpy", set()), ("onnxruntime", {"onnxruntime"})])
def test_a_back_end_imports_its_own_packages_only(file: ModelFile, name: str, needed: set[str]) -> None:
    assert imported(PLAY, name, str(file.path), name) == needed


def test_a_remembered_choice_imports_nothing_but_what_it_needs(
    file: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def numpy_alone(name: str, file: ModelFile, threads: int = 0) -> Any:
        if name != "numpy":
            raise Unavailable("it is not asked here")
        return Evaluator(file.model)

    monkeypatch.setattr(choice, "open_back_end", numpy_alone)
    assert load.load(AUTOMATIC, file, 4, 1).told
    assert imported(PLAY, AUTOMATIC, str(file.path), "numpy") == set()
