"""The picture of growth: time and memory over vertices and over frames, both axes logarithmic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from growth_bench.case import Result
from growth_bench.report import exponents

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Twice as many dots as the 900 that a README shows, so that the picture is sharp there.
_INCHES, _DOTS_PER_INCH = (9.0, 4.4), 200
_INK, _FAINT, _GRID = "#262626", "#8a8a8a", "#e2e2e2"
_TIME, _MEMORY = "#1f5fbf", "#2e8b57"
_MARGIN = 0.15  # decades that are left free on each side of the points
_BESIDE = 0.55  # of the last time, so that the line of slope 1 covers nothing


def draw_growth(series: Mapping[str, Sequence[Result]], fixed: Mapping[str, str], path: Path) -> None:
    """Writes a PNG, 1800 dots wide, with a panel for each thing that grows.

    Args:
        series: trainings of growing size, by what grows: `vertices`, `frames` or both.
        fixed: what stays the same in each series, in words.
        path: the file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES, dpi=_DOTS_PER_INCH, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    figure.get_layout_engine().set(wspace=0.05)  # type: ignore[union-attr, call-arg]
    figure.suptitle("How training time and memory grow", fontsize=14, color=_INK, fontweight="bold")
    panels = figure.subplots(1, len(series), squeeze=False)[0]
    for axes, (over, some) in zip(panels, series.items()):
        _draw_panel(axes, over, fixed[over], some)
    figure.savefig(path, format="png")


def _draw_panel(axes: Axes, over: str, fixed: str, series: Sequence[Result]) -> None:
    """Draws time against the left axis, memory against the right one, and a line of slope 1."""
    sizes = np.array([getattr(result, over) for result in series], np.float64)
    seconds = np.array([result.seconds for result in series])
    gigabytes = np.array([result.memory / 1e9 for result in series])
    powers = exponents(series, over)
    right = axes.twinx()
    # Both axes span as many decades, so that the line holds for both curves.
    decades = max(_decades(values) for values in (sizes, seconds, gigabytes)) + 2 * _MARGIN
    curves = []
    for each, name, values, colour, marker, power in (
        (axes, "training time", seconds, _TIME, "o", powers["seconds"]),
        (right, "peak memory", gigabytes, _MEMORY, "s", powers["memory"]),
    ):
        label = name if power is None else f"{name}, power {power:.2f} at the end"
        curves += each.plot(sizes, values, marker=marker, markersize=6, linewidth=2.2, color=colour, label=label)
        each.set(xscale="log", yscale="log", ylim=_limits(values, decades), xlim=_limits(sizes, _decades(sizes) + 0.2))
    beside = _BESIDE * seconds[-1] * sizes / sizes[-1]
    curves += axes.plot(sizes, beside, "--", color=_FAINT, linewidth=1.6, label="proportional growth (slope 1)")
    _dress(axes, right, f"{over} ({fixed})", sizes)
    axes.legend(handles=curves, fontsize=9.5, loc="upper left", frameon=False, labelcolor=_INK)


def _decades(values: NDArray[np.float64]) -> float:
    return float(np.ptp(np.log10(values)))


def _limits(values: NDArray[np.float64], decades: float) -> tuple[float, float]:
    """An axis of so many decades with the values in its middle."""
    middle = float(np.log10(values.min()) + np.log10(values.max())) / 2
    return 10.0 ** (middle - decades / 2), 10.0 ** (middle + decades / 2)


def _dress(axes: Axes, right: Axes, across: str, sizes: NDArray[np.float64]) -> None:
    """Ticks, labels and grid."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.set_xlabel(across, fontsize=11, color=_INK)
    axes.set_ylabel("training time (s)", fontsize=11, color=_TIME)
    right.set_ylabel("peak memory (GB)", fontsize=11, color=_MEMORY)
    axes.set_xticks(sizes, [_short(size) for size in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    for each, colour in ((axes, _TIME), (right, _MEMORY)):
        each.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=20))
        each.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        each.yaxis.set_minor_locator(NullLocator())
        each.tick_params(axis="y", labelsize=10, colors=colour)
        each.spines["top"].set_visible(False)
    axes.tick_params(axis="x", labelsize=10, colors=_INK)
    axes.grid(True, which="major", color=_GRID, linewidth=0.8)


def _short(size: float) -> str:
    """A size as 7k or 25k, three digits of it."""
    return f"{size / 1000:.3g}k" if size >= 1000 else f"{size:g}"
