"""The training of a main folder: followed through its records, begun, stopped, and ended when it does not stop."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from glm_deep.dio import Document
from glm_deep.errors import GlmDeepError
from glm_deep.launch import launch, reason_in, started_alone
from glm_deep.rundir import MainFolder, Owner, check_writable, make_folder
from glm_deep_ui.qt import QtCore, Signal
from glm_deep_ui.run_state import RUNNING
from glm_deep_ui.watcher import Watcher

GRACE = 30_000  # milliseconds that a training may take to stop before it may be ended
PATIENCE = 60_000  # milliseconds that a process may take to begin a run


class Training(QtCore.QObject):
    """What a window knows of the training of a main folder, and what it can do to it.

    Signals:
        said: a sentence for the user, and whether something is wrong.

    Args:
        environment: of the processes that are started, asked for each anew.

    Attributes:
        main: the folder. watcher: follows its runs.
        failed_to_begin: whether the last process that was started here began no run.
        errors: the file with what that process has said of errors.
    """

    said = Signal(str, bool)

    def __init__(
        self, main: MainFolder, environment: Callable[[], Mapping[str, str]], parent: QtCore.QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._environment = environment
        self.main, self.watcher = main, Watcher(main)
        self.failed_to_begin = False
        self.errors = main.path / "training.errors.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._owner: Owner | None = None  # as of the last step
        self._begun: QtCore.QElapsedTimer | None = None
        self._stop_wanted = False  # asked for before there was a run to ask
        self._stopping: QtCore.QElapsedTimer | None = None

    @property
    def starting(self) -> bool:
        """Whether a process was started that has not begun its run yet."""
        return self._begun is not None

    @property
    def alive(self) -> bool:
        """Whether the run that is followed goes on."""
        return self.watcher.state.state == RUNNING and self._owner is not None

    @property
    def running(self) -> bool:
        """Whether a training goes on, or is about to."""
        return self.starting or self.alive

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop, from this window or another one."""
        return self._stop_wanted or self._stopping is not None

    @property
    def may_be_ended(self) -> bool:
        """Whether it has had the time to stop by itself."""
        return self._stopping is not None and self._stopping.elapsed() > GRACE

    @property
    def unfinished(self) -> bool:
        """Whether the last run can be taken up."""
        run = self.watcher.run
        return run is not None and not self.running and _is_file(run.checkpoint)

    def step(self) -> bool:
        """Takes in what the run has written, a little at a time; whether there may be more at once."""
        try:
            return self._step()
        except OSError as error:  # a drive that was lost, say, and may come back
            self.said.emit(f"{self.main.path} cannot be read: {error.strerror or error}.", True)
            return False

    def _step(self) -> bool:
        self._look()
        more = self.watcher.step()
        self._owner = self.watcher.owner() if self.watcher.state.state == RUNNING else None
        if self.watcher.error:
            self.said.emit(self.watcher.error, True)
        if self.starting:
            self._wait_for_the_run()
        self._notice_stop()
        return more

    def _look(self) -> bool:
        """Looks whether a run has begun; whether one has."""
        if not self.watcher.look():
            return False
        wanted, self._stop_wanted = self._stop_wanted, False
        self._begun = self._stopping = None
        self.failed_to_begin = False
        if wanted:
            self._request_stop()
        return True

    def _notice_stop(self) -> None:
        """The time of grace begins when the request is first seen, whoever made it."""
        run = self.watcher.run
        asked = self.alive and run is not None and run.stop_requested
        if asked and self._stopping is None:
            self._stopping = _started_clock()
        elif not asked:
            self._stopping = None

    def start(self, document: Document, *, resume: bool = False) -> None:
        """Starts a training as a process of its own."""
        more = ["--resume"] if resume else []
        output = self.main.path / "training.log"
        try:
            folder = document.path.parent
            launched = launch("train", str(document.path), *more, folder=folder, environment=self._environment())
            check_writable(self.main.path)
            make_folder(self.main.path)
            process = started_alone(launched, output, self.errors)
        except OSError as error:
            said = f"{error.filename} cannot be written ({error.strerror}). Free the file, then try again."
            self.said.emit(said, True)
            return
        except GlmDeepError as error:
            self.said.emit(str(error), True)
            return
        self._process, self._begun, self._stop_wanted = process, _started_clock(), False
        self.failed_to_begin = False

    def _wait_for_the_run(self) -> None:
        """Says why a process that was started begins no run, once it has said so or has ended."""
        text = ""
        with suppress(OSError):
            text = self.errors.read_text(encoding="utf-8", errors="replace")
        wrong = reason_in(text, "train")
        gone = self._process is not None and self._process.poll() is not None
        if not wrong and not gone and self._begun is not None and self._begun.elapsed() < PATIENCE:
            return
        if gone and not wrong and self._look():
            return  # it began and ended between two looks
        self._begun, self._stop_wanted, self.failed_to_begin = None, False, True
        last = (text.strip().splitlines() or ["it said nothing"])[-1]
        self.said.emit(wrong or f"The training did not begin: {last}.", True)

    def stop(self) -> None:
        """Asks the training to stop and to keep what it has learned; one that is only starting, as soon as it can."""
        if self.starting:
            self._stop_wanted = True
        elif self.alive:
            self._request_stop()
            self._notice_stop()

    def _request_stop(self) -> None:
        try:
            if self.watcher.run is not None:
                self.watcher.run.request_stop()
        except GlmDeepError as error:
            self.said.emit(str(error), True)

    def end(self) -> None:
        """Ends the process of the run that is followed, and no other."""
        owner, state = self.watcher.owner(), self.watcher.state
        if owner is None or owner.pid != state.pid:
            return
        if owner.host != platform.node():
            self.said.emit(f"The training runs on {state.host}; end it there.", True)
            return
        try:
            os.kill(state.pid, signal.SIGTERM)
        except OSError as error:
            self.said.emit(f"Process {state.pid} could not be ended: {error.strerror or error}.", True)
            return
        saved = self.watcher.run is not None and _is_file(self.watcher.run.checkpoint)
        kept = "Resume Training takes up what it had saved" if saved else "It had saved nothing yet"
        self.said.emit(f"The training was ended. {kept}.", False)

    def log(self) -> Path | None:
        """The file that says most of why the last training failed; None where there is none."""
        run = self.watcher.run
        logs = [self.errors] if self.failed_to_begin or run is None else [run.log, self.errors]
        return next((path for path in logs if _is_file(path) and path.stat().st_size), None)


def _started_clock() -> QtCore.QElapsedTimer:
    clock = QtCore.QElapsedTimer()
    clock.start()
    return clock


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
