"""The progress of a run: what goes on, how far it is, how long it still takes, on which device."""

from __future__ import annotations

from glm_deep.progress import duration
from glm_deep_ui.qt import QtWidgets
from glm_deep_ui.run_state import FAILED, FINISHED, RUNNING, STOPPED, RunState


class RunBar(QtWidgets.QWidget):
    """Shows a run state."""

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
        layout.addWidget(self._bar)
        layout.addWidget(self._text)

    def show_state(self, state: RunState, stopping: bool) -> None:
        """Shows how far a run is, or how it ended."""
        self._bar.setVisible(state.state == RUNNING)
        self._bar.setMaximum(max(1, state.total))
        self._bar.setValue(state.done)
        self._bar.setFormat(f"{state.step} {state.done}/{state.total}" if state.step else "")
        self._text.setText(_text(state, stopping))

    def wait(self, text: str) -> None:
        """Shows that something was begun whose length is not known."""
        self._bar.setVisible(True)
        self._bar.setMaximum(0)
        self._text.setText(text)


def _text(state: RunState, stopping: bool) -> str:
    if state.state == RUNNING:
        parts = [f"Run {state.run}", f"on {state.device}, {state.threads} threads" if state.device else ""]
        left = state.left()
        parts.append("" if left is None else f"about {duration(left)} left")
        text = ", ".join(filter(None, parts))
        return f"{text}. Stopping after this step; the best model so far is kept." if stopping else text
    taken = duration(state.ended - state.begun)
    if state.state == FINISHED:
        return f"Run {state.run} finished in {taken}."
    if state.state == STOPPED:
        kept = "the best model so far was kept" if state.model else "before anything was learned"
        return f"Run {state.run} was stopped after {taken}; {kept}."
    if state.state == FAILED and state.failure is not None:
        failure = state.failure
        what = failure.what[:1].upper() + failure.what[1:]
        return f"Run {state.run} failed: {what}. {failure.hint}{'.' if failure.hint else ''}"
    return ""
