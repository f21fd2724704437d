"""Short commands of glm_deep as processes that the window waits for."""

from __future__ import annotations

from glm_deep.launch import Launch
from glm_deep_ui.qt import QtCore, Signal


class Task(QtCore.QObject):
    """A short command whose end the window waits for, without standing still; it goes on when the window is closed.

    Args:
        patience: milliseconds after which it is ended; -1 for none.

    Signals:
        ended: exit code, and what it said on its outputs.
    """

    ended = Signal(int, str, str)

    def __init__(self, launched: Launch, patience: int = -1) -> None:
        super().__init__(QtCore.QCoreApplication.instance())
        self._process = QtCore.QProcess(self)
        _prepare(self._process, launched)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)
        self._patience = patience

    def start(self) -> None:
        """Starts it."""
        self._process.start()
        if self._patience >= 0:
            clock = QtCore.QTimer(self)
            clock.setSingleShot(True)
            clock.timeout.connect(self._process.kill)
            clock.start(self._patience)

    def wait(self) -> None:
        """Waits for its end, which comes when its time is over."""
        if not self._process.waitForFinished(self._patience):
            self._process.kill()
            self._process.waitForFinished(-1)

    def _finished(self, code: int, *how: object) -> None:
        self.deleteLater()
        said = self._process.readAllStandardOutput(), self._process.readAllStandardError()
        self.ended.emit(code, *(bytes(each.data()).decode("utf-8", "replace") for each in said))

    def _failed(self, error: QtCore.QProcess.ProcessError) -> None:
        if error == QtCore.QProcess.ProcessError.FailedToStart:
            self.deleteLater()
            self.ended.emit(1, "", f"{self._process.program()} could not be started.")


def _prepare(process: QtCore.QProcess, launched: Launch) -> None:
    program, *arguments = launched.arguments
    environment = QtCore.QProcessEnvironment()
    for name, value in launched.environment.items():
        environment.insert(name, value)
    process.setProgram(program)
    process.setArguments(arguments)
    process.setProcessEnvironment(environment)
    process.setWorkingDirectory(str(launched.folder))


def finish_tasks() -> None:
    """Waits for all tasks that go on, before the application ends and they with it."""
    application = QtCore.QCoreApplication.instance()
    for task in application.findChildren(Task) if application is not None else []:
        task.wait()
