"""Vertices as people type them, such as "3, 7, 12-15" or what Maya prints, "body.vtx[12:15]". Without Qt."""

from __future__ import annotations

import re
from collections.abc import Iterable

from glm_deep.errors import ConfigError

MOST_VERTICES = 100_000  # in one list: a range that was mistyped must not fill the memory

_PART = re.compile(r"(?:[^\s,\[\]]*\.?vtx)?\[?(\d{1,10})(?:[-:](\d{1,10}))?\]?")


def vertices_of(text: str, count: int | None = None) -> tuple[int, ...]:
    """The vertices that a text lists, in ascending order, each once.

    Args:
        count: how many vertices the mesh has; None where nobody knows.

    Raises:
        ConfigError: something in it is no vertex.
    """
    found: set[int] = set()
    for part in filter(None, re.split(r"[\s,;]+", text.strip())):
        match = _PART.fullmatch(part)
        if match is None:
            raise ConfigError(f'"{part[:40]}" is no vertex; write indices and ranges, such as 3, 7, 12-15')
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise ConfigError(f'"{part}" runs backwards; write the smaller index first')
        if count is not None and last >= count:
            raise ConfigError(f"there is no vertex {last}; the last one is {count - 1}")
        if last - first + len(found) >= MOST_VERTICES:
            raise ConfigError(f"more than {MOST_VERTICES:,} vertices are too many to list by hand")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def text_of(vertices: Iterable[int]) -> str:
    """The text that lists vertices, three and more in a row as a range."""
    runs: list[list[int]] = []
    for vertex in sorted(set(vertices)):
        if runs and vertex == runs[-1][-1] + 1:
            runs[-1].append(vertex)
        else:
            runs.append([vertex])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)
