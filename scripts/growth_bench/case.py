"""One measured training of the synthetic character: time by phase, peak memory, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from glm_deep.bundle import Bundle
from glm_deep.config import Training
from glm_deep.dataset.source import FrameSource
from glm_deep.events import Event
from glm_deep.runtime.evaluation import measure, some_inputs
from glm_deep.runtime.evaluator import Evaluator
from glm_deep.runtime.model import from_bundle, to_bundle
from growth_bench.character import MESH, TubeCharacter
from growth_bench.meters import OwnMemory, Timed, Told, peak_memory, seconds_by_phase

if TYPE_CHECKING:
    from glm_deep.train.setting import Setting

UNSEEN_FRAMES, PLAYED_FRAMES = 24, 48


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
    evaluator = Evaluator(from_bundle(Bundle.load(file)))
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
        file=file.stat().st_size,
        left=_left(evaluator, unseen),
    )


def _setting(threads: int, folder: Path, tell: Callable[[Event], object]) -> Setting:
    import torch

    from glm_deep.train.setting import Setting

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
