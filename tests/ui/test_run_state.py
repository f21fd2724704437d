"""What the records of a run say, put together one by one."""

from __future__ import annotations

import copy
import dataclasses
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.events import (
    DAMAGED,
    CheckpointSaved,
    Configured,
    DeviceChosen,
    Epoch,
    Event,
    Exported,
    Failed,
    Finished,
    Judged,
    NotExported,
    Phase,
    Reported,
    Started,
    Stopped,
    Unknown,
    Warned,
)
from glm_deep_ui.run_state import FAILED, FINISHED, RUNNING, STOPPED, WAITING, RunState

STARTED = Started("0007", "Zoë", 4711, "ws12", "0.1.0", time=1000.0)
MODEL = "/daten/Zoë's models/Zoë.glmdeep"


def epoch(number: int, seconds_left: float | None = None, when: float = 0.0, model: str = "differential") -> Epoch:
    return Epoch(model, number, 200, 0.5, 0.6, 1e-3, seconds_left, time=when)


def judged(model: str, verdict: str, live: bool = True) -> Judged:
    return Judged(model, verdict, f"It is {verdict}.", "the curves", "wait", live)


def after(*records: Event) -> RunState:
    """The state once these records are taken in."""
    state = RunState()
    for record in records:
        state.add(record)
    return state


def told(state: RunState) -> dict[str, Any]:
    """All that a state says, but for when it last heard of its run."""
    kept = {each.name: getattr(state, each.name) for each in dataclasses.fields(state) if each.name != "told_at"}
    return copy.deepcopy(kept)


def test_before_any_record_a_run_is_waited_for() -> None:
    state = RunState()
    assert state.state == WAITING
    assert (state.run, state.model, state.report, state.failure) == ("", "", None, None)
    assert state.left() is None


def test_states_share_no_lists() -> None:
    after(Warned("one"), Exported("a.onnx", "fp32", 3), NotExported("trt", "None."), judged("subspaces", "healthy"))
    fresh = RunState()
    assert (fresh.warnings, fresh.exported, fresh.not_exported, fresh.verdicts) == ([], [], [], {})


def test_a_run_tells_who_it_is_where_it_is_and_what_it_left() -> None:
    state = after(STARTED)
    assert (state.state, state.run, state.asset, state.pid, state.begun) == (RUNNING, "0007", "Zoë", 4711, 1000.0)
    state.add(DeviceChosen("automatic", "cuda:0", "there is a GPU", 6, time=1001.0))
    assert (state.device, state.why, state.threads) == ("cuda:0", "there is a GPU", 6)
    state.add(Phase("components", 3, 12, time=1002.0))
    assert (state.step, state.done, state.total, state.left(1002.0)) == ("components", 3, 12, None)
    state.add(epoch(5, 90.0, 1003.0))
    assert (state.step, state.done, state.total, state.left(1003.0)) == ("differential", 5, 200, 90.0)
    state.add(Warned("Two frames are twins."))
    state.add(Warned("An input never moves."))
    assert state.warnings == ["Two frames are twins.", "An input never moves."]
    state.add(Phase("reconstruction", 0, 4, time=1004.0))
    assert (state.step, state.done, state.total, state.left(1004.0)) == ("reconstruction", 0, 4, None)
    state.add(Reported({"meshes": {}, "frames": 12}))
    assert state.report == {"meshes": {}, "frames": 12}
    state.add(Exported("Zoë.onnx", "fp32", 1234))
    state.add(Exported("Zoë.fp16.onnx", "fp16", 617))
    state.add(NotExported("TensorRT", "There is no GPU."))
    assert state.exported == ["Zoë.onnx", "Zoë.fp16.onnx"]
    assert state.not_exported == ["Not exported for TensorRT: There is no GPU."]
    assert (state.state, state.ended, state.model) == (RUNNING, 0.0, "")
    state.add(Finished(MODEL, 60.0, time=1060.0))
    assert (state.state, state.begun, state.ended, state.model) == (FINISHED, 1000.0, 1060.0, MODEL)
    assert state.failure is None


def test_the_last_verdict_on_each_model_counts() -> None:
    first, second = judged("differential", "too early"), judged("differential", "healthy", live=False)
    other = judged("subspaces", "overfitting")
    assert after(first, other, second).verdicts == {"differential": second, "subspaces": other}


@pytest.mark.parametrize("model", [MODEL, ""])
def test_a_stopped_run_says_which_model_it_left(model: str) -> None:
    state = after(STARTED, epoch(3, 20.0, 1010.0), Stopped(model, time=1011.0))
    assert (state.state, state.model, state.ended) == (STOPPED, model, 1011.0)
    assert state.left(1011.0) is state.seconds_left is None


def test_a_broken_run_keeps_what_broke_it_and_left_no_model() -> None:
    failure = Failed("the disk is full", "/daten", "Make room", "/daten/log.txt", time=1012.0)
    state = after(STARTED, epoch(3, 20.0, 1010.0), failure)
    assert (state.state, state.failure, state.ended, state.model) == (FAILED, failure, 1012.0, "")
    assert state.left(1012.0) is state.seconds_left is None


def test_the_seconds_left_are_counted_down_and_never_below_none() -> None:
    state = after(STARTED, epoch(3, 20.0, 1010.0))
    assert [state.left(now) for now in (1010.0, 1015.0, 1029.5, 1030.0, 1031.0, 9999.0)] == [20, 15, 0.5, 0, 0, 0]


def test_a_clock_that_is_behind_that_of_the_run_adds_no_seconds() -> None:
    assert after(STARTED, epoch(3, 20.0, 1010.0)).left(900.0) == 20.0


def test_without_a_clock_the_one_of_this_computer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1013.0)
    assert after(STARTED, epoch(3, 20.0, 1010.0)).left() == 17.0


def test_now_may_be_the_beginning_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1013.0)
    assert after(STARTED, epoch(3, 20.0, 1010.0)).left(0.0) == 20.0


def test_an_epoch_that_does_not_know_forgets_the_seconds_of_the_one_before() -> None:
    assert after(STARTED, epoch(3, 20.0, 1010.0), epoch(4, None, 1011.0)).left(1011.0) is None


def test_seconds_of_a_run_that_has_not_begun_are_not_counted() -> None:
    assert after(epoch(3, 20.0, 1010.0)).left(1010.0) is None


@given(seconds=st.floats(0, 1e7), when=st.floats(1, 2e9), now=st.floats(-1e9, 4e9), later=st.floats(0, 1e6, width=32))
def test_seconds_left_lie_between_none_and_what_was_said_and_never_rise(
    seconds: float, when: float, now: float, later: float
) -> None:
    state = after(STARTED, epoch(3, seconds, when))
    one, other = state.left(now), state.left(now + later)
    assert one is not None
    assert other is not None
    assert 0.0 <= other <= one <= seconds


@pytest.mark.parametrize(
    "record",
    [
        Unknown("aurora", {"state": "finished", "model": MODEL}),
        Unknown("finished later", {"warnings": ["none"]}),
        Unknown(DAMAGED, {"line": '{"kind": "finished", "mod'}),
        Unknown(DAMAGED, {"kind": "failed", "what": 3}),
        Configured({"asset": "somebody else"}),
        CheckpointSaved("checkpoint.npz", 7),
    ],
    ids=lambda record: record.kind,
)
@pytest.mark.parametrize(
    "end", [Finished(MODEL, 3.0, time=1020.0), Stopped(time=1020.0), Failed("x", time=1020.0), None]
)
def test_records_that_are_unknown_damaged_or_of_no_interest_change_nothing(record: Event, end: Event | None) -> None:
    for state in (RunState(), after(STARTED, epoch(3, 20.0, 1010.0), Warned("w"), *([end] if end else []))):
        before = told(state), state.left(1015.0)
        state.add(record)
        assert (told(state), state.left(1015.0)) == before


def test_a_record_without_a_time_leaves_the_clock_as_it_is() -> None:
    assert after(STARTED, epoch(3, 20.0, 1010.0), Warned("no time")).left(1015.0) == 15.0


KNOWN = [
    STARTED,
    DeviceChosen("cpu", "cpu", "it was asked for", 2, time=1001.0),
    Phase("components", 1, 2, time=1002.0),
    epoch(1, 30.0, 1003.0),
    epoch(2, None, 1004.0, "subspaces"),
    Warned("careful", time=1005.0),
    judged("differential", "healthy"),
    Reported({"frames": 1}, time=1006.0),
    Exported("a.onnx", "fp32", 3, time=1007.0),
    NotExported("trt", "No GPU.", time=1008.0),
    Finished(MODEL, 9.0, time=1009.0),
    Stopped(time=1009.0),
    Failed("broke", time=1009.0),
]


@given(records=st.lists(st.sampled_from(KNOWN)), places=st.lists(st.integers(0, 20)))
def test_damaged_lines_anywhere_among_the_records_make_no_difference(records: list[Event], places: list[int]) -> None:
    mixed = list(records)
    for place in places:
        mixed.insert(place, Unknown(DAMAGED, {"line": "Grüße\ufffd"}))
    assert after(*mixed) == after(*records)


@given(records=st.lists(st.sampled_from(KNOWN)))
def test_whatever_comes_a_state_is_what_its_last_beginning_or_end_was(records: list[Event]) -> None:
    state = after(*records)
    expected = WAITING
    for record in records:
        named = {Started: RUNNING, Finished: FINISHED, Stopped: STOPPED, Failed: FAILED}
        expected = named.get(type(record), expected)
    assert state.state == expected
    left = state.left(1010.0)
    assert left is None or (expected == RUNNING and left >= 0.0 and math.isfinite(left))
    assert state.warnings == [record.text for record in records if isinstance(record, Warned)]
    assert state.exported == [record.path for record in records if isinstance(record, Exported)]
