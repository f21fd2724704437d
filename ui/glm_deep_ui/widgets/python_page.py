"""The page of the Python that trains: which it is, and what it has."""

from __future__ import annotations

from pathlib import Path

from glm_deep.errors import ExitCode, GlmDeepError
from glm_deep.launch import launch
from glm_deep_ui.host import Host
from glm_deep_ui.qt import QtWidgets
from glm_deep_ui.runner import Task
from glm_deep_ui.widgets.line_edit import FormLine
from glm_deep_ui.widgets.page import Page

_LEAST_HEIGHT = 160  # pixels
PATIENCE = 60_000  # milliseconds that a Python may take to say what it has


class PythonPage(Page):
    """Names the Python that trains, and looks into it.

    Args:
        folder: where processes are started.
    """

    def __init__(self, host: Host, folder: Path) -> None:
        super().__init__("python", host)
        self._host, self._folder = host, folder
        self.add_heading("Python that trains")
        self._line = FormLine()
        self._line.setObjectName("training python")
        self._line.setAccessibleName("Python that trains")
        self._line.setPlaceholderText("/path/to/environment/bin/python")
        self._line.setToolTip(host.lacks_preferences or "Empty takes the one that GLM_DEEP_PYTHON names")
        self._line.setEnabled(not host.lacks_preferences)
        self._line.committed.connect(lambda text: self.do(lambda: self._choose(text)))
        self._line.show_text(host.training_python())
        self.column.addWidget(self._line)
        browse = self.button("browse", "Browse…", "Chooses the file of that Python", self._browse, scene=False)
        browse.setEnabled(not host.lacks_preferences)
        self._doctor = self.button(
            "doctor", "Check", "Says what it has for training and export, and what is missing", self._check, scene=False
        )
        self.add_buttons(browse, self._doctor)
        self.column.addWidget(self.message)
        self._text = QtWidgets.QPlainTextEdit()
        self._text.setObjectName("found")
        self._text.setAccessibleName("What was found")
        self._text.setReadOnly(True)
        self._text.setMinimumHeight(_LEAST_HEIGHT)
        self._text.setPlainText(host.own_python())
        self.column.addWidget(self._text)

    def _choose(self, text: str) -> str:
        path = text.strip().strip("\"'")
        if path and not Path(path).is_file():
            self._line.show_text(self._host.training_python())
            raise GlmDeepError(f"there is no such Python: {path}", hint="Choose the file python of an environment")
        self._host.choose_training_python(path)
        self._line.show_text(self._host.training_python())
        return "It is remembered." if path else "It is forgotten."

    def _browse(self) -> str | None:
        found, _ = QtWidgets.QFileDialog.getOpenFileName(self, "The Python that trains", self._line.text())
        return self._choose(str(found)) if found else None

    def _check(self) -> str:
        task = Task(launch("doctor", folder=self._folder, environment=self._host.environment()), PATIENCE)
        task.ended.connect(self._checked)
        self._doctor.setEnabled(False)
        task.start()
        return "Asking…"

    def _checked(self, code: int, out: str, err: str) -> None:
        self._doctor.setEnabled(True)
        wrong = code != ExitCode.OK or not out.strip()
        self.message.say("That Python does not run glm_deep." if wrong else "", wrong=wrong)
        said = out.strip() or (err.strip().splitlines() or ["It said nothing."])[-1]
        self._text.setPlainText("\n\n".join(filter(None, (said, self._host.own_python()))))
