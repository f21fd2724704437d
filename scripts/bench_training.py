"""Measures how long a training takes to reach an error, beside everything that the model could be replaced with.

    python scripts/bench_training.py CHARACTER.dio TEST.npz [--published-seconds S] [--only NAME ...]

The character has to have samples; its model and its runs are left alone. Every contestant learns in a process of its
own, one after the other, so that time and memory are its own. The published recipe takes hours on a CPU: it is stopped
after S seconds, and the table says what it had not reached by then.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench_output import Report, add_output_options, run
from glm_deep import dio
from glm_deep.errors import ExitCode
from learning_bench.names import CONTESTANTS, TITLES
from learning_bench.progress import say
from learning_bench.training_table import PUBLISHED, goals, report, seconds_to

PUBLISHED_SECONDS = 300.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table and writes it where asked; the exit code, not 0 when a contestant failed."""
    return run("bench_training", _parser().parse_args(arguments), _measured)


def _measured(chosen: argparse.Namespace) -> Report:
    names = [name for name in CONTESTANTS if name in chosen.only]
    found = bench(chosen.configuration, chosen.archive, names, chosen.published_seconds)
    return Report(report(found), found, ExitCode.ERROR if None in found["results"].values() else ExitCode.OK)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configuration", type=Path, metavar="CHARACTER.dio", help="a character with samples")
    parser.add_argument("archive", type=Path, metavar="TEST.npz", help="frames that nothing is trained with")
    parser.add_argument(
        "--published-seconds",
        type=_seconds,
        default=PUBLISHED_SECONDS,
        metavar="S",
        help="time for the published recipe (default: %(default)g)",
    )
    parser.add_argument(
        "--only", nargs="+", choices=CONTESTANTS, default=CONTESTANTS, metavar="NAME", help=", ".join(CONTESTANTS)
    )
    add_output_options(parser, "all figures and curves", "the table")
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not 0.0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


def bench(configuration: Path, archive: Path, names: Sequence[str], published_seconds: float) -> dict[str, Any]:
    """What every contestant took and reached, ready for JSON; None for one that failed.

    Raises:
        ConfigError: the configuration cannot be read.
    """
    asset = dio.load(configuration).config.asset
    results: dict[str, Any] = {}
    for name in names:
        say(f"learning: {TITLES[name]}")
        results[name] = _fit(configuration, archive, name, published_seconds if name == PUBLISHED else None)
    reached = {
        goal: {name: result and seconds_to(result, error) for name, result in results.items()}
        for goal, error in goals(results).items()
    }
    return {
        "asset": asset,
        "published_seconds": published_seconds,
        "goals": goals(results),
        "seconds_to_goals": reached,
        "results": results,
    }


def _fit(configuration: Path, archive: Path, name: str, seconds: float | None) -> dict[str, Any] | None:
    """The result of a contestant that learns in a process of its own; None where it failed, having said why."""
    places = [str(Path(__file__).resolve().parent), *(place for place in sys.path if place)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, "-m", "learning_bench.fit_one", str(configuration), str(archive), name, str(result)]
        limit = [] if seconds is None else ["--seconds", str(seconds)]
        if subprocess.call([*command, *limit], env=environment):
            return None
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    sys.exit(main())
