"""The window of a character: its pages in the order of the work, and what was changed and not saved."""

from __future__ import annotations

from glm_deep import dio
from glm_deep_ui.editing import Editing
from glm_deep_ui.host import Host, StandaloneHost
from glm_deep_ui.qt import QAction, QtCore, QtGui, QtWidgets, Signal
from glm_deep_ui.style import colours_of, sheet
from glm_deep_ui.summary import frames_of
from glm_deep_ui.widgets.elided import Elided
from glm_deep_ui.widgets.entry_table import EntryTable
from glm_deep_ui.widgets.extraction_page import ExtractionPage
from glm_deep_ui.widgets.inputs_page import InputsPage
from glm_deep_ui.widgets.line_edit import FormLine
from glm_deep_ui.widgets.meshes_page import MeshesPage
from glm_deep_ui.widgets.message import Message
from glm_deep_ui.widgets.python_page import PythonPage
from glm_deep_ui.widgets.save_bar import SaveBar
from glm_deep_ui.widgets.training_tab import TrainingTab

_NAMES = ("asset", "main_directory")
_PAGES_OF = ("meshes", "rig_inputs", "extraction", "training")
"""The groups of settings in the order of the pages that show them; the names stand with the meshes."""


class CharacterTabs(QtWidgets.QWidget):
    """All pages of one document.

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
        host = host or StandaloneHost()
        self._editing = Editing(document, host, self)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._build_head())
        layout.addWidget(self._build_pages(host), 1)
        layout.addLayout(self._build_foot())
        self._add_actions()
        self.setStyleSheet(sheet(colours_of(self)))
        self._editing.finishing.connect(self._enter)
        self._editing.edited.connect(self._refresh)
        self._editing.taken.connect(self._refresh)
        self._refresh()
        self._editing.open()

    def _build_head(self) -> QtWidgets.QLayout:
        column = QtWidgets.QVBoxLayout()
        column.setContentsMargins(12, 10, 12, 8)
        column.setSpacing(0)
        self._title, self._where = Elided(), Elided()
        self._title.setObjectName("title")
        self._where.setObjectName("quiet")
        column.addWidget(self._title)
        column.addWidget(self._where)
        return column

    def _build_pages(self, host: Host) -> QtWidgets.QTabWidget:
        editing = self._editing
        self._training = TrainingTab(editing, host)
        self._training.titled.connect(self.titled.emit)
        self._pages = QtWidgets.QTabWidget()
        self._pages.setObjectName("pages")
        self._pages.setDocumentMode(True)
        self._pages.setUsesScrollButtons(False)
        self._pages.setElideMode(QtCore.Qt.TextElideMode.ElideRight)
        for page, title in (
            (MeshesPage(editing, host), "Meshes"),
            (InputsPage(editing, host), "Rig Inputs"),
            (ExtractionPage(editing, host), "Extraction"),
            (self._training, "Training"),
            (PythonPage(host, editing.form.document.path.parent), "Python"),
        ):
            self._pages.setTabToolTip(self._pages.addTab(page, title), title)
        begins = not host.lacks and not frames_of(editing.form.document)
        self._pages.setCurrentIndex(0 if begins else self._pages.indexOf(self._training))
        return self._pages

    def _build_foot(self) -> QtWidgets.QLayout:
        column = QtWidgets.QVBoxLayout()
        column.setContentsMargins(12, 4, 12, 8)
        self._message = Message("document message")
        self._editing.said.connect(lambda text, wrong: self._message.say(text, wrong=wrong))
        self._save_bar = SaveBar()
        self._save_bar.save_wanted.connect(self.save)
        self._save_bar.revert_wanted.connect(self._editing.revert)
        column.addWidget(self._message)
        column.addWidget(self._save_bar)
        return column

    def _add_actions(self) -> None:
        stack = self._editing.undo_stack
        undo, redo = stack.createUndoAction(self, "Undo"), stack.createRedoAction(self, "Redo")
        undo.setShortcut(QtGui.QKeySequence("Ctrl+Z"))
        redo.setShortcuts([QtGui.QKeySequence("Ctrl+Shift+Z"), QtGui.QKeySequence("Ctrl+Y")])
        save = QAction("Save", self)
        save.setShortcut(QtGui.QKeySequence("Ctrl+S"))
        save.triggered.connect(lambda *_: self.save())
        for action in (undo, redo, save):
            action.setShortcutContext(QtCore.Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)

    def _refresh(self, *_: object) -> None:
        document = self._editing.form.document
        self._title.show_text(document.config.asset)
        device = document.config.training.device
        text = f"{document.path.parent.name}/{document.path.name}, device {device}"
        self._where.show_text(text, f"{document.path}, device {device}")
        self._save_bar.setVisible(self._editing.form.changed)

    def _enter(self) -> None:
        for line in self.findChildren(FormLine):
            line.enter()
        for table in self.findChildren(EntryTable):
            table.enter()

    @property
    def changed(self) -> bool:
        """Whether settings were typed that are not saved; what is still being typed counts."""
        self._editing.finish()
        return self._editing.form.changed

    def save(self) -> bool:
        """Saves what was typed; whether it did."""
        self._message.say("")
        self._editing.finish()
        problems = self._editing.form.problems()
        if not problems:
            return self._editing.save()
        first = next(iter(problems))
        self._message.say(f"Correct first: {problems[first]}.", wrong=True)
        self._pages.setCurrentIndex(_PAGES_OF.index(first.partition(".")[0]) if first not in _NAMES else 0)
        if first.startswith("training."):
            self._training.show_first_problem()
        return False
