"""Playing the graph of the model with torch, on the CPU or on the GPU."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from glm_deep.backends.back_end import FRAMES_ON_CPU
from glm_deep.errors import Unavailable, first_line
from glm_deep.export.graph import Graph
from glm_deep.machine.gpu import find_gpu
from glm_deep.runtime.model import Model
from glm_deep.runtime.parts import in_parts


class TorchOnCpu:
    """Plays in single precision with the closed form in double, as the exported graph does."""

    def __init__(self, model: Model) -> None:
        self._graph = Graph(model).eval()
        self.set_quality(1.0)

    def play(self, values: np.ndarray) -> list[np.ndarray]:
        """Offsets of each mesh, (F,V,3) float32, for raw values (F,I)."""
        with torch.inference_mode():
            return in_parts(self._play, values.astype(np.float32), FRAMES_ON_CPU)

    def _play(self, values: np.ndarray) -> list[np.ndarray]:
        found = self._graph(torch.from_numpy(values), self._quality)
        return [each.contiguous().numpy() for each in found]

    def set_quality(self, quality: float) -> None:
        """Uses a share 0..1 of the anchors."""
        self._quality = torch.tensor([quality])


class TorchOnGpu:
    """Plays on the GPU.

    Args:
        model: what is played. half: bases and responses in half precision.

    Raises:
        Unavailable: torch cannot use a GPU here, or its memory does not suffice.
    """

    def __init__(self, model: Model, *, half: bool) -> None:
        from glm_deep.backends.cuda_batch import CudaBatches, Run

        gpu = find_gpu()
        if not torch.cuda.is_available():
            with_cuda = f"its CUDA {torch.version.cuda}" if torch.version.cuda else "it was built without CUDA"
            raise Unavailable(
                f"torch {torch.__version__} cannot use the {gpu.name} ({with_cuda}; the driver knows CUDA {gpu.cuda})",
                hint="Update the driver, or install a torch for the CUDA of the driver",
            )
        try:
            self._graph = Graph(model, half=half).eval().to("cuda")
            self._quality = torch.ones(1, device="cuda")
        except RuntimeError as error:  # its memory does not suffice, or other programs have left it in no state to work
            raise Unavailable(f"the {gpu.name} does not take the model ({first_line(error)})") from error

        def run(inputs: Tensor) -> tuple[Tensor, ...]:
            found: tuple[Tensor, ...] = self._graph(inputs, self._quality)
            return found

        def make(count: int) -> Run:
            return run

        self._batches = CudaBatches(make, len(model.statistics.kept))

    def play(self, values: np.ndarray) -> list[np.ndarray]:
        """Offsets of each mesh, (F,V,3) float32, for raw values (F,I)."""
        with torch.inference_mode():
            return self._batches(values)

    def set_quality(self, quality: float) -> None:
        """Uses a share 0..1 of the anchors."""
        self._quality.fill_(quality)  # in place: a captured graph reads it where it is
        torch.cuda.synchronize()  # and on another stream
