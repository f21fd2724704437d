"""Playing an engine of TensorRT or TensorRT-RTX on the GPU."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from glm_deep.backends.cuda_batch import CudaBatches, Run
from glm_deep.errors import GlmDeepError, Unavailable, first_line
from glm_deep.export.engine import KINDS, build_engine, import_package, keep_engine, quiet_logger, targets
from glm_deep.export.engine_file import EngineFile, engines_beside
from glm_deep.export.onnx_file import read_graph
from glm_deep.machine.cache import cache_folder
from glm_deep.machine.gpu import Gpu, find_gpu
from glm_deep.rundir import atomic_write_bytes, graph_path
from glm_deep.runtime.graph_file import INPUTS, QUALITY, output_name


class TensorRt:
    """Plays the engine beside a model file; builds it from the graph beside it where none fits.

    Args:
        model_path: of the model file. identity: of the model. meshes: how many it has.

    Raises:
        Unavailable: there is no GPU, no package, or nothing that an engine can be built from.
    """

    def __init__(self, model_path: Path, identity: str, meshes: int) -> None:
        gpu = find_gpu()
        if not torch.cuda.is_available():
            raise Unavailable(
                f"torch {torch.__version__}, which holds the memory for TensorRT, cannot use the {gpu.name}",
                hint="Install a torch with CUDA",
            )
        kind, self._package, self._engine = _engine(model_path, identity, gpu)
        self._compiled = _Compiled(self._package, self._engine, identity, gpu) if kind == "tensorrt-rtx" else None
        self._outputs = [output_name(number) for number in range(meshes)]
        self._quality = torch.ones(1, device="cuda")
        self._width = int(self._engine.get_tensor_shape(INPUTS)[1])
        self._batches = CudaBatches(self._runner, self._width, self._keep)

    def play(self, values: np.ndarray) -> list[np.ndarray]:
        """Offsets of each mesh, (F,V,3) float32, for raw values (F,I)."""
        return self._batches(values)

    def set_quality(self, quality: float) -> None:
        """Uses a share 0..1 of the anchors."""
        self._quality.fill_(quality)
        torch.cuda.synchronize()  # batches are played on another stream

    def _runner(self, size: int) -> Run:
        """Plays batches of one size with a context of their own, whose shapes therefore never change."""
        engine = self._engine
        context = engine.create_execution_context(*([] if self._compiled is None else [self._compiled.config]))
        context.set_input_shape(INPUTS, (size, self._width))
        context.set_tensor_address(QUALITY, self._quality.data_ptr())
        outputs = []
        for name in self._outputs:
            output = torch.zeros(tuple(context.get_tensor_shape(name)), device="cuda")
            context.set_tensor_address(name, output.data_ptr())
            outputs.append(output)

        def run(inputs: Tensor) -> Sequence[Tensor]:
            context.set_tensor_address(INPUTS, inputs.data_ptr())
            if not context.execute_async_v3(torch.cuda.current_stream().cuda_stream):
                raise GlmDeepError("TensorRT could not play the engine", hint="Play with another --backend")
            return outputs

        return run

    def _keep(self) -> None:
        if self._compiled is not None:
            self._compiled.save()


class _Compiled:
    """What TensorRT-RTX compiles for the GPU when an engine is first played, kept from one start to the next."""

    def __init__(self, package: Any, engine: Any, identity: str, gpu: Gpu) -> None:
        self._path = cache_folder() / f"{identity}-{gpu.capability}-{package.__version__}.jit"
        self.config = engine.create_runtime_config()
        # Kernels made for the shapes at once: a captured graph would keep those that stand in for them meanwhile.
        strategies = package.DynamicShapesKernelSpecializationStrategy
        self.config.dynamic_shapes_kernel_specialization_strategy = strategies.EAGER
        self._kept = self.config.create_runtime_cache()
        with suppress(OSError):
            self._kept.deserialize(self._path.read_bytes())  # what does not fit is refused, and made anew
        self.config.set_runtime_cache(self._kept)

    def save(self) -> None:
        """Keeps what has been compiled by now; without it the next start takes longer, no more."""
        content = self._kept.serialize()
        if content is not None:
            with suppress(GlmDeepError):
                atomic_write_bytes(self._path, bytes(content))


def _engine(model_path: Path, identity: str, gpu: Gpu) -> tuple[str, Any, Any]:
    """Kind, package and engine, of the first kind that can be had."""
    reasons = []
    for kind in KINDS:
        try:
            package = import_package(kind)
            runtime = package.Runtime(quiet_logger(package))
            for file in (*engines_beside(model_path), *engines_beside(cache_folder() / model_path.name)):
                engine = _fitting(runtime, file, kind, identity, gpu, package.__version__)
                if engine is not None:
                    return kind, package, engine
            return kind, package, _built(runtime, model_path, kind, identity, gpu)
        except GlmDeepError as error:
            reasons.append(f"{kind}: {error.what}")
        except Exception as error:  # the packages have exceptions of their own
            reasons.append(f"{kind}: {first_line(error)}")
    raise Unavailable(
        "; ".join(reasons), where=str(model_path), hint="Export with: glm-deep export CONF.dio --format tensorrt-rtx"
    )


def _fitting(runtime: Any, file: EngineFile, kind: str, identity: str, gpu: Gpu, version: str) -> Any:
    """The engine in a file, if it was built for this model, GPU and version, and is whole; else None."""
    found = file.fitting(kind, identity, gpu.name, gpu.capability, version)
    return runtime.deserialize_cuda_engine(found) if isinstance(found, bytes) else None


def _built(runtime: Any, model_path: Path, kind: str, identity: str, gpu: Gpu) -> Any:
    """An engine made here and now, and kept beside the model, or in the cache where that may not be written to."""
    capabilities = targets(kind, (gpu.capability,) if kind == "tensorrt-rtx" else ())
    content = build_engine(read_graph(graph_path(model_path, "fp16"), identity), kind, capabilities)
    engine = runtime.deserialize_cuda_engine(content)
    if engine is None:
        raise Unavailable(f"the engine that was just built cannot be played on the {gpu.name}")
    for place in (model_path, cache_folder() / model_path.name):
        with suppress(GlmDeepError):
            keep_engine(place, identity, content, kind, capabilities)
            break
    return engine
