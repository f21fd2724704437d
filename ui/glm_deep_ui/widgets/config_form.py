"""The advanced properties: a field for every setting of the training, made from the declarations of the settings."""

from __future__ import annotations

from collections.abc import Callable

from glm_deep.configuration.fields import Field
from glm_deep_ui.form import Form
from glm_deep_ui.qt import QtCore, QtGui, QtWidgets, QUndoCommand, QUndoStack, Signal

LABEL_WIDTH = 132

_SECTIONS = {
    "pca": "PCA",
    "differential": "Differential model",
    "subspaces": "Subspace models",
    "anchors": "Anchors",
    "": "Training",
}


class ConfigForm(QtWidgets.QWidget):
    """Edits a form; every change can be undone.

    Signals:
        edited: something was typed, undone or reset.
    """

    edited = Signal()

    def __init__(self, form: Form, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = form
        self.undo_stack = QUndoStack(self)
        self._rows: dict[str, _Row] = {}
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for name, title in _SECTIONS.items():
            own = [field for field in form.fields if _section(field) == name]
            if own:
                heading = QtWidgets.QLabel(title)
                heading.setObjectName("quiet")
                heading.setContentsMargins(0, 8, 0, 0)
                layout.addWidget(heading)
            for field in own:
                row = _Row(field, form, self._typed)
                self._rows[field.key] = row
                layout.addWidget(row)
        self.refresh()

    def refresh(self) -> None:
        """Shows what the form holds now."""
        for row in self._rows.values():
            row.refresh(self.form)

    def note(self, key: str, text: str) -> None:
        """Shows a short text beside a setting, such as how many anchors its percentage makes."""
        self._rows[key].note(text)

    def focus_first_problem(self) -> None:
        """Takes the keyboard to the first setting that is wrong."""
        for key in self.form.problems():
            self._rows[key].editor.setFocus(QtCore.Qt.FocusReason.OtherFocusReason)
            return

    def apply(self, key: str, text: str) -> None:
        """Puts a text into a setting, as undoing does."""
        self.form.set(key, text)
        self._rows[key].refresh(self.form)
        self.edited.emit()

    def _typed(self, key: str, text: str) -> None:
        if text != self.form.text(key):
            self.undo_stack.push(_Change(self, key, self.form.text(key), text))


class _Change(QUndoCommand):
    """One setting from one text to another; changes of one setting in a row are one change."""

    def __init__(self, form: ConfigForm, key: str, before: str, after: str) -> None:
        super().__init__(f"change {key}")
        self._form, self.key, self._before, self.after = form, key, before, after

    def undo(self) -> None:
        self._form.apply(self.key, self._before)

    def redo(self) -> None:
        self._form.apply(self.key, self.after)


class _Row(QtWidgets.QWidget):
    """A setting: its name, its editor, what is to know beside it, and below what is wrong."""

    def __init__(self, field: Field, form: Form, typed: Callable[[str, str], None]) -> None:
        super().__init__()
        self._field, self._note = field, ""
        grid = QtWidgets.QGridLayout(self)
        grid.setContentsMargins(0, 1, 0, 1)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        label = QtWidgets.QLabel(field.label.replace("<->", "\N{LEFT RIGHT ARROW}"))
        label.setWordWrap(True)
        label.setFixedWidth(LABEL_WIDTH)
        font = label.font()
        font.setBold(field.critical)
        label.setFont(font)
        self.editor = _editor(field, lambda text: typed(field.key, text))
        self.editor.setObjectName(field.key)
        self.editor.setAccessibleName(field.label)
        label.setBuddy(self.editor)
        for each in (label, self.editor):
            each.setToolTip(_tooltip(field))
        self._reset = QtWidgets.QToolButton()
        self._reset.setObjectName("reset")
        self._reset.setText("\N{ANTICLOCKWISE OPEN CIRCLE ARROW}")
        self._reset.setAccessibleName(f"Reset {field.label}")
        self._reset.setToolTip(f"Back to the default, {form.default(field.key)}")
        self._reset.clicked.connect(lambda: typed(field.key, form.default(field.key)))
        size = self._reset.sizePolicy()
        size.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(size)
        self._beside = QtWidgets.QLabel()
        self._beside.setObjectName("quiet")
        self._beside.setWordWrap(True)
        # Its text must not move the columns, which are to stand below one another.
        self._beside.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred)
        self._problem = QtWidgets.QLabel()
        self._problem.setObjectName("problem")
        self._problem.setWordWrap(True)
        grid.addWidget(label, 0, 0)
        grid.addWidget(self.editor, 0, 1)
        grid.addWidget(self._beside, 0, 2)
        grid.addWidget(self._reset, 0, 3)
        grid.addWidget(self._problem, 1, 1, 1, 3)

    def refresh(self, form: Form) -> None:
        """Shows what the form holds."""
        key = self._field.key
        _show(self.editor, form.text(key))
        problem = form.problem(key)
        self.editor.setProperty("wrong", bool(problem))
        self.editor.style().unpolish(self.editor)
        self.editor.style().polish(self.editor)
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self._reset.setVisible(not form.is_default(key))
        self._show_beside()

    def note(self, text: str) -> None:
        """Shows a text beside the editor, instead of the unit."""
        self._note = text
        self._show_beside()

    def _show_beside(self) -> None:
        self._beside.setText(self._note or self._field.unit)


def _section(field: Field) -> str:
    parts = field.key.split(".")
    return parts[1] if len(parts) > 2 else ""


def _tooltip(field: Field) -> str:
    allowed = f"<br>Allowed: {field.range}." if field.range and not field.choices else ""
    return f"<p><b>{field.label}</b><br>{field.help}{allowed}</p>"


def _editor(field: Field, typed: Callable[[str], None]) -> QtWidgets.QWidget:
    if field.type == "boolean":
        box = QtWidgets.QCheckBox()
        box.clicked.connect(lambda on: typed("true" if on else "false"))
        return box
    if field.choices:
        combo = _Combo()
        combo.addItems(list(field.choices))
        combo.setMinimumWidth(72)
        combo.textActivated.connect(typed)
        return combo
    line = QtWidgets.QLineEdit()
    line.setMinimumWidth(56)
    line.editingFinished.connect(lambda: typed(line.text()))
    return line


def _show(editor: QtWidgets.QWidget, text: str) -> None:
    if isinstance(editor, QtWidgets.QCheckBox):
        editor.setChecked(text == "true")
    elif isinstance(editor, QtWidgets.QComboBox):
        editor.setCurrentText(text)
    elif isinstance(editor, QtWidgets.QLineEdit) and editor.text() != text:
        editor.setText(text)


class _Combo(QtWidgets.QComboBox):
    """A list that the wheel does not turn while somebody scrolls past it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:  # noqa: N802 - Qt's name
        event.ignore()
