"""The measured figures as a table in markdown, and what they say of the quality dial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runtime_bench.clock import Timing

PUBLISHED = "published"
FIGURES = ("mean", "p95", "rms")
HARM = 0.02

_HEAD = (
    "back-end",
    "quality",
    "threads",
    "ms a frame, median",
    "p95",
    "published / ours",
    "ms a frame of {batch}, median",
    "p95",
    "published / ours",
    "error, mean %",
    "p95 %",
    "rms %",
)


@dataclass(frozen=True)
class Row:
    """One contestant at one number of threads.

    Attributes:
        back_end: its name, PUBLISHED for the published runtime.
        quality: 0..1, None for the published runtime.
        threads: of the linear algebra.
        single: frames one at a time. batch: frames in batches, the time of one frame.
        error: mean, p95 and rms in percent of the diagonal, None where they mean nothing.
    """

    back_end: str
    quality: float | None
    threads: int
    single: Timing
    batch: Timing
    error: Mapping[str, float] | None


def ratios(row: Row, rows: Sequence[Row]) -> tuple[float, float] | None:
    """How many times faster than the published runtime with as many threads, by medians: single frames, batches.

    None for the published runtime itself.
    """
    if row.back_end == PUBLISHED:
        return None
    published = next(each for each in rows if each.back_end == PUBLISHED and each.threads == row.threads)
    return published.single.median / row.single.median, published.batch.median / row.batch.median


def markdown(rows: Sequence[Row], batch: int) -> str:
    """The table, a line a row."""
    head = [name.format(batch=batch) for name in _HEAD]
    lines = [_line(head), "|" + "---|" * len(head)]
    for row in rows:
        single, many = ratios(row, rows) or (None, None)
        errors = [f"{row.error[name]:.4f}" if row.error else "" for name in FIGURES]
        cells = [
            row.back_end,
            "" if row.quality is None else f"{row.quality:g}",
            str(row.threads),
            *_cells(row.single, single),
            *_cells(row.batch, many),
            *errors,
        ]
        lines.append(_line(cells))
    return "\n".join(lines) + "\n"


def _cells(measured: Timing, ratio: float | None) -> list[str]:
    return [f"{measured.median:.2f}", f"{measured.p95:.2f}", "" if ratio is None else f"{ratio:.1f}"]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def harmful_rises(errors: Mapping[float, Mapping[str, float]]) -> list[str]:
    """Where a higher quality is worse by more than 2 %, a sentence for each figure and quality.

    Args:
        errors: mean, p95 and rms by quality.
    """
    found = []
    qualities = sorted(errors)
    for figure in FIGURES:
        for place, quality in enumerate(qualities[1:], 1):
            best = min(qualities[:place], key=lambda lower: errors[lower][figure])
            before, after = errors[best][figure], errors[quality][figure]
            if after > (1 + HARM) * before:
                more = f"from {before:.4f} % to {after:.4f} %"
                found.append(f"From quality {best:g} to {quality:g} the {figure} error rises {more}.")
    return found


def of_the_dial(errors: Mapping[float, Mapping[str, float]]) -> str:
    """Whether raising the quality can make the error worse, in words."""
    found = harmful_rises(errors)
    return " ".join(found) if found else "No rise of quality makes mean, p95 or rms worse by more than 2 %."
