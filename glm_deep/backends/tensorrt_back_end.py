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
from glm_deep.errors import GlmDeepError, Unavailable
from glm_deep.export.engine import BATCHES, KINDS, load_package, quiet_logger, write_engine
from glm_deep.export.engine_file import EngineFile, engines_beside
from glm_deep.machine.cache import cache_folder
from glm_deep.machine.gpu import Gpu, find_gpu
from glm_deep.rundir import atomic_write_bytes, graph_path
from glm_deep.runtime.graph_file import INPUTS, QUALITY, output_name
from glm_deep.runtime.parts import in_parts


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
        self._package, self._engine, self._cache = _engine(model_path, identity, gpu)
        self._outputs = [output_name(number) for number in range(meshes)]
        self._quality = torch.ones(1, device="cuda")
        width = int(self._engine.get_tensor_shape(INPUTS)[1])
        self._batches = CudaBatches(self._runner, width)

    def play(self, values: np.ndarray) -> list[np.ndarray]:
        """Offsets of each mesh, (F,V,3) float32, for raw values (F,I)."""
        return in_parts(self._batches, values, BATCHES[2])

    def set_quality(self, quality: float) -> None:
        """Uses a share 0..1 of the anchors."""
        self._quality.fill_(quality)

    def _runner(self, count: int) -> Run:
        """Plays batches of one size with a context of their own, whose shapes therefore never change."""
        context = self._context()
        context.set_input_shape(INPUTS, (count, int(self._engine.get_tensor_shape(INPUTS)[1])))
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

    def _context(self) -> Any:
        """An execution context; what TensorRT-RTX compiles for it is kept for the next time."""
        if self._cache is None:
            return self._engine.create_execution_context()
        config = self._engine.create_runtime_config()
        kept = config.create_runtime_cache()
        with suppress(OSError):
            kept.deserialize(self._cache.read_bytes())
        config.set_runtime_cache(kept)
        context = self._engine.create_execution_context(config)
        with suppress(GlmDeepError):  # without it the next start takes seconds longer, no more
            atomic_write_bytes(self._cache, bytes(kept.serialize()))
        return context


def _engine(model_path: Path, identity: str, gpu: Gpu) -> tuple[Any, Any, Path | None]:
    """Package, engine, and where TensorRT-RTX keeps what it compiles: of the first kind that can be had."""
    reasons = []
    for kind in KINDS:
        try:
            package = load_package(kind)
            runtime = package.Runtime(quiet_logger(package))
            engine = _fitting(runtime, engines_beside(model_path), kind, identity, gpu, package.__version__)
            if engine is None:
                engine = _built(runtime, model_path, kind, identity, gpu)
            cache = cache_folder() / f"{identity}-{gpu.capability}.jit" if kind == "tensorrt-rtx" else None
            return package, engine, cache
        except GlmDeepError as error:
            reasons.append(f"{kind}: {error.what}")
    raise Unavailable(
        "; ".join(reasons), where=str(model_path), hint="Export with: glm-deep export CONF.dio --format tensorrt-rtx"
    )


def _fitting(runtime: Any, files: Sequence[EngineFile], kind: str, identity: str, gpu: Gpu, version: str) -> Any:
    """The first engine that was built for this model, GPU and version, and is whole; None if there is none."""
    for file in files:
        if file.unfit(kind, identity, gpu.name, gpu.capability, version) is None:
            engine = runtime.deserialize_cuda_engine(file.path.read_bytes())
            if engine is not None:
                return engine
    return None


def _built(runtime: Any, model_path: Path, kind: str, identity: str, gpu: Gpu) -> Any:
    """An engine made here and now, and kept beside the model."""
    from glm_deep.export.onnx_file import read_graph

    content = read_graph(graph_path(model_path, "fp16"), identity)
    capabilities = (gpu.capability,) if kind == "tensorrt-rtx" else ()
    file = write_engine(model_path, identity, content, kind, capabilities)
    engine = runtime.deserialize_cuda_engine(file.path.read_bytes())
    if engine is None:
        raise Unavailable(f"the engine that was just built cannot be played on the {gpu.name}")
    return engine
