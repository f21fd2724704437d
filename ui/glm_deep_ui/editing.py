"""A document that is being edited: what was typed, its undoing, and the two places it follows, file and scene."""

from __future__ import annotations

from collections.abc import Mapping

from glm_deep import dio
from glm_deep.errors import ConfigError, GlmDeepError
from glm_deep_ui.form import Form
from glm_deep_ui.host import Host
from glm_deep_ui.qt import QtCore, QUndoCommand, QUndoStack, Signal

LOOK = 2000  # milliseconds between two looks at the file and the scene


class Editing(QtCore.QObject):
    """The one place through which the pages of the window change a document.

    Signals:
        edited: the keys of settings whose texts are others now.
        taken: the document, which was saved or read again.
        said: a sentence for the user, and whether something is wrong.
        finishing: what is still being typed is to be entered now.

    Attributes:
        form: what was typed beside what the file says. undo_stack: its changes.
        file_problem: why the file cannot be read any more, a sentence; empty while it can.
    """

    edited = Signal(object)
    taken = Signal(object)
    said = Signal(str, bool)
    finishing = Signal()

    def __init__(self, document: dio.Document, host: Host, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self.form = Form(document)
        self.undo_stack = QUndoStack(self)
        self.file_problem = ""
        self._host = host
        self._read = document.path.stat().st_mtime_ns
        self._kept: dict[str, object] = {}  # of what was typed, what the scene has
        self._refused = False  # whether the scene has refused what was typed last
        timer = QtCore.QTimer(self)
        timer.timeout.connect(self.follow)
        timer.start(LOOK)

    # --- what is typed

    def finish(self) -> None:
        """Enters what is still being typed: a key such as Ctrl+S takes the keyboard from no field."""
        self.finishing.emit()

    def type(self, texts: Mapping[str, str]) -> None:
        """Takes settings that were entered at once, and are undone at once."""
        changed = {key: text for key, text in texts.items() if text != self.form.text(key)}
        if changed:
            self.undo_stack.push(_Change(self, {key: self.form.text(key) for key in changed}, changed))

    def revert(self) -> None:
        """Goes back to what is saved; this can be undone too."""
        self.type({key: self.form.saved(key) for key in self.form.typed})

    def apply(self, texts: Mapping[str, str]) -> None:
        """Puts texts into settings, as undoing does."""
        for key, text in texts.items():
            self.form.set(key, text)
        self.edited.emit(list(texts))
        self._keep()

    # --- the file

    def save(self) -> bool:
        """Saves what was typed into the file; whether it did. What somebody else changed there is never overwritten."""
        if self.form.problems():
            return False
        if not self.form.changed:
            return True
        try:
            saved = dio.save(self.form.result())
            self._read = saved.path.stat().st_mtime_ns
        except ConfigError as error:
            self.said.emit(self.file_problem or self._in_words(error), True)
            return False
        except OSError as error:
            self.said.emit(str(error), True)
            return False
        self._trouble("")
        self._take(saved)
        return True

    def _in_words(self, error: ConfigError) -> str:
        """Why something cannot be saved; what contradicts the rest of the file by the names that the pages show."""
        if not error.problems:
            return str(error)
        return " ".join(f"{self.form.in_words(each)}." for each in error.problems)

    def follow(self) -> None:
        """Reads file and scene again when somebody else has changed them; what was typed here stays."""
        self._follow_file()
        self._follow_scene()

    def _follow_file(self) -> None:
        path = self.form.document.path
        try:
            now = path.stat().st_mtime_ns
            if now == self._read:
                return
            document = dio.load(path)
        except FileNotFoundError:
            self._read = 0
            self._trouble(f"{path.name} is not there any more; bring it back to go on.")
            return
        except (OSError, ConfigError) as error:
            self._trouble(str(error))
            return
        self._read = now
        self._trouble("")
        if document.text != self.form.document.text:
            self._take(document)
            self.said.emit(f"{path.name} was changed by somebody else, and has been read again.{self._apart()}", False)

    def _trouble(self, problem: str) -> None:
        """Says once that the file cannot be read any more, and takes that back when it can."""
        if problem != self.file_problem:
            self.file_problem = problem
            self.said.emit(problem, bool(problem))

    def _take(self, document: dio.Document) -> None:
        self.form.took(document)
        self.taken.emit(document)
        self._keep()

    # --- the scene

    def open(self) -> None:
        """Takes what the scene has kept of earlier edits; called once, when the pages are there."""
        try:
            kept = self._host.kept_edits()
        except GlmDeepError as error:
            self.said.emit(str(error), True)
            return
        if kept is None:
            return
        self._kept = dict(kept.settings)
        self.type(self.form.texts_of(kept.settings))
        if kept.settings:
            name = self.form.document.path.name
            said = f"{name} was changed by somebody else since it was edited in this scene." if kept.conflict else ""
            self.said.emit(f"{said}{self._apart()}".strip(), kept.conflict)

    def _follow_scene(self) -> None:
        """Follows the undo of the host, which may change what the scene keeps."""
        try:
            kept = self._host.kept_edits()
        except GlmDeepError:
            return  # said when the window was opened, and again when something is typed
        if kept is None:  # another scene, in which what was typed here is kept once more is typed
            self._kept = {}
        elif dict(kept.settings) != self._kept:
            self._kept = dict(kept.settings)
            # What is wrong the scene has never had; it stays.
            gone = {key: self.form.saved(key) for key in self.form.typed if not self.form.problem(key)}
            self.type({**gone, **self.form.texts_of(self._kept)})

    def _keep(self) -> None:
        """Lets the scene keep what was typed and can be saved."""
        wanted = self.form.typed_values()
        try:
            if wanted != self._kept:
                self._host.keep_edits(wanted)
                kept = self._host.kept_edits()
                self._kept = dict(kept.settings) if kept else {}  # less what the file means anyway
        except GlmDeepError as error:
            self._refused = True
            self.said.emit(self._in_words(error) if isinstance(error, ConfigError) else str(error), True)
            return
        if self._refused:
            self._refused = False
            self.said.emit("", False)

    def _apart(self) -> str:
        """What is other here than in the file, in a sentence; empty when nothing is."""
        return "".join(f" {each}." for each in self.form.differences())


class _Change(QUndoCommand):
    """Some settings from their texts to others."""

    def __init__(self, editing: Editing, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        super().__init__(f"change {', '.join(after)}")
        self._editing, self._before, self.after = editing, before, after

    def undo(self) -> None:
        self._editing.apply(self._before)

    def redo(self) -> None:
        self._editing.apply(self.after)
