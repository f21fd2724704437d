"""Settings of the document below one another."""

from __future__ import annotations

from collections.abc import Sequence

from glm_deep.configuration.fields import Field
from glm_deep_ui.editing import Editing
from glm_deep_ui.qt import QtGui, QtWidgets
from glm_deep_ui.widgets.setting_row import SettingRow


class SettingList(QtWidgets.QWidget):
    """A row for each of some settings."""

    def __init__(self, editing: Editing, fields: Sequence[Field]) -> None:
        super().__init__()
        self._form = editing.form
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._rows = {
            field.key: SettingRow(field, editing.form, lambda key, text: editing.type({key: text})) for field in fields
        }
        for row in self._rows.values():
            layout.addWidget(row)
        self._unit_width = max(row.unit_width for row in self._rows.values())
        editing.edited.connect(self._refresh)
        editing.taken.connect(lambda _: self._refresh(list(self._rows)))
        self._refresh(list(self._rows))

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Shows units where there is room."""
        super().resizeEvent(event)
        for row in self._rows.values():
            row.fit(self.width(), self._unit_width)

    def _refresh(self, keys: Sequence[str]) -> None:
        for key in keys:
            if key in self._rows:
                self._rows[key].refresh(self._form)
