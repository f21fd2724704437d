"""The learning rate of every step."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.train.schedule import Schedule


def test_the_rate_peaks_at_ten_times_the_setting_after_a_tenth() -> None:
    schedule = Schedule(1e-4, 200, 0, 2.0)
    rates = [schedule.at(step / 8) for step in range(1600)]
    assert max(rates) == pytest.approx(1e-3)
    assert rates.index(max(rates)) == 160
    assert schedule.at(10) == pytest.approx(5e-4)  # half of the way up


def test_the_rate_rises_falls_along_a_cosine_and_ends_at_nothing() -> None:
    schedule = Schedule(1e-4, 200, 0, 2.0)
    rates = [schedule.at(epoch) for epoch in range(201)]
    assert all(a <= b for a, b in zip(rates[:20], rates[1:21]))
    assert all(a > b for a, b in zip(rates[20:200], rates[21:]))
    for epoch in range(20, 201):
        assert rates[epoch] == pytest.approx(5e-4 * (1 + math.cos(math.pi * (epoch - 20) / 180)), abs=1e-15)
    assert rates[200] == 0.0
    assert schedule.at(199.9) < 1e-8


def test_the_first_step_is_small_but_not_nothing() -> None:
    assert Schedule(1e-4, 200, 0, 2.0).at(0) == pytest.approx(2e-5)


def test_decay_epochs_divide_the_rate_in_steps() -> None:
    schedule = Schedule(1e-3, 100, 30, 4.0)
    rates = [schedule.at(epoch) for epoch in (0, 29.9, 30, 59, 60, 99)]
    assert rates == pytest.approx([1e-3, 1e-3, 2.5e-4, 2.5e-4, 6.25e-5, 1.5625e-5])


@given(st.integers(1, 500), st.floats(0, 1))
def test_the_rate_is_never_negative_nor_above_its_peak(epochs: int, part: float) -> None:
    assert 0.0 <= Schedule(1e-4, epochs, 0, 2.0).at(part * epochs) <= 1e-3 * (1 + 1e-12)


def test_a_rate_that_is_divided_very_often_goes_to_zero() -> None:
    assert Schedule(1e-3, 5000, 1, 100.0).at(4000) == 0.0
    assert Schedule(1e-3, 5000, 1, 2.0).at(3) == pytest.approx(1.25e-4)
