"""What measures a training while it runs: its time by phase, its memory, and the time that making frames takes."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
import psutil

from glm_deep.dataset.frames import MeshRest
from glm_deep.dataset.source import FrameSource, Posed, SkinWeights
from glm_deep.events import Epoch, Event, Phase
from glm_deep.inputs import InputFrames, InputLayout

_LOOKS_A_SECOND = 20


class Told:
    """Keeps the records of a training with the time at which each came."""

    def __init__(self) -> None:
        self.events: list[tuple[float, Event]] = []

    def __call__(self, event: Event) -> None:
        """Takes a record."""
        self.events.append((time.perf_counter(), event))


def seconds_by_phase(events: Iterable[tuple[float, Event]], begun: float, ended: float) -> dict[str, float]:
    """How long each phase took, by its name; an epoch belongs to the phase of its model.

    A record tells of what was done since the one before. What comes after the last is called `end`.

    Args:
        events: each with the time at which it came.
        begun, ended: times of the whole.
    """
    seconds: dict[str, float] = {}
    last = begun
    for at, event in events:
        if isinstance(event, Epoch):
            name = event.model
        elif isinstance(event, Phase):
            name = event.name
        else:
            continue
        seconds[name] = seconds.get(name, 0.0) + at - last
        last = at
    return {**seconds, "end": ended - last}


def peak_memory() -> int:
    """The most memory that this process has had in use, in bytes."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    if sys.platform == "linux":
        # not from getrusage: there the peak of a process begins with that of the process that started it
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # bytes on macOS


class OwnMemory:
    """Looks many times a second how much memory is in use without mapped files.

    Attributes:
        peak: bytes; None where the system does not tell.
    """

    def __init__(self) -> None:
        self.peak: int | None = None
        self._process = psutil.Process()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> OwnMemory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while sys.platform == "linux" and not self._ended.wait(1.0 / _LOOKS_A_SECOND):
            now = self._process.memory_info()
            self.peak = max(self.peak or 0, now.rss - now.shared)


class Timed:
    """A source that counts the seconds in which it is read."""

    def __init__(self, source: FrameSource) -> None:
        self._source = source
        self.seconds = 0.0

    @property
    def layout(self) -> InputLayout:
        """The inputs of the rig."""
        return self._source.layout

    @property
    def inputs(self) -> InputFrames:
        """Their values in every frame."""
        return self._source.inputs

    @property
    def clips(self) -> tuple[str, ...]:
        """Where each frame comes from."""
        return self._source.clips

    @property
    def meshes(self) -> Sequence[MeshRest]:
        """The meshes at bind."""
        return self._source.meshes

    @property
    def frame_count(self) -> int:
        """F."""
        return self._source.frame_count

    def read(self, mesh: int, frames: np.ndarray) -> Posed:
        """The mesh in some frames."""
        begun = time.perf_counter()
        found = self._source.read(mesh, frames)
        self.seconds += time.perf_counter() - begun
        return found

    def skin_weights(self, mesh: int) -> SkinWeights | None:
        """The skin weights of the mesh."""
        return self._source.skin_weights(mesh)
