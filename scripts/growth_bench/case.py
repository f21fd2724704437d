"""One measured training of the synthetic character: time by phase, peak memory, and what came of it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
import psutil
from threadpoolctl import threadpool_limits

from glm_deep.config import Training
from glm_deep.dataset.frames import MeshRest
from glm_deep.dataset.source import FrameSource, Posed
from glm_deep.events import Epoch, Event, Phase
from glm_deep.inputs import InputFrames, InputLayout
from glm_deep.runtime.evaluation import measure, some_inputs
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import to_bundle
from growth_bench.character import MESH, TubeCharacter

if TYPE_CHECKING:
    from glm_deep.train.learn import Setting

UNSEEN_FRAMES, PLAYED_FRAMES = 24, 48
_LOOKS_A_SECOND = 20


@dataclass(frozen=True)
class Case:
    """What is trained: about so many vertices, frames, and with how many threads.

    `epochs` replaces the default epochs of both kinds of networks where it is not None.
    """

    vertices: int
    frames: int
    threads: int
    epochs: int | None = None


@dataclass(frozen=True)
class Result:
    """What was measured.

    Attributes:
        vertices, frames: V and F.
        seconds: of the training. phases: its parts by name. making: of it, the seconds in which the frames were made.
        memory: bytes, the peak of the process.
        own_memory: bytes, the same without mapped files, which the system takes back when memory is short; None where
            the system does not tell.
        play: milliseconds a frame, the median of one thread with numpy.
        file: bytes of the model file.
        left: percent of the linear mesh's rms error that is left in unseen frames.
    """

    vertices: int
    frames: int
    seconds: float
    phases: dict[str, float]
    making: float
    memory: int
    own_memory: int | None
    play: float
    file: int
    left: float


def in_own_process(case: Case, folder: Path) -> Result:
    """The result of a case in a fresh process, whose peak memory is that of the case.

    Args:
        folder: for large intermediate files, on a disk.

    Raises:
        BrokenProcessPool: the process was killed, for instance because memory ran out.
        Exception: whatever the training raised.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(measured, case, folder).result()


def measured(case: Case, folder: Path) -> Result:
    """The result of a case in this process; `folder` keeps the intermediate files and the model file."""
    from glm_deep.train.learn import learn  # before the clock starts

    source = Timed(TubeCharacter(case.vertices, case.frames, seed=0))
    told = Told()
    with ExitStack() as stack:
        stack.enter_context(threadpool_limits(case.threads))
        watch = stack.enter_context(OwnMemory())
        setting = _setting(case.threads, folder, told)
        begun = time.perf_counter()
        learned = learn(source, _training(case.epochs), setting)
        ended = time.perf_counter()
        memory = peak_memory()
        own_memory = watch.peak
        file = folder / "model.glmdeep"
        to_bundle(learned.model, {"frames": case.frames}).save(file)
        size = file.stat().st_size
    evaluator = Evaluator(learned.model)
    unseen = TubeCharacter(case.vertices, UNSEEN_FRAMES, seed=1)
    return Result(
        vertices=len(source.meshes[0].rest),
        frames=case.frames,
        seconds=ended - begun,
        phases=seconds_by_phase(told.events, begun, ended),
        making=source.seconds,
        memory=memory,
        own_memory=own_memory,
        play=_milliseconds(evaluator, unseen),
        file=size,
        left=_left(evaluator, unseen),
    )


def _setting(threads: int, folder: Path, tell: Callable[[Event], object]) -> Setting:
    import torch

    from glm_deep.train.learn import Setting

    torch.set_num_threads(threads)
    return Setting(
        device=torch.device("cpu"),
        threads=threads,
        folder=folder,
        tell=tell,
        stopped=lambda: False,
        fitted=lambda model, state: None,
        resume=lambda model, state: None,
    )


def _training(epochs: int | None) -> Training:
    training = Training()
    if epochs is None:
        return training
    return replace(
        training,
        differential=replace(training.differential, epochs=epochs),
        subspaces=replace(training.subspaces, epochs=epochs),
    )


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


def _milliseconds(evaluator: Evaluator, source: FrameSource) -> float:
    """The median time of a frame, on one thread."""
    seconds = []
    with threadpool_limits(1):
        for turn in range(-1, PLAYED_FRAMES):
            inputs = some_inputs(source.inputs, np.array([turn % source.frame_count]))
            begun = time.perf_counter()
            evaluator.offsets(inputs)
            seconds.append(time.perf_counter() - begun)
    return float(np.median(seconds[1:])) * 1000.0


def _left(evaluator: Evaluator, source: FrameSource) -> float:
    """How much of the linear mesh's rms error is left, in percent."""
    errors = measure(source, np.arange(source.frame_count), (MESH,), {"model": evaluator.offsets})[MESH]
    rms = {name: found.summary(1.0).scene_units["rms"] for name, found in errors.items()}
    return 100.0 * rms["model"] / rms["linear_only"]
