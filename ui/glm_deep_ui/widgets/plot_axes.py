"""The axes of the learning curves. Imports pyqtgraph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg

from glm_deep_ui.short_numbers import scientific


class EpochAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks at whole epochs only."""

    def tickSpacing(self, *given: Any) -> list[tuple[float, float]]:  # noqa: N802 - pyqtgraph calls it
        """What pyqtgraph would take, without fractions."""
        return [(space, start) for space, start in super().tickSpacing(*given) if space >= 1] or [(1, 0)]


class LossAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks of losses; `logarithmic` where the plot holds their decimal logarithms."""

    logarithmic = True

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[Any, list[float]]]:  # noqa: N802
        """Decades, with 2 and 5 between where there is room, and even steps within less than a decade."""
        if not self.logarithmic or max(abs(low), abs(high)) > 300:
            return super().tickValues(low, high, size)[:2]  # type: ignore[no-any-return]
        if high - low < 0.8:
            levels = super().tickValues(10**low, 10**high, size)
            return [(None, [math.log10(value) for value in levels[0][1] if value > 0])] if levels else []
        step = max(1, math.ceil(26 * (high - low) / max(size, 1.0)))
        decades = range(math.ceil(low), math.floor(high) + 1)
        shown = [float(decade) for decade in decades if decade % step == 0]
        if size / (high - low) > 90:
            between = [decade + math.log10(part) for decade in range(math.floor(low), decades.stop) for part in (2, 5)]
            shown += [value for value in between if low <= value <= high]
        return [(None, shown)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: Any) -> list[str]:  # noqa: N802
        """The losses in few digits."""
        losses = [10**value for value in values] if self.logarithmic else list(values)
        # All in one way of writing.
        extreme = min(losses, default=1.0) if self.logarithmic else max(map(abs, losses), default=1.0)
        tiny, huge = extreme < 1e-3, max(losses, default=0.0) >= 1e4
        if not tiny and not huge:
            return [f"{loss:.6g}" for loss in losses]
        return [scientific(loss) if loss and loss != 1 else f"{loss:g}" for loss in losses]
