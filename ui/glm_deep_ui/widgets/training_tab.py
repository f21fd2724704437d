"""The training tab: buttons, the state of the character, advanced properties, the run that goes on and its curves."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from glm_deep import dio
from glm_deep.rundir import MainFolder
from glm_deep_ui.editing import LOOK, Editing
from glm_deep_ui.host import Host
from glm_deep_ui.qt import QtCore, QtWidgets, Signal
from glm_deep_ui.run_state import FAILED, RUNNING, WAITING, RunState
from glm_deep_ui.summary import BROKEN, NO_SAMPLES, Summary, summary_of
from glm_deep_ui.training import Training
from glm_deep_ui.widgets.advanced import Advanced
from glm_deep_ui.widgets.columns import columns_in
from glm_deep_ui.widgets.curve_panel import CurvePanel
from glm_deep_ui.widgets.elided import FittingButton
from glm_deep_ui.widgets.log_window import LogWindow
from glm_deep_ui.widgets.message import Message
from glm_deep_ui.widgets.model_commands import ModelCommands
from glm_deep_ui.widgets.run_bar import RunBar
from glm_deep_ui.widgets.state_card import StateCard

TICK = 200  # milliseconds
BETWEEN_PICTURES = 0.1  # seconds between two of them while much is read at once

_TRAIN, _CANCEL, _STOPPING, _KILL = "Train Model", "Cancel", "Stopping…", "End It Now"


class TrainingTab(QtWidgets.QWidget):
    """The tab of one document.

    Signals:
        titled: what the window should be called now.
    """

    titled = Signal(str)

    def __init__(self, editing: Editing, host: Host, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tab")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_StyledBackground, True)
        self._editing, self._form, self._host = editing, editing.form, host
        self._training = self._trained_in(self._form.document)
        self._summary: Summary | None = None
        self._commands = ModelCommands(self, host.environment)
        self._commands.said.connect(lambda text, wrong: self._message.say(text, wrong=wrong))
        self._commands.ended.connect(self._refresh_summary)
        self._ended = ""
        self._shown = 0.0  # when the run was last shown
        self._seen: list[tuple[int, int] | None] = []
        self._build(host)
        editing.edited.connect(self._refresh_buttons)
        editing.taken.connect(self._took)
        self._soon = QtCore.QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._tick)
        self._every(TICK, self._tick)
        self._every(LOOK, self._refresh_summary)
        self._refresh_summary()
        self._tick()

    def _every(self, milliseconds: int, action: Callable[[], None]) -> None:
        timer = QtCore.QTimer(self)
        timer.timeout.connect(action)
        timer.start(milliseconds)

    def _trained_in(self, document: dio.Document) -> Training:
        training = Training(MainFolder(document.main_directory), self._host.environment, self)
        training.said.connect(lambda text, wrong: self._message.say(text, wrong=wrong))
        return training

    # --- what it is made of

    def _build(self, host: Host) -> None:
        self._columns = columns_in(self)
        layout = self._columns.first
        layout.addWidget(self._build_advanced(host))
        layout.addLayout(self._build_buttons())
        self._obstacle = Message("obstacle")
        self._message = Message("message")
        layout.addWidget(self._obstacle)
        layout.addWidget(self._message)
        self._bar = RunBar()
        self._bar.resume_wanted.connect(lambda: self._start(resume=True))
        self._bar.log_wanted.connect(self._show_log)
        layout.addWidget(self._bar)
        self._card = StateCard()
        layout.addWidget(self._card)
        self._curves = CurvePanel()
        self._columns.add_second(self._curves)

    def _build_advanced(self, host: Host) -> QtWidgets.QWidget:
        self._advanced = Advanced(self._editing, host)
        self._config = self._advanced.config
        self._config.picked.connect(self.save)
        self._config.refused.connect(lambda text: self._message.say(text, wrong=True))
        return self._advanced

    def _build_buttons(self) -> QtWidgets.QLayout:
        grid = QtWidgets.QGridLayout()
        grid.setSpacing(8)
        self._train = QtWidgets.QPushButton(_TRAIN)
        self._train.setObjectName("primary")
        self._train.setProperty("primary", True)
        self._train.clicked.connect(self._train_or_cancel)
        self._clear = QtWidgets.QPushButton("Clear Model")
        self._clear.setObjectName("clear")
        self._clear.clicked.connect(self._clear_model)
        self._export = FittingButton("Export Trained Model to TensorRT", "Export to TensorRT")
        self._export.setObjectName("export")
        self._export.clicked.connect(self._export_model)
        grid.addWidget(self._train, 0, 0)
        grid.addWidget(self._clear, 0, 1)
        grid.addWidget(self._export, 1, 0, 1, 2)
        return grid

    # --- what is shown

    @property
    def _model(self) -> Path:
        return self._training.main.bundle(self._form.document.config.asset)

    def _tick(self) -> None:
        """Takes in what the run has written, a little at a time, so that nothing ever waits for it."""
        more = self._training.step()
        if more:
            self._soon.start(1)  # not 0, which lets nothing else happen before it
        if not more or time.monotonic() - self._shown > BETWEEN_PICTURES:
            self._shown = time.monotonic()
            self._show_run()

    def _show_run(self) -> None:
        training, watcher = self._training, self._training.watcher
        state = watcher.state
        own = state.asset in ("", self._form.document.config.asset) or training.alive
        seen = own and state.state != WAITING
        if seen and not training.starting:
            self._bar.show_state(state, alive=training.alive, stopping=training.stopping)
        elif training.starting:
            self._bar.wait("Stopping before it begins…" if training.stopping else "Starting the training…")
        ended = f"{state.run} {state.state}"
        if state.state not in (RUNNING, WAITING) and ended != self._ended:
            self._ended = ended
            self._refresh_summary()
        failed = training.failed_to_begin or (seen and not training.running and state.state in (FAILED, RUNNING))
        self._bar.setVisible(training.starting or seen or failed)
        self._bar.offer(resume=seen and training.unfinished, log=failed, why_not=self._why_not())
        self._curves.show_curves(watcher.curves if seen and not watcher.curves.is_empty else None)
        self._curves.show_ghost(watcher.ghost)
        self._curves.setVisible(seen and not watcher.curves.is_empty)
        self._card.show_run(state if seen else RunState(), running=training.running)
        self._card.setVisible(self._card.says_anything)
        self._refresh_buttons()
        self._retitle()

    def _refresh_summary(self) -> None:
        seen = self._signature()
        if seen == self._seen:
            return  # reading a model takes longer than a window may stand still for nothing
        self._seen = seen
        self._summary = summary_of(self._form.document)
        self._card.show_summary(self._summary)
        self._advanced.show_summary(self._summary)
        self._refresh_buttons()

    def _signature(self) -> list[tuple[int, int] | None]:
        """Size and time of all that the summary is made from."""
        found: list[tuple[int, int] | None] = []
        for path in (self._form.document.path, self._model, self._training.main.samples / "index.json"):
            try:
                about = path.stat()
                found.append((about.st_size, about.st_mtime_ns))
            except OSError:
                found.append(None)
        return found

    def _took(self, document: dio.Document) -> None:
        self._seen = []
        if MainFolder(document.main_directory) != self._training.main:
            self._training.deleteLater()
            self._training = self._trained_in(document)
        self._refresh_summary()

    def _refresh_buttons(self, *_: object) -> None:
        training, doing = self._training, self._commands.doing
        obstacle = self._why_not()
        reason = "" if training.running else obstacle
        waits = training.stopping and not training.may_be_ended
        self._train.setText(self._train_text())
        self._train.setEnabled(not reason and not waits)
        self._train.setToolTip(reason or self._train_hint())
        there = self._has_model()
        busy = "A training goes on" if training.running else f"The tab is {doing}" if doing else ""
        for button, what in ((self._clear, "clear"), (self._export, "export")):
            button.setEnabled(there and not busy)
            button.setToolTip(busy if there else f"There is no model to {what} yet")
        said = obstacle if self._form.problems() and not self._editing.file_problem else ""
        self._obstacle.say("" if training.running else said, wrong=True)

    def _has_model(self) -> bool:
        try:
            return self._model.is_file()
        except OSError:
            return False

    def _why_not(self) -> str:
        """Why the training cannot start; empty when it can."""
        problems, summary = self._form.problems(), self._summary
        if self._commands.doing:
            return f"The tab is {self._commands.doing}; wait until that has ended."
        if self._editing.file_problem:
            return self._editing.file_problem
        if problems:
            return f"Correct first: {next(iter(problems.values()))}."
        if summary is not None and summary.state in (NO_SAMPLES, BROKEN) and not summary.frames:
            return summary.headline
        return ""

    def _train_hint(self) -> str:
        if not self._training.running:
            return ""
        if self._training.may_be_ended:
            return "Ends the process at once; what it has learned since its last save is lost"
        return "Ends the training and keeps what it has learned"

    def _train_text(self) -> str:
        if not self._training.running:
            return _TRAIN
        if self._training.may_be_ended:
            return _KILL
        return _STOPPING if self._training.stopping else _CANCEL

    def _retitle(self) -> None:
        asset, state = self._form.document.config.asset, self._training.watcher.state
        going = self._training.running and not self._training.starting and state.total
        share = f"{100 * state.done // state.total} % {state.step} - " if going else ""
        mark = "*" if self._form.changed else ""
        self.titled.emit(f"{share}{mark}{asset} - glm_deep")

    # --- what is done

    def _train_or_cancel(self) -> None:
        if not self._training.running:
            self._start()
        elif not self._training.stopping:
            self._training.stop()
        elif self._training.may_be_ended:
            self._training.end()
        self._show_run()

    def _start(self, *, resume: bool = False) -> None:
        self._editing.finish()
        if self._why_not() or not self.save():
            return
        self._message.say("")
        self._training.start(self._form.document, resume=resume)
        self._tick()

    def save(self) -> bool:
        """Saves what was typed; whether it did. Where something is wrong with it, shows what."""
        self.show_first_problem()
        return self._editing.save()

    def show_first_problem(self) -> None:
        """Takes the keyboard to the first setting of this page that is wrong, if one is."""
        if any(key.startswith("training.") for key in self._form.problems()):
            self._advanced.unfold()
            self._config.focus_first_problem()

    def _show_log(self) -> None:
        path = self._training.log()
        if path is None:
            self._message.say("The training left no log.", wrong=True)
        else:
            LogWindow.open_for(path, self)

    def _clear_model(self) -> None:
        self._commands.clear(self._form.document, self._model)
        self._show_run()

    def _export_model(self) -> None:
        self._commands.export(self._form.document)
        self._show_run()
