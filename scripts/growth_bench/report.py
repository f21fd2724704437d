"""The measured trainings as tables in markdown, and how fast time and memory grow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from growth_bench.case import Result

_HEAD = (
    "vertices",
    "frames",
    "training, s",
    "of it making the frames, s",
    "peak memory, GB",
    "without mapped files, GB",
    "playing a frame, ms",
    "model file, MB",
    "rms error left in unseen frames, %",
)
_NAMES = {"seconds": "time", "memory": "memory", "own_memory": "memory without mapped files"}


def exponent(sizes: Sequence[float], values: Sequence[float | None]) -> float | None:
    """By which power of the size a value grows: the slope of the last two points with both axes logarithmic.

    None when there are no two points of different size, or the values of the last two are not known.
    """
    if len(sizes) < 2 or sizes[-1] == sizes[-2] or not values[-1] or not values[-2]:
        return None
    return math.log(values[-1] / values[-2]) / math.log(sizes[-1] / sizes[-2])


def exponents(series: Sequence[Result], over: str) -> dict[str, float | None]:
    """The powers by which time, memory, and memory without mapped files grow.

    Args:
        series: trainings of growing size.
        over: what grows, `vertices` or `frames`.
    """
    sizes = [float(getattr(result, over)) for result in series]
    return {name: exponent(sizes, [getattr(result, name) for result in series]) for name in _NAMES}


def markdown(series: Mapping[str, Sequence[Result]], largest: Result | None, conditions: str) -> str:
    """The tables, with the exponents in words.

    Args:
        series: trainings of growing size, by what grows: `vertices` and `frames`.
        largest: the largest training, where there was one.
        conditions: of the trainings, in words.
    """
    several: list[Result] = []
    for result in (*(each for some in series.values() for each in some), *([largest] if largest else [])):
        if result not in several:
            several.append(result)
    phases = list(dict.fromkeys(name for result in several for name in result.phases))
    parts = [
        f"{conditions} Playing is that of one thread with numpy.",
        _table(_HEAD, [_cells(result) for result in several]),
        *(_sentence(some, over) for over, some in series.items() if len(some) > 1),
        "Seconds by phase:",
        _table(
            ("vertices", "frames", *phases),
            [
                (f"{each.vertices:,}", f"{each.frames:,}", *(f"{each.phases.get(name, 0.0):.1f}" for name in phases))
                for each in several
            ],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _cells(result: Result) -> tuple[str, ...]:
    return (
        f"{result.vertices:,}",
        f"{result.frames:,}",
        f"{result.seconds:.1f}",
        f"{result.making:.1f}",
        f"{result.memory / 1e9:.2f}",
        "" if result.own_memory is None else f"{result.own_memory / 1e9:.2f}",
        f"{result.play:.2f}",
        f"{result.file / 1e6:.1f}",
        f"{result.left:.1f}",
    )


def _sentence(series: Sequence[Result], over: str) -> str:
    before, after = (getattr(result, over) for result in series[-2:])
    powers = [
        f"{_NAMES[name]} with the power {power:.2f}"
        for name, power in exponents(series, over).items()
        if power is not None
    ]
    return f"From {before:,} to {after:,} {over}, growth is: {', '.join(powers)} of the number of {over}."


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
