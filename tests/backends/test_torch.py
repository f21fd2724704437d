"""What keeps torch from the GPU is said with the versions that do not fit."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from glm_deep.backends import tensorrt_back_end, torch_back_end
from glm_deep.backends.opening import ModelFile, open_back_end
from glm_deep.backends.torch_back_end import TorchOnGpu
from glm_deep.errors import Unavailable
from glm_deep.export.graph import Graph
from glm_deep.machine import gpu
from glm_deep.machine.gpu import Gpu
from glm_deep.runtime.model import Model

CARD = Gpu("NVIDIA Testkarte 5", "SM86", "12.4")


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a GPU, which torch cannot use."""
    for module in (gpu, torch_back_end, tensorrt_back_end):
        monkeypatch.setattr(module, "find_gpu", lambda: CARD)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize(
    ("built_with", "said"), [(None, "it was built without CUDA"), ("13.0", r"its CUDA 13\.0")], ids=["cpu", "cuda"]
)
def test_a_torch_that_cannot_use_the_gpu_is_named_with_the_cuda_of_the_driver(
    card: None, model: Model, monkeypatch: pytest.MonkeyPatch, built_with: Any, said: str, half: bool
) -> None:
    monkeypatch.setattr(torch.version, "cuda", built_with)
    with pytest.raises(Unavailable, match=rf"cannot use the NVIDIA Testkarte 5 \({said}; ") as refused:
        TorchOnGpu(model, half=half)
    assert f"torch {torch.__version__} cannot" in refused.value.what
    assert "the driver knows CUDA 12.4" in refused.value.what
    assert refused.value.hint == "Update the driver, or install a torch for the CUDA of the driver"


def test_tensorrt_needs_a_torch_that_can_use_the_gpu(card: None, file: ModelFile) -> None:
    with pytest.raises(Unavailable, match="which holds the memory for TensorRT, cannot use the NVIDIA Testkarte 5"):
        open_back_end("tensorrt", file)


@pytest.mark.parametrize("name", ["torch-fp32", "torch-fp16", "tensorrt"])
def test_without_a_gpu_nothing_is_tried_on_it(file: ModelFile, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def no_gpu() -> Gpu:
        raise Unavailable("there is no driver for a GPU of NVIDIA")

    for module in (gpu, torch_back_end, tensorrt_back_end):
        monkeypatch.setattr(module, "find_gpu", no_gpu)
    with pytest.raises(Unavailable, match="there is no driver"):
        open_back_end(name, file)


def test_a_gpu_that_is_full_is_named_with_the_reason(card: None, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory\nTried to allocate much")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(Graph, "to", full)
    with pytest.raises(Unavailable, match=r"Testkarte 5 does not take the model \(CUDA out of memory\)\.$"):
        TorchOnGpu(model, half=False)
