"""What is kept of the learning curves of a run. Without Qt."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.events import Epoch, Warned
from glm_deep_ui.curves import MOST_POINTS, Curves, Series, curves_of

LOSS = st.floats(0, 1e6) | st.just(math.nan)


def epoch(number: int, train: float, validation: float, model: str = "differential", **more: object) -> Epoch:
    return Epoch(model, number, 10, train, validation, 1e-3, **more)  # type: ignore[arg-type]


def test_a_short_series_keeps_every_point():
    series = Series()
    for number in range(1, MOST_POINTS + 1):
        series.add(number, number / 2)
    assert series.epochs == list(range(1, MOST_POINTS + 1))
    assert series.values == [number / 2 for number in range(1, MOST_POINTS + 1)]


@pytest.mark.parametrize("first", [0, 1, 7])
@pytest.mark.parametrize("count", [MOST_POINTS + 1, MOST_POINTS + 2, 2 * MOST_POINTS + 1, 5 * MOST_POINTS + 3])
def test_a_long_series_keeps_its_first_and_its_last_point_and_stays_in_bounds(first, count):
    series = Series()
    for number in range(first, first + count):
        series.add(number, float(number))
        assert len(series.epochs) <= MOST_POINTS + 1
        assert (series.epochs[0], series.epochs[-1]) == (first, number)
    assert series.epochs == sorted(set(series.epochs))
    assert series.values == [float(number) for number in series.epochs]
    assert len(series.epochs) > MOST_POINTS // 2 - 2


@given(start=st.integers(0, 50), steps=st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_epochs_that_are_left_out_break_nothing(start, steps):
    series, number = Series(), start
    for step in steps * 60:
        series.add(number, float(number))
        last, number = number, number + step
    assert len(series.epochs) <= MOST_POINTS + 1
    assert series.epochs == sorted(set(series.epochs))
    assert (series.epochs[0], series.epochs[-1]) == (start, last)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_an_epoch_that_is_trained_again_takes_the_place_of_all_from_it_on(numbers):
    series, expected = Series(), []
    for time, number in enumerate(numbers):
        series.add(number, float(time))
        expected = [(epoch, value) for epoch, value in expected if epoch < number] + [(number, float(time))]
    assert list(zip(series.epochs, series.values)) == expected


@given(st.lists(st.tuples(st.integers(0, 6 * MOST_POINTS), st.integers(1, 2 * MOST_POINTS)), min_size=1, max_size=4))
def test_a_long_series_that_goes_back_again_and_again_rises_and_stays_in_bounds(stretches):
    series, known = Series(), {}
    for start, count in stretches:
        for number in range(start, start + count):
            if number == start:
                known = {epoch: value for epoch, value in known.items() if epoch < start}
            known[number] = float(len(known))
            series.add(number, known[number])
        assert len(series.epochs) <= MOST_POINTS + 1
        assert series.epochs == sorted(set(series.epochs))
        assert series.epochs[-1] == start + count - 1
        assert series.epochs[0] == min(known)
        assert series.values == [known[epoch] for epoch in series.epochs]


@given(st.lists(st.tuples(LOSS, LOSS), min_size=1, max_size=40))
def test_the_band_holds_the_quantiles_of_the_anchors(pairs):
    train, validation = (tuple(each) for each in zip(*pairs))
    curves = curves_of([epoch(1, 1.0, 1.0, "subspaces", anchor_train=train, anchor_validation=validation)])
    for found, share in ((curves.band.low, 0.1), (curves.band.median, 0.5), (curves.band.high, 0.9)):
        for series, values in ((found.train, train), (found.validation, validation)):
            finite = [value for value in values if math.isfinite(value)]
            expected = np.quantile(finite, share) if finite else math.nan
            assert series.values == [pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)]


@given(st.lists(st.tuples(LOSS, LOSS), max_size=30))
def test_a_table_reads_back_as_it_was_written(losses):
    curves = curves_of(epoch(number, *both) for number, both in enumerate(losses, 1))
    head, *rows = csv.reader(io.StringIO(curves.as_csv()))
    assert head == ["model", "epoch", "training loss", "validation loss"]
    assert [(row[0], int(row[1])) for row in rows] == [("differential", n) for n in range(1, len(losses) + 1)]
    np.testing.assert_array_equal([[float(each) for each in row[2:]] for row in rows], [list(each) for each in losses])


def test_anchors_are_in_the_table_by_number():
    curves = curves_of([epoch(1, 1.0, 2.0, "subspaces", anchor_train=(3.0, 4.0), anchor_validation=(5.0, 6.0))])
    assert curves.as_csv().splitlines()[1:] == ["subspaces,1,1.0,2.0", "anchor 0,1,3.0,5.0", "anchor 1,1,4.0,6.0"]


def test_the_best_epoch_is_that_of_the_records_and_never_nan():
    told = [(1, 3.0, True), (2, 2.0, True), (3, 4.0, False), (4, math.nan, True)]
    curves = curves_of(epoch(number, 1.0, loss, best=best) for number, loss, best in told)
    assert curves.best == {"differential": (2, 2.0)}


def test_a_best_epoch_that_is_trained_again_is_best_no_more():
    curves = curves_of(epoch(number, 1.0, 2.0, best=number == 3) for number in (1, 2, 3, 4, 4))
    assert curves.best == {"differential": (3, 2.0)}
    curves.add(epoch(2, 1.0, 2.0))
    assert curves.best == {}


def test_all_curves_of_a_run_go_back_together():
    def of_anchors(number: int, loss: float) -> Epoch:
        return epoch(number, loss, loss, "subspaces", anchor_train=(loss,) * 3, anchor_validation=(2 * loss,) * 3)

    curves = curves_of([*(of_anchors(number, 1.0) for number in range(1, 9)), of_anchors(5, 0.5), of_anchors(6, 0.25)])
    for pair in (*curves.anchors, curves.band.median, curves.band.low, curves.models["subspaces"]):
        assert pair.train.epochs == pair.validation.epochs == [1, 2, 3, 4, 5, 6]
        assert pair.train.values == [1.0] * 4 + [0.5, 0.25]
    assert [pair.validation.values[-1] for pair in curves.anchors] == [0.5] * 3


def test_a_long_run_of_many_anchors_keeps_the_losses_of_each_in_bounds():
    curves = Curves()
    for number in range(1, 2 * MOST_POINTS + 9):
        train = tuple(number + each / 100 for each in range(30))
        more = {"anchor_train": train, "anchor_validation": tuple(2 * each for each in train)}
        curves.add(epoch(number, 1.0, 1.0, "subspaces", **more))
    assert len(curves.anchors) == 30
    for each, pair in enumerate(curves.anchors):
        assert len(pair.train.epochs) <= MOST_POINTS + 1
        assert pair.train.epochs == curves.models["subspaces"].train.epochs
        assert pair.train.values == [number + each / 100 for number in pair.train.epochs]
        assert pair.validation.values == [2 * value for value in pair.train.values]


def test_a_record_of_another_number_of_anchors_is_left_out():
    records = [
        epoch(number, 1.0, 1.0, "subspaces", anchor_train=(1.0,) * count, anchor_validation=(1.0,) * count)
        for number, count in ((1, 3), (2, 2), (3, 3))
    ]
    assert [pair.train.epochs for pair in curves_of(records).anchors] == [[1, 3]] * 3


def test_only_epochs_change_anything():
    curves = Curves()
    curves.add(Warned("careful"))
    assert (curves.changed, curves.is_empty) == (0, True)
    curves.add(epoch(1, 1.0, 1.0))
    assert (curves.changed, curves.is_empty) == (1, False)


def test_anchors_without_their_other_half_are_left_out():
    curves = curves_of([epoch(1, 1.0, 1.0, "subspaces", anchor_train=(1.0, 2.0), anchor_validation=(1.0,))])
    assert len(curves.anchors) == 0
    assert curves.models["subspaces"].train.values == [1.0]
