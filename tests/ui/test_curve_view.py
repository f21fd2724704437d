"""What the learning curves show of a run: range, legend, and what wheel and mouse do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")
pytest.importorskip("numpy", reason="there is no numpy")
pytest.importorskip("pyqtgraph", exc_type=ImportError, reason="there is no pyqtgraph")

from curves_on_screen import QTest, a_run, click, control, grow, open_panel
from glm_deep.events import Epoch
from glm_deep_ui.curves import Curves
from glm_deep_ui.qt import QtCore, QtGui, QtWidgets
from glm_deep_ui.style import DARK
from glm_deep_ui.widgets.curve_panel import CurvePanel

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def panel(qapp: Any) -> Iterator[CurvePanel]:
    with open_panel() as made:
        yield made


def turn_wheel(widget: Any, place: Any, modifiers: Any = QtCore.Qt.KeyboardModifier.NoModifier) -> None:
    """One notch towards the user, at a place of a widget."""
    everywhere, taken = widget.mapToGlobal(place), False
    while widget is not None and not taken:
        event = QtGui.QWheelEvent(
            QtCore.QPointF(widget.mapFromGlobal(everywhere)),
            QtCore.QPointF(everywhere),
            QtCore.QPoint(),
            QtCore.QPoint(0, -120),
            QtCore.Qt.MouseButton.NoButton,
            modifiers,
            QtCore.Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        # Only where an event comes from the screen does Qt itself offer to the parent what nobody took.
        taken = QtWidgets.QApplication.sendEvent(widget, event) and event.isAccepted()
        widget = widget.parentWidget()
    QtWidgets.QApplication.processEvents()


def test_the_plot_follows_the_run_until_the_user_zooms_and_again_after_the_reset(panel):
    curves = a_run(10)
    panel.show_curves(curves)
    view, reset = control(panel, "curve_plot").getViewBox(), control(panel, "curve_reset")
    assert view.viewRange()[0][1] < 12
    assert not reset.isEnabled()
    view.scaleBy((0.5, 0.5))
    view.sigRangeChangedManually.emit([True, True])
    zoomed = view.viewRange()
    grow(panel, curves, range(11, 100))
    assert view.viewRange() == zoomed
    click(panel, "curve_reset")
    assert view.viewRange()[0][1] > 99
    assert not reset.isEnabled()


@pytest.fixture
def tab(panel: CurvePanel) -> Iterator[Any]:
    """What the panel lies in, taller than the window."""
    inside = QtWidgets.QWidget()
    layout = QtWidgets.QVBoxLayout(inside)
    panel.setMinimumHeight(320)
    layout.addWidget(panel)
    layout.addSpacing(2000)
    area = QtWidgets.QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(inside)
    area.resize(600, 400)
    area.show()
    QtWidgets.QApplication.processEvents()
    yield area
    layout.removeWidget(panel)
    panel.setParent(None)
    area.close()


def test_the_wheel_scrolls_the_tab_and_leaves_the_plot_alone(panel, tab):
    panel.show_curves(a_run())
    plot = control(panel, "curve_plot")
    before = plot.getViewBox().viewRange()
    turn_wheel(plot.viewport(), plot.viewport().rect().center())
    assert tab.verticalScrollBar().value() > 0
    assert plot.getViewBox().viewRange() == before
    assert not control(panel, "curve_reset").isEnabled()


def test_the_wheel_with_control_zooms_at_the_cursor_and_does_not_scroll(panel, tab):
    panel.show_curves(a_run())
    plot = control(panel, "curve_plot")
    view, place = plot.getViewBox(), plot.viewport().rect().center() + QtCore.QPoint(60, 20)

    def under_the_cursor() -> tuple[float, float]:
        found = view.mapSceneToView(plot.mapToScene(place))
        return found.x(), found.y()

    before, point = view.viewRange(), under_the_cursor()
    turn_wheel(plot.viewport(), place, QtCore.Qt.KeyboardModifier.ControlModifier)
    for (low, high), (wider_low, wider_high) in zip(before, view.viewRange()):
        assert wider_low < low < high < wider_high
    assert under_the_cursor() == pytest.approx(point, abs=1e-6)
    assert tab.verticalScrollBar().value() == 0
    assert control(panel, "curve_reset").isEnabled()


def test_the_wheel_over_the_choice_of_anchors_scrolls_past_it(panel, tab):
    panel.show_curves(a_run(anchors=300))
    QtWidgets.QApplication.processEvents()
    box = control(panel, "curve_anchor")
    turn_wheel(box, box.rect().center())
    assert box.currentIndex() == 0
    assert tab.verticalScrollBar().value() > 0


def test_dragging_moves_the_plot(panel):
    panel.show_curves(a_run())
    plot = control(panel, "curve_plot")
    (left, right), _ = plot.getViewBox().viewRange()
    start, button = plot.viewport().rect().center(), QtCore.Qt.MouseButton.LeftButton
    QTest.mousePress(plot.viewport(), button, QtCore.Qt.KeyboardModifier.NoModifier, start)
    for step in range(1, 6):
        place = start + QtCore.QPoint(30 * step, 0)
        spot, way = QtCore.QPointF(place), QtCore.QEvent.Type.MouseMove
        glob = QtCore.QPointF(plot.viewport().mapToGlobal(place))
        move = QtGui.QMouseEvent(way, spot, glob, button, button, QtCore.Qt.KeyboardModifier.NoModifier)
        QtWidgets.QApplication.sendEvent(plot.viewport(), move)
        QTest.qWait(20)
    QTest.mouseRelease(plot.viewport(), button, QtCore.Qt.KeyboardModifier.NoModifier, place)
    (moved_left, moved_right), _ = plot.getViewBox().viewRange()
    assert moved_left < left - 1
    assert moved_right - moved_left == pytest.approx(right - left)


def test_it_is_said_how_the_plot_is_moved_and_zoomed(panel):
    described = control(panel, "curve_plot").accessibleDescription()
    assert "Drag" in described
    assert "wheel" in described
    assert described in control(panel, "curve_reset").toolTip()


def test_no_line_lies_under_the_legend(panel):
    flat = Curves()
    for number in range(1, 30):
        flat.add(Epoch("differential", number, 30, 1e-3, 1e-3, 1e-3))
    for width in (320, 700, 1600):
        panel.resize(width, 420)
        panel.show_curves(flat)
        QtWidgets.QApplication.processEvents()
        plot = control(panel, "curve_plot")
        line = plot.mapFromScene(plot.getViewBox().mapViewToScene(QtCore.QPointF(29, -3)))
        assert plot.legend.isVisible()
        assert plot.legend.geometry().bottom() < line.y()


def test_the_stars_of_the_legend_stand_below_one_another(panel):
    panel.show_curves(a_run())
    image = control(panel, "curve_legend").grab().toImage()
    tall = image.height() // 3

    def left_of_star(row: int) -> int:
        heights = range(row * tall + 4, (row + 1) * tall)
        return min(x for x in range(image.width()) for y in heights if image.pixelColor(x, y).name() == DARK.validation)

    after_the_name = control(panel, "curve_legend").fontMetrics().horizontalAdvance("differential")
    assert left_of_star(1) == left_of_star(2) > after_the_name


def test_the_losses_of_the_nearest_epoch_stand_at_the_cursor(panel):
    panel.show_curves(a_run())
    plot = control(panel, "curve_plot")
    plot.read_at(plot.getViewBox().mapViewToScene(QtCore.QPointF(15.3, -3)))
    readout = control(panel, "curve_readout")
    assert readout.isVisible()
    for text in ("epoch 15", "differential", "subspaces", "0.00471", "0.00235"):
        assert text in readout.text()
    plot.read_at(QtCore.QPointF(-5, -5))
    assert not readout.isVisible()
