"""What every back-end can do."""

from __future__ import annotations

from typing import Protocol

import numpy as np

NUMPY, ONNXRUNTIME, TORCH_CPU, TORCH_FP32, TORCH_FP16, TENSORRT = BACK_ENDS = (
    "numpy",
    "onnxruntime",
    "torch-cpu",
    "torch-fp32",
    "torch-fp16",
    "tensorrt",
)
"""By name: those of torch but for torch-cpu play on the GPU, and so does TensorRT, in half precision."""

FRAMES_ON_CPU = 16
"""Frames that torch and onnxruntime play at once on a CPU."""


class BackEnd(Protocol):
    """Plays a model."""

    def play(self, values: np.ndarray) -> list[np.ndarray]:
        """Offsets of each mesh, (F,V,3) float32 in scene units, for raw values (F,I) of `glm_deep.inputs.raw_values`.

        The result belongs to the caller.
        """
        ...

    def set_quality(self, quality: float) -> None:
        """Uses a share 0..1 of the anchors."""
        ...
