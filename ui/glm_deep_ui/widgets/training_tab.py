"""The training tab: buttons, the state of the character, advanced properties, the run that goes on and its curves."""

from __future__ import annotations

import os
import platform
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from glm_deep import dio
from glm_deep.character import Character
from glm_deep.errors import ConfigError, ExitCode, GlmDeepError
from glm_deep.launch import launch
from glm_deep_ui.form import Form
from glm_deep_ui.qt import QtCore, QtGui, QtWidgets, Signal, run
from glm_deep_ui.run_state import RUNNING, WAITING
from glm_deep_ui.runner import Task, reason_in, start_detached
from glm_deep_ui.style import colours_of, sheet
from glm_deep_ui.summary import BROKEN, NO_SAMPLES, Summary, summary_of
from glm_deep_ui.watcher import Watcher
from glm_deep_ui.widgets.config_form import ConfigForm
from glm_deep_ui.widgets.curve_panel import CurvePanel
from glm_deep_ui.widgets.run_bar import RunBar
from glm_deep_ui.widgets.state_card import StateCard

TICK, SLOW_TICK = 200, 2000  # milliseconds
GRACE = 30_000  # milliseconds that a training may take to stop before it may be killed
PATIENCE = 60_000  # milliseconds that a process may take to begin a run

_TRAIN, _CANCEL, _KILL = "Train Model", "Cancel", "End It Now"


class TrainingTab(QtWidgets.QWidget):
    """The tab of one document.

    Signals:
        titled: what the window should be called now.
    """

    titled = Signal(str)

    def __init__(self, document: dio.Document, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tab")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_StyledBackground, True)
        self._form = Form(document)
        self._character = Character(document)
        self._watcher = Watcher(self._character.main)
        self._summary: Summary | None = None
        self._task: Task | None = None
        self._begun: QtCore.QElapsedTimer | None = None  # since a process was started that has not begun its run
        self._stopping: QtCore.QElapsedTimer | None = None
        self._errors = Path()
        self._ended = ""
        self._read = document.path.stat().st_mtime_ns
        self._seen: list[tuple[int, int] | None] = []
        self._build()
        self.setStyleSheet(sheet(colours_of(self)))
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK)
        self._slow = QtCore.QTimer(self)
        self._slow.timeout.connect(self._refresh_summary)
        self._slow.start(SLOW_TICK)
        self._refresh_summary()
        self._tick()

    # --- what it is made of

    def _build(self) -> None:
        outer = QtWidgets.QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        area = QtWidgets.QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(area)
        inside = QtWidgets.QWidget()
        area.setWidget(inside)
        layout = QtWidgets.QVBoxLayout(inside)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(10)
        layout.addLayout(self._build_head())
        layout.addWidget(self._build_advanced())
        layout.addLayout(self._build_buttons())
        self._message = QtWidgets.QLabel()
        self._message.setObjectName("message")
        self._message.setWordWrap(True)
        self._message.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self._message.hide()
        layout.addWidget(self._message)
        self._bar = RunBar()
        layout.addWidget(self._bar)
        self._card = StateCard()
        layout.addWidget(self._card)
        self._curves = CurvePanel()
        self._curves.setMinimumHeight(320)
        layout.addWidget(self._curves, 1)
        layout.addStretch(0)

    def _build_head(self) -> QtWidgets.QLayout:
        row = QtWidgets.QVBoxLayout()
        row.setSpacing(0)
        title = QtWidgets.QLabel(self._character.config.asset)
        title.setObjectName("title")
        whole = self._form.document.path
        path = _Elided(f"{whole.parent.name}/{whole.name}", str(whole))
        path.setObjectName("quiet")
        row.addWidget(title)
        row.addWidget(path)
        return row

    def _build_advanced(self) -> QtWidgets.QWidget:
        holder = QtWidgets.QWidget()
        layout = QtWidgets.QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._fold = QtWidgets.QToolButton()
        self._fold.setObjectName("fold")
        self._fold.setText("Advanced Properties")
        self._fold.setCheckable(True)
        self._fold.setToolButtonStyle(QtCore.Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setArrowType(QtCore.Qt.ArrowType.RightArrow)
        self._fold.toggled.connect(self._unfold)
        layout.addWidget(self._fold)
        self._advanced = QtWidgets.QFrame()
        self._advanced.setObjectName("card")
        inside = QtWidgets.QVBoxLayout(self._advanced)
        inside.setContentsMargins(12, 6, 8, 10)
        self._frames = QtWidgets.QLabel()
        self._frames.setObjectName("frames")
        inside.addWidget(self._frames)
        self._config = ConfigForm(self._form)
        self._config.edited.connect(self._edited)
        inside.addWidget(self._config)
        self._advanced.hide()
        layout.addWidget(self._advanced)
        undo = self._config.undo_stack.createUndoAction(self, "Undo")
        redo = self._config.undo_stack.createRedoAction(self, "Redo")
        undo.setShortcut(QtGui.QKeySequence("Ctrl+Z"))
        redo.setShortcuts([QtGui.QKeySequence("Ctrl+Shift+Z"), QtGui.QKeySequence("Ctrl+Y")])
        for action in (undo, redo):
            action.setShortcutContext(QtCore.Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)
        return holder

    def _build_buttons(self) -> QtWidgets.QLayout:
        grid = QtWidgets.QGridLayout()
        grid.setSpacing(8)
        self._train = QtWidgets.QPushButton(_TRAIN)
        self._train.setObjectName("primary")
        self._train.clicked.connect(self._train_or_cancel)
        self._clear = QtWidgets.QPushButton("Clear Model")
        self._clear.setObjectName("clear")
        self._clear.clicked.connect(self._clear_model)
        self._export = QtWidgets.QPushButton("Export Trained Model to TensorRT")
        self._export.setObjectName("export")
        self._export.clicked.connect(self._export_model)
        grid.addWidget(self._train, 0, 0)
        grid.addWidget(self._clear, 0, 1)
        grid.addWidget(self._export, 1, 0, 1, 2)
        return grid

    # --- what is shown

    def _unfold(self, on: bool) -> None:
        self._fold.setArrowType(QtCore.Qt.ArrowType.DownArrow if on else QtCore.Qt.ArrowType.RightArrow)
        self._advanced.setVisible(on)

    def _tick(self) -> None:
        """Takes in what the run has written, a little at a time, so that nothing ever waits for it."""
        if self._watcher.look():
            self._begun = None
        more = self._watcher.step()
        if self._watcher.error:
            self._say(self._watcher.error, wrong=True)
        state = self._watcher.state
        if self._begun is not None:
            self._wait_for_the_run()
        elif state.state != WAITING:
            self._bar.show_state(state, self._stopping is not None)
        ended = f"{state.run} {state.state}"
        if state.state not in (RUNNING, WAITING) and ended != self._ended:
            self._ended, self._stopping = ended, None
            self._refresh_summary()
        self._bar.setVisible(self._begun is not None or state.state != WAITING)
        self._curves.show_curves(None if self._watcher.curves.is_empty else self._watcher.curves)
        self._curves.show_ghost(self._watcher.ghost)
        self._curves.setVisible(not self._watcher.curves.is_empty)
        self._card.show_run(state)
        self._refresh_buttons()
        self._retitle()
        if more:
            QtCore.QTimer.singleShot(0, self._tick)

    def _refresh_summary(self) -> None:
        self._follow_file()
        seen = self._signature()
        if seen == self._seen:
            return  # reading a model takes longer than a window may stand still for nothing
        self._seen = seen
        self._summary = summary_of(self._character)
        self._card.show_summary(self._summary)
        self._frames.setText(f"Available Extracted Frame Count: {self._summary.frames}")
        self._show_notes(self._summary)
        self._refresh_buttons()

    def _signature(self) -> list[tuple[int, int] | None]:
        """Size and time of all that the summary is made from."""
        found: list[tuple[int, int] | None] = []
        for path in (self._form.document.path, self._character.model_path, self._character.main.samples / "index.json"):
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
        before, self._character = self._character, Character(document)
        if self._character.main != before.main:
            self._watcher = Watcher(self._character.main)
        self._config.refresh()

    def _show_notes(self, summary: Summary) -> None:
        """What percentages and automatic settings come to."""
        components = "" if summary.report is None else f", last time {summary.report['pca_size']}"
        automatic = self._form.value("training.pca.size") == 0
        self._config.note("training.pca.size", f"automatic{components}" if automatic else "")
        percent = self._form.value("training.anchors.percent")
        if percent and summary.vertices:
            count = sum(max(1, round(percent / 100 * vertices)) for vertices in summary.vertices.values())
            self._config.note("training.anchors.percent", f"%, about {count:,} anchors")

    def _refresh_buttons(self) -> None:
        running = self._running
        problems = self._form.problems()
        summary = self._summary
        self._train.setText(self._train_text())
        reason = ""
        if not running:
            if problems:
                reason = f"Correct first: {next(iter(problems.values()))}."
            elif summary is not None and summary.state in (NO_SAMPLES, BROKEN) and not summary.frames:
                reason = summary.headline
        self._train.setEnabled(not reason and self._task is None)
        self._train.setToolTip(reason or ("Ends the training and keeps what it has learned" if running else ""))
        there = self._character.model_path.is_file()
        for button, what in ((self._clear, "clear"), (self._export, "export")):
            button.setEnabled(there and not running and self._task is None)
            button.setToolTip("" if there else f"There is no model to {what} yet")
        if problems and not running:
            self._say(reason, wrong=True)
        elif self._message.property("of") == "form":
            self._message.hide()
        self._message.setProperty("of", "form" if problems and not running else "")

    def _train_text(self) -> str:
        if not self._running:
            return _TRAIN
        if self._stopping is not None and self._stopping.elapsed() > GRACE:
            return _KILL
        return "Stopping…" if self._stopping is not None else _CANCEL

    @property
    def _running(self) -> bool:
        return self._begun is not None or (self._watcher.state.state == RUNNING and self._watcher.is_alive())

    def _retitle(self) -> None:
        asset, state = self._character.config.asset, self._watcher.state
        going = self._begun is None and self._running and state.total
        share = f"{100 * state.done // state.total} % {state.step} - " if going else ""
        self.titled.emit(f"{share}{asset} - glm_deep")

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self._message.setObjectName("problem" if wrong else "message")
        self._message.setStyleSheet(f"color: {colours_of(self).bad};" if wrong else "")
        self._message.setText(text)
        self._message.setVisible(bool(text))

    # --- what is done

    def _edited(self) -> None:
        if self._summary is not None:
            self._show_notes(self._summary)
        self._refresh_buttons()

    def _train_or_cancel(self) -> None:
        if not self._running:
            self._start()
        elif self._stopping is None:
            self._stop()
        elif self._stopping.elapsed() > GRACE:
            self._kill()

    def _start(self) -> None:
        if not self._save():
            return
        self._say("")
        main = self._character.main
        try:
            launched = launch("train", str(self._form.document.path), folder=self._form.document.path.parent)
            main.path.mkdir(parents=True, exist_ok=True)
        except (GlmDeepError, OSError) as error:
            self._say(str(error), wrong=True)
            return
        self._errors = main.path / "training.errors.log"
        if start_detached(launched, main.path / "training.log", self._errors) is None:
            self._say(f"{launched.arguments[0]} could not be started.", wrong=True)
            return
        self._begun = QtCore.QElapsedTimer()
        self._begun.start()
        self._bar.wait("Starting the training…")
        self._tick()

    def _wait_for_the_run(self) -> None:
        """Shows why a process that was started begins no run, once it has said so."""
        wrong = ""
        with suppress(OSError):
            wrong = reason_in(self._errors.read_text(encoding="utf-8", errors="replace"), "train")
        if wrong or (self._begun is not None and self._begun.elapsed() > PATIENCE):
            self._begun = None
            self._say(wrong or f"The training did not begin; {self._errors} may say why.", wrong=True)

    def _stop(self) -> None:
        if self._watcher.run is None or self._watcher.state.state != RUNNING:
            return
        try:
            self._watcher.run.request_stop()
        except GlmDeepError as error:
            self._say(str(error), wrong=True)
            return
        self._stopping = QtCore.QElapsedTimer()
        self._stopping.start()
        self._tick()

    def _kill(self) -> None:
        """Ends the process of the run that this tab watches, and no other."""
        state = self._watcher.state
        if not self._watcher.is_alive():
            return
        if state.host != platform.node():
            self._say(f"The training runs on {state.host}; end it there.", wrong=True)
            return
        os.kill(state.pid, signal.SIGTERM)
        self._say("The training was ended. What it had saved can be taken up with glm-deep train --resume.")

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

    def _clear_model(self) -> None:
        path = self._character.model_path
        box = QtWidgets.QMessageBox(self)
        box.setObjectName("clear?")
        box.setIcon(QtWidgets.QMessageBox.Icon.Question)
        box.setText(f"Clear the model of {self._character.config.asset}?")
        box.setInformativeText(f"{path.name} goes to a numbered back-up beside it. The samples stay.")
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


class _Elided(QtWidgets.QLabel):
    """A text that is cut in its middle where there is no room for it; the tooltip says it in full."""

    def __init__(self, text: str, tooltip: str) -> None:
        super().__init__()
        self._whole = text
        self.setToolTip(tooltip)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        self.setText(self.fontMetrics().elidedText(self._whole, QtCore.Qt.TextElideMode.ElideMiddle, self.width()))
