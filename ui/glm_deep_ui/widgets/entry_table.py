"""A list of the document as a table: a row for each entry, a column for each of its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glm_deep.configuration.fields import Field, number, spelled
from glm_deep_ui.editing import Editing
from glm_deep_ui.form import columns_of
from glm_deep_ui.qt import QtCore, QtWidgets

LEAST, MOST = 3, 10  # rows that are shown at once


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
        table.itemChanged.connect(self._edited)
        return table

    # --- what is shown

    def _show(self) -> None:
        entries = self._editing.form.entries(self.key)
        table = self._table
        table.blockSignals(True)
        table.setRowCount(len(entries))
        for row, entry in enumerate(entries):
            for place, (name, column) in enumerate(zip(self._names, self._columns)):
                text = _shown(entry.get(name))
                item = table.item(row, place) or QtWidgets.QTableWidgetItem()
                item.setText(text)
                item.setToolTip(text or column.help)
                table.setItem(row, place, item)
        table.blockSignals(False)
        self._size(len(entries))
        problem = self._editing.form.problem(self.key)
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def _size(self, rows: int) -> None:
        table = self._table
        height = table.verticalHeader().defaultSectionSize()
        shown = min(max(rows, LEAST), MOST)
        table.setFixedHeight(table.horizontalHeader().sizeHint().height() + shown * height + 2 * table.frameWidth())

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

    def _chosen_rows(self) -> list[int]:
        return sorted({index.row() for index in self._table.selectionModel().selectedRows()})

    def _edited(self, item: QtWidgets.QTableWidgetItem) -> None:
        entries = self._editing.form.entries(self.key)
        name, column = self._names[item.column()], self._columns[item.column()]
        value = _value(item.text().strip(), column)
        if value in ("", None) and not column.required:
            entries[item.row()].pop(name, None)
        else:
            entries[item.row()][name] = value
        self._put(entries)

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
