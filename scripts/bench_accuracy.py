"""Measures how accurate the model of a character is, beside everything that it could be replaced with.

    python scripts/bench_accuracy.py CHARACTER.dio TEST.npz [--only NAME ...] [--published-epochs N]

The character has to have samples and a trained model. Every other predictor is fitted here to the same samples, with
what it leaves open chosen on their validation frames; the test frames only measure. The published recipe leaves
nothing open, so it learns from all frames. In its paper it takes 10,000 epochs, which are hours on a CPU: give it as
many as you have time for.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from glm_deep.errors import GlmDeepError
from glm_deep.rundir import atomic_write_text, check_writable
from learning_bench.accuracy_table import report
from learning_bench.names import CONTESTANTS

PUBLISHED_EPOCHS = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the tables and writes them where asked; the exit code."""
    chosen = _parser().parse_args(arguments)
    from learning_bench.accuracy import bench

    try:
        for path in (each for each in (chosen.json, chosen.markdown) if each):
            check_writable(path.parent)
        found = bench(chosen.configuration, chosen.archive, chosen.model, chosen.only, chosen.published_epochs)
        text = report(found)
        print(text, end="")
        if chosen.json:
            atomic_write_text(chosen.json, json.dumps(found, indent=1, ensure_ascii=False) + "\n")
        if chosen.markdown:
            atomic_write_text(chosen.markdown, text)
    except GlmDeepError as error:
        print(f"bench_accuracy: {error}", file=sys.stderr)
        return int(error.exit_code)
    return 0


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
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures to this file")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write the tables to this file")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
