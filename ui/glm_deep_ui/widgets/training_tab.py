"""The training tab: buttons, the state of the character, advanced properties, the run that goes on and its curves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from glm_deep import dio
from glm_deep.errors import ConfigError, ExitCode, GlmDeepError
from glm_deep.launch import launch
from glm_deep.rundir import MainFolder
from glm_deep_ui.form import Form
from glm_deep_ui.host import Host, StandaloneHost
from glm_deep_ui.qt import QtCore, QtGui, QtWidgets, Signal, run
from glm_deep_ui.run_state import FAILED, RUNNING, WAITING
from glm_deep_ui.runner import Task, reason_in
from glm_deep_ui.style import colours_of, sheet
from glm_deep_ui.summary import BROKEN, NO_SAMPLES, Summary, summary_of
from glm_deep_ui.training import Training
from glm_deep_ui.widgets.advanced import Advanced
from glm_deep_ui.widgets.columns import Columns
from glm_deep_ui.widgets.curve_panel import CurvePanel
from glm_deep_ui.widgets.elided import Elided, FittingButton
from glm_deep_ui.widgets.log_window import LogWindow
from glm_deep_ui.widgets.run_bar import RunBar
from glm_deep_ui.widgets.state_card import StateCard

TICK, SLOW_TICK = 200, 2000  # milliseconds

_TRAIN, _CANCEL, _STOPPING, _KILL = "Train Model", "Cancel", "Stopping…", "End It Now"


class TrainingTab(QtWidgets.QWidget):
    """The tab of one document.

    Signals:
        titled: what the window should be called now.
    """

    titled = Signal(str)

    def __init__(
        self, document: dio.Document, host: Host | None = None, parent: QtWidgets.QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("tab")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_StyledBackground, True)
        self._form = Form(document)
        self._training = self._trained_in(document)
        self._summary: Summary | None = None
        self._task: Task | None = None
        self._ended = ""
        self._read = document.path.stat().st_mtime_ns
        self._seen: list[tuple[int, int] | None] = []
        self._build(host or StandaloneHost())
        self.setStyleSheet(sheet(colours_of(self)))
        self._soon = QtCore.QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._tick)
        self._every(TICK, self._tick)
        self._every(SLOW_TICK, self._refresh_summary)
        self._refresh_summary()
        self._tick()

    def _every(self, milliseconds: int, action: Callable[[], None]) -> None:
        timer = QtCore.QTimer(self)
        timer.timeout.connect(action)
        timer.start(milliseconds)

    def _trained_in(self, document: dio.Document) -> Training:
        training = Training(MainFolder(document.main_directory), self)
        training.said.connect(lambda text, wrong: self._say(text, wrong=wrong))
        return training

    # --- what it is made of

    def _build(self, host: Host) -> None:
        outer = QtWidgets.QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        area = QtWidgets.QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(area)
        self._columns = Columns(area)
        area.setWidget(self._columns)
        layout = self._columns.first
        layout.addLayout(self._build_head())
        layout.addWidget(self._build_advanced(host))
        layout.addLayout(self._build_buttons())
        self._message = QtWidgets.QLabel()
        self._message.setObjectName("message")
        self._message.setWordWrap(True)
        self._message.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self._message.hide()
        layout.addWidget(self._message)
        self._bar = RunBar()
        self._bar.resume_wanted.connect(lambda: self._start(resume=True))
        self._bar.log_wanted.connect(self._show_log)
        layout.addWidget(self._bar)
        self._card = StateCard()
        layout.addWidget(self._card)
        self._curves = CurvePanel()
        self._columns.add_second(self._curves)

    def _build_head(self) -> QtWidgets.QLayout:
        row = QtWidgets.QVBoxLayout()
        row.setSpacing(0)
        whole = self._form.document.path
        self._title = QtWidgets.QLabel(self._form.document.config.asset)
        self._title.setObjectName("title")
        path = Elided(f"{whole.parent.name}/{whole.name}", str(whole))
        path.setObjectName("quiet")
        row.addWidget(self._title)
        row.addWidget(path)
        return row

    def _build_advanced(self, host: Host) -> QtWidgets.QWidget:
        self._advanced = Advanced(self._form, host)
        self._config = self._advanced.config
        self._config.edited.connect(self._refresh_buttons)
        self._config.picked.connect(self._save)
        self._config.refused.connect(lambda text: self._say(text, wrong=True))
        undo = self._config.undo_stack.createUndoAction(self, "Undo")
        redo = self._config.undo_stack.createRedoAction(self, "Redo")
        undo.setShortcut(QtGui.QKeySequence("Ctrl+Z"))
        redo.setShortcuts([QtGui.QKeySequence("Ctrl+Shift+Z"), QtGui.QKeySequence("Ctrl+Y")])
        for action in (undo, redo):
            action.setShortcutContext(QtCore.Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)
        return self._advanced

    def _build_buttons(self) -> QtWidgets.QLayout:
        grid = QtWidgets.QGridLayout()
        grid.setSpacing(8)
        self._train = QtWidgets.QPushButton(_TRAIN)
        self._train.setObjectName("primary")
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
        training = self._training
        more = training.step()
        watcher, state = training.watcher, training.watcher.state
        if not training.starting and state.state != WAITING:
            self._bar.show_state(state, alive=training.alive, stopping=training.stopping)
        ended = f"{state.run} {state.state}"
        if state.state not in (RUNNING, WAITING) and ended != self._ended:
            self._ended = ended
            self._refresh_summary()
        self._bar.setVisible(training.starting or state.state != WAITING)
        self._bar.offer(resume=training.unfinished, log=not training.running and state.state in (FAILED, RUNNING))
        self._curves.show_curves(None if watcher.curves.is_empty else watcher.curves)
        self._curves.show_ghost(watcher.ghost)
        self._curves.setVisible(not watcher.curves.is_empty)
        self._card.show_run(state, running=training.running)
        self._card.setVisible(self._card.says_anything)
        self._refresh_buttons()
        self._retitle()
        if more:
            self._soon.start(1)  # not 0, which lets nothing else happen before it

    def _refresh_summary(self) -> None:
        self._follow_file()
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

    def _follow_file(self) -> None:
        """Reads the file again when somebody else has changed it; what was typed here stays."""
        path = self._form.document.path
        try:
            now = path.stat().st_mtime_ns
            if now == self._read:
                return
            self._read = now
            document = dio.load(path)
        except OSError:
            return  # it is said when it is to be saved
        except ConfigError as error:
            self._say(str(error), wrong=True)
            return
        if document.text != self._form.document.text:
            self._say(f"{path.name} was changed by somebody else, and has been read again.")
            self._took(document)

    def _took(self, document: dio.Document) -> None:
        self._seen = []
        self._form.took(document)
        self._title.setText(document.config.asset)
        if MainFolder(document.main_directory) != self._training.main:
            self._training.deleteLater()
            self._training = self._trained_in(document)
        self._config.refresh()

    def _refresh_buttons(self) -> None:
        running = self._training.running
        problems = self._form.problems()
        reason = "" if running else self._why_not(problems)
        self._train.setText(self._train_text())
        self._train.setEnabled(not reason and self._task is None)
        self._train.setToolTip(reason or ("Ends the training and keeps what it has learned" if running else ""))
        there = self._model.is_file()
        for button, what in ((self._clear, "clear"), (self._export, "export")):
            button.setEnabled(there and not running and self._task is None)
            button.setToolTip("" if there else f"There is no model to {what} yet")
        if problems and not running:
            self._say(reason, wrong=True)
        elif self._message.property("of") == "form":
            self._message.hide()
        self._message.setProperty("of", "form" if problems and not running else "")

    def _why_not(self, problems: dict[str, str]) -> str:
        """Why the training cannot start; empty when it can."""
        summary = self._summary
        if problems:
            return f"Correct first: {next(iter(problems.values()))}."
        if summary is not None and summary.state in (NO_SAMPLES, BROKEN) and not summary.frames:
            return summary.headline
        return ""

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
        self.titled.emit(f"{share}{asset} - glm_deep")

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self._message.setObjectName("problem" if wrong else "message")
        self._message.setStyleSheet(f"color: {colours_of(self).bad};" if wrong else "")
        self._message.setText(text)
        self._message.setVisible(bool(text))

    # --- what is done

    def _train_or_cancel(self) -> None:
        if not self._training.running:
            self._start()
        elif not self._training.stopping:
            self._training.stop()
            self._tick()
        elif self._training.may_be_ended:
            self._training.end()

    def _start(self, *, resume: bool = False) -> None:
        if not self._save():
            return
        self._say("")
        self._training.start(self._form.document, resume=resume)
        if self._training.starting:
            self._bar.wait("Starting the training…")
        self._tick()

    def _save(self) -> bool:
        """The form goes into the file; whether it did. A file that somebody else changed is never overwritten."""
        if self._form.problems():
            self._config.focus_first_problem()
            return False
        if not self._form.changed:
            return True
        try:
            saved = dio.save(self._form.result())
        except ConfigError as error:
            self._say(str(error), wrong=True)
            return False
        self._took(saved)
        return True

    def _show_log(self) -> None:
        path = self._training.log()
        if path is None:
            self._say("The training left no log.", wrong=True)
            return
        LogWindow(path, self).show()

    def _clear_model(self) -> None:
        box = QtWidgets.QMessageBox(self)
        box.setObjectName("clear?")
        box.setIcon(QtWidgets.QMessageBox.Icon.Question)
        box.setText(f"Clear the model of {self._form.document.config.asset}?")
        box.setInformativeText(f"{self._model.name} goes to a numbered back-up beside it. The samples stay.")
        yes = box.addButton("Clear Model", QtWidgets.QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QtWidgets.QMessageBox.StandardButton.Cancel)
        run(box)
        if box.clickedButton() is not yes:
            return
        self._run("Clearing…", self._cleared, "clear", "--model")

    def _cleared(self, out: str) -> None:
        self._say(f"The model went to {Path(out.partition(' went to ')[2].strip()).name}.")
        self._refresh_summary()

    def _export_model(self) -> None:
        waiting = "Exporting to TensorRT; this takes about a quarter of a minute…"
        self._run(waiting, self._exported, "export", "--format", "tensorrt-rtx")

    def _exported(self, out: str) -> None:
        files = [Path(line.partition(": ")[0]).name for line in out.splitlines() if ": " in line]
        self._say(f"Exported: {', '.join(files)}.")

    def _run(self, waiting: str, done: Callable[[str], None], command: str, *more: str) -> None:
        """Runs a short command on the document: `waiting` is said, then `done` gets its output, or why not is said."""
        path = self._form.document.path
        try:
            launched = launch(command, str(path), *more, folder=path.parent)
        except GlmDeepError as error:
            self._say(str(error), wrong=True)
            return

        def ended(code: int, out: str, err: str) -> None:
            self._task = None
            if code == ExitCode.OK:
                done(out)
            else:
                self._say(reason_in(err, command) or f"The {command} failed.", wrong=True)
            self._refresh_buttons()

        self._task = Task(launched, self)
        self._task.ended.connect(ended)
        self._say(waiting)
        self._task.start()
        self._refresh_buttons()
