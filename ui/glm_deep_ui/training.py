"""The training of a main folder: followed through its records, begun, stopped, and ended when it does not stop."""

from __future__ import annotations

import os
import platform
import signal
from contextlib import suppress
from pathlib import Path

from glm_deep.dio import Document
from glm_deep.errors import GlmDeepError
from glm_deep.launch import launch
from glm_deep.rundir import MainFolder
from glm_deep_ui.qt import QtCore, Signal
from glm_deep_ui.run_state import RUNNING
from glm_deep_ui.runner import reason_in, start_detached
from glm_deep_ui.watcher import Watcher

GRACE = 30_000  # milliseconds that a training may take to stop before it may be killed
PATIENCE = 60_000  # milliseconds that a process may take to begin a run


class Training(QtCore.QObject):
    """What a window knows of the training of a main folder, and what it can do to it.

    Signals:
        said: a sentence for the user, and whether something is wrong.

    Attributes:
        watcher: follows its runs.
        starting: whether a process was started that has not begun its run yet.
        stopping: whether it was asked to stop.
        alive: whether somebody trains here, as of the last `step`.
        errors: the file with what the last process that was started here has said of errors.
    """

    said = Signal(str, bool)

    def __init__(self, main: MainFolder, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self.watcher = Watcher(main)
        self.main = main
        self.alive = False
        self.errors = main.path / "training.errors.log"
        self._begun: QtCore.QElapsedTimer | None = None
        self._asked: QtCore.QElapsedTimer | None = None

    @property
    def starting(self) -> bool:
        """Whether a process was started that has not begun its run yet."""
        return self._begun is not None

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._asked is not None

    @property
    def may_be_ended(self) -> bool:
        """Whether it has had the time to stop by itself."""
        return self._asked is not None and self._asked.elapsed() > GRACE

    @property
    def running(self) -> bool:
        """Whether a training goes on, or is about to."""
        return self.starting or (self.watcher.state.state == RUNNING and self.alive)

    @property
    def unfinished(self) -> bool:
        """Whether the last run can be taken up."""
        run = self.watcher.run
        return run is not None and not self.running and run.checkpoint.is_file()

    def step(self) -> bool:
        """Takes in what the run has written, a little at a time; whether there may be more at once."""
        if self.watcher.look():
            self._begun = self._asked = None
        more = self.watcher.step()
        self.alive = self.watcher.is_alive()
        if self.watcher.error:
            self.said.emit(self.watcher.error, True)
        if self.starting:
            self._wait_for_the_run()
        elif not self.running:
            self._asked = None
        return more

    def start(self, document: Document, *, resume: bool = False) -> None:
        """Starts a training as a process of its own."""
        more = ["--resume"] if resume else []
        try:
            launched = launch("train", str(document.path), *more, folder=document.path.parent)
            self.main.path.mkdir(parents=True, exist_ok=True)
        except (GlmDeepError, OSError) as error:
            self.said.emit(str(error), True)
            return
        if start_detached(launched, self.main.path / "training.log", self.errors) is None:
            self.said.emit(f"{launched.arguments[0]} could not be started.", True)
            return
        self._begun = QtCore.QElapsedTimer()
        self._begun.start()

    def _wait_for_the_run(self) -> None:
        """Says why a process that was started begins no run, once it has said so."""
        wrong = ""
        with suppress(OSError):
            wrong = reason_in(self.errors.read_text(encoding="utf-8", errors="replace"), "train")
        if wrong or (self._begun is not None and self._begun.elapsed() > PATIENCE):
            self._begun = None
            self.said.emit(wrong or f"The training did not begin; {self.errors} may say why.", True)

    def stop(self) -> None:
        """Asks the training to stop and to keep what it has learned."""
        if self.watcher.run is None or self.watcher.state.state != RUNNING:
            return
        try:
            self.watcher.run.request_stop()
        except GlmDeepError as error:
            self.said.emit(str(error), True)
            return
        self._asked = QtCore.QElapsedTimer()
        self._asked.start()

    def end(self) -> None:
        """Ends the process of the run that is followed, and no other."""
        state = self.watcher.state
        if not self.watcher.is_alive():
            return
        if state.host != platform.node():
            self.said.emit(f"The training runs on {state.host}; end it there.", True)
            return
        try:
            os.kill(state.pid, signal.SIGTERM)
        except OSError as error:
            self.said.emit(f"Process {state.pid} could not be ended: {error.strerror or error}.", True)
            return
        self.said.emit("The training was ended. What it had saved can be taken up with Resume.", False)

    def log(self) -> Path | None:
        """The file that says most of why the last training failed; None where there is none."""
        run = self.watcher.run
        for path in ((run.log,) if run is not None else ()) + (self.errors,):
            if path.is_file() and path.stat().st_size:
                return path
        return None
