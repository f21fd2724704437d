"""The held-out error of a model: a row for each mesh, and its worst frames below."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from glm_deep_ui.qt import QtCore, QtGui, QtWidgets
from glm_deep_ui.widgets.elided import Elided

MOST_FRAMES = 3  # of a mesh
_COLUMNS = (
    ("mean", "Mean distance of the vertices from where they belong, in scene units, over the held-out frames"),
    ("max", "Largest distance of a vertex from where it belongs, in scene units, over the held-out frames"),
    ("% of diagonal", "The mean in percent of the diagonal of the mesh"),
)
_LONG, _SHORT = _COLUMNS[-1][0], "% diag."
GAP = 12  # pixels between columns


class ErrorTable(QtWidgets.QWidget):
    """The figures of one report; where it is narrow the last column goes.

    Args:
        meshes: of the report, by name.
    """

    def __init__(self, meshes: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__()
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(4)
        layout.addWidget(_wrapped("held-out error in scene units"))
        self._names = [Elided(name, name) for name in meshes]
        self._columns: list[list[QtWidgets.QLabel]] = []
        for text, hint in _COLUMNS:
            head = _cell(text, quiet=True, right=True)
            head.setToolTip(hint)
            self._columns.append([head])
        for mesh in meshes.values():
            for column, cell in zip(self._columns, _cells(mesh)):
                column.append(cell)
        layout.addLayout(self._grid())
        worst = worst_frames(meshes)
        if worst:
            layout.addWidget(_wrapped(worst))

    def _grid(self) -> QtWidgets.QLayout:
        grid = QtWidgets.QGridLayout()
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        for row, name in enumerate(self._names, 1):
            grid.addWidget(name, row, 0)
        for place, column in enumerate(self._columns, 1):
            for row, cell in enumerate(column):
                grid.addWidget(cell, row, place)
        return grid

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        """What it needs without its last column."""
        names = max(name.minimumSizeHint().width() for name in self._names)
        figures = sum(max(cell.sizeHint().width() for cell in column) + GAP for column in self._columns[:-1])
        return QtCore.QSize(names + figures, super().minimumSizeHint().height())

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Shortens the heading of the last column, or does without the column."""
        super().resizeEvent(event)
        head, *cells = self._columns[-1]
        room = self.width() - self.minimumSizeHint().width() - GAP
        head.setText(_LONG if head.fontMetrics().horizontalAdvance(_LONG) <= room else _SHORT)
        fits = max(each.sizeHint().width() for each in (head, *cells)) <= room
        for each in (head, *cells):
            each.setVisible(fits)


def _cells(mesh: Mapping[str, Any]) -> list[QtWidgets.QLabel]:
    units, percent = mesh["scene_units"], mesh["percent_of_diagonal"]
    cells = [_cell(f"{each:.3g}", right=True) for each in (units["mean"], units["max"], percent["mean"])]
    for cell in cells:
        cell.setToolTip(f"{percent['mean']:.3g} % of the diagonal in the mean, {percent['max']:.3g} % at most")
    return cells


def worst_frames(meshes: Mapping[str, Mapping[str, Any]]) -> str:
    """The worst frames of each mesh on a line of its own, such as "Worst frames: walk 3, 17"; empty without any."""
    lines = []
    for name, mesh in meshes.items():
        worst = mesh.get("worst_frames", ())[:MOST_FRAMES]
        clips = [
            f"{clip} {', '.join(str(each['frame']) for each in frames)}"
            for clip, frames in groupby(worst, key=lambda each: each["clip"])
        ]
        if clips:
            lines.append(f"{name}: {'; '.join(clips)}" if len(meshes) > 1 else "; ".join(clips))
    # Names may be longer than a line, and have no blanks where they could be broken.
    text = "\n".join(lines).replace("|", "|\N{ZERO WIDTH SPACE}").replace("_", "_\N{ZERO WIDTH SPACE}")
    return f"Worst frames: {text}" if len(lines) < 2 and text else f"Worst frames: \n{text}" if text else ""


def _wrapped(text: str) -> QtWidgets.QLabel:
    label = _cell(text, quiet=True)
    label.setWordWrap(True)
    return label


def _cell(text: str, *, quiet: bool = False, right: bool = False) -> QtWidgets.QLabel:
    label = QtWidgets.QLabel(text)
    label.setTextFormat(QtCore.Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
    if quiet:
        label.setObjectName("quiet")
    if right:
        flags = QtCore.Qt.AlignmentFlag
        label.setAlignment(flags.AlignRight | flags.AlignVCenter)
    return label
