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

from curves_on_screen import QTest, a_run, click, control, grow, legend, lines_of, open_panel, seen
from glm_deep.errors import GlmDeepError
from glm_deep.events import Epoch
from glm_deep_ui.curves import Curves
from glm_deep_ui.qt import QtCore, QtGui, QtWidgets
from glm_deep_ui.style import DARK, LIGHT
from glm_deep_ui.widgets import curve_panel
from glm_deep_ui.widgets.curve_panel import CurvePanel

pytestmark = pytest.mark.usefixtures("qapp")

CONTROLS = ["curve_log", "curve_reset", "curve_save_picture", "curve_save_table", "curve_anchor"]


@pytest.fixture
def panel(qapp: Any) -> Iterator[CurvePanel]:
    with open_panel() as made:
        yield made


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
        assert {each.pen.style() for each in seen(panel) if each.pen.color().name() == colour} == {style}
    assert "differential, best: epoch 15" in legend(panel)
    assert "subspaces, best: epoch 15" in legend(panel)


def test_a_growing_run_is_drawn_anew_only_when_it_has_changed(panel, monkeypatch):
    curves, drawn = a_run(5), []
    plot = control(panel, "curve_plot")
    whole = plot.redraw
    monkeypatch.setattr(plot, "redraw", lambda: (drawn.append(1), whole()))
    for _ in range(3):
        panel.show_curves(curves)
    QTest.qWait(2 * curve_panel.DRAW_EVERY)
    assert len(drawn) == 1
    grow(panel, curves, range(6, 7))
    assert len(drawn) == 2
    assert len(lines_of(panel, DARK.validation)[0][1]) == 6


def test_records_that_come_fast_are_drawn_together(panel, monkeypatch):
    curves, drawn = a_run(5), []
    panel.show_curves(curves)
    plot = control(panel, "curve_plot")
    whole = plot.redraw
    monkeypatch.setattr(plot, "redraw", lambda: (drawn.append(1), whole()))
    grow(panel, curves, range(6, 60))
    assert len(drawn) == 1
    assert len(lines_of(panel, DARK.validation)[0][1]) == 59


def test_no_line_goes_back_where_epochs_are_trained_again(panel):
    curves = a_run(30)
    panel.show_curves(curves)
    grow(panel, curves, range(12, 20))
    for line in seen(panel):
        assert (np.diff(line.points[0]) > 0).all()
    assert {line.points[0][-1] for line in seen(panel)} == {19, 30}


def test_the_log_button_changes_the_scale_there_and_back(panel):
    panel.show_curves(a_run())
    assert lines_of(panel, DARK.training)[0][1].max() < 0
    click(panel, "curve_log")
    assert lines_of(panel, DARK.training)[0][1].max() == pytest.approx(a_run().models["differential"].train.values[0])
    click(panel, "curve_log")
    assert lines_of(panel, DARK.training)[0][1].max() < 0


def test_the_first_epoch_is_seen_at_once(panel, tmp_path):
    curves = Curves()
    for model, loss in (("differential", 1e-2), ("subspaces", 1e-4)):
        curves.add(Epoch(model, 1, 90, loss, 2 * loss, 1e-3))
    panel.show_curves(curves)
    plot, right = control(panel, "curve_plot"), panel.width() // 2 + 100
    plot.grab().copy(0, 0, right, plot.height()).save(str(tmp_path / "left of the legend.png"))
    found = pixels(tmp_path / "left of the legend.png")
    assert close_to(DARK.validation, found) > 20
    assert close_to(DARK.training, found) > 20


def test_it_is_said_why_nothing_is_drawn(panel):
    plot = control(panel, "curve_plot")
    panel.show_curves(None)
    assert (plot.empty.isVisible(), plot.empty.text()) == (True, "No epoch yet")
    curves = Curves()
    curves.add(Epoch("differential", 1, 9, math.nan, math.nan, 1e-3))
    panel.show_curves(curves)
    assert (plot.empty.isVisible(), plot.empty.text()) == (True, "No loss that can be drawn")
    grow(panel, curves, range(2, 3))
    assert not plot.empty.isVisible()


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


def test_a_star_lies_on_the_best_epoch_of_each_model(panel):
    curves = a_run()
    panel.show_curves(curves)
    unscaled = QtWidgets.QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations
    plot = control(panel, "curve_plot")
    paths = [each for each in plot.items() if isinstance(each, QtWidgets.QGraphicsPathItem)]
    stars = [each.pos() for each in paths if each.flags() & unscaled and each.isVisible()]
    expected = [curves.models[model].validation.values[14] for model in ("differential", "subspaces")]
    assert sorted((each.x(), each.y()) for each in stars) == [
        (15, pytest.approx(height)) for height in sorted(np.log10(expected))
    ]


def test_the_run_before_is_grey_and_dashed_and_can_be_taken_away(panel):
    panel.show_ghost(a_run(scale=3.0))
    panel.show_curves(a_run())
    grey = [each.pen for each in seen(panel) if each.pen.color().name() == DARK.ghost]
    assert [pen.style() for pen in grey] == [QtCore.Qt.CustomDashLine] * 2
    assert "previous run" in legend(panel)
    panel.show_ghost(None)
    assert lines_of(panel, DARK.ghost) == []
    assert "previous run" not in legend(panel)


def test_three_hundred_anchors_of_two_thousand_epochs_are_drawn_as_median_and_band(panel):
    curves = a_run(2000, anchors=300)
    for _ in range(3):
        curves.changed += 1
        panel.show_curves(curves)
        assert not panel.grab().isNull()
    assert len(seen(panel)) == 4
    assert all(len(each.points[1]) == 2000 for each in seen(panel))


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


def test_lines_are_as_thick_in_the_saved_picture_as_on_the_screen(panel, tmp_path):
    flat = Curves()
    for number in range(1, 30):
        flat.add(Epoch("differential", number, 30, 1e-3, 1e-2, 1e-3))
    panel.show_curves(flat)
    QtWidgets.QApplication.processEvents()
    control(panel, "curve_plot").grab().save(str(tmp_path / "screen.png"))
    panel.save_png(tmp_path / "saved.png")
    for colour in (DARK.validation, DARK.line):
        screen, saved = (close_to(colour, pixels(tmp_path / name)) for name in ("screen.png", "saved.png"))
        assert saved > 3 * screen  # twice as wide and twice as long
    assert [width for width, _ in lines_of(panel, DARK.validation)] == [2.5]


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
        monkeypatch.delitem(sys.modules, "glm_deep_ui.widgets.curve_plot")

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
