"""One line of the learning curves: what is left out where points lie close, and how it looks."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("glm_deep_ui.qt", exc_type=ImportError, reason="there is no binding of Qt")
pytest.importorskip("numpy", reason="there is no numpy")
pytest.importorskip("pyqtgraph", exc_type=ImportError, reason="there is no pyqtgraph")

import numpy as np
import pyqtgraph as pg

from glm_deep_ui.qt import QtGui, QtWidgets
from glm_deep_ui.widgets.plot_curve import COLUMN, CurveItem, thinned
from glm_deep_ui.widgets.plot_lines import pen_of

pytestmark = pytest.mark.usefixtures("qapp")
COLOUR = "#ff0000"


def columns_of(heights: Any, pen: QtGui.QPen) -> Any:
    """For each column of pixels of a wide plot, how many of them the line colours."""
    plot = pg.PlotWidget(background="#000000")
    plot.hideAxis("left")
    plot.hideAxis("bottom")
    plot.resize(600, 200)
    item = CurveItem()
    plot.addItem(item)
    plot.getViewBox().setRange(xRange=(0, len(heights) - 1), yRange=(-1, 1), padding=0)
    item.show_points((np.arange(float(len(heights))), np.asarray(heights, float)), pen)
    plot.show()
    QtWidgets.QApplication.processEvents()
    image = plot.grab().toImage().convertToFormat(QtGui.QImage.Format.Format_RGB32)
    plot.close()
    raw = np.frombuffer(image.constBits(), np.uint8).copy()
    return (raw.reshape(image.height(), image.width(), 4)[:, 20:-20, 2] > 100).sum(axis=0)


@given(st.lists(st.floats(-1e3, 1e3) | st.just(math.nan), max_size=400), st.floats(0.001, 50))
def test_lowest_highest_and_last_are_left_wherever_points_lie_close(heights: list[float], apart: float) -> None:
    x, y = apart * np.arange(len(heights)), np.array(heights)
    fewer_x, fewer_y = thinned(x, y)
    width = x[-1] if heights else 0.0
    assert len(fewer_x) == len(fewer_y) <= 4 * max(width, 1.0) / COLUMN + 4
    assert (np.diff(fewer_x) >= 0).all()
    np.testing.assert_array_equal([fewer_x[-1:], fewer_y[-1:]], [x[-1:], y[-1:]])
    whole, left = y[np.isfinite(y)], fewer_y[np.isfinite(fewer_y)]
    assert set(left) <= set(whole)
    if len(whole):
        assert (left.min(), left.max()) == (whole.min(), whole.max())


@pytest.mark.parametrize("count", [2, 30, 500, 20_000])
def test_a_line_is_unbroken_and_as_wide_as_its_pen(count: int) -> None:
    found = columns_of(np.zeros(count), pen_of(COLOUR, 3.0))
    assert set(found) <= {2, 3, 4}


@pytest.mark.parametrize("count", [2, 30, 500, 20_000])
def test_dashes_are_as_long_however_many_points_there_are(count: int) -> None:
    found = columns_of(np.zeros(count), pen_of(COLOUR, 2.0, (8.0, 8.0))) > 0
    assert 0.35 < found.mean() < 0.65
    assert 30 < (np.diff(found.astype(int)) != 0).sum() < 90


def test_what_is_no_number_leaves_a_gap_and_a_point_alone_is_a_dot() -> None:
    heights = np.zeros(11)
    heights[[4, 6]] = math.nan
    found = columns_of(heights, pen_of(COLOUR, 2.0))
    middle = len(found) // 2
    assert found[middle] >= 5
    assert found[middle - 25] == found[middle + 25] == 0
    assert found[10] == found[-10] == 2


def test_a_thousand_heights_out_of_sight_are_no_trouble() -> None:
    heights = np.zeros(1000)
    heights[500:] = 1e300
    found = columns_of(heights, pen_of(COLOUR, 2.0, (7.0, 4.5)))
    assert found[: len(found) // 2 - 5].any()
    assert not found[len(found) // 2 + 5 :].any()
