from __future__ import annotations

import dataclasses
import json
import math
import threading
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glm_deep import events
from glm_deep.errors import GlmDeepError
from glm_deep.events import Epoch, EventWriter, Started, Unknown, Warned, read_events

STARTED = Started("0001", "arm", 4711, "ws12", "0.1.0")

TEXT = st.text(max_size=20)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
DICTIONARY = st.dictionaries(
    TEXT, st.none() | st.booleans() | st.integers() | NUMBER | TEXT | st.lists(NUMBER), max_size=4
)
BY_ANNOTATION = {
    "str": TEXT,
    "int": st.integers(),
    "bool": st.booleans(),
    "float": NUMBER,
    "float | None": st.none() | NUMBER,
    "tuple[float, ...] | None": st.none() | st.lists(NUMBER, max_size=3).map(tuple),
    "dict[str, Any]": DICTIONARY,
}
KINDS = get_args(events.Event)[:-1]


def a_record(kind: type) -> st.SearchStrategy[events.Event]:
    return st.builds(kind, **{each.name: BY_ANNOTATION[each.type] for each in dataclasses.fields(kind)})


def write(path: Path, *records: events.Event) -> None:
    with EventWriter(path) as writer:
        for record in records:
            writer.write(record)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=st.one_of([a_record(kind) for kind in KINDS]))
def test_every_kind_of_record_is_read_as_it_was_written(tmp_path, record):
    path = tmp_path / "events.jsonl"
    path.write_bytes(events.encode(record))
    assert read_events(path) == ([record], path.stat().st_size)


def test_the_kinds_are_the_documented_ones():
    assert [kind.kind for kind in KINDS] == [
        *("started", "configuration", "device", "phase", "epoch", "checkpoint", "warning", "verdict", "report"),
        *("exported", "not exported", "stopped", "finished", "failed"),
    ]


def test_what_was_exported_and_what_was_not_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "events.jsonl"
    graph = events.Exported("models/Bär.onnx", "fp32", 123_456, 2.5e-7)
    engine = events.Exported("models/Bär.engine", "fp16", 7)
    missing = events.NotExported("tensorrt", "There is no GPU. The ONNX graph plays without.")
    write(path, STARTED, graph, engine, missing)
    read = [dataclasses.replace(event, time=0.0) for event in read_events(path)[0][1:]]
    assert read == [graph, engine, missing]
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    assert [line["kind"] for line in lines] == ["exported", "exported", "not exported"]
    assert [line.get("apart") for line in lines] == [2.5e-7, None, None]


def test_the_first_thing_in_the_file_is_the_schema_version(tmp_path):
    write(tmp_path / "events.jsonl", STARTED)
    first = json.loads((tmp_path / "events.jsonl").read_text(encoding="utf-8"))
    assert list(first)[:2] == ["schema", "kind"]
    assert first["schema"] == 1


def test_a_file_that_does_not_begin_with_started_is_a_mistake_of_the_program(tmp_path):
    with EventWriter(tmp_path / "events.jsonl") as writer, pytest.raises(ValueError, match="must be Started"):
        writer.write(Warned("too early"))


def test_the_writer_stamps_the_records_with_the_present_time(tmp_path, monkeypatch):
    monkeypatch.setattr(events.time, "time", lambda: 1700000000.12345)
    with EventWriter(tmp_path / "events.jsonl") as writer:
        assert writer.write(STARTED).time == 1700000000.123
    assert read_events(tmp_path / "events.jsonl")[0][0].time == 1700000000.123


def test_every_record_is_in_the_file_before_the_next_is_written(tmp_path):
    path = tmp_path / "events.jsonl"
    with EventWriter(path) as writer:
        writer.write(STARTED)
        assert [event.kind for event in read_events(path)[0]] == ["started"]
        writer.write(Warned("one"))
        assert [event.kind for event in read_events(path)[0]] == ["started", "warning"]


def test_numbers_that_are_not_finite_are_null_in_the_file_and_nan_when_read(tmp_path):
    path = tmp_path / "events.jsonl"
    lost = Epoch("subspaces", 3, 9, math.nan, math.inf, 1e-4, anchor_train=(1.0, -math.inf))
    write(path, STARTED, lost)
    line = path.read_text(encoding="utf-8").splitlines()[1]
    assert json.loads(line)["train_loss"] is None
    assert json.loads(line)["anchor_train"] == [1.0, None]
    epoch = read_events(path)[0][1]
    assert math.isnan(epoch.train_loss)
    assert math.isnan(epoch.validation_loss)
    assert epoch.learning_rate == 1e-4
    assert epoch.seconds_left is None
    assert epoch.anchor_train[0] == 1.0
    assert math.isnan(epoch.anchor_train[1])


def test_numbers_of_numpy_and_paths_can_be_recorded(tmp_path):
    path = tmp_path / "events.jsonl"
    report = {"mean": np.float32(0.5), "frames": np.int64(7), "file": tmp_path, "worst": (np.float64("nan"), 2)}
    write(path, STARTED, events.Reported(report))
    assert read_events(path)[0][1].report == {"mean": 0.5, "frames": 7, "file": str(tmp_path), "worst": [None, 2]}


def test_what_json_does_not_know_is_a_mistake_of_the_program(tmp_path):
    with EventWriter(tmp_path / "events.jsonl") as writer:
        writer.write(STARTED)
        with pytest.raises(TypeError, match="a record cannot hold a set"):
            writer.write(events.Reported({"frames": {1, 2}}))
    assert len(read_events(tmp_path / "events.jsonl")[0]) == 1


def test_a_line_that_is_not_ended_yet_waits_for_the_next_call(tmp_path):
    path = tmp_path / "events.jsonl"
    whole = events.encode(STARTED) + events.encode(Warned("Ärmel zu kurz"))
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        first, offset = read_events(path)
        path.write_bytes(whole)
        rest, end = read_events(path, offset)
        assert [*first, *rest] == [STARTED, Warned("Ärmel zu kurz")]
        assert end == len(whole)


def test_at_the_end_of_the_file_there_is_nothing_to_read_and_the_offset_stays(tmp_path):
    path = tmp_path / "events.jsonl"
    write(path, STARTED)
    _, offset = read_events(path)
    assert read_events(path, offset) == ([], offset)


def test_a_run_without_a_file_yet_has_no_records(tmp_path):
    assert read_events(tmp_path / "events.jsonl") == ([], 0)


@pytest.mark.parametrize("max_bytes", [1, 7, 100, 300, 1000])
def test_reading_in_small_steps_gives_the_same_records(tmp_path, max_bytes):
    path = tmp_path / "events.jsonl"
    records = [STARTED, *(Warned("x" * length) for length in (0, 250, 3, 90, 0, 0, 500))]
    path.write_bytes(b"".join(map(events.encode, records)))
    read, offset = [], 0
    while offset < path.stat().st_size:
        part, offset = read_events(path, offset, max_bytes=max_bytes)
        assert part
        read += part
    assert read == records


def test_one_call_leaves_what_is_beyond_its_share_to_the_next(tmp_path):
    path = tmp_path / "events.jsonl"
    line = events.encode(Warned("word"))
    path.write_bytes(line * 1000)
    part, offset = read_events(path, max_bytes=10 * len(line) + 5)
    assert len(part) == 10
    assert offset == 10 * len(line)


def test_kinds_of_a_newer_version_are_kept(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text('{"kind":"aurora","time":5.5,"colour":"green"}\n', encoding="utf-8")
    assert read_events(path)[0] == [Unknown("aurora", {"colour": "green"}, 5.5)]
    assert (
        events.encode(Unknown("aurora", {"colour": "green"}, 5.5)) == b'{"kind":"aurora","time":5.5,"colour":"green"}\n'
    )


def test_fields_of_a_newer_version_are_left_out(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text('{"kind":"warning","text":"wet","time":1.5,"depth":3}\n', encoding="utf-8")
    assert read_events(path)[0] == [Warned("wet", 1.5)]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[1, 2]",
        b'"started"',
        b'{"text":"no kind"}',
        b'{"kind":5}',
        b"\xff\xfe\x00",
        b"[" * 5000,
        b'{"kind":"warning"}',
        b'{"kind":"warning","text":5}',
        b'{"kind":"phase","name":"PCA","done":true,"total":3}',
        b'{"kind":"phase","name":"PCA","done":1.5,"total":3}',
        b'{"kind":"finished","model":"a.glmdeep","seconds":1' + b"0" * 400 + b"}",
        b'{"kind":"finished","model":"a.glmdeep","seconds":"long"}',
        b'{"kind":"epoch","model":"subspaces","epoch":1,"epochs":2,"train_loss":1,"validation_loss":1,'
        b'"learning_rate":1,"anchor_train":3}',
    ],
)
def test_a_damaged_line_in_the_middle_is_counted_and_the_others_are_read(tmp_path, line):
    path = tmp_path / "events.jsonl"
    path.write_bytes(events.encode(STARTED) + line + b"\n" + events.encode(Warned("after")))
    read, offset = read_events(path)
    assert [event.kind for event in read] == ["started", "damaged", "warning"]
    assert offset == path.stat().st_size


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=200))
def test_no_bytes_whatever_break_the_reader(tmp_path, junk):
    path = tmp_path / "events.jsonl"
    path.write_bytes(junk + b"\n" + events.encode(Warned("after")))
    read, offset = read_events(path)
    assert read[-1] == Warned("after")
    assert offset == path.stat().st_size


def test_a_writer_that_takes_up_a_killed_run_loses_only_the_unfinished_line(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(events.encode(STARTED) + b'{"kind":"warning","te')
    write(path, Warned("again"))
    assert [event.kind for event in read_events(path)[0]] == ["started", "damaged", "warning"]


def test_two_threads_of_a_run_do_not_mix_their_lines(tmp_path):
    path = tmp_path / "events.jsonl"
    with EventWriter(path) as writer:
        writer.write(STARTED)
        threads = [threading.Thread(target=lambda: [writer.write(Warned("y" * 300)) for _ in range(100)]) for _ in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    read, _ = read_events(path)
    assert {event.text for event in read[1:]} == {"y" * 300}
    assert len(read) == 201


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(GlmDeepError, match=r"file.events\.jsonl: the events of the run cannot be written .*Check that"):
        EventWriter(tmp_path / "file" / "events.jsonl")


def test_a_folder_in_place_of_the_file_is_named_when_read(tmp_path):
    with pytest.raises(GlmDeepError, match="cannot be read"):
        read_events(tmp_path)
