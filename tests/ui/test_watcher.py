"""Following the runs of a main folder while they grow, end and are replaced."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glm_deep.events import Epoch, Event, EventWriter, Finished, Phase, Started, Stopped, Warned, encode
from glm_deep.rundir import MainFolder, RunFolder, TrainingLock
from glm_deep_ui import watcher as watching
from glm_deep_ui.curves import curves_of
from glm_deep_ui.run_state import FINISHED, RUNNING, STOPPED, WAITING, RunState
from glm_deep_ui.watcher import BYTES_AT_ONCE, Watcher

STARTED = Started("0001", "Zoë", 4711, "ws12", "0.1.0", time=1000.0)


@pytest.fixture
def main(tmp_path: Path) -> MainFolder:
    return MainFolder(tmp_path / "Bär mit Hut")


def epoch(number: int) -> Epoch:
    return Epoch("differential", number, 90, 1.0 / number, 2.0 / number, 1e-3, 90.0 - number, time=1000.0 + number)


def append(run: RunFolder, *records: Event) -> None:
    """The records as a training writes them, but with the times they have."""
    with run.events.open("ab") as file:
        file.write(b"".join(encode(record) for record in records))


def a_run(main: MainFolder, *records: Event) -> RunFolder:
    """A new run with these records."""
    run = main.new_run()
    append(run, *records)
    return run


def taken_in(watcher: Watcher) -> int:
    """Takes in all there is; in how many steps that had records."""
    steps = 0
    while watcher.step():
        steps += 1
    return steps


def state_of(records: Iterable[Event]) -> RunState:
    state = RunState()
    for record in records:
        state.add(record)
    return state


def test_a_folder_that_is_not_there_has_no_run(main: MainFolder) -> None:
    watcher = Watcher(main)
    assert watcher.look() is False
    assert watcher.step() is False
    assert (watcher.run, watcher.ghost, watcher.error, watcher.state) == (None, None, "", RunState())
    assert watcher.curves.is_empty
    assert watcher.owner() is None
    assert not main.path.exists()


def test_a_run_that_has_said_nothing_yet_is_waited_for(main: MainFolder) -> None:
    run = main.new_run()
    watcher = Watcher(main)
    assert watcher.look() is True
    assert watcher.run == run
    assert watcher.step() is False
    assert (watcher.state.state, watcher.error) == (WAITING, "")
    append(run, STARTED)
    assert watcher.look() is False
    assert watcher.step() is True
    assert watcher.state.state == RUNNING


def test_the_last_run_by_number_is_followed(main: MainFolder) -> None:
    runs = [a_run(main, STARTED, Finished(f"{number}.glmdeep", 1.0)) for number in range(3)]
    (main.runs / "notes").mkdir()
    renamed = RunFolder(runs[0].path.rename(main.runs / "10000"))
    watcher = Watcher(main)
    assert watcher.look()
    taken_in(watcher)
    assert watcher.run == renamed
    assert watcher.state.model == "0.glmdeep"


def test_a_run_is_taken_in_as_it_grows_and_a_line_only_once_it_is_whole(main: MainFolder) -> None:
    run = a_run(main, STARTED, epoch(1))
    watcher = Watcher(main)
    watcher.look()
    assert watcher.step()
    assert (watcher.state.done, watcher.curves) == (1, curves_of([epoch(1)]))
    assert watcher.step() is False
    line = encode(epoch(2))
    with run.events.open("ab") as file:
        file.write(line[:20])
    assert watcher.step() is False
    assert watcher.state.done == 1
    with run.events.open("ab") as file:
        file.write(line[20:] + encode(Warned("Später"))[:-1])
    assert watcher.step()
    assert (watcher.state.done, watcher.state.warnings) == (2, [])
    with run.events.open("ab") as file:
        file.write(b"\n")
    append(run, Finished("Zoë.glmdeep", 3.0, time=1003.0))
    assert watcher.step()
    assert (watcher.state.state, watcher.state.warnings) == (FINISHED, ["Später"])
    assert watcher.curves == curves_of([epoch(1), epoch(2)])


def test_a_run_that_was_taken_up_begins_at_a_later_epoch(main: MainFolder) -> None:
    a_run(main, STARTED, *map(epoch, range(1, 60)))
    watcher = Watcher(main)
    watcher.look()
    taken_in(watcher)
    a_run(main, STARTED, *map(epoch, range(40, 91)))
    watcher.look()
    taken_in(watcher)
    assert watcher.curves == curves_of(map(epoch, range(40, 91)))
    assert watcher.ghost == curves_of(map(epoch, range(1, 60)))


def test_epochs_that_are_trained_again_in_a_run_take_the_place_of_those_before(main: MainFolder) -> None:
    run = a_run(main, STARTED, *map(epoch, range(1, 9)))
    watcher = Watcher(main)
    watcher.look()
    taken_in(watcher)
    append(run, STARTED, epoch(4), epoch(5))
    taken_in(watcher)
    assert watcher.curves.models == curves_of(map(epoch, range(1, 6))).models
    assert watcher.state.done == 5


def test_a_newer_run_takes_the_place_of_the_last_whose_curves_become_the_ghost(main: MainFolder) -> None:
    a_run(main, STARTED, epoch(1), epoch(2), Stopped("old.glmdeep"))
    watcher = Watcher(main)
    watcher.look()
    taken_in(watcher)
    assert (watcher.look(), watcher.ghost, watcher.state.state) == (False, None, STOPPED)
    newer = a_run(main, STARTED, epoch(1))
    assert watcher.look() is True
    assert watcher.run == newer
    assert watcher.state == RunState()
    assert watcher.curves.is_empty
    assert watcher.ghost == curves_of([epoch(1), epoch(2)])
    taken_in(watcher)
    assert (watcher.state.state, watcher.state.model, watcher.curves) == (RUNNING, "", curves_of([epoch(1)]))
    a_run(main, STARTED)
    watcher.look()
    assert watcher.ghost == curves_of([epoch(1)])


def test_a_run_without_curves_leaves_the_ghost_of_the_one_before(main: MainFolder) -> None:
    watcher = Watcher(main)
    for records in ([STARTED, epoch(1)], [STARTED, Stopped()], [STARTED]):
        a_run(main, *records)
        watcher.look()
        taken_in(watcher)
    assert watcher.ghost == curves_of([epoch(1)])


def test_a_step_reads_little_and_all_arrives_in_order_in_the_end(main: MainFolder) -> None:
    texts = [f"{number:06} {'ä' * 20}" for number in range(2500)]
    run = a_run(main, STARTED, *(Warned(text) for text in texts), Finished("Zoë.glmdeep", 1.0))
    line, size = len(encode(Warned(texts[0]))), run.events.stat().st_size
    assert size > 3 * BYTES_AT_ONCE
    watcher = Watcher(main)
    watcher.look()
    steps = known = 0
    while watcher.step():
        steps += 1
        assert len(watcher.state.warnings) - known <= BYTES_AT_ONCE // line
        known = len(watcher.state.warnings)
    assert watcher.state.warnings == texts
    assert watcher.state.state == FINISHED
    assert size / BYTES_AT_ONCE <= steps < 2 * size / BYTES_AT_ONCE


def test_a_record_that_is_longer_than_a_step_arrives_too(main: MainFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "BYTES_AT_ONCE", 64)
    long = Warned("sehr lang " * 50)
    a_run(main, STARTED, long, epoch(1))
    watcher = Watcher(main)
    watcher.look()
    taken_in(watcher)
    assert watcher.state == state_of([STARTED, long, epoch(1)])


def test_records_that_cannot_be_read_are_told_until_they_can(main: MainFolder) -> None:
    run = main.new_run()
    run.events.mkdir()  # a folder in the place of the file can be read by nobody, on no system
    watcher = Watcher(main)
    watcher.look()
    assert watcher.step() is False
    assert str(run.events) in watcher.error
    assert "cannot be read" in watcher.error
    assert watcher.state == RunState()
    run.events.rmdir()
    append(run, STARTED, epoch(1))
    assert watcher.step() is True
    assert watcher.error == ""
    assert watcher.state.done == 1


def test_what_was_taken_in_stays_while_the_file_cannot_be_read(main: MainFolder) -> None:
    run = a_run(main, STARTED, epoch(1))
    watcher = Watcher(main)
    watcher.look()
    taken_in(watcher)
    aside = run.events.rename(run.path / "aside")
    run.events.mkdir()
    assert watcher.step() is False
    assert watcher.error
    assert watcher.state == state_of([STARTED, epoch(1)])
    run.events.rmdir()
    aside.rename(run.events)
    append(run, epoch(2))
    assert watcher.step()
    assert watcher.state == state_of([STARTED, epoch(1), epoch(2)])
    assert watcher.curves == curves_of([epoch(1), epoch(2)])


def test_damaged_lines_hide_none_of_the_others(main: MainFolder) -> None:
    run = a_run(main, STARTED)
    with run.events.open("ab") as file:
        file.write(b'{"kind":"epoch","mod\xff\n\n[]\n\x00\x00\x00\n')
    append(run, epoch(1))
    watcher = Watcher(main)
    watcher.look()
    taken_in(watcher)
    assert watcher.state == state_of([STARTED, epoch(1)])


def test_two_watchers_agree_however_they_step(main: MainFolder) -> None:
    run, early, late = a_run(main, STARTED), Watcher(main), Watcher(main)
    early.look()
    records: list[Event] = [Phase("components", 1, 2, time=1000.5), *map(epoch, range(1, 30)), Warned("ß", time=1030.0)]
    for record in records:
        append(run, record)
        early.step()
    late.look()
    taken_in(late)
    assert early.run == late.run == run
    assert early.state == late.state == state_of([STARTED, *records])
    assert early.curves == late.curves == curves_of(records)
    assert early.state is not late.state


RECORDS: list[Event] = [STARTED, epoch(1), Warned("Grüße", time=1001.5), epoch(2), Stopped("Zoë.glmdeep", time=1003.0)]
BYTES = b"".join(encode(record) for record in RECORDS)


@given(cuts=st.lists(st.integers(0, len(BYTES)), max_size=8), at_once=st.integers(1, 400))
def test_wherever_the_writing_pauses_the_same_is_read(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], at_once: int
) -> None:
    main = MainFolder(tmp_path_factory.mktemp("Läufe und Pausen"))
    run, watcher = main.new_run(), Watcher(main)
    watcher.look()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watching, "BYTES_AT_ONCE", at_once)
        for first, last in zip([0, *sorted(cuts)], [*sorted(cuts), len(BYTES)]):
            with run.events.open("ab") as file:
                file.write(BYTES[first:last])
            taken_in(watcher)
            assert watcher.state == state_of(RECORDS[: BYTES[:last].count(b"\n")])
    assert watcher.curves == curves_of(RECORDS)
    assert watcher.error == ""


def test_what_a_training_writes_is_what_the_watcher_reads(main: MainFolder) -> None:
    run, watcher = main.new_run(), Watcher(main)
    watcher.look()
    with EventWriter(run.events) as writer:
        for record in (STARTED, epoch(1), epoch(2)):
            written = writer.write(record)
            assert watcher.step()
            assert written.time > 0
    assert watcher.state.done == 2


def test_a_run_goes_on_as_long_as_its_lock_is_held(main: MainFolder) -> None:
    watcher = Watcher(main)
    with TrainingLock(main) as lock:
        run = main.new_run()
        lock.name_run(run)
        with EventWriter(run.events) as writer:
            writer.write(Started(run.name, "hero", lock.owner.pid, lock.owner.host, "1"))
        watcher.look()
        watcher.step()
        owner = watcher.owner()
        assert owner is not None
        assert (owner.pid, owner.run) == (lock.owner.pid, run.name)
    assert watcher.owner() is None


@pytest.mark.parametrize(("pid", "host"), [(4711, None), (None, "farm-17")])
def test_a_run_that_broke_off_does_not_go_on_because_somebody_else_holds_the_lock(
    main: MainFolder, pid: int | None, host: str | None
) -> None:
    run = main.new_run()
    watcher = Watcher(main)
    with TrainingLock(main) as lock:
        with EventWriter(run.events) as writer:
            writer.write(Started(run.name, "hero", pid or lock.owner.pid, host or lock.owner.host, "1"))
        watcher.look()
        watcher.step()
        assert watcher.owner() is None
        lock.name_run(main.new_run())
        assert watcher.owner() is None


def test_a_new_window_compares_with_the_last_run_that_has_curves(tmp_path: Path) -> None:
    main = MainFolder(tmp_path / "Zoë und Björn")
    for number, losses in enumerate(([3.0, 2.0], [1.0, 0.5], [], [7.0])):
        run = main.new_run()
        with EventWriter(run.events) as writer:
            writer.write(Started(run.name, "hero", 1, "host", "1"))
            for epoch, loss in enumerate(losses, 1):
                writer.write(Epoch("differential", epoch, 9, loss, loss, 1e-3))
        assert run.name == f"{number + 1:04}"
    watcher = Watcher(main)
    assert watcher.look()
    while watcher.step():
        pass
    assert watcher.ghost is not None
    assert watcher.ghost.models["differential"].train.values == [1.0, 0.5]
    assert watcher.curves.models["differential"].train.values == [7.0]
