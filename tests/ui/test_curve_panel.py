"""The panel of the learning curves, driven as a person drives it."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")
pytest.importorskip("numpy", reason="there is no numpy")
pytest.importorskip("pyqtgraph", exc_type=ImportError, reason="there is no pyqtgraph")

import numpy as np
import pyqtgraph as pg

from glm_deep.errors import GlmDeepError
from glm_deep.events import Epoch
from glm_deep_ui.curves import Curves
from glm_deep_ui.qt import BINDING, QtCore, QtGui, QtWidgets
from glm_deep_ui.style import DARK, LIGHT
from glm_deep_ui.widgets import curve_panel
from glm_deep_ui.widgets.curve_panel import CurvePanel

if BINDING == "PySide6":
    from PySide6.QtTest import QTest
else:
    from PySide2.QtTest import QTest

pytestmark = pytest.mark.usefixtures("qapp")
CONTROLS = ["curve_log", "curve_reset", "curve_save_picture", "curve_save_table", "curve_anchor"]


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


@pytest.fixture
def panel(qapp: Any) -> Iterator[CurvePanel]:
    made = CurvePanel()
    made.set_colours(DARK)
    made.resize(1200, 420)  # wide enough for a legend that abbreviates nothing
    made.show()
    qapp.processEvents()
    yield made
    made.close()
    made.deleteLater()
    qapp.processEvents()


def control(panel: CurvePanel, name: str) -> Any:
    found = panel.findChild(QtWidgets.QWidget, name)
    assert found is not None
    return found


def click(panel: CurvePanel, name: str) -> None:
    QTest.mouseClick(control(panel, name), QtCore.Qt.LeftButton)
    QtWidgets.QApplication.processEvents()


def seen(panel: CurvePanel) -> list[Any]:
    """The lines that are drawn."""
    items = control(panel, "curve_plot").listDataItems()
    return [each for each in items if isinstance(each, pg.PlotDataItem) and each.isVisible()]


def lines_of(panel: CurvePanel, colour: str) -> list[tuple[float, Any]]:
    """Width and heights of the lines of a colour, the widest first."""
    found = [each for each in seen(panel) if each.opts["pen"].color().name() == colour]
    return sorted(((each.opts["pen"].widthF(), each.yData) for each in found), key=lambda each: -each[0])


def legend(panel: CurvePanel) -> str:
    return str(control(panel, "curve_legend").accessibleName())


def pixels(path: Path) -> Any:
    image = QtGui.QImage(str(path)).convertToFormat(QtGui.QImage.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint8).copy()
    return raw.reshape(image.height(), image.bytesPerLine())[:, : 4 * image.width()].reshape(-1, 4)[:, 2::-1]


def close_to(colour: str, found: Any) -> int:
    wanted = np.array(QtGui.QColor(colour).getRgb()[:3])
    return int((np.abs(found.astype(int) - wanted).max(axis=1) < 12).sum())


def choose_file(panel: CurvePanel, button: str, path: Path) -> None:
    click(panel, button)
    dialog = panel.findChild(QtWidgets.QFileDialog, "curve_file")
    dialog.findChild(QtWidgets.QLineEdit, "fileNameEdit").setText(str(path))
    dialog.accept()
    QtWidgets.QApplication.processEvents()


def test_validation_is_solid_and_training_dashed_and_the_differential_is_the_thicker(panel):
    panel.show_curves(a_run())
    for colour, style in ((DARK.validation, QtCore.Qt.SolidLine), (DARK.training, QtCore.Qt.CustomDashLine)):
        assert [width for width, _ in lines_of(panel, colour)] == [2.5, 1.0]
        assert {each.opts["pen"].style() for each in seen(panel) if each.opts["pen"].color().name() == colour} == {
            style
        }
    assert "differential, best: epoch 15" in legend(panel)
    assert "subspaces, best: epoch 15" in legend(panel)


def test_a_growing_run_is_drawn_anew_only_when_it_has_changed(panel, monkeypatch):
    curves, drawn = a_run(5), []
    plot = control(panel, "curve_plot")
    whole = plot.redraw
    monkeypatch.setattr(plot, "redraw", lambda: (drawn.append(1), whole()))
    for _ in range(3):
        panel.show_curves(curves)
    assert len(drawn) == 1
    curves.add(Epoch("differential", 6, 9, 1e-3, 2e-3, 1e-3))
    panel.show_curves(curves)
    assert len(drawn) == 2
    assert len(lines_of(panel, DARK.validation)[0][1]) == 6


def test_the_log_button_changes_the_scale_there_and_back(panel):
    panel.show_curves(a_run())
    assert lines_of(panel, DARK.training)[0][1].max() < 0
    click(panel, "curve_log")
    assert lines_of(panel, DARK.training)[0][1].max() == pytest.approx(a_run().models["differential"].train.values[0])
    click(panel, "curve_log")
    assert lines_of(panel, DARK.training)[0][1].max() < 0


def test_what_has_no_logarithm_is_left_out_of_the_log_plot_alone(panel):
    curves = Curves()
    for number, loss in enumerate((1.0, 0.0, -1.0, math.nan, math.inf, 0.01), 1):
        curves.add(Epoch("differential", number, 6, loss, loss, 1e-3))
    panel.show_curves(curves)
    np.testing.assert_allclose(lines_of(panel, DARK.validation)[0][1], [0, *[np.nan] * 4, -2])
    panel.grab()
    click(panel, "curve_log")
    np.testing.assert_allclose(lines_of(panel, DARK.validation)[0][1], [1, 0, -1, np.nan, np.nan, 0.01])
    panel.grab()


def test_an_anchor_is_chosen_with_the_keyboard(panel):
    curves = a_run(anchors=300)
    panel.show_curves(curves)
    assert "median and 10–90 % of 300" in legend(panel)  # noqa: RUF001
    box = control(panel, "curve_anchor")
    assert (box.count(), box.currentText(), box.itemText(300)) == (301, "Anchors: median and band", "Anchor 299")
    for _ in range(2):
        QTest.keyClick(box, QtCore.Qt.Key_Down)
    assert box.currentText() == "Anchor 1"
    assert "subspaces, anchor 1" in legend(panel)
    expected = np.log10(curves.anchors[1].validation.values)
    np.testing.assert_allclose(lines_of(panel, DARK.validation)[1][1], expected)
    panel.show_curves(a_run(anchors=2))
    assert box.currentText() == "Anchor 1"
    panel.show_curves(a_run())
    assert box.isHidden()


def test_up_to_twenty_anchors_have_a_line_each(panel):
    panel.show_curves(a_run(anchors=20))
    assert len(lines_of(panel, DARK.validation)) == 22
    panel.show_curves(a_run(anchors=21))
    assert len(lines_of(panel, DARK.validation)) == 2


def test_the_run_before_is_grey_and_dashed_and_can_be_taken_away(panel):
    panel.show_ghost(a_run(scale=3.0))
    panel.show_curves(a_run())
    grey = [each.opts["pen"] for each in seen(panel) if each.opts["pen"].color().name() == DARK.ghost]
    assert [pen.style() for pen in grey] == [QtCore.Qt.CustomDashLine] * 2
    assert "previous run" in legend(panel)
    panel.show_ghost(None)
    assert lines_of(panel, DARK.ghost) == []
    assert "previous run" not in legend(panel)


def test_three_hundred_anchors_of_two_thousand_epochs_are_drawn_as_median_and_band(panel):
    curves, many = a_run(2, anchors=300), list(range(1, 2001))
    falling = [1 / number for number in many]
    for pair in (*curves.models.values(), *curves.anchors, curves.band.low, curves.band.median, curves.band.high):
        for series in (pair.train, pair.validation):
            series.epochs, series.values = many, falling
    for _ in range(3):
        curves.changed += 1
        panel.show_curves(curves)
        assert not panel.grab().isNull()
    assert len(seen(panel)) == 4
    assert all(len(each.yData) == 2000 for each in seen(panel))


def test_the_plot_follows_the_run_until_the_user_zooms_and_again_after_the_reset(panel):
    curves = a_run(10)
    panel.show_curves(curves)
    view, reset = control(panel, "curve_plot").getViewBox(), control(panel, "curve_reset")
    assert view.viewRange()[0][1] < 12
    assert not reset.isEnabled()
    view.scaleBy((0.5, 0.5))
    view.sigRangeChangedManually.emit([True, True])
    zoomed = view.viewRange()
    for number in range(11, 100):
        curves.add(Epoch("differential", number, 99, 1e-3, 2e-3, 1e-3))
    panel.show_curves(curves)
    assert view.viewRange() == zoomed
    click(panel, "curve_reset")
    assert view.viewRange()[0][1] > 99
    assert not reset.isEnabled()


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


@pytest.mark.parametrize("colours", [DARK, LIGHT])
def test_the_saved_picture_is_a_png_with_both_colours_on_the_colour_of_the_theme(panel, tmp_path, colours):
    panel.show_curves(a_run(anchors=30))
    panel.set_colours(colours)
    path = tmp_path / "Kurven für Zoë.png"
    choose_file(panel, "curve_save_picture", path)
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    found = pixels(path)
    assert close_to(colours.panel, found) > 0.4 * len(found)
    assert close_to(colours.validation, found) > 300
    assert close_to(colours.training, found) > 300
    assert str(path) in control(panel, "curve_message").text()


def test_the_saved_table_holds_what_is_drawn(panel, tmp_path):
    curves = a_run(7, anchors=2)
    panel.show_curves(curves)
    choose_file(panel, "curve_save_table", tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4 * 7
    found = [float(row["training loss"]) for row in rows if row["model"] == "anchor 1"]
    assert found == curves.anchors[1].train.values


@pytest.mark.parametrize("save", ["save_png", "save_csv"])
def test_a_file_that_cannot_be_written_is_told_and_not_raised_at_the_user(panel, tmp_path, save):
    panel.show_curves(a_run())
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "file" / "out", "no\0name"):
        with pytest.raises(GlmDeepError):
            getattr(panel, save)(place)
    button = "curve_save_picture" if save == "save_png" else "curve_save_table"
    click(panel, button)
    panel.findChild(QtWidgets.QFileDialog, "curve_file").fileSelected.emit(str(tmp_path / "file" / "out"))
    message = control(panel, "curve_message")
    assert message.isVisible()
    assert message.property("wrong")
    assert str(tmp_path / "file" / "out") in message.text()


def test_nothing_can_be_saved_before_the_first_epoch(panel):
    panel.show_curves(None)
    assert not control(panel, "curve_save_picture").isEnabled()
    assert not control(panel, "curve_save_table").isEnabled()


def test_every_control_has_a_name_and_is_reached_with_the_tabulator_key(panel):
    panel.show_curves(a_run(anchors=30))
    for name in CONTROLS:
        found = control(panel, name)
        assert found.accessibleName()
        assert found.focusPolicy() & QtCore.Qt.TabFocus
    click(panel, "curve_log")
    control(panel, "curve_log").setFocus()
    QTest.keyClick(control(panel, "curve_log"), QtCore.Qt.Key_Space)
    assert control(panel, "curve_log").isChecked()


@pytest.mark.parametrize("width", [320, 700])
def test_no_control_is_cut_off_or_covers_another(panel, width):
    panel.show_curves(a_run(anchors=300))
    panel.resize(width, 420)
    QtWidgets.QApplication.processEvents()
    assert panel.width() == width
    places = [control(panel, name).geometry() for name in CONTROLS]
    assert all(place.right() < width for place in places)
    assert not any(one.intersects(other) for n, one in enumerate(places) for other in places[:n])


def test_nothing_is_changed_for_other_users_of_pyqtgraph(panel):
    before = dict(pg.CONFIG_OPTIONS)
    panel.set_colours(LIGHT)
    panel.show_curves(a_run(anchors=30))
    click(panel, "curve_log")
    assert before == pg.CONFIG_OPTIONS
    assert pg.PlotDataItem().opts["antialias"] == before["antialias"]


@pytest.fixture
def without_pyqtgraph(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def take_away() -> None:
        monkeypatch.setitem(sys.modules, "pyqtgraph", None)
        monkeypatch.delitem(sys.modules, "glm_deep_ui.widgets.plot_items")

    return take_away


def test_without_pyqtgraph_one_line_says_what_to_install(without_pyqtgraph, tmp_path):
    without_pyqtgraph()
    panel = CurvePanel()
    panel.resize(320, 200)
    panel.show()
    assert control(panel, "curve_message").text() == curve_panel.MISSING
    panel.show_curves(a_run())
    panel.show_ghost(a_run())
    panel.set_colours(LIGHT)
    panel.save_png(tmp_path / "none.png")
    panel.save_csv(tmp_path / "none.csv")
    assert list(tmp_path.iterdir()) == []
    assert panel.findChild(QtWidgets.QToolButton) is None
    panel.close()
