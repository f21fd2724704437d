"""All back-ends beside numpy: how long each takes for batches of several sizes, and how far each is from the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from glm_deep.backends.back_end import NUMPY
from glm_deep.backends.opening import ModelFile
from glm_deep.export.parity import parity, some_frames
from glm_deep.runtime.evaluator import exact_player
from runtime_bench.clock import Timing, in_turns, timing
from runtime_bench.floor import Floor, floor, pace
from runtime_bench.players import players
from runtime_bench.subject import Subject

BATCHES = (1, 16, 64, 256)
_CALLS = {1: 60, 16: 12, 64: 6, 256: 4}


@dataclass(frozen=True)
class BackEndRow:
    """A back-end with a number of threads: its timings by batch, and how far it is from the model at most.

    `apart` is after skinning, in parts of the diagonal, the closed form of the model being worked out in double.
    """

    back_end: str
    threads: int
    timings: Mapping[int, Timing]
    apart: float


@dataclass(frozen=True)
class BackEndsFound:
    """Rows, why the other back-ends cannot play here, and the floors of one thread by batch."""

    rows: tuple[BackEndRow, ...]
    absent: Mapping[str, str]
    floors: Mapping[int, Floor]


def measure_back_ends(subject: Subject, file: ModelFile, threads: Sequence[int]) -> BackEndsFound:
    """Plays the same frames with all back-ends in turns."""
    rows: list[BackEndRow] = []
    absent: dict[str, str] = {}
    frames = some_frames(subject.source)
    exact = exact_player(file.model).offsets
    for number in threads:
        with _threads(number):
            contestants, absent = players(file, number, subject.inputs(np.arange(1)))
            timings: dict[str, dict[int, Timing]] = {name: {} for name in contestants}
            for batch in BATCHES:
                chosen = (np.arange(_CALLS[batch] * batch) % subject.source.frame_count).reshape(-1, batch)
                seconds = in_turns(contestants, [subject.inputs(some) for some in chosen])
                for name in contestants:
                    timings[name][batch] = timing(seconds[name], batch)
            for name, player in contestants.items():
                apart = parity(subject.source, frames, subject.mesh_names, exact, player.offsets).largest
                rows.append(BackEndRow(name, number, timings[name], apart))
    with _threads(1):
        measured = pace()
    return BackEndsFound(tuple(rows), absent, {batch: floor(file.model, batch, measured) for batch in BATCHES})


@contextmanager
def _threads(number: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        with threadpool_limits(number):
            yield
    finally:
        torch.set_num_threads(before)


def back_ends_markdown(found: BackEndsFound) -> str:
    """The table: a line a back-end and number of threads, then the floors."""
    head = ["back-end", "threads", *(f"ms a frame of {batch}" for batch in BATCHES), "numpy / it, 1 and 256", "apart"]
    lines = [_line(head), "|" + "---|" * len(head)]
    for row in found.rows:
        base = next(each for each in found.rows if each.back_end == NUMPY and each.threads == row.threads)
        ratios = [base.timings[batch].median / row.timings[batch].median for batch in (BATCHES[0], BATCHES[-1])]
        cells = [f"{row.timings[batch].median:.2f}" for batch in BATCHES]
        lines.append(
            _line(
                [row.back_end, str(row.threads), *cells, " and ".join(f"{r:.2f}" for r in ratios), f"{row.apart:.1e}"]
            )
        )
    for name in ("memory", "arithmetic"):
        cells = [f"{getattr(found.floors[batch], name):.3f}" for batch in BATCHES]
        lines.append(_line([f"floor by {name}", "1", *cells, "", ""]))
    absent = [f"{name} cannot play here: {reason.rstrip('.')}." for name, reason in found.absent.items()]
    return "\n".join([*lines, "", *absent]) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
