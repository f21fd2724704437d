from __future__ import annotations

import io
import math
import subprocess
import sys
from pathlib import Path

import pytest

import glm_deep
from glm_deep import events
from glm_deep.events import Epoch, Judged, Phase, Warned
from glm_deep.progress import ConsoleProgress, duration


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def epoch(number: int, model: str = "differential", time: float = 0.0, **more) -> Epoch:
    return Epoch(model, number, 200, 0.01, more.pop("validation", 0.0123), 1e-4, time=time, **more)


def judged(verdict: str, live: bool) -> Judged:
    return Judged("subspaces", verdict, "The headline", "The evidence.", "The advice.", live)


def lines(*shown: events.Event) -> list[str]:
    stream = io.StringIO()
    with ConsoleProgress(stream) as progress:
        for event in shown:
            progress.show(event)
    return stream.getvalue().splitlines()


def test_a_line_has_the_model_its_epochs_the_loss_and_the_time_left():
    assert lines(epoch(40, seconds_left=12.4)) == ["differential 40/200, validation 0.0123, 12 s left"]


def test_a_time_left_that_is_not_known_is_left_out():
    assert lines(epoch(40)) == ["differential 40/200, validation 0.0123"]


def test_a_loss_that_is_no_number_is_said():
    assert lines(epoch(40, validation=math.nan)) == ["differential 40/200, no finite loss"]


def test_without_a_terminal_a_line_comes_every_five_seconds_and_at_the_end():
    shown = lines(*[epoch(number, time=1000 + 0.1 * number) for number in range(1, 201)])
    assert [line.split()[1].split("/")[0] for line in shown] == ["1", "51", "101", "151", "200"]


def test_the_two_models_have_their_lines_independently():
    shown = lines(epoch(1, time=0.0), epoch(1, "subspaces", 1.0), epoch(2, time=2.0), epoch(2, "subspaces", 6.0))
    assert [line.split(",")[0] for line in shown] == ["differential 1/200", "subspaces 1/200", "subspaces 2/200"]


def test_work_without_epochs_is_shown_by_its_name():
    assert lines(Phase("reading frames", 1, 3), Phase("reading frames", 3, 3)) == [
        "reading frames 1/3",
        "reading frames 3/3",
    ]


def test_what_a_run_says_comes_in_words():
    assert lines(
        events.Started("0003", "Bär", 1, "ws", "0.1.0"),
        events.Configured({"seed": 1}),
        events.DeviceChosen("cuda", "cpu", "there is no CUDA device", 2),
        events.Warned("two frames contradict each other"),
        events.CheckpointSaved("a/checkpoint.npz", 4),
        events.Reported({"frames": 3}),
        events.Unknown("aurora", {}),
        events.Finished("models/arm.glmdeep", 200.4),
    ) == [
        "training Bär, run 0003",
        "device cpu, threads 2: there is no CUDA device",
        "warning: two frames contradict each other",
        "finished in 3 min 20 s: models/arm.glmdeep",
    ]


def test_what_is_exported_is_said_with_its_size_and_what_is_not_with_its_reason():
    assert lines(
        Phase("export", 0, 2),
        events.Exported("models/Bär.onnx", "fp32", 1_260_000, 2e-7),
        events.Exported("models/Bär.engine", "fp16", 40_000),
        events.NotExported("TensorRT", "There is no GPU. The ONNX graph plays without."),
        Phase("export", 2, 2),
    ) == [
        "export 0/2",
        "exported models/Bär.onnx, fp32, 1.3 MB",
        "exported models/Bär.engine, fp16, 0.0 MB",
        "not exported for TensorRT: There is no GPU. The ONNX graph plays without.",
        "export 2/2",
    ]


def test_a_stop_says_whether_there_is_a_model():
    assert lines(events.Stopped("a.glmdeep")) == ["stopped; what was learned is in a.glmdeep"]
    assert lines(events.Stopped()) == ["stopped before anything was learned"]


def test_a_failure_is_left_to_the_one_who_reports_the_error():
    assert lines(events.Failed("no memory left", "frame 3", "Lower it", "log.txt")) == []


def test_a_verdict_while_the_training_goes_is_shown_when_it_changes_and_asks_for_something():
    said = "subspaces: The headline. The evidence. The advice."
    assert lines(judged("too_early", True), judged("good", True)) == []
    assert lines(judged("overfitting", True), judged("overfitting", True)) == [said]
    assert lines(judged("overfitting", True), judged("good", True), judged("overfitting", True)) == [said, said]


@pytest.mark.parametrize("verdict", ["good", "overfitting"])
def test_the_verdict_at_the_end_is_always_shown(verdict):
    assert lines(judged(verdict, True), judged(verdict, False))[-1].startswith("subspaces: The headline.")


def test_a_terminal_gets_a_bar_for_each_model_that_ends_full():
    stream = Terminal()
    with ConsoleProgress(stream) as progress:
        for number in range(1, 201):
            progress.show(epoch(number, seconds_left=0.1 * (200 - number)))
            progress.show(epoch(number, "subspaces"))
    text = stream.getvalue()
    assert "differential" in text.split("\r")[1]
    for model in ("differential", "subspaces"):
        last = [part for part in text.split("\r") if model in part][-1]
        assert "100%|" in last
        assert "200/200" in last
        assert "validation 0.0123" in last
    assert "0 s left" in text


def test_a_bar_shows_the_epoch_it_was_told_and_not_the_number_of_calls():
    stream = Terminal()
    with ConsoleProgress(stream) as progress:
        progress.show(epoch(50))
    assert " 25%|" in stream.getvalue()
    assert "50/200" in stream.getvalue()


def test_a_warning_between_bars_stands_on_a_line_of_its_own():
    stream = Terminal()
    with ConsoleProgress(stream) as progress:
        progress.show(epoch(50))
        progress.show(events.Warned("low on disk"))
    assert "\rwarning: low on disk\n" in stream.getvalue()


def test_a_console_that_lacks_a_letter_shows_a_stand_in():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="cp1252", newline="\n")
    ConsoleProgress(stream).show(events.Warned("Bär 熊"))
    assert raw.getvalue().decode("cp1252") == "warning: Bär ?\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_times_are_in_words(seconds, words):
    assert duration(seconds) == words


def test_the_file_is_light_until_a_bar_is_drawn():
    code = "import sys, glm_deep.progress; sys.exit(any(name in sys.modules for name in ('tqdm', 'numpy', 'torch')))"
    root = Path(glm_deep.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


class _Gone(io.StringIO):
    """A stream whose reader has gone after the first line."""

    def write(self, text: str) -> int:
        if self.getvalue():
            raise BrokenPipeError
        return super().write(text)


def test_a_run_goes_on_when_nobody_reads_its_progress_any_more() -> None:
    stream = _Gone()
    with ConsoleProgress(stream) as progress:
        progress.show(Warned("first"))
        progress.show(Warned("second"))
        progress.show(Warned("third"))
    assert stream.getvalue() == "warning: first\n"
