"""What the models of the window take that nobody expects: odd texts, records out of order, files that lack things."""

from __future__ import annotations

from pathlib import Path

import pytest

from glm_deep import dio
from glm_deep.bundle import Bundle
from glm_deep.character import Character
from glm_deep.events import Epoch, Failed, Started, Unknown, Warned, encode
from glm_deep.rundir import MainFolder
from glm_deep_ui.form import Form
from glm_deep_ui.run_state import RunState
from glm_deep_ui.summary import BROKEN, summary_of
from glm_deep_ui.watcher import Watcher

LEAST = {"glm_deep": 1, "asset": "Zoë", "meshes": [{"deformed": "body"}]}
EPOCH = Epoch("differential", 3, 200, 0.5, 0.6, 1e-3, 100.0, time=1010.0)


def form() -> Form:
    return Form(dio.new("/nirgends/Zoë.dio", LEAST))


def test_deeply_nested_text_is_taken_too() -> None:
    form().set("training.seed", "[" * 100_000)


@pytest.mark.parametrize(("key", "text"), [("training.seed", "false"), ("training.early_stop", "1")])
def test_true_is_not_one(key: str, text: str) -> None:
    one = form()
    one.set(key, text)
    assert one.text(key) == text
    assert one.problem(key)


@pytest.mark.parametrize(("key", "text"), [("training.device", "GPU: the big one"), ("training.seed", "a: b")])
def test_a_colon_in_what_was_typed_does_not_cut_the_sentence(key: str, text: str) -> None:
    one = form()
    one.set(key, text)
    assert f'"{text}"' in one.problem(key)


def test_a_key_in_what_was_typed_is_left_as_typed() -> None:
    one = form()
    one.set("training.seed", "training.seed")
    assert '"training.seed"' in one.problem("training.seed")


@pytest.mark.parametrize("record", [Warned("w", time=1050.0), Unknown("new", {}, time=1050.0)])
def test_a_record_without_seconds_does_not_wind_the_countdown_back(record: Warned | Unknown) -> None:
    state = RunState()
    for each in (Started("1", "a", 1, "h", "v"), EPOCH, record):
        state.add(each)
    assert state.left(1050.0) == 60.0


def test_a_new_window_finds_the_ghost_of_the_run_before(tmp_path: Path) -> None:
    main = MainFolder(tmp_path)
    for _ in range(2):
        main.new_run().events.write_bytes(encode(Started("1", "a", 1, "h", "v")) + encode(EPOCH))
    watcher = Watcher(main)
    watcher.look()
    while watcher.step():
        pass
    assert watcher.ghost is not None


def test_a_line_of_nothing_as_long_as_a_step_does_not_look_like_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glm_deep_ui.watcher.BYTES_AT_ONCE", 64)
    main = MainFolder(tmp_path)
    main.new_run().events.write_bytes(b"\n" * 64 + encode(Started("1", "a", 1, "h", "v")))
    watcher = Watcher(main)
    watcher.look()
    while watcher.step():
        pass
    assert watcher.state.run == "1"


def test_runs_that_cannot_be_listed_are_told_not_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main = MainFolder(tmp_path)
    main.new_run()

    def refused(self: Path) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "iterdir", refused)
    watcher = Watcher(main)
    watcher.look()
    assert watcher.error


def test_the_error_of_one_run_is_not_that_of_the_next(tmp_path: Path) -> None:
    main = MainFolder(tmp_path)
    main.new_run().events.mkdir()
    watcher = Watcher(main)
    watcher.look()
    watcher.step()
    main.new_run()
    watcher.look()
    assert watcher.error == ""


def test_a_model_without_its_facts_is_said_not_raised(tmp_path: Path) -> None:
    character = Character(dio.save(dio.new(tmp_path / "Zoë.dio", LEAST)))
    Bundle({}, {}).save(character.model_path)
    assert summary_of(character.document).state == BROKEN


def test_a_run_that_begins_anew_in_its_folder_has_not_failed() -> None:
    state = RunState()
    for each in (Started("1", "a", 1, "h", "v"), Failed("x"), Started("1", "a", 1, "h", "v")):
        state.add(each)
    assert state.failure is None
