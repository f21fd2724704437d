"""What is measured, each in a process of its own, whose memory is that of the case."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import psutil

from glm_deep import dio
from glm_deep.character import Character
from glm_deep.rundir import TrainingLock
from window_bench.made_up_run import Writer
from window_bench.turns import Turns, live

PARTS = (0.25, 0.5, 0.75, 1.0)
Result = TypeVar("Result")


@dataclass(frozen=True)
class Followed:
    """A run that was followed while it was written.

    Attributes:
        turns: of the window. memory: bytes when each of `PARTS` of the records was written. size: bytes of the file.
    """

    turns: Turns
    memory: dict[float, int]
    size: int


def in_own_process(case: Callable[..., Result], *arguments: Any) -> Result:
    """What a case returns, worked out in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(case, *arguments).result()


def made_up_character(folder: Path) -> Path:
    """The configuration of a character that has no samples, in a new folder."""
    folder.mkdir()
    meshes = [{"deformed": "body"}]
    return dio.save(dio.new(folder / "hero.dio", {"glm_deep": 1, "asset": "hero", "meshes": meshes})).path


def write_run(configuration: Path, anchors: int, epochs: int) -> None:
    """A run that has ended."""
    run = Character(dio.load(configuration)).main.new_run()
    Writer(run.events, anchors, epochs).write_all()


def follow(configuration: Path, anchors: int, epochs: int) -> Followed:
    """The real window follows a new run."""
    from glm_deep_ui.app import application, open_window

    running = application()
    main = Character(dio.load(configuration)).main
    with TrainingLock(main) as lock:
        run = main.new_run()
        lock.name_run(run)
        window = open_window(configuration)
        window.show()
        memory: dict[float, int] = {}
        writer = Writer(run.events, anchors, epochs)

        def write() -> None:
            writer.write_due()
            for part in PARTS:
                if writer.share >= part and part not in memory:
                    memory[part] = psutil.Process().memory_info().rss

        turns = live(running.processEvents, lambda: len(memory) == len(PARTS) and _shows_all(window, epochs), write)
    return Followed(turns, memory, run.events.stat().st_size)


def attach(configuration: Path, epochs: int) -> tuple[Turns, float]:
    """The real window is opened on a run that has ended; the seconds until all of its curves are there."""
    from glm_deep_ui.app import application, open_window

    running = application()
    begun = time.perf_counter()
    window = open_window(configuration)
    window.show()
    turns = live(running.processEvents, lambda: _shows_all(window, epochs))
    return turns, time.perf_counter() - begun


def reread(events: Path, anchors: int, epochs: int) -> Turns:
    """A window that reads the whole file again at every tick follows a new run."""
    from glm_deep_ui.app import application
    from window_bench.rereading import Rereading

    running = application()
    writer = Writer(events, anchors, epochs)
    writer.write(1)
    window = Rereading(events)
    window.resize(560, 320)
    window.show()
    return live(running.processEvents, lambda: _shows_all(window, epochs), writer.write_due)


def _shows_all(window: Any, epochs: int) -> bool:
    """Whether the last epoch is drawn: of both models the losses of training and validation."""
    import pyqtgraph as pg

    from glm_deep_ui.qt import QtWidgets
    from glm_deep_ui.widgets.plot_curve import CurveItem

    if isinstance(window, pg.PlotWidget):
        drawn = [line.xData for line in window.listDataItems()]
    else:
        items = window.findChild(QtWidgets.QWidget, "curve_plot").items()
        drawn = [each.points[0] for each in items if isinstance(each, CurveItem) and each.isVisible()]
    return sum(bool(each[-1] == epochs) for each in drawn if each is not None and len(each)) >= 4
