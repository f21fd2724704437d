"""The training from Maya: a process of another Python, followed through the records of its run."""

from __future__ import annotations

import subprocess
import tempfile
import time
from dataclasses import dataclass

from maya import OpenMaya as om1

from glm_deep import dio
from glm_deep.dio import Document
from glm_deep.errors import ExitCode, GlmDeepError
from glm_deep.events import Event, Judged, Warned, read_events
from glm_deep.launch import Launch, started, started_alone
from glm_deep.rundir import MainFolder, RunFolder, is_training
from glm_deep_maya.processes import STEP, failure, prepared
from glm_deep_maya.progress import Progress
from glm_deep_ui.run_state import FAILED, RUNNING, WAITING, RunState

BEGIN_WITHIN = 60.0
"""Seconds that a process may take to begin its run."""


@dataclass(frozen=True)
class Status:
    """Where a run is.

    Attributes:
        state: "none", "waiting", "running", "finished", "stopped" or "failed".
        run: its name. percent: of what goes on now. text: a sentence.
    """

    state: str
    run: str
    percent: int
    text: str


def train(path: str, *, resume: bool = False) -> str:
    """Trains and waits for the end, with progress; Esc stops it and keeps what was learned. The path of the model.

    Raises:
        GlmDeepError: the training failed, or was stopped before there was anything to keep.
    """
    document = dio.load(path)
    main = MainFolder(document.main_directory)
    before = {run.name for run in main.run_folders()}
    with tempfile.TemporaryFile() as errors:
        launched = _launched(document, resume)
        process = started(launched, subprocess.DEVNULL, errors.fileno())
        follower = _Follower(main, before)
        with Progress(f"Training {document.config.asset}", 0) as progress:
            while process.poll() is None:
                follower.step(progress)
                time.sleep(STEP)
            follower.step(progress)
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace")
    if process.returncode not in (ExitCode.OK, ExitCode.STOPPED) or not follower.state.model:
        raise failure(launched, said, process.returncode)
    return follower.state.model


def _launched(document: Document, resume: bool) -> Launch:
    more = ["--resume"] if resume else []
    return prepared("train", str(document.path), *more, folder=document.path.parent)


class _Follower:
    """Reads the records of the run that begins after some others."""

    def __init__(self, main: MainFolder, before: set[str]) -> None:
        self._main, self._before = main, before
        self._run: RunFolder | None = None
        self._offset = 0
        self._asked = False
        self.state = RunState()

    def step(self, progress: Progress) -> None:
        """Takes in what is new, and asks the training to stop when Esc was pressed."""
        for event in self._new():
            self.state.add(event)
            if isinstance(event, Warned):
                om1.MGlobal.displayWarning(event.text)
            elif isinstance(event, Judged) and not event.live:
                om1.MGlobal.displayInfo(f"{event.model}: {event.headline}. {event.evidence} {event.advice}")
        if self.state.state == RUNNING:
            progress.show(self.state.done, self.state.total, f"{self.state.step} {self.state.done}/{self.state.total}")
        if progress.cancelled and not self._asked and self._run is not None:
            self._asked = True
            self._run.request_stop()
            om1.MGlobal.displayInfo("Stopping after this step; the best model so far is kept.")

    def _new(self) -> list[Event]:
        if self._run is None:
            self._run = next((run for run in self._main.run_folders() if run.name not in self._before), None)
        if self._run is None:
            return []
        events, self._offset = read_events(self._run.events, self._offset)
        return list(events)


def train_in_background(path: str, *, resume: bool = False) -> str:
    """Starts a training that goes on without Maya; the name of its run, once that has begun.

    Raises:
        GlmDeepError: it did not begin.
    """
    document = dio.load(path)
    main = MainFolder(document.main_directory)
    main.path.mkdir(parents=True, exist_ok=True)
    before = {run.name for run in main.run_folders()}
    errors = main.path / "training.errors.log"
    launched = _launched(document, resume)
    process = started_alone(launched, main.path / "training.log", errors)
    end = time.monotonic() + BEGIN_WITHIN
    while time.monotonic() < end:
        begun = next((run for run in main.run_folders() if run.name not in before), None)
        if begun is not None:
            return begun.name
        if process.poll() is not None:
            raise failure(launched, errors.read_text(encoding="utf-8", errors="replace"), process.returncode)
        time.sleep(STEP)
    raise GlmDeepError(f"the training has not begun within {BEGIN_WITHIN:g} s", where=str(errors))


def status(path: str, run: str = "") -> Status:
    """Where a run is, the last one when no name is given.

    Raises:
        GlmDeepError: there is no such run.
    """
    main = MainFolder(dio.load(path).main_directory)
    found = _run_of(main, run)
    if found is None:
        return Status("none", "", 0, "There was no training yet.")
    state = RunState()
    events, _ = read_events(found.events, 0)
    for event in events:
        state.add(event)
    percent = 100 * state.done // state.total if state.total else 0
    if state.state == FAILED and state.failure is not None:
        return Status(FAILED, found.name, percent, f"{state.failure.what}. {state.failure.hint}".strip())
    if state.state in (RUNNING, WAITING) and is_training(main) is None:
        return Status(FAILED, found.name, percent, "Its process is gone; glmDeepTrain -resume takes it up.")
    if state.state == RUNNING:
        return Status(RUNNING, found.name, percent, f"{state.step} {state.done}/{state.total}")
    return Status(state.state, found.name, 100, state.model)


def cancel(path: str, run: str = "") -> bool:
    """Asks a run to stop and to keep what it has learned; whether there was one to ask.

    Raises:
        GlmDeepError: there is no such run.
    """
    main = MainFolder(dio.load(path).main_directory)
    found = _run_of(main, run)
    if found is None or is_training(main) is None:
        return False
    found.request_stop()
    return True


def _run_of(main: MainFolder, name: str) -> RunFolder | None:
    runs = main.run_folders()
    if not name:
        return runs[-1] if runs else None
    for run in runs:
        if run.name == name:
            return run
    raise GlmDeepError(
        f'there is no run "{name}"', where=str(main.runs), hint="glmDeepStatus without a run names the last"
    )
