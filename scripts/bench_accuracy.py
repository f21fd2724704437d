"""Measures how accurate the model of a character is, beside everything that it could be replaced with.

    python scripts/bench_accuracy.py CHARACTER.dio TEST.npz [--only NAME ...] [--published-epochs N]

The character has to have samples and a trained model. Every other predictor is fitted here to the same samples, with
what it leaves open chosen on their validation frames; the test frames only measure. The published recipe leaves
nothing open, so it learns from all frames. In its paper it takes 10,000 epochs, which are hours on a CPU: give it as
many as you have time for.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench_output import Report, add_output_options, run
from learning_bench.accuracy_table import report
from learning_bench.names import CONTESTANTS

PUBLISHED_EPOCHS = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the tables and writes them where asked; the exit code."""
    return run("bench_accuracy", _parser().parse_args(arguments), _measured)


def _measured(chosen: argparse.Namespace) -> Report:
    from learning_bench.accuracy import bench

    found = bench(chosen.configuration, chosen.archive, chosen.model, chosen.only, chosen.published_epochs)
    return Report(report(found), found)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configuration", type=Path, metavar="CHARACTER.dio", help="a character with samples")
    parser.add_argument("archive", type=Path, metavar="TEST.npz", help="frames that nothing was trained with")
    parser.add_argument("--model", type=Path, metavar="FILE", help="another model file than that of the character")
    parser.add_argument(
        "--published-epochs", type=_count, default=PUBLISHED_EPOCHS, metavar="N", help="(default: %(default)s)"
    )
    parser.add_argument(
        "--only", nargs="+", choices=CONTESTANTS, default=CONTESTANTS, metavar="NAME", help=", ".join(CONTESTANTS)
    )
    add_output_options(parser)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
