"""The errors of all contestants as tables in markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from learning_bench.names import TITLES
from learning_bench.scores import Figures, to_ours

KEYS = ("mean", "p95", "p99", "rms", "frame_max", "max")
_HEADS = ("mean", "p95", "p99", "rms", "frame max", "max")


def report(found: Mapping[str, Any]) -> str:
    """All tables of what `bench_accuracy` found, a mesh after the other, the pooled frames before the clips."""
    frames = found["frames"]
    parts = [
        f"# Accuracy of {found['asset']}\n\n"
        f"{frames['training']:,} training and {frames['validation']:,} validation frames, "
        f"{frames['test']:,} test frames that nothing was fitted to or chosen by. "
        "Errors are vertex distances after skinning. "
        f"Threads: {found['threads']}; networks on {found['device']}.",
        "| predictor | seconds of fitting | |\n|---|---|---|\n"
        + "\n".join(
            f"| {TITLES[name]} | {_number(found['seconds'].get(name), '.1f')} | {found['notes'].get(name, '')} |"
            for name in found["seconds"]
        ),
    ]
    for mesh, some in found["meshes"].items():
        parts.append(f"## {mesh}\n\n{some['vertices']:,} vertices, diagonal {some['diagonal']:.6g} scene units.")
        for clip, figures in some["errors"].items():
            parts.append(f"### {mesh}, {clip}, {some['frames'][clip]:,} frames")
            parts.append(_table(figures, "percent_of_diagonal", "% of the diagonal"))
            parts.append(_table(figures, "scene_units", "scene units"))
    return "\n\n".join(parts) + "\n"


def _table(figures: Mapping[str, Figures], unit: str, named: str) -> str:
    percent = unit == "percent_of_diagonal"
    head = [named, *_HEADS, *(("mean / ours", "rms / ours") if percent else ())]
    rows = [head, ["---"] * len(head)]
    for name, found in figures.items():
        cells = [_number(found[unit][key], ".4f" if percent else ".4g") for key in KEYS]
        ratios = to_ours(figures, name) or {}
        if percent:
            cells += [_number(ratios.get(key), ".2f") for key in ("mean", "rms")]
        rows.append([TITLES[name], *cells])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
