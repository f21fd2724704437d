"""Batches on the GPU: pinned buffers on the way in and out, and a CUDA graph where it is faster."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from glm_deep.runtime.parts import in_parts

Run = Callable[[Tensor], Sequence[Tensor]]

SIZES = (1, 8, 16, 64, 256)
"""Batches that are really played; others are filled up to the next of these, so that no size is prepared twice."""

_WARM, _TIMED = 3, 10


def next_size(count: int) -> int:
    """The smallest batch that holds so many frames."""
    return next(size for size in SIZES if size >= count)


class CudaBatches:
    """Plays any number of frames on a stream of its own.

    Args:
        make: gives, for a batch size, what is run on the GPU: inputs (n,I) to outputs with n frames each.
        width: I.
        made: called when a batch size has been prepared and played.
    """

    def __init__(self, make: Callable[[int], Run], width: int, made: Callable[[], None] = lambda: None) -> None:
        self._make, self._width, self._made = make, width, made
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._batches: dict[int, _Batch] = {}

    def __call__(self, values: np.ndarray) -> list[np.ndarray]:
        """The outputs for values (F,I), in memory of the caller's own."""
        return in_parts(self._play, values.astype(np.float32), SIZES[-1])

    def _play(self, values: np.ndarray) -> list[np.ndarray]:
        size = next_size(len(values))
        with torch.cuda.stream(self._stream):
            if size not in self._batches:
                self._batches[size] = _Batch(self._make(size), size, self._width, self._stream)
                self._made()
            return self._batches[size](values)


class _Batch:
    """One batch size."""

    def __init__(self, run: Run, size: int, width: int, stream: torch.cuda.Stream) -> None:
        self._run, self._stream = run, stream
        self._given = torch.zeros(size, width, pin_memory=True)
        self._inputs = torch.zeros(size, width, device="cuda")
        for _ in range(_WARM):  # a capture wants all kernels to be there, and all memory to be asked for
            self._outputs = run(self._inputs)
        self._found = [torch.empty(each.shape, dtype=each.dtype, pin_memory=True) for each in self._outputs]
        self._captured: torch.cuda.CUDAGraph | None = None
        plain, eager = self._seconds(), self._outputs
        try:
            captured = torch.cuda.CUDAGraph()
            # Other threads of the host may use CUDA meanwhile, which only concerns a capture in its default mode.
            with torch.cuda.graph(captured, stream=stream, capture_error_mode="thread_local"):
                self._outputs = run(self._inputs)
            self._captured = captured
            faster = self._seconds() < plain
        except RuntimeError:  # something that cannot be captured: played as before
            faster = False
        if not faster:
            self._captured, self._outputs = None, eager
            stream.synchronize()

    def __call__(self, values: np.ndarray) -> list[np.ndarray]:
        count = len(values)
        self._given[:count].copy_(torch.from_numpy(values))
        self._play()
        return [each[:count].numpy().copy() for each in self._found]

    def _play(self) -> None:
        self._inputs.copy_(self._given, non_blocking=True)
        if self._captured is None:
            self._outputs = self._run(self._inputs)
        else:
            self._captured.replay()
        for found, output in zip(self._found, self._outputs):
            found.copy_(output, non_blocking=True)
        self._stream.synchronize()

    def _seconds(self) -> float:
        self._play()
        begun = time.perf_counter()
        for _ in range(_TIMED):
            self._play()
        return time.perf_counter() - begun
