"""The page of meshes and names."""

from __future__ import annotations

from glm_deep_ui.editing import Editing
from glm_deep_ui.form import MESHES, single_fields
from glm_deep_ui.host import Host
from glm_deep_ui.widgets.entry_table import EntryTable
from glm_deep_ui.widgets.page import Page
from glm_deep_ui.widgets.setting_list import SettingList

_NAMES = ("asset", "main_directory")


class MeshesPage(Page):
    """Names the character, its folder and its meshes."""

    def __init__(self, editing: Editing, host: Host) -> None:
        super().__init__("meshes", host)
        self._host = host
        self.column.addWidget(SettingList(editing, [field for field in single_fields() if field.key in _NAMES]))
        self.add_heading(editing.form.label(MESHES))
        table = EntryTable(MESHES, editing)
        self._table = table
        self.column.addWidget(table)
        self.add_buttons(
            self.button(
                "meshes add selected",
                "Add Selected",
                "Adds the selected meshes",
                lambda: table.add(host.selected(MESHES, editing.form.entries(MESHES))),
            ),
            self.button(
                "meshes duplicate",
                "Duplicate Mesh Linear",
                "Makes the linear meshes of the selected rows, of all where none is selected; one step of undo",
                lambda: host.duplicate_linear(table.chosen),
                short="Duplicate",
            ),
            self.button("meshes show", "Show In Maya", "Selects the meshes, in the outliner", self._show, short="Show"),
            self.button("meshes add", "Add Row", "Adds a row to type into", table.add_row, scene=False),
            self.button("meshes remove", "Remove", "Removes the selected rows", table.remove, scene=False),
        )
        self.column.addWidget(self.message)

    def _show(self) -> None:
        self._host.show([entry["deformed"] for entry in self._table.chosen if entry.get("deformed")])
