"""The window that is written first: it reads the whole file at every tick and draws every point."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyqtgraph as pg

from glm_deep_ui.curves import DIFFERENTIAL, SUBSPACES
from glm_deep_ui.qt import QtCore
from glm_deep_ui.widgets.training_tab import TICK


class Rereading(pg.PlotWidget):  # type: ignore[misc]
    """Follows an events file without remembering anything of it; it draws no anchors, to be quicker."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._lines = {
            (model, loss): self.plot([], [], pen=colour)
            for model in (DIFFERENTIAL, SUBSPACES)
            for loss, colour in (("train_loss", "g"), ("validation_loss", "b"))
        }
        self.setLogMode(y=True)
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK)

    def _tick(self) -> None:
        found: dict[str, list[dict[str, Any]]] = {DIFFERENTIAL: [], SUBSPACES: []}
        for line in self._path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if record["kind"] == "epoch":
                found[record["model"]].append(record)
        for (model, loss), line in self._lines.items():
            line.setData([each["epoch"] for each in found[model]], [each[loss] for each in found[model]])
