"""Which vertices are anchors, in nested order: any prefix that covers the shells is a valid set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def choose_anchors(
    rest: NDArray[np.floating], shells: NDArray[np.integer], count: int, additional: Sequence[int] = ()
) -> NDArray[np.int64]:
    """Anchor vertices: one for each shell, then the additional ones, then farthest points.

    Each shell needs an anchor, or its translation is undetermined in the reconstruction. Farthest-point order spreads
    the rest evenly, which amplifies errors less than random anchors do.

    Args:
        rest: (V,3) rest positions.
        shells: (V,) shell of each vertex.
        count: how many anchors are wanted besides the additional ones; raised to the number of shells.
        additional: vertices that the user asked for; a repeated one counts once.

    Returns:
        (A,) distinct vertex indices. The first `number of shells` of them lie in different shells.
    """
    positions = np.asarray(rest, np.float64)
    asked = list(dict.fromkeys(int(vertex) for vertex in additional))
    first = _one_per_shell(positions, np.asarray(shells), asked)
    chosen = first + [vertex for vertex in asked if vertex not in set(first)]
    total = min(max(count, len(first)) + len(asked), len(positions))
    return np.array(_farthest_points(positions, np.asarray(shells), chosen, total), np.int64)


def _one_per_shell(positions: NDArray[np.float64], shells: NDArray[np.integer], asked: Sequence[int]) -> list[int]:
    """A vertex of every shell, large shells first: an additional one where there is one, else the most central."""
    in_shell: dict[int, int] = {}
    for vertex in asked:
        in_shell.setdefault(int(shells[vertex]), vertex)
    labels, sizes = np.unique(shells, return_counts=True)
    order = np.argsort(shells, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)])
    chosen = []
    for index in np.argsort(-sizes, kind="stable"):
        members = order[starts[index] : starts[index + 1]]
        centre = positions[members].mean(axis=0)
        central = members[np.argmin(np.sum((positions[members] - centre) ** 2, axis=1))]
        chosen.append(in_shell.get(int(labels[index]), int(central)))
    return chosen


def _farthest_points(
    positions: NDArray[np.float64], shells: NDArray[np.integer], chosen: list[int], total: int
) -> list[int]:
    """`chosen` continued to `total` vertices, each the farthest from the chosen ones of its own shell."""
    distance = np.full(len(positions), np.inf)
    for vertex in chosen:
        _approach(distance, positions, shells, vertex)
    result = list(chosen)
    while len(result) < total:
        vertex = int(np.argmax(distance))
        if distance[vertex] <= 0:  # only copies of chosen points are left
            left = np.setdiff1d(np.arange(len(positions)), result)
            return result + [int(v) for v in left[: total - len(result)]]
        result.append(vertex)
        _approach(distance, positions, shells, vertex)
    return result


def _approach(
    distance: NDArray[np.float64], positions: NDArray[np.float64], shells: NDArray[np.integer], vertex: int
) -> None:
    same = shells == shells[vertex]
    squared = np.sum((positions[same] - positions[vertex]) ** 2, axis=1)
    distance[same] = np.minimum(distance[same], squared)
    distance[vertex] = 0.0
