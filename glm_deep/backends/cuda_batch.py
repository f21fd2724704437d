"""Batches on the GPU: pinned buffers on the way in and out, and a CUDA graph where it is faster."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

Run = Callable[[Tensor], Sequence[Tensor]]

_WARM, _TIMED = 3, 10
_MOST_SIZES = 4


class CudaBatches:
    """Plays batches of any size; the first few sizes keep their buffers and their graph, the others just run.

    Args:
        make: gives, for a batch size, what is run on the GPU: inputs (n,I) to outputs, always of the same addresses or
            fit for capture.
        width: I.
    """

    def __init__(self, make: Callable[[int], Run], width: int) -> None:
        self._make, self._width = make, width
        self._batches: dict[int, _Batch] = {}

    def __call__(self, values: np.ndarray) -> list[np.ndarray]:
        """The outputs for values (n,I), in memory of the caller's own."""
        count = len(values)
        if count not in self._batches:
            if len(self._batches) >= _MOST_SIZES:
                inputs = torch.from_numpy(values.astype(np.float32)).to("cuda")
                return [each.cpu().numpy() for each in self._make(count)(inputs)]
            self._batches[count] = _Batch(self._make(count), count, self._width)
        return self._batches[count](values)


class _Batch:
    """One batch size."""

    def __init__(self, run: Run, count: int, width: int) -> None:
        self._run = run
        self._given = torch.zeros(count, width, pin_memory=True)
        self._inputs = torch.zeros(count, width, device="cuda")
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):  # a capture wants everything to have been run before, on another stream
            for _ in range(_WARM):
                self._outputs = run(self._inputs)
        torch.cuda.current_stream().wait_stream(side)
        self._found = [torch.empty(each.shape, dtype=each.dtype, pin_memory=True) for each in self._outputs]
        self._captured: torch.cuda.CUDAGraph | None = None
        plain = self._seconds()
        eager = self._outputs
        captured = torch.cuda.CUDAGraph()
        with torch.cuda.graph(captured):
            self._outputs = run(self._inputs)
        self._captured = captured
        if self._seconds() > plain:
            self._captured, self._outputs = None, eager

    def __call__(self, values: np.ndarray) -> list[np.ndarray]:
        self._given.copy_(torch.from_numpy(values.astype(np.float32)))
        self._play()
        return [each.numpy().copy() for each in self._found]

    def _play(self) -> None:
        self._inputs.copy_(self._given, non_blocking=True)
        if self._captured is None:
            self._outputs = self._run(self._inputs)
        else:
            self._captured.replay()
        for found, output in zip(self._found, self._outputs):
            found.copy_(output, non_blocking=True)
        torch.cuda.current_stream().synchronize()

    def _seconds(self) -> float:
        self._play()
        begun = time.perf_counter()
        for _ in range(_TIMED):
            self._play()
        return time.perf_counter() - begun
