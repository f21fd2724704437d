"""The window of a character in front of a made-up scene, and a hand for its tables; test files import the fixtures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from glm_deep import dio
from glm_deep.errors import GlmDeepError
from glm_deep_ui.app import open_window
from glm_deep_ui.host import Kept, StandaloneHost
from glm_deep_ui.qt import QtCore, QtWidgets
from hand import Tab, keys, live

MESHES, JOINTS, FLOATS = "meshes", "rig_inputs.joints", "rig_inputs.floats"


class Scene(StandaloneHost):
    """A host with a selection, and a memory for edits."""

    lacks = lacks_preferences = ""

    def __init__(self) -> None:
        self.selection: dict[str, list[dict[str, Any]]] = {}
        self.kept: Kept | None = None
        self.python = ""
        self.done: list[object] = []

    def selected(self, key: str, there: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        if key not in self.selection:
            raise GlmDeepError("nothing is selected", hint="Select something")
        return self.selection[key]

    def influences(self, meshes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{"name": f"{meshes[0]['deformed']}_root"}, {"name": "hand", "parent": f"{meshes[0]['deformed']}_root"}]

    def show(self, names: Sequence[str]) -> None:
        self.done.append(list(names))

    def duplicate_linear(self, meshes: Sequence[Mapping[str, Any]]) -> str:
        return f"Made {len(meshes)}."

    def time_range(self) -> tuple[float, float]:
        return 101.0, 148.5

    def extract(self) -> str:
        self.done.append("extract")
        return "48 samples were added."

    def sample(self, count: int, seed: int) -> str:
        self.done.append((count, seed))
        return "sampled"

    def kept_edits(self) -> Kept | None:
        return self.kept

    def keep_edits(self, settings: Mapping[str, Any]) -> None:
        self.kept = Kept(dict(settings), False)

    def training_python(self) -> str:
        return self.python

    def choose_training_python(self, path: str) -> None:
        self.python = path

    def own_python(self) -> str:
        return "Maya 2026, numpy: no"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    values = {
        "glm_deep": 1,
        "asset": "hero",
        "meshes": [{"deformed": "body"}, {"deformed": "hat", "linear": "hat_lin"}],
        "rig_inputs": {"joints": [{"name": "hand"}], "floats": [{"name": "jaw.open", "min": 0}]},
    }
    folder = tmp_path / "Zoë's rig"
    folder.mkdir()
    (folder / "hero.dio").write_text(json.dumps(values), encoding="utf-8")
    return folder


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def window(qapp: Any, place: Path, scene: Scene) -> Iterator[Tab]:
    made = Tab(open_window(place / "hero.dio", scene))
    made.look(0.1)
    yield made
    made.close()


def cells(window: Tab, key: str) -> list[list[str]]:
    table = window.field(key)
    return [
        [table.item(row, column).text() for column in range(table.columnCount())] for row in range(table.rowCount())
    ]


def begin_to_type(window: Tab, key: str, row: int, column: int, text: str) -> Any:
    """Types into a cell and leaves its editor open; the editor."""
    table = window.field(key)
    table.setFocus()
    table.setCurrentCell(row, column)
    table.editItem(table.item(row, column))
    (editor,) = [each for each in table.findChildren(QtWidgets.QLineEdit) if each.isVisible()]
    keys().keyClicks(editor, text)
    return editor


def enter(window: Tab, key: str, row: int, column: int, text: str) -> None:
    """Types another text into a cell as a person does."""
    editor = begin_to_type(window, key, row, column, "")
    editor.selectAll()
    keys().keyClick(editor, QtCore.Qt.Key.Key_Backspace)
    keys().keyClicks(editor, text)
    keys().keyClick(editor, QtCore.Qt.Key.Key_Return)
    live()


def typed(window: Tab, place: Path) -> dict[str, Any]:
    """The file after saving."""
    window.click("save")
    return dio.load(place / "hero.dio").values
