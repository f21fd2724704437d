"""Times and contexts of API 1."""

from __future__ import annotations

from typing import Any

from maya_fake.api2 import units
from maya_fake.api_objects import ContextBase
from maya_fake.constants import MTIME, constants


@constants(MTIME)
class MTime:
    """A time in a unit."""

    def __init__(self, value: Any = 0.0, unit: int | None = None) -> None:
        if isinstance(value, MTime):
            value, unit = value._value, value._unit
        self._value, self._unit = float(value), self.uiUnit() if unit is None else unit
        if self._unit not in MTIME.values():
            raise ValueError("Invalid unit")

    def value(self) -> float:
        return self._value

    def unit(self) -> int:
        return self._unit

    @staticmethod
    def uiUnit() -> int:
        return units.MTime.uiUnit()

    def asUnits(self, unit: int) -> float:
        return self._value * units._rate(unit) / units._rate(self._unit)

    def _frame(self) -> float:
        return self.asUnits(self.uiUnit())


class MDGContext(ContextBase):
    """A time at which plugs are asked."""

    fsNormal: MDGContext
    _time_type = MTime


MDGContext.fsNormal = MDGContext()
