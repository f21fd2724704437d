"""One setting in the form: its name, its editor, what is to know of it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

from glm_deep.configuration.fields import Field
from glm_deep_ui.form import Form
from glm_deep_ui.qt import QtCore, QtGui, QtWidgets

LABEL_LEAST, LABEL_MOST, EDITOR_LEAST, EDITOR_MOST = 64, 220, 56, 280  # pixels of width
UNIT_FROM = 400  # pixels of width from which the unit has room


class SettingRow(QtWidgets.QWidget):
    """A setting of a form.

    Args:
        typed: receives the key and the text that was entered.
    """

    def __init__(self, field: Field, form: Form, typed: Callable[[str, str], None]) -> None:
        super().__init__()
        self._field = field
        grid = QtWidgets.QGridLayout(self)
        grid.setContentsMargins(0, 1, 0, 1)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        for column, stretch in enumerate((78, 44, 0, 0, 1)):
            grid.setColumnStretch(column, stretch)
        self._label = QtWidgets.QLabel(field.label.replace("<->", "\N{LEFT RIGHT ARROW}"))
        self._label.setWordWrap(True)
        # Its text must not move the columns, which are to stand below one another in all rows.
        self._label.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred)
        self._label.setMinimumWidth(LABEL_LEAST)
        self._label.setMaximumWidth(LABEL_MOST)
        font = self._label.font()
        font.setBold(field.critical)
        self._label.setFont(font)
        self.editor = _editor(field, lambda text: typed(field.key, text))
        self.editor.setObjectName(field.key)
        self.editor.setAccessibleName(field.label)
        self.editor.setMinimumWidth(EDITOR_LEAST)
        self.editor.setMaximumWidth(EDITOR_MOST)
        self._label.setBuddy(self.editor)
        for each in (self._label, self.editor):
            each.setToolTip(_tooltip(field))
        self._unit = _quiet(field.unit)
        self._note = _quiet("")
        self._note.setWordWrap(True)
        self._note.hide()
        self._problem = QtWidgets.QLabel()
        self._problem.setObjectName("problem")
        self._problem.setWordWrap(True)
        self._below = QtWidgets.QVBoxLayout()
        self._reset = self._reset_button(form, typed)
        grid.addWidget(self._label, 0, 0)
        grid.addWidget(self.editor, 0, 1)
        grid.addWidget(self._unit, 0, 2)
        grid.addWidget(self._reset, 0, 3)
        grid.addLayout(self._below, 1, 0, 1, 5)
        grid.addWidget(self._note, 2, 0, 1, 5)
        grid.addWidget(self._problem, 3, 0, 1, 5)

    def _reset_button(self, form: Form, typed: Callable[[str, str], None]) -> QtWidgets.QToolButton:
        key, name = self._field.key, self._field.label
        button = QtWidgets.QToolButton()
        button.setObjectName("reset")
        button.setText("\N{ANTICLOCKWISE OPEN CIRCLE ARROW}")
        button.setAccessibleName(f"Reset {name}")
        button.setToolTip(f"Back to the default, {form.default(key)}")
        button.clicked.connect(lambda: typed(key, form.default(key)))
        size = button.sizePolicy()
        size.setRetainSizeWhenHidden(True)
        button.setSizePolicy(size)
        return button

    def put_below(self, widget: QtWidgets.QWidget) -> None:
        """Adds a widget below the editor."""
        self._below.addWidget(widget)

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

    def note(self, text: str) -> None:
        """Shows a text below the editor, such as what its value comes to."""
        self._note.setText(text)
        self._note.setVisible(bool(text))

    def fit(self, width: int, unit_width: int) -> None:
        """Shows the unit where the width has room for it, as wide as in all other rows."""
        self._unit.setVisible(width >= UNIT_FROM)
        self._unit.setFixedWidth(unit_width)

    @property
    def unit_width(self) -> int:
        """What its unit needs."""
        return self._unit.fontMetrics().horizontalAdvance(self._unit.text())


def _quiet(text: str) -> QtWidgets.QLabel:
    label = QtWidgets.QLabel(text)
    label.setObjectName("quiet")
    return label


def _tooltip(field: Field) -> str:
    allowed = f"<br>Allowed: {field.range}{' ' if field.unit else ''}{field.unit}." if field.range else ""
    return f"<p><b>{field.label}</b><br>{field.help}{'' if field.choices else allowed}</p>"


def _editor(field: Field, typed: Callable[[str], None]) -> QtWidgets.QWidget:
    if field.type == "boolean":
        box = QtWidgets.QCheckBox()
        box.clicked.connect(lambda on: typed("true" if on else "false"))
        return box
    if field.choices:
        combo = _Combo()
        combo.addItems(list(field.choices))
        combo.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.textActivated.connect(typed)
        return combo
    line = QtWidgets.QLineEdit()
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
