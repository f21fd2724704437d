"""The progress of a run: what goes on, how far it is, how long it still takes, on which device, how it ended."""

from __future__ import annotations

from glm_deep.progress import duration
from glm_deep_ui.qt import QtWidgets, Signal
from glm_deep_ui.run_state import FAILED, FINISHED, RUNNING, STOPPED, RunState


class RunBar(QtWidgets.QWidget):
    """Shows a run state.

    Signals:
        resume_wanted, log_wanted: what was asked for.
    """

    resume_wanted = Signal()
    log_wanted = Signal()

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._bar = QtWidgets.QProgressBar()
        self._bar.setObjectName("progress")
        self._bar.setAccessibleName("Progress of the training")
        self._text = QtWidgets.QLabel()
        self._text.setObjectName("quiet")
        self._text.setWordWrap(True)
        self._resume = _small("resume", "Resume Training", "")
        self._resume.clicked.connect(lambda *_: self.resume_wanted.emit())
        self._log = _small("show log", "Show Log", "What the training wrote, for those who can read it")
        self._log.clicked.connect(lambda *_: self.log_wanted.emit())
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._resume)
        row.addWidget(self._log)
        row.addStretch(1)
        layout.addWidget(self._bar)
        layout.addWidget(self._text)
        layout.addLayout(row)
        self.offer(resume=False, log=False)

    def show_state(self, state: RunState, *, alive: bool, stopping: bool) -> None:
        """Shows how far a run is, or how it ended."""
        running = state.state == RUNNING and alive
        self._bar.setVisible(running)
        self._bar.setMaximum(max(1, state.total))
        self._bar.setValue(state.done)
        self._bar.setFormat(f"{state.step} {state.done:,}/{state.total:,}" if state.step else "")
        self._text.setText(_running(state, stopping) if running else _ended(state))
        wrong = not running and state.state in (FAILED, RUNNING)
        if self._text.objectName() != ("failed" if wrong else "quiet"):
            self._text.setObjectName("failed" if wrong else "quiet")
            self._text.style().unpolish(self._text)
            self._text.style().polish(self._text)

    def wait(self, text: str) -> None:
        """Shows that something was begun whose length is not known."""
        self._bar.setVisible(True)
        self._bar.setMaximum(0)
        self._text.setText(text)

    def offer(self, *, resume: bool, log: bool, why_not: str = "") -> None:
        """Offers to take the run up, unless something speaks against it, and to read what it wrote."""
        self._resume.setVisible(resume)
        self._resume.setEnabled(not why_not)
        self._resume.setToolTip(why_not or "Takes the training up where its last save left it")
        self._log.setVisible(log)


def _small(name: str, text: str, hint: str) -> QtWidgets.QPushButton:
    button = QtWidgets.QPushButton(text)
    button.setObjectName(name)
    button.setProperty("small", True)
    button.setToolTip(hint)
    return button


def _running(state: RunState, stopping: bool) -> str:
    parts = [f"Run {state.run}", _device(state)]
    left = state.left()
    parts.append("" if left is None else f"about {duration(left)} left")
    text = ", ".join(filter(None, parts))
    return f"{text}. Stopping after this step; the best model so far is kept." if stopping else text


def _ended(state: RunState) -> str:
    taken, device = duration(state.ended - state.begun), _device(state)
    on = f" {device}" if device else ""
    if state.state == FINISHED:
        return f"Run {state.run} finished in {taken}{on}."
    if state.state == STOPPED:
        kept = "the best model so far was kept" if state.model else "before anything was learned"
        return f"Run {state.run} was stopped after {taken}; {kept}."
    if state.state == FAILED and state.failure is not None:
        failure = state.failure
        what = failure.what[:1].upper() + failure.what[1:]
        return f"Run {state.run} failed: {what}. {failure.hint}{'.' if failure.hint else ''}"
    if state.state == RUNNING:
        where = f" {state.step} {state.done:,}/{state.total:,}" if state.step else ""
        at = f" at{where}" if where else ""
        return f"Run {state.run} broke off{at}: its process on {state.host} is gone."
    return ""


def _device(state: RunState) -> str:
    threads = f"{state.threads} {'thread' if state.threads == 1 else 'threads'}"
    return f"on {state.device}, {threads}" if state.device else ""
