"""Measures how training time and memory grow with vertices and with frames, on a synthetic character.

    python scripts/growth.py OUTFOLDER [--largest]

Every training runs in a process of its own, with default settings. Writes growth.json, growth.md and growth.png. The
whole takes long; figures come as they are measured, so that a run that is cut short keeps what it has.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from glm_deep.errors import GlmDeepError
from glm_deep.rundir import atomic_write_text
from growth_bench.case import Case, Result, in_own_process
from growth_bench.character import LEAST_VERTICES
from growth_bench.picture import draw_growth
from growth_bench.report import exponents, markdown

VERTICES, FRAMES = (2_000, 7_000, 25_000, 75_000, 150_000), (200, 1_000, 3_000, 10_000)
AT_VERTICES, AT_FRAMES = 3_000, 300
LARGEST = (150_000, 2_000)
LEAST_FRAMES = 20

Size = tuple[int, int]


@dataclass(frozen=True)
class Growth:
    """The sizes to train, and what was measured of them so far.

    Attributes:
        series: vertices and frames of each training, by what grows.
        fixed: what stays the same in each series, in words.
        largest: a single large training, or None.
        conditions: of every training, in words.
        found: results by size.
    """

    series: dict[str, list[Size]]
    fixed: dict[str, str]
    largest: Size | None
    conditions: str
    found: dict[Size, Result] = field(default_factory=dict)

    @property
    def sizes(self) -> list[Size]:
        """Every size once, the quick ones first."""
        several = {size for some in self.series.values() for size in some} | ({self.largest} if self.largest else set())
        return sorted(several, key=lambda size: (size[0] * size[1], size))

    @property
    def measured(self) -> dict[str, list[Result]]:
        """The results of each series that has some."""
        results = {
            over: [self.found[size] for size in some if size in self.found] for over, some in self.series.items()
        }
        return {over: some for over, some in results.items() if some}


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains all sizes and writes what was measured; 1 when one of them failed."""
    chosen = _parser().parse_args(arguments)
    # As the command line sets it, for the processes that train.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    chosen.folder.mkdir(parents=True, exist_ok=True)
    growth = Growth(
        series={
            "vertices": [(vertices, chosen.at_frames) for vertices in sorted(chosen.vertices)],
            "frames": [(chosen.at_vertices, frames) for frames in sorted(chosen.frames)],
        },
        fixed={"vertices": f"{chosen.at_frames:,} frames", "frames": f"{chosen.at_vertices:,} vertices"},
        largest=LARGEST if chosen.largest else None,
        conditions=_conditions(chosen.threads, chosen.epochs),
    )
    failed = 0
    for size in growth.sizes:
        print(f"{size[0]:,} vertices, {size[1]:,} frames: ", end="", flush=True)
        try:
            growth.found[size] = result = train(Case(*size, chosen.threads, chosen.epochs), chosen.folder)
        except (BrokenProcessPool, MemoryError, GlmDeepError) as error:
            print(f"failed, {type(error).__name__}: {error}")
            failed += 1
            continue
        print(f"{result.seconds:.1f} s, {result.memory / 1e9:.2f} GB, {result.play:.2f} ms a frame", flush=True)
        write(growth, chosen.folder)
    return 1 if failed else 0


def _conditions(threads: int, epochs: int | None) -> str:
    settings = "Default settings" if epochs is None else f"{epochs} epochs, else default settings"
    machine = f"{platform.system()} {platform.machine()} with {os.cpu_count()} processors"
    return f"{settings}; {threads} thread{'s' if threads > 1 else ''}, no GPU; {machine}."


def train(case: Case, folder: Path) -> Result:
    """The result of a case, whose large intermediate files lie in `folder` meanwhile."""
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=folder, ignore_cleanup_errors=True) as scratch:
        return in_own_process(case, Path(scratch))


def write(growth: Growth, folder: Path) -> None:
    """Writes growth.json, growth.md and growth.png."""
    measured = growth.measured
    largest = growth.found.get(growth.largest) if growth.largest else None
    report: dict[str, Any] = {
        "conditions": growth.conditions,
        "series": {over: [asdict(result) for result in some] for over, some in measured.items()},
        "fixed": growth.fixed,
        "exponents": {over: exponents(some, over) for over, some in measured.items()},
        "largest": None if largest is None else asdict(largest),
    }
    atomic_write_text(folder / "growth.json", json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    atomic_write_text(folder / "growth.md", markdown(measured, largest, growth.conditions))
    if measured:
        draw_growth(measured, growth.fixed, folder / "growth.png")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="OUTFOLDER", help="for the figures, made if need be")
    vertices, frames = _at_least(LEAST_VERTICES), _at_least(LEAST_FRAMES)
    parser.add_argument(
        "--vertices", type=_several(vertices), default=VERTICES, metavar="N,N", help="sizes of the mesh"
    )
    parser.add_argument("--frames", type=_several(frames), default=FRAMES, metavar="N,N", help="training frames")
    parser.add_argument(
        "--at-frames", type=frames, default=AT_FRAMES, metavar="N", help="while vertices grow (default: %(default)s)"
    )
    parser.add_argument(
        "--at-vertices",
        type=vertices,
        default=AT_VERTICES,
        metavar="N",
        help="while frames do (default: %(default)s)",
    )
    parser.add_argument("--largest", action="store_true", help="also {:,} vertices with {:,} frames".format(*LARGEST))
    parser.add_argument("--epochs", type=_at_least(0), metavar="N", help="of all networks, for a quick look")
    parser.add_argument(
        "--threads", type=_at_least(1), default=os.cpu_count() or 1, metavar="N", help="to train with (default: all)"
    )
    return parser


def _at_least(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.strip().isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} on")
        return int(text)

    return read


def _several(one: Callable[[str], int]) -> Callable[[str], tuple[int, ...]]:
    """Reads numbers with commas between them, each once."""
    return lambda text: tuple(dict.fromkeys(one(part) for part in text.split(",")))


if __name__ == "__main__":
    sys.exit(main())
