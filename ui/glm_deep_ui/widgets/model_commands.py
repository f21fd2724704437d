"""What is done to samples and model: cleared, exported. As processes of their own, so that the window goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from glm_deep.dio import Document
from glm_deep.errors import ExitCode, GlmDeepError
from glm_deep.launch import launch, reason_in
from glm_deep_ui.qt import QtCore, QtWidgets, Signal, run
from glm_deep_ui.runner import Task


class ModelCommands(QtCore.QObject):
    """Clears samples and model of a document and exports the model, one at a time.

    Args:
        environment: of the processes that are started, asked for each anew.

    Signals:
        said: a sentence for the user, and whether something is wrong.
        ended: a command has ended.

    Attributes:
        doing: what goes on, such as "exporting"; empty when nothing does.
    """

    said = Signal(str, bool)
    ended = Signal()

    def __init__(self, window: QtWidgets.QWidget, environment: Callable[[], Mapping[str, str]]) -> None:
        super().__init__(window)
        self._window, self._environment = window, environment
        self.doing = ""
        self._command = ""
        self._done: Callable[[str], None] = self._cleared

    def clear(self, document: Document, model: Path) -> None:
        """Puts the model away, once that was confirmed."""
        told = f"{model.name} goes to a numbered back-up beside it. The samples stay."
        if self._confirmed("Clear Model", f"Clear the model of {document.config.asset}?", told):
            self._start(document, "clearing", self._cleared, "clear", "--model")

    def clear_samples(self, document: Document, frames: int) -> None:
        """Puts the samples away, once that was confirmed."""
        told = f"All {frames:,} samples go to a numbered back-up beside them. The model stays, but is stale."
        if self._confirmed("Clear Extraction", f"Clear the samples of {document.config.asset}?", told):
            self._start(document, "clearing", self._cleared, "clear", "--samples")

    def _confirmed(self, action: str, question: str, told: str) -> bool:
        box = QtWidgets.QMessageBox(self._window)
        box.setObjectName("clear?")
        box.setIcon(QtWidgets.QMessageBox.Icon.Question)
        box.setText(question)
        box.setInformativeText(told)
        yes = box.addButton(action, QtWidgets.QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QtWidgets.QMessageBox.StandardButton.Cancel))
        run(box)
        return box.clickedButton() is yes

    def _cleared(self, out: str) -> None:
        what, went, backup = out.strip().rpartition(" went to ")
        self.said.emit(f"{what} went to {Path(backup).name}." if went else out.strip(), False)

    def export(self, document: Document) -> None:
        """Exports the model to TensorRT."""
        self._start(document, "exporting", self._exported, "export", "--format", "tensorrt-rtx")
        if self.doing:
            self.said.emit("Exporting to TensorRT; this takes about a quarter of a minute…", False)

    def _exported(self, out: str) -> None:
        files = [Path(line.partition(": ")[0]).name for line in out.splitlines() if ": " in line]
        self.said.emit(f"Exported: {', '.join(files)}.", False)

    def _start(self, document: Document, doing: str, done: Callable[[str], None], command: str, *more: str) -> None:
        try:
            launched = launch(
                command, str(document.path), *more, folder=document.path.parent, environment=self._environment()
            )
        except GlmDeepError as error:
            self.said.emit(str(error), True)
            return
        self.doing, self._done, self._command = doing, done, command
        task = Task(launched)
        task.ended.connect(self._task_ended)
        task.start()

    def _task_ended(self, code: int, out: str, err: str) -> None:
        self.doing = ""
        if code == ExitCode.OK:
            self._done(out)
        else:
            last = (err.strip().splitlines() or ["it said nothing"])[-1]
            self.said.emit(reason_in(err, self._command) or f"The {self._command} failed: {last}.", True)
        self.ended.emit()
