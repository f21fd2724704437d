"""The regions of a model as a table for a terminal: where they are, and which inputs move them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_HEAD = ("region", "mesh", "vertices", "where", "moved by")
_MOST_NAMED = 6


def regions_table(regions: Sequence[Mapping[str, Any]], inputs: Sequence[Mapping[str, float]]) -> list[str]:
    """Lines with a head and a row a region, and a line for each region that an input was perhaps left out of.

    Args:
        regions: where each region is. inputs: its inputs with their shares. Both as the model file has them.
    """
    rows = [_HEAD]
    for number, (region, moving) in enumerate(zip(regions, inputs)):
        strongest = ", ".join(f"{name} {share:.0%}" for name, share in list(moving.items())[:_MOST_NAMED])
        rows.append((str(number), region["mesh"], str(region["vertices"]), _where(region), strongest or "nothing"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) - 1)]
    lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[-1]]) for row in rows]
    for number, region in enumerate(regions):
        named = ", ".join(f"{name} {region['left_out'][name]:.0%}" for name in region["suspected"])
        if named:
            lines.append(
                f"region {number}: of what the model gets wrong there, these explain, but hardly count: {named}"
            )
    return lines


def _where(region: Mapping[str, Any]) -> str:
    """The influence that holds most of a region, or its centre in scene units."""
    return str(region["influence"] or ", ".join(f"{value:g}" for value in region["centre"]))
