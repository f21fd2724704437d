"""The command line as a process of its own: how it is started, locked out, stopped and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from glm_deep.bundle import Bundle
from glm_deep.events import Epoch, Event
from glm_deep.progress import ConsoleProgress
from glm_deep.rundir import MainFolder, is_training

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
# So that it goes on until it is told to stop.
ENDLESS = ("--set", "training.differential.epochs=100000", "--set", "training.early_stop=false")


def _environment() -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}


def _command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "glm_deep", *map(str, arguments)]


def _run(*arguments: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(*arguments), capture_output=True, text=True, encoding="utf-8", check=False, env=_environment(), **more
    )


@contextmanager
def _training(place: Any, *more: str) -> Iterator[subprocess.Popen[str]]:
    """A training in another process that has reached its first epochs; killed at the end, should it still go."""
    process = subprocess.Popen(
        _command("train", place.conf, *ENDLESS, *more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env=_environment(),
    )
    try:
        _wait_for(place, process, "epoch")
        yield process
    finally:
        process.kill()
        process.communicate()


def _wait_for(place: Any, process: subprocess.Popen[str], kind: str) -> None:
    runs, deadline = place.folder / "runs", time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = sorted(runs.glob("*/events.jsonl"))
        if found and f'"kind":"{kind}"' in found[-1].read_text(encoding="ascii"):
            return
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    raise AssertionError(f"no record of kind {kind}")


def test_the_package_runs_as_a_module() -> None:
    done = _run("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("glm-deep ")
    assert _run("fly").returncode == 2


def test_names_of_other_alphabets_do_not_break_a_console_that_knows_ascii_only(tmp_path: Path) -> None:
    environment = {**_environment(), "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    conf = tmp_path / "ruka č. 1 腕.dio"
    made = subprocess.run(_command("new", conf), capture_output=True, env=environment, check=False)
    assert made.returncode == 0, made.stderr
    told = subprocess.run(_command("info", conf, "--json"), capture_output=True, env=environment, check=False)
    assert json.loads(told.stdout)["asset"] == "ruka č. 1 腕"


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals to one process")
def test_a_training_lets_nobody_in_and_keeps_what_it_has_learned_when_it_is_terminated(
    imported: Any, glm_deep: Any
) -> None:
    with _training(imported) as process:
        locked_out = glm_deep("train", imported.conf)
        assert locked_out.code == 1
        assert f"(process {process.pid}, run 0001, since " in locked_out.err
        assert "is at work here" in locked_out.err
        assert f"process {process.pid}" in json.loads(glm_deep("info", imported.conf, "--json").out)["training"]
        assert glm_deep("clear", imported.conf, "--samples").code == 1
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 3, said
    assert "Stopping after this step; what was learned is kept." in said
    report = json.loads((imported.folder / "runs" / "0001" / "report.json").read_text(encoding="utf-8"))
    assert f"Held out: {report['frames']} frames" in said
    assert Bundle.load(imported.model).facts["partial"] is True
    assert imported.events()[-1]["kind"] == "stopped"
    assert is_training(MainFolder(imported.folder)) is None
    assert glm_deep("evaluate", imported.conf, imported.test).code == 0
    assert "partial, the training was stopped" in glm_deep("info", imported.conf).out


@pytest.mark.parametrize(
    ("signals", "code", "model"),
    [([signal.SIGINT], 3, True), ([signal.SIGTERM], 3, True), ([signal.SIGINT, signal.SIGINT], 1, False)],
)
def test_ctrl_c_stops_a_training_and_twice_breaks_it_off(
    signals: list[signal.Signals], code: int, model: bool, imported: Any, glm_deep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = list(signals)

    def show(self: ConsoleProgress, event: Event) -> None:
        if isinstance(event, Epoch):
            while sent:
                signal.raise_signal(sent.pop())

    monkeypatch.setattr(ConsoleProgress, "show", show)
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    said = glm_deep("train", imported.conf)
    assert said.code == code, said.err
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    last = imported.events()[-1]
    assert last["kind"] == "stopped"
    assert last["model"] == (str(imported.model) if model else "")
    assert imported.model.exists() == model
    assert len([each for each in imported.events() if each["kind"] == "epoch"]) == 1


def test_a_killed_training_blocks_nobody_and_leaves_no_half_a_model(imported: Any, glm_deep: Any) -> None:
    with _training(imported) as process:
        process.kill()
        process.wait(timeout=PATIENCE)
    assert not imported.model.exists()
    assert glm_deep("info", imported.conf).code == 0
    assert glm_deep("train", imported.conf).code == 0
    assert imported.events("0002")[-1]["kind"] == "finished"
