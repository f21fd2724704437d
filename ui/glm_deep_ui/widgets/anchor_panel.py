"""The additional anchor points: a list of vertices for each mesh, typed or picked in the scene."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from glm_deep.errors import GlmDeepError
from glm_deep_ui.form import Form, anchors_in_words, anchors_key
from glm_deep_ui.host import Host
from glm_deep_ui.qt import QtWidgets, Signal
from glm_deep_ui.vertex_lists import text_of
from glm_deep_ui.widgets.elided import Elided, FittingButton
from glm_deep_ui.widgets.line_edit import FormLine

EXAMPLE = "for example 3, 7, 12-15"


class AnchorPanel(QtWidgets.QWidget):
    """Edits the additional anchors of a form.

    Args:
        typed: receives the keys and the texts that were entered together.
        before: the widget from which the tabulator key leads here.

    Signals:
        picked: vertices came from the scene.
        refused: why something could not be done.
    """

    picked = Signal()
    refused = Signal(str)

    def __init__(
        self, form: Form, host: Host, typed: Callable[[Mapping[str, str]], None], before: QtWidgets.QWidget
    ) -> None:
        super().__init__()
        self._form, self._host, self._typed, self._before = form, host, typed, before
        self._meshes: list[str] = []
        self._lines: dict[str, _MeshLine] = {}
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 2)
        layout.setSpacing(6)
        label, meaning = anchors_in_words()
        title = QtWidgets.QLabel(label)
        title.setToolTip(f"<p><b>{label}</b><br>{meaning}</p>")
        title.setWordWrap(True)
        layout.addWidget(title)
        self._list = QtWidgets.QVBoxLayout()
        self._list.setSpacing(8)
        layout.addLayout(self._list)
        layout.addLayout(self._build_buttons())

    def _build_buttons(self) -> QtWidgets.QLayout:
        grid = QtWidgets.QGridLayout()
        grid.setSpacing(4)
        self._clear = self._button("anchors clear", "Clear", "Empties the lists; this can be undone", self._empty)
        places = (
            ("anchors pick", "Pick From Selected Vertices", "Adds the selected vertices", self._pick, (0, 0, 1, 3)),
            ("anchors show", "Show In Maya", "Selects the meshes that have any, in the outliner", self._show, (1, 0)),
            (
                "anchors sim",
                "SIM",
                "Shows them on the meshes: selects the vertices",
                self._sim,
                (1, 1),
            ),
        )
        for name, text, hint, action, place in places:
            button = self._button(name, text, self._host.lacks or hint, action)
            button.setEnabled(not self._host.lacks)
            grid.addWidget(button, *place)
        grid.addWidget(self._clear, 1, 2)
        return grid

    def _button(self, name: str, text: str, hint: str, action: Callable[[], None]) -> QtWidgets.QPushButton:
        button = FittingButton(text, text.replace("From Selected Vertices", "Selected"))
        button.setObjectName(name)
        button.setProperty("small", True)
        button.setToolTip(hint)
        button.setMinimumWidth(48)
        button.clicked.connect(lambda *_: action())
        return button

    def refresh(self, changed: Collection[str] | None = None) -> None:
        """Shows what the form holds now; of these keys alone, where they are given."""
        if self._form.meshes != self._meshes:
            self._meshes = list(self._form.meshes)
            self._rebuild()
        for mesh, line in self._lines.items():
            key = anchors_key(mesh)
            if changed is None or key in changed:
                line.show_text(self._form.text(key), self._form.problem(key), self._count(mesh))
        self._clear.setEnabled(any(self._form.text(anchors_key(mesh)) for mesh in self._meshes))

    def focus(self, key: str) -> None:
        """Takes the keyboard to the list of a key."""
        for mesh, line in self._lines.items():
            if anchors_key(mesh) == key:
                line.editor.setFocus()

    def _rebuild(self) -> None:
        for line in self._lines.values():
            self._list.removeWidget(line)
            line.deleteLater()
        self._lines = {mesh: _MeshLine(mesh, self._typed) for mesh in self._meshes}
        before = self._before
        for line in self._lines.values():
            self._list.addWidget(line)
            self.setTabOrder(before, line.editor)
            before = line.editor

    def _count(self, mesh: str) -> str:
        found = self._form.value(anchors_key(mesh))
        if not found:
            return "none"
        return "1 vertex" if len(found) == 1 else f"{len(found):,} vertices"

    def _listed(self) -> dict[str, list[int]]:
        listed = {mesh: list(self._form.value(anchors_key(mesh)) or ()) for mesh in self._meshes}
        return {mesh: vertices for mesh, vertices in listed.items() if vertices}

    # --- what is done

    def _empty(self) -> None:
        self._typed({anchors_key(mesh): "" for mesh in self._meshes})

    def _pick(self) -> None:
        wrong = [mesh for mesh in self._meshes if self._form.problem(anchors_key(mesh))]
        if wrong:
            self.refused.emit(f"Correct the list of {wrong[0]} first, or clear it.")
            return
        try:
            found = self._host.picked_vertices(self._meshes)
        except GlmDeepError as error:
            self.refused.emit(str(error))
            return
        listed = self._listed()
        both = {mesh: [*listed.get(mesh, ()), *vertices] for mesh, vertices in found.items()}
        self._typed({anchors_key(mesh): text_of(vertices) for mesh, vertices in both.items()})
        self.picked.emit()

    def _show(self) -> None:
        self._ask(lambda: self._host.show(list(self._listed())))

    def _sim(self) -> None:
        self._ask(lambda: self._host.show_vertices(self._listed()))

    def _ask(self, action: Callable[[], None]) -> None:
        if not self._listed():
            self.refused.emit("There are no additional anchor points yet: type indices, or pick vertices.")
            return
        try:
            action()
        except GlmDeepError as error:
            self.refused.emit(str(error))


class _MeshLine(QtWidgets.QWidget):
    """A mesh, its list as text, how many they are, and what is wrong with it."""

    def __init__(self, mesh: str, typed: Callable[[Mapping[str, str]], None]) -> None:
        super().__init__()
        grid = QtWidgets.QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        key = anchors_key(mesh)
        name = Elided(mesh, mesh)
        name.setObjectName("quiet")
        self.editor = FormLine()
        self.editor.setObjectName(key)
        self.editor.setAccessibleName(f"Additional anchors of {mesh}")
        self.editor.setPlaceholderText(EXAMPLE)
        self.editor.setToolTip(f"Indices of vertices and ranges of them, {EXAMPLE}")
        self.editor.committed.connect(lambda text: typed({key: text}))
        self._count = QtWidgets.QLabel()
        self._count.setObjectName("quiet")
        self._problem = QtWidgets.QLabel()
        self._problem.setObjectName("problem")
        self._problem.setWordWrap(True)
        grid.addWidget(name, 0, 0)
        grid.addWidget(self._count, 0, 1)
        grid.addWidget(self.editor, 1, 0, 1, 2)
        grid.addWidget(self._problem, 2, 0, 1, 2)

    def show_text(self, text: str, problem: str, count: str) -> None:
        """Shows the list and what there is to say of it."""
        self.editor.show_text(text)
        if bool(self.editor.property("wrong")) != bool(problem):
            self.editor.setProperty("wrong", bool(problem))
            self.editor.style().unpolish(self.editor)
            self.editor.style().polish(self.editor)
        self._count.setText("" if problem else count)
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
