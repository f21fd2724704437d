"""Losses in few digits, as the plot writes them."""

from __future__ import annotations

import math


def short_number(value: float) -> str:
    """A number in at most three digits, such as 0.0123 or 1.2e-5."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"  # noqa: RUF001
    if 1e-3 <= abs(value) < 1e4:
        return f"{value:.3g}"
    return scientific(value)


def scientific(value: float) -> str:
    """A number by its power of ten, such as 1.2e-5."""
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
