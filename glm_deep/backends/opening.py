"""A back-end by its name; only what is asked for is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from glm_deep.backends.back_end import (
    NUMPY,
    ONNXRUNTIME,
    TENSORRT,
    TORCH_CPU,
    TORCH_FP16,
    TORCH_FP32,
    BackEnd,
)
from glm_deep.errors import Unavailable
from glm_deep.rundir import graph_path
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import Model


@dataclass(frozen=True, eq=False)
class ModelFile:
    """A model file: its path, its identity, and the model in it. Exported graphs and engines lie beside it."""

    path: Path
    identity: str
    model: Model


def open_back_end(name: str, file: ModelFile, threads: int = 0) -> BackEnd:
    """A back-end by its name; only now are its packages imported.

    Args:
        name: one of `BACK_ENDS`. file: what is played. threads: of onnxruntime; 0 for as many as there are processors.

    Raises:
        Unavailable: it cannot play here.
    """
    return _OPENERS[name](file, threads)


def _numpy(file: ModelFile, threads: int) -> BackEnd:
    return Evaluator(file.model)


def _onnxruntime(file: ModelFile, threads: int) -> BackEnd:
    from glm_deep.backends.onnxruntime_back_end import OnnxRuntimeBackEnd

    return OnnxRuntimeBackEnd(graph_path(file.path, "fp32"), file.identity, threads)


def _torch_cpu(file: ModelFile, threads: int) -> BackEnd:
    _need_torch()
    from glm_deep.backends.torch_back_end import TorchOnCpu

    return TorchOnCpu(file.model)


def _torch_gpu(half: bool) -> Callable[[ModelFile, int], BackEnd]:
    def open_it(file: ModelFile, threads: int) -> BackEnd:
        _need_gpu()
        _need_torch()
        from glm_deep.backends.torch_back_end import TorchOnGpu

        return TorchOnGpu(file.model, half=half)

    return open_it


def _tensorrt(file: ModelFile, threads: int) -> BackEnd:
    _need_gpu()
    _need_torch()
    from glm_deep.backends.tensorrt_back_end import TensorRt

    return TensorRt(file.path, file.identity, len(file.model.meshes))


_OPENERS: Mapping[str, Callable[[ModelFile, int], BackEnd]] = MappingProxyType(
    {
        NUMPY: _numpy,
        ONNXRUNTIME: _onnxruntime,
        TORCH_CPU: _torch_cpu,
        TORCH_FP32: _torch_gpu(half=False),
        TORCH_FP16: _torch_gpu(half=True),
        TENSORRT: _tensorrt,
    }
)


def _need_gpu() -> None:
    from glm_deep.machine.gpu import find_gpu

    find_gpu()


def _need_torch() -> None:
    try:
        import torch  # noqa: F401 - whether it can be imported is the question
    except (ImportError, OSError) as error:
        raise Unavailable(
            f"torch cannot be used ({error})",
            hint='Install it, in the checkout of glm_deep, with: pip install ".[train]"',
        ) from error
