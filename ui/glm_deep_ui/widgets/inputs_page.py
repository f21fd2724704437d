"""The page of rig inputs: joints, other matrices, numeric attributes."""

from __future__ import annotations

from glm_deep.config import fields
from glm_deep_ui.editing import Editing
from glm_deep_ui.form import FLOATS, JOINTS, MATRICES, MESHES
from glm_deep_ui.host import Host
from glm_deep_ui.qt import QtWidgets
from glm_deep_ui.widgets.entry_table import EntryTable
from glm_deep_ui.widgets.page import Page

_PICKED = {
    JOINTS: "Adds the selected joints, each below the next one above it that is listed",
    MATRICES: "Adds the selected transforms",
    FLOATS: "Adds the attributes that are selected in the Channel Box",
}


class InputsPage(Page):
    """Names what drives the rig."""

    def __init__(self, editing: Editing, host: Host) -> None:
        super().__init__("inputs", host)
        self._editing, self._host = editing, host
        said = QtWidgets.QLabel("After a change, samples and model no longer fit: extract and train again.")
        said.setObjectName("quiet")
        said.setWordWrap(True)
        self.column.addWidget(said)
        for key in (JOINTS, MATRICES, FLOATS):
            self._add_list(key)
        self.column.addWidget(self.message)

    def _add_list(self, key: str) -> None:
        name = key.rpartition(".")[2]
        self.add_heading(self._editing.form.label(key), _meaning_of(key))
        table = EntryTable(key, self._editing)
        self.column.addWidget(table)
        buttons = [
            self.button(
                f"{name} add selected",
                "Add Selected",
                _PICKED[key],
                lambda: table.add(self._host.selected(key, self._editing.form.entries(key))),
            ),
            self.button(
                f"{name} show",
                "Show In Maya",
                "Selects those of the selected rows, or all, in the outliner",
                lambda: self._host.show([entry["name"] for entry in table.chosen if entry.get("name")]),
                short="Show",
            ),
            self.button(f"{name} add", "Add Row", "Adds a row to type into", table.add_row, scene=False),
            self.button(f"{name} remove", "Remove", "Removes the selected rows", table.remove, scene=False),
        ]
        if key == JOINTS:
            from_skin = self.button(
                "joints from skin",
                "Add From skinCluster",
                "Adds the joints that the skinClusters of the meshes are bound to",
                lambda: table.add(self._new_influences()),
                short="From Skin",
            )
            buttons.insert(1, from_skin)
        self.add_buttons(*buttons)

    def _new_influences(self) -> list[dict[str, str]]:
        there = {entry.get("name") for entry in self._editing.form.entries(JOINTS)}
        found = self._host.influences(self._editing.form.entries(MESHES))
        return [each for each in found if each["name"] not in there]


def _meaning_of(key: str) -> str:
    return next(field.help for field in fields() if field.key == f"{key}[].name")
