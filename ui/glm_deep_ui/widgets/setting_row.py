"""One setting in the form: its name, its editor, what is to know of it, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable

from glm_deep.configuration.fields import Field
from glm_deep_ui.form import Form
from glm_deep_ui.qt import QtCore, QtWidgets
from glm_deep_ui.widgets.chevron import Choice
from glm_deep_ui.widgets.line_edit import FormLine

EDITOR_MOST = 280  # pixels of width
GAP = 8  # pixels between columns
UNIT_FROM = 430  # pixels of width from which the unit has room beside a text of 15
_LONGEST_LABEL, _LONGEST_WORD = "Differential Model Layers Count", "Performance"
_LONGEST_NUMBER, _AROUND_NUMBER = "0.00001", 18  # pixels of padding, border and cursor
_LONGEST_CHOICE, _AROUND_CHOICE = "automatic", 34  # and of the arrow


class SettingRow(QtWidgets.QWidget):
    """A setting of a form.

    Args:
        typed: receives the key and the text that was entered.
    """

    def __init__(self, field: Field, form: Form, typed: Callable[[str, str], None]) -> None:
        super().__init__()
        self._field = field
        self.editor = _editor(field, lambda text: typed(field.key, text))
        self._size_editor()
        self._label = self._name()
        self._unit = _quiet(field.unit)
        self._note = _quiet("")
        self._note.setWordWrap(True)
        self._note.hide()
        self._problem = QtWidgets.QLabel()
        self._problem.setObjectName("problem")
        self._problem.setWordWrap(True)
        self._below = QtWidgets.QVBoxLayout()
        self._reset = self._reset_button(form, typed)
        for each in (self._label, self.editor):
            each.setToolTip(_tooltip(field))
        self._arrange()

    def _arrange(self) -> None:
        grid = QtWidgets.QGridLayout(self)
        grid.setContentsMargins(0, 1, 0, 1)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(0)
        for column, stretch in enumerate((80, 40, 0, 1)):
            grid.setColumnStretch(column, stretch)
        grid.addWidget(self._label, 0, 0)
        grid.addWidget(self.editor, 0, 1)
        grid.addWidget(self._unit, 0, 2)
        grid.addWidget(self._reset, 0, 3, QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter)
        grid.addLayout(self._below, 1, 0, 1, 4)
        grid.addWidget(self._note, 2, 0, 1, 4)
        grid.addWidget(self._problem, 3, 0, 1, 4)

    def _size_editor(self) -> None:
        editor, metrics = self.editor, self.fontMetrics()
        editor.setObjectName(self._field.key)
        editor.setAccessibleName(self._field.label)
        self._number = metrics.horizontalAdvance(_LONGEST_NUMBER) + _AROUND_NUMBER
        self._choice = metrics.horizontalAdvance(_LONGEST_CHOICE) + _AROUND_CHOICE
        self._least = self._choice if isinstance(editor, Choice) else self._number
        editor.setMinimumWidth(self._least)
        editor.setMaximumWidth(max(EDITOR_MOST, self._choice))

    def _name(self) -> QtWidgets.QLabel:
        label = QtWidgets.QLabel(self._field.label.replace("<->", "\N{LEFT RIGHT ARROW}"))
        label.setWordWrap(True)
        # Its text must not move the columns, which are to stand below one another in all rows.
        label.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred)
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        bold = label.fontMetrics()
        self._word = bold.horizontalAdvance(_LONGEST_WORD)
        label.setMinimumWidth(max(bold.horizontalAdvance(word) for word in label.text().split()))
        label.setMaximumWidth(bold.horizontalAdvance(_LONGEST_LABEL))
        font.setBold(self._field.critical)
        label.setFont(font)
        label.setBuddy(self.editor)
        return label

    def _reset_button(self, form: Form, typed: Callable[[str, str], None]) -> QtWidgets.QToolButton:
        key, name = self._field.key, self._field.label
        button = QtWidgets.QToolButton()
        button.setObjectName("reset")
        button.setText("\N{ANTICLOCKWISE OPEN CIRCLE ARROW}")
        button.setAccessibleName(f"Reset {name}")
        button.setToolTip(f"Back to the default, {form.default(key)}")
        button.clicked.connect(lambda: typed(key, form.default(key)))
        button.setFixedWidth(button.fontMetrics().horizontalAdvance(button.text()) + GAP)
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
        self._reset.setVisible(not self._field.required and not form.is_default(key))

    def note(self, text: str) -> None:
        """Shows a text below the editor, such as what its value comes to."""
        self._note.setText(text)
        self._note.setVisible(bool(text))

    def fit(self, width: int, unit_width: int) -> None:
        """Shows the unit where the width has room for it, as wide as in all other rows, and sizes the editor."""
        # As wide as a choice in all rows, so that they stand below one another; but no word of a label is cut for that.
        roomy = width >= self._word + self._choice + self._reset.minimumWidth() + 2 * GAP
        if not isinstance(self.editor, Choice):
            self.editor.setMinimumWidth(self._choice if roomy else self._number)
        self._unit.setVisible(width >= UNIT_FROM * max(1.0, self.fontMetrics().height() / 15))
        self._unit.setFixedWidth(unit_width)

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        """What it needs with its editor as narrow as can be: how wide that is now must not keep a window wide."""
        whole = super().minimumSizeHint()
        return QtCore.QSize(whole.width() - self.editor.minimumWidth() + self._least, whole.height())

    @property
    def unit_width(self) -> int:
        """What its unit needs."""
        return self._unit.fontMetrics().horizontalAdvance(self._unit.text())


def _quiet(text: str) -> QtWidgets.QLabel:
    label = QtWidgets.QLabel(text)
    label.setObjectName("quiet")
    return label


def _tooltip(field: Field) -> str:
    bounds = re.sub(r"(?<![\d.])\d{4,}(?![\d.])", lambda found: f"{int(found[0]):,}", field.range)
    allowed = f"<br>Allowed: {bounds}{' ' if field.unit else ''}{field.unit}." if field.range else ""
    return f"<p><b>{field.label}</b><br>{field.help}{'' if field.choices else allowed}</p>"


def _editor(field: Field, typed: Callable[[str], None]) -> QtWidgets.QWidget:
    if field.type == "boolean":
        box = QtWidgets.QCheckBox()
        box.clicked.connect(lambda on: typed("true" if on else "false"))
        return box
    if field.choices:
        combo = Choice()
        combo.addItems(list(field.choices))
        combo.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.textActivated.connect(typed)
        return combo
    line = FormLine()
    line.committed.connect(typed)
    return line


def _show(editor: QtWidgets.QWidget, text: str) -> None:
    if isinstance(editor, QtWidgets.QCheckBox):
        editor.setChecked(text == "true")
    elif isinstance(editor, QtWidgets.QComboBox):
        editor.setCurrentText(text)
    elif isinstance(editor, FormLine):
        editor.show_text(text)
