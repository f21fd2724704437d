"""What the benchmarks have in common: where their reports go, and how they end."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glm_deep.errors import ExitCode, GlmDeepError
from glm_deep.rundir import atomic_write_text, check_writable


@dataclass(frozen=True)
class Report:
    """What a benchmark found: tables as markdown, figures for other programs, and how it ends."""

    tables: str
    figures: dict[str, Any]
    exit_code: ExitCode = ExitCode.OK


def add_output_options(
    parser: argparse.ArgumentParser, figures: str = "all figures", tables: str = "the tables"
) -> None:
    """Adds `--json` and `--markdown`, with those words for what they write."""
    parser.add_argument("--json", type=Path, metavar="FILE", help=f"also write {figures} to this file")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help=f"also write {tables} to this file")


def run(script: str, chosen: argparse.Namespace, measure: Callable[[argparse.Namespace], Report]) -> int:
    """Measures, prints the tables and writes them where asked; the exit code.

    Files that cannot be written are refused before anything is measured.
    """
    try:
        for path in (each for each in (chosen.json, chosen.markdown) if each):
            check_writable(path.parent)
        report = measure(chosen)
        print(report.tables, end="")
        if chosen.json:
            atomic_write_text(chosen.json, json.dumps(report.figures, indent=1, ensure_ascii=False) + "\n")
        if chosen.markdown:
            atomic_write_text(chosen.markdown, report.tables)
    except GlmDeepError as error:
        print(f"{script}: {error}", file=sys.stderr)
        return int(error.exit_code)
    return int(report.exit_code)
