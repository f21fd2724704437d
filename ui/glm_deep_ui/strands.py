"""Which curves of a run are drawn, how wide, and what the legend calls them. Without Qt."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, replace

from glm_deep_ui.curves import DIFFERENTIAL, MOST_SINGLE, SUBSPACES, Band, Curves, Pair, Series

THICK, MIDDLE, THIN = 2.5, 1.6, 1.0


@dataclass(frozen=True)
class Strand:
    """The losses of one model, or of one of its anchors, as they are to be drawn.

    Attributes:
        name, short: for the legend, the second where it is narrow; empty where it has no line there.
        best: the epoch to mark and its validation loss.
        band: what to fill around it.
    """

    name: str
    short: str
    pair: Pair
    width: float
    faint: bool = False
    best: tuple[int, float] | None = None
    band: Band | None = None


def strands_of(curves: Curves, anchor: int | None = None) -> list[Strand]:
    """What to draw of a run, the most important last; of the anchors all, or only one."""
    strands = []
    for name, pair in curves.models.items():
        best = curves.best.get(name)
        if name != SUBSPACES or not curves.anchors:
            strands.append(Strand(name, name, pair, THICK if name == DIFFERENTIAL else THIN, best=best))
        elif anchor is not None:
            one = curves.anchors[anchor]
            strands.append(Strand(f"{name}, anchor {anchor}", f"anchor {anchor}", one, THIN, best=_lowest(one)))
        elif len(curves.anchors) > MOST_SINGLE:
            median = curves.band.median
            text = f"{name}, median and 10–90 % of {len(curves.anchors)}"  # noqa: RUF001
            strands.append(Strand(text, name, median, THIN, best=_at(median, best), band=curves.band))
        else:
            several = len(curves.anchors) > 1
            strands += [Strand("", "", each, THIN, faint=True) for each in curves.anchors if several]
            text = f"{name}, mean of {len(curves.anchors)}" if several else name
            strands.append(Strand(text, name, pair, MIDDLE if several else THIN, best=best))
    return sorted(strands, key=lambda strand: (not strand.faint, strand.width))


def ghosts_of(curves: Curves, anchor: int | None = None) -> list[Strand]:
    """What to draw of a run in grey: lines alone, and of no anchor that it does not have."""
    there = anchor is None or anchor < len(curves.anchors)
    return [replace(each, best=None, band=None) for each in strands_of(curves, anchor if there else None) if each.name]


def nearest(series: Series[float], epoch: float) -> int:
    """The place of the epoch that is closest to a number; the series must not be empty."""
    above = bisect_left(series.epochs, epoch)
    around = range(max(above - 1, 0), min(above + 1, len(series.epochs)))
    return min(around, key=lambda place: abs(series.epochs[place] - epoch))


def _at(pair: Pair, best: tuple[int, float] | None) -> tuple[int, float] | None:
    """The best epoch at the height of another curve: where its star lies on the line."""
    if best is None or not pair.validation.epochs:
        return None
    return best[0], pair.validation.values[nearest(pair.validation, best[0])]


def _lowest(pair: Pair) -> tuple[int, float] | None:
    both = zip(pair.validation.values, pair.validation.epochs)
    found = min(((value, epoch) for value, epoch in both if math.isfinite(value)), default=None)
    return None if found is None else (found[1], found[0])
