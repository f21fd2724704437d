"""What every contestant took to learn, and when it reached which error, as a table in markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from learning_bench.names import OURS, TITLES

RIDGE, PUBLISHED = "ridge", "published"
TWICE = 2.0

_SETTING = """\
Each contestant learned in a process of its own, one after the other. Seconds are from the samples on the disk to a
predictor, libraries loaded before. Errors are mean vertex distances after skinning, in % of the diagonal; those on
validation frames are of what was fitted to the training frames alone."""

_HEAD = (
    "contestant",
    "seconds",
    "/ ours",
    "peak memory, GB",
    "/ ours",
    "error on validation frames, %",
    "on test frames, %",
    "/ ours",
)


def goals(results: Mapping[str, Mapping[str, Any] | None]) -> dict[str, float]:
    """The errors on validation frames that are to be reached, by their names: that of ridge, and twice ours."""
    found = {}
    ridge, ours = results.get(RIDGE), results.get(OURS)
    if ridge is not None:
        found["the error of ridge"] = float(ridge["points"][-1][1])
    if ours is not None:
        found["twice our error"] = TWICE * float(ours["points"][-1][1])
    return found


def seconds_to(result: Mapping[str, Any], error: float) -> float | None:
    """When a contestant reached an error first; None where it never did."""
    return next((float(seconds) for seconds, reached in result["points"] if reached <= error), None)


def report(found: Mapping[str, Any]) -> str:
    """The table of what `bench_training` found, and what its columns mean."""
    results, wanted = found["results"], goals(found["results"])
    done = [result for result in results.values() if result is not None]
    head = [*_HEAD, *(f"seconds to {name}" for name in wanted)]
    rows = [head, ["---"] * len(head)]
    for name, result in results.items():
        rows.append([TITLES[name], *_cells(result, results.get(OURS), wanted)])
    notes = [f"* {TITLES[name]}: {result['note']}" for name, result in results.items() if result and result["note"]]
    return "\n".join(
        [
            f"# Training of {found['asset']}\n",
            *(f"Threads: {result['threads']}; networks on {result['device']}." for result in done[:1]),
            _SETTING,
            *(f"On the validation frames {name} is {error:.4f} %." for name, error in wanted.items()),
            *([f"{TITLES[PUBLISHED]}: stopped after {found['published_seconds']:g} s."] * (PUBLISHED in results)),
            "",
            *("| " + " | ".join(row) + " |" for row in rows),
            "",
            *notes,
            "",
        ]
    )


def _cells(result: Mapping[str, Any] | None, ours: Mapping[str, Any] | None, wanted: Mapping[str, float]) -> list[str]:
    if result is None:
        return ["failed", *[""] * (len(_HEAD) - 2 + len(wanted))]

    def ratio(key: str) -> str:
        return "" if ours is None or not ours[key] else f"{result[key] / ours[key]:.2f}"

    return [
        f"{result['seconds']:.3g}",
        ratio("seconds"),
        f"{result['peak_memory'] / 1e9:.2f}",
        ratio("peak_memory"),
        f"{result['points'][-1][1]:.4f}",
        f"{result['test_error']:.4f}",
        ratio("test_error"),
        *(_reached(result, error) for error in wanted.values()),
    ]


def _reached(result: Mapping[str, Any], error: float) -> str:
    seconds = seconds_to(result, error)
    return f"not reached in {result['seconds']:.3g} s" if seconds is None else f"{seconds:.3g}"
