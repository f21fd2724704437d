"""The advanced properties: a field for every setting of the training, made from the declarations of the settings."""

from __future__ import annotations

from collections.abc import Sequence

from glm_deep.configuration.fields import Field
from glm_deep_ui.compression import Compression
from glm_deep_ui.editing import Editing
from glm_deep_ui.form import training_fields
from glm_deep_ui.host import Host
from glm_deep_ui.qt import QtWidgets, Signal
from glm_deep_ui.summary import Summary
from glm_deep_ui.widgets.anchor_panel import AnchorPanel
from glm_deep_ui.widgets.setting_list import SettingList
from glm_deep_ui.widgets.size_slider import SizeSlider

_SECTIONS = {
    "pca": "PCA",
    "differential": "Differential model",
    "subspaces": "Subspace models",
    "anchors": "Anchors",
    "": "Training",
}
_PCA, _SIZE, _PERCENT = "training.pca.enabled", "training.pca.size", "training.anchors.percent"


class ConfigForm(SettingList):
    """Edits the settings of the training.

    Signals:
        picked: vertices came from the scene.
        refused: why something could not be done.
    """

    picked = Signal()
    refused = Signal(str)

    def __init__(self, editing: Editing, host: Host) -> None:
        super().__init__(editing)
        self.form = editing.form
        self._compression = Compression()
        for name, title in _SECTIONS.items():
            self._add_heading(title)
            self.add([field for field in training_fields() if _section(field) == name])
            if name == "anchors":
                self._anchors = AnchorPanel(self.form, host, editing.type, self.rows[_PERCENT].editor)
                self._anchors.picked.connect(self.picked.emit)
                self._anchors.refused.connect(self.refused.emit)
                self.column.addWidget(self._anchors)
        self._slider = SizeSlider()
        self._slider.moved.connect(lambda size: self.rows[_SIZE].note(self._compression.in_words(size)))
        self._slider.chosen.connect(lambda size: editing.type({_SIZE: str(size)}))
        self.rows[_SIZE].put_below(self._slider)
        editing.edited.connect(self._show_anchors)
        editing.taken.connect(lambda _: self._show_anchors())
        self._show_anchors()

    def _add_heading(self, title: str) -> None:
        heading = QtWidgets.QLabel(title)
        heading.setObjectName("heading")
        heading.setContentsMargins(0, 10, 0, 2)
        self.column.addWidget(heading)

    def show_summary(self, summary: Summary) -> None:
        """Shows what percentages and sizes come to for the samples and the model that there are."""
        self._compression = Compression.of(summary)
        self.form.vertices = summary.vertices
        self._anchors.refresh()
        self._show_notes()

    def _show_notes(self) -> None:
        size = self.form.value(_SIZE)
        enabled = self.form.value(_PCA) is not False
        self._slider.setEnabled(enabled)
        if size is not None:
            self._slider.show_size(size or self._compression.last, self._compression.largest, automatic=size == 0)
            note = self._compression.in_words(size) if enabled else "not used: everything is kept"
            self.rows[_SIZE].note(note)
        percent, vertices = self.form.value(_PERCENT), self.form.vertices
        if percent is not None and vertices:
            count = sum(max(1, round(percent / 100 * each)) for each in vertices.values())
            self.rows[_PERCENT].note(f"about {count:,} of {sum(vertices.values()):,} vertices become anchors")

    def focus_first_problem(self) -> None:
        """Takes the keyboard to the first setting that is wrong."""
        for key in self.form.problems():
            if key in self.rows:
                self.rows[key].editor.setFocus()
            else:
                self._anchors.focus(key)
            return

    def _show_anchors(self, keys: Sequence[str] | None = None) -> None:
        """Shows what became of the additional anchors, and what sizes and percentages come to now."""
        self._anchors.refresh(keys)
        self._show_notes()


def _section(field: Field) -> str:
    parts = field.key.split(".")
    return parts[1] if len(parts) > 2 else ""
