"""Measures whether the window ever stands still while it follows a long training.

    python scripts/bench_window.py [--anchors 300] [--epochs 10000] [--quick]

The real window follows a made-up training of both models, whose records are written while it is open. A turn is what
the window does between two returns to the event loop, with all its slots and its drawing: no slot takes longer than its
turn. Work is the time of the processor alone, which other programs do not change. Beside it, on a shorter training, a
window that reads the whole file again at every tick.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from window_bench.cases import attach, follow, in_own_process, made_up_character, reread, write_run
from window_bench.turns import LIMIT, Turns

SHORT = 1000  # epochs of the training that both windows follow


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--anchors", type=int, default=300, help="of the character (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=10_000, help="of each model (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="20 anchors and 200 epochs, to see that it works")
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="bench_window-") as folder:
        print(bench(Path(folder), *((20, 200) if chosen.quick else (chosen.anchors, chosen.epochs))), end="")
    return 0


def bench(folder: Path, anchors: int, epochs: int) -> str:
    """Measures all; the tables."""
    short = min(SHORT, epochs)
    long = made_up_character(folder / "long")
    write_run(long, anchors, epochs // 2)  # a run before, to compare with
    followed = in_own_process(follow, long, anchors, epochs)
    attached, seconds = in_own_process(attach, long, epochs)
    ours = in_own_process(follow, made_up_character(folder / "short"), anchors, short).turns
    theirs = in_own_process(reread, folder / "events.jsonl", anchors, short)
    rows = [
        (f"the window, {epochs:,} epochs", followed.turns),
        ("the window, opened after them", attached),
        (f"the window, {short:,} epochs", ours),
        (f"reading all at every tick, {short:,} epochs", theirs),
    ]
    memory = ", ".join(f"{100 * part:.0f} %: {size / 1e6:.0f} MB" for part, size in followed.memory.items())
    return (
        f"{anchors} anchors, {epochs:,} epochs of both models, {followed.size / 1e6:.1f} MB of records\n\n"
        f"{table(rows)}\n"
        f"Reading all at every tick takes {theirs.mean / ours.mean:.1f} times as long a turn as the window, at most "
        f"{theirs.longest / ours.longest:.1f} times, after {short:,} epochs.\n"
        f"Memory when so much of the run was written: {memory}.\n"
        f"A window opened after the run has all of its curves in {seconds:.1f} s.\n"
    )


def table(rows: Sequence[tuple[str, Turns]]) -> str:
    """A line a case."""
    head = ["", "turns", "mean ms", "p99 ms", "longest ms", f"above {LIMIT:g} ms", f"above {LIMIT:g} ms of work"]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for name, turns in rows:
        times = f"{turns.mean:.1f} | {turns.p99:.1f} | {turns.longest:.1f}"
        lines.append(f"| {name} | {turns.count:,} | {times} | {turns.above:.2f} % | {turns.worked_above:.2f} % |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
