"""Settings of the document below one another."""

from __future__ import annotations

from collections.abc import Sequence

from glm_deep.configuration.fields import Field
from glm_deep_ui.editing import Editing
from glm_deep_ui.qt import QtGui, QtWidgets
from glm_deep_ui.widgets.setting_row import SettingRow


class SettingList(QtWidgets.QWidget):
    """A row for each of some settings.

    Attributes:
        rows: by the key of the setting. column: the layout that they stand in, for what comes between them.
    """

    def __init__(self, editing: Editing, fields: Sequence[Field] = ()) -> None:
        super().__init__()
        self._editing = editing
        self.rows: dict[str, SettingRow] = {}
        self._unit_width = 0
        self.column = QtWidgets.QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(2)
        self.add(fields)
        editing.edited.connect(self._refresh)
        editing.taken.connect(lambda _: self._refresh(list(self.rows)))

    def add(self, fields: Sequence[Field]) -> None:
        """Adds rows at the end."""
        for field in fields:
            row = SettingRow(field, self._editing.form, lambda key, text: self._editing.type({key: text}))
            self.rows[field.key] = row
            self.column.addWidget(row)
            row.refresh(self._editing.form)
            self._unit_width = max(self._unit_width, row.unit_width)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Shows units where there is room."""
        super().resizeEvent(event)
        for row in self.rows.values():
            row.fit(self.width(), self._unit_width)

    def _refresh(self, keys: Sequence[str]) -> None:
        for key in keys:
            if key in self.rows:
                self.rows[key].refresh(self._editing.form)
