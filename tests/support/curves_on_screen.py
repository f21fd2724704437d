"""A panel of learning curves on a screen that is not there, and what a person sees and does there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from glm_deep.events import Epoch
from glm_deep_ui.curves import Curves
from glm_deep_ui.qt import BINDING, QtCore, QtWidgets
from glm_deep_ui.style import DARK
from glm_deep_ui.widgets import curve_panel
from glm_deep_ui.widgets.curve_panel import CurvePanel
from glm_deep_ui.widgets.plot_curve import CurveItem

if BINDING == "PySide6":
    from PySide6.QtTest import QTest
else:
    from PySide2.QtTest import QTest


@contextmanager
def open_panel() -> Iterator[CurvePanel]:
    """A dark panel, wide enough for a legend that abbreviates nothing."""
    made = CurvePanel()
    made.set_colours(DARK)
    made.resize(1200, 420)
    made.show()
    QtWidgets.QApplication.processEvents()
    yield made
    made.close()
    made.deleteLater()
    QtWidgets.QApplication.processEvents()


def a_run(epochs: int = 30, anchors: int = 0, scale: float = 1.0) -> Curves:
    curves = Curves()
    for model, base in (("differential", 1e-2 * scale), ("subspaces", 1e-4 * scale)):
        for number in range(1, epochs + 1):
            loss = base * (0.1 + math.exp(-4 * number / epochs))
            many = tuple(loss * (1 + each / 4) for each in range(anchors)) if model == "subspaces" else None
            held = tuple(2 * each for each in many) if many else None
            more: dict[str, Any] = {"anchor_train": many, "anchor_validation": held}
            curves.add(Epoch(model, number, epochs, loss, 2 * loss, 1e-3, best=number <= epochs // 2, **more))
    return curves


def control(panel: CurvePanel, name: str) -> Any:
    found = panel.findChild(QtWidgets.QWidget, name)
    assert found is not None
    return found


def click(panel: CurvePanel, name: str) -> None:
    QTest.mouseClick(control(panel, name), QtCore.Qt.LeftButton)
    QtWidgets.QApplication.processEvents()


def grow(panel: CurvePanel, curves: Curves, epochs: range, model: str = "differential") -> None:
    """Shows the curves after each of some more epochs, and waits until they are drawn."""
    for number in epochs:
        curves.add(Epoch(model, number, 99, 1e-3, 2e-3, 1e-3))
        panel.show_curves(curves)
    QTest.qWait(2 * curve_panel.DRAW_EVERY)


def seen(panel: CurvePanel) -> list[Any]:
    """The lines that are drawn."""
    items = control(panel, "curve_plot").items()
    return [each for each in items if isinstance(each, CurveItem) and each.isVisible()]


def lines_of(panel: CurvePanel, colour: str) -> list[tuple[float, Any]]:
    """Width and heights of the lines of a colour, the widest first."""
    found = [each for each in seen(panel) if each.pen.color().name() == colour]
    return sorted(((each.pen.widthF(), each.points[1]) for each in found), key=lambda each: -each[0])


def legend(panel: CurvePanel) -> str:
    return str(control(panel, "curve_legend").accessibleName())
