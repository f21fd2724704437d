"""The benchmark of the window measures the real window and prints all of its figures."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy", reason="there is no numpy")
pytest.importorskip("psutil", reason="there is no psutil")

from glm_deep.events import Epoch, Finished, Judged, Started
from window_bench.made_up_run import records
from window_bench.turns import turns_of

ROOT = Path(__file__).resolve().parents[2]


def table_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def test_the_quick_benchmark_prints_all_of_its_figures(qapp: Any, tmp_path: Path) -> None:
    paths = [str(ROOT), str(ROOT / "ui"), str(ROOT / "scripts")]
    program = f"import sys; sys.path[:0] = {paths!r}; import bench_window; sys.exit(bench_window.main(['--quick']))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    head, _, *rows = ([cell.strip(" %") for cell in line.split("|")[1:-1]] for line in table_of(done.stdout))
    assert head == ["", "turns", "mean ms", "p99 ms", "longest ms", "above 16 ms", "above 16 ms of work"]
    assert [row[0] for row in rows] == [
        "the window, 200 epochs",
        "the window, opened after them",
        "the window, 200 epochs",
        "reading all at every tick, 200 epochs",
    ]
    for row in rows:
        turns, mean, p99, longest, above, worked_above = (float(cell.replace(",", "")) for cell in row[1:])
        assert turns > 0
        assert 0 < mean <= longest
        assert p99 <= longest
        assert 0 <= above <= 100
        assert 0 <= worked_above <= 100
    assert "20 anchors, 200 epochs of both models" in done.stdout
    assert re.search(r"[\d.]+ times as long a turn as the window, at most [\d.]+ times, after 200 epochs", done.stdout)
    assert re.search(r"Memory .*: 25 %: \d+ MB, 50 %: \d+ MB, 75 %: \d+ MB, 100 %: \d+ MB", done.stdout)
    assert re.search(r"has all of its curves in [\d.]+ s", done.stdout)


def test_the_made_up_run_is_one_of_both_models_with_verdicts() -> None:
    first, *between, last = records(7, 80)
    assert isinstance(first, Started)
    assert isinstance(last, Finished)
    epochs = [each for each in between if isinstance(each, Epoch)]
    assert [each.epoch for each in epochs] == 2 * list(range(1, 81))
    for each in epochs[80:]:
        assert each.anchor_train is not None
        assert each.anchor_validation is not None
        assert (len(each.anchor_train), len(each.anchor_validation)) == (7, 7)
    assert epochs[-1].validation_loss < 0.2 * epochs[80].validation_loss
    assert len([each for each in between if isinstance(each, Judged)]) == 80


def test_turns_in_which_nothing_happened_are_not_counted() -> None:
    turns = turns_of([(0.00001, 0.0), (0.004, 0.004), (0.017, 0.003), (0.00002, 0.0), (0.018, 0.017)])
    assert (turns.count, turns.longest) == (3, pytest.approx(18.0))
    assert turns.mean == pytest.approx(13.0)
    assert turns.above == pytest.approx(200 / 3)
    assert turns.worked_above == pytest.approx(100 / 3)
