"""A list of the document as a table: a row for each entry, a column for each of its settings."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from glm_deep.configuration.fields import Field, number, spelled
from glm_deep_ui.editing import Editing
from glm_deep_ui.form import columns_of
from glm_deep_ui.qt import QAction, QtCore, QtGui, QtWidgets

LEAST, MOST = 3, 10  # rows that are shown at once
PADDING = 10  # pixels of a row around its text
_DELETE = ("Del", "Backspace") if sys.platform == "darwin" else ("Del",)  # what is written on that key


class EntryTable(QtWidgets.QWidget):
    """Edits one of the lists of a form."""

    def __init__(self, key: str, editing: Editing) -> None:
        super().__init__()
        self.key, self._editing = key, editing
        self._columns = columns_of(key)
        self._names = [column.key.rpartition(".")[2] for column in self._columns]
        self._table = self._build()
        self._problem = QtWidgets.QLabel()
        self._problem.setObjectName("problem")
        self._problem.setWordWrap(True)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._table)
        layout.addWidget(self._problem)
        editing.edited.connect(lambda keys: self._show() if key in keys else None)
        editing.taken.connect(lambda _: self._show())
        self._show()

    def _build(self) -> QtWidgets.QTableWidget:
        table = QtWidgets.QTableWidget(0, len(self._columns))
        table.setObjectName(self.key)
        table.setAccessibleName(self._editing.form.label(self.key))
        for place, column in enumerate(self._columns):
            head = QtWidgets.QTableWidgetItem(column.label)
            head.setToolTip(f"<p>{column.help}</p>")
            table.setHorizontalHeaderItem(place, head)
        table.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
        table.verticalHeader().hide()
        table.setTextElideMode(QtCore.Qt.TextElideMode.ElideMiddle)
        table.setWordWrap(False)
        header = table.horizontalHeader()
        header.setDefaultAlignment(QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setTextElideMode(QtCore.Qt.TextElideMode.ElideRight)
        table.setTabKeyNavigation(False)  # or the keyboard would never come out of it
        self._rows = table.verticalHeader()
        self._rows.setDefaultSectionSize(table.fontMetrics().height() + PADDING)
        table.itemChanged.connect(self._edited)
        # What came while a cell was typed into is shown afterwards; at once the table still has its editor.
        self._soon = QtCore.QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._show)
        table.itemDelegate().closeEditor.connect(lambda *_: self._soon.start(0))
        delete = QAction("Remove", table)
        delete.setShortcuts([QtGui.QKeySequence(key) for key in _DELETE])
        delete.setShortcutContext(QtCore.Qt.ShortcutContext.WidgetShortcut)  # not while a cell is being typed into
        delete.triggered.connect(lambda *_: self.remove())
        table.addAction(delete)
        return table

    # --- what is shown

    def _show(self) -> None:
        entries = self._editing.form.entries(self.key)
        table = self._table
        table.blockSignals(True)
        table.setRowCount(len(entries))
        typed_into = table.currentItem() if self._is_typed_into else None
        for row, entry in enumerate(entries):
            for place, (name, column) in enumerate(zip(self._names, self._columns)):
                text = _shown(entry.get(name))
                item = table.item(row, place)
                if item is None:
                    item = QtWidgets.QTableWidgetItem()
                    table.setItem(row, place, item)
                if item is not typed_into:
                    item.setText(text)
                    item.setToolTip(text or column.help)
        table.blockSignals(False)
        self._size()
        problem = self._editing.form.problem(self.key)
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    @property
    def _is_typed_into(self) -> bool:
        """Whether a cell, the current one, is being typed into."""
        return self._table.state() == QtWidgets.QAbstractItemView.State.EditingState

    def showEvent(self, event: QtGui.QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Takes its size anew, now that its style is known."""
        super().showEvent(event)
        self._size()

    def _size(self) -> None:
        table = self._table
        shown = min(max(table.rowCount(), LEAST), MOST) * self._rows.defaultSectionSize()
        table.setFixedHeight(table.horizontalHeader().sizeHint().height() + shown + 2 * table.frameWidth())

    # --- what is done

    @property
    def chosen(self) -> list[dict[str, Any]]:
        """The entries of the rows that are selected; all entries while none is."""
        entries, rows = self._editing.form.entries(self.key), self._chosen_rows()
        return [entries[row] for row in rows] or entries

    def add(self, entries: Sequence[Mapping[str, Any]]) -> str:
        """Adds entries at the end; how many in a sentence."""
        self._put([*self._editing.form.entries(self.key), *map(dict, entries)])
        if not entries:
            return "Nothing new is selected."
        return "1 was added." if len(entries) == 1 else f"{len(entries)} were added."

    def add_row(self) -> None:
        """Adds an entry to be filled in, and begins with it."""
        self._put([*self._editing.form.entries(self.key), {self._names[0]: ""}])
        last = self._table.model().index(self._table.rowCount() - 1, 0)
        self._table.setCurrentIndex(last)
        self._table.edit(last)

    def remove(self) -> str | None:
        """Removes the entries of the selected rows."""
        gone = self._chosen_rows()
        if not gone:
            return "Select the rows that are to go."
        kept = [entry for row, entry in enumerate(self._editing.form.entries(self.key)) if row not in gone]
        self._put(kept)
        self._table.clearSelection()
        return None

    def enter(self) -> None:
        """Takes what is being typed into a cell as entered."""
        for editor in self._table.viewport().findChildren(QtWidgets.QLineEdit):
            self._table.commitData(editor)
            self._table.closeEditor(editor, QtWidgets.QAbstractItemDelegate.EndEditHint.NoHint)

    def _chosen_rows(self) -> list[int]:
        return sorted({index.row() for index in self._table.selectionModel().selectedRows()})

    def _edited(self, item: QtWidgets.QTableWidgetItem) -> None:
        entries = self._editing.form.entries(self.key)
        name, column = self._names[item.column()], self._columns[item.column()]
        value = _value(item.text().strip(), column)
        old = entries[item.row()].get(name)
        if value in ("", None) and not column.required:
            entries[item.row()].pop(name, None)
        else:
            entries[item.row()][name] = value
        if item.column() == 0:
            self._follow(entries, old, value)
        self._put(entries)

    def _follow(self, entries: Sequence[dict[str, Any]], old: Any, new: Any) -> None:
        """Lets the joints below one that has another name now name it so."""
        if not old or not new or any(entry[self._names[0]] == old for entry in entries):
            return
        for entry in entries:
            if entry.get("parent") == old:
                entry["parent"] = new

    def _put(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self._editing.type({self.key: spelled(list(entries))})
        self._show()  # also where what was entered comes to the same


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else spelled(value)


def _value(text: str, column: Field) -> Any:
    """What a text means in a column; what is no number where there must be one stays a text, which the form refuses."""
    if column.type != "number" or not text:
        return text
    try:
        return float(text)
    except ValueError:
        return text
