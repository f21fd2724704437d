"""Times, lengths and angles of API 2."""

from __future__ import annotations

from typing import Any

import numpy as np

from maya_fake.api_core import FRAME_RATES
from maya_fake.constants import MANGLE, MDISTANCE, MTIME, constants
from maya_fake.current import scene


@constants(MTIME)
class MTime:
    """A time in a unit."""

    def __init__(self, value: Any = 0.0, unit: int | None = None) -> None:
        if isinstance(value, MTime):
            value, unit = value.value, value.unit
        if not isinstance(value, (int, float)):
            raise TypeError("MTime takes a number")
        self.value, self.unit = float(value), self.uiUnit() if unit is None else unit
        if unit is not None and unit not in MTIME.values():
            raise ValueError("Invalid unit")

    @staticmethod
    def uiUnit() -> int:
        return MTIME[FRAME_RATES[scene().state.units["time"]]]

    def asUnits(self, unit: int) -> float:
        return self.value * _rate(unit) / _rate(self.unit)

    def _frame(self) -> float:
        return self.asUnits(self.uiUnit())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MTime) and abs(self._frame() - other._frame()) < 1e-9

    def __hash__(self) -> int:
        raise TypeError("unhashable")


_RATES = {
    "kSeconds": 1.0,
    "kMinutes": 1 / 60,
    "kHours": 1 / 3600,
    "kMilliseconds": 1000.0,
    "kGames": 15.0,
    "kFilm": 24.0,
    "kPALFrame": 25.0,
    "kNTSCFrame": 30.0,
    "kShowScan": 48.0,
    "kPALField": 50.0,
    "kNTSCField": 60.0,
    "k23_976FPS": 23.976,
    "k29_97FPS": 29.97,
    "k59_94FPS": 59.94,
    "k120FPS": 120.0,
}


def _rate(unit: int) -> float:
    return next(rate for name, rate in _RATES.items() if MTIME[name] == unit)


_LENGTHS = {
    "kMillimeters": "mm",
    "kCentimeters": "cm",
    "kMeters": "m",
    "kInches": "in",
    "kFeet": "ft",
    "kYards": "yd",
    "kKilometers": "km",
}


@constants(MDISTANCE)
class MDistance:
    """A length in a unit."""

    def __init__(self, value: float = 0.0, unit: int | None = None) -> None:
        self.value, self.unit = float(value), self.uiUnit() if unit is None else unit

    @staticmethod
    def uiUnit() -> int:
        wanted = scene().state.units["linear"]
        return next(MDISTANCE[name] for name, unit in _LENGTHS.items() if unit == wanted)

    @staticmethod
    def internalUnit() -> int:
        return MDISTANCE["kCentimeters"]

    @staticmethod
    def internalToUI(value: float) -> float:
        from maya_fake.values import CENTIMETRES

        return value / CENTIMETRES[scene().state.units["linear"]]

    @staticmethod
    def uiToInternal(value: float) -> float:
        from maya_fake.values import CENTIMETRES

        return value * CENTIMETRES[scene().state.units["linear"]]

    def asCentimeters(self) -> float:
        from maya_fake.values import CENTIMETRES

        return self.value * CENTIMETRES[next(unit for name, unit in _LENGTHS.items() if MDISTANCE[name] == self.unit)]


@constants(MANGLE)
class MAngle:
    """An angle in a unit."""

    def __init__(self, value: float = 0.0, unit: int | None = None) -> None:
        self.value, self.unit = float(value), MANGLE["kRadians"] if unit is None else unit

    def asDegrees(self) -> float:
        return self.value if self.unit == MANGLE["kDegrees"] else float(np.degrees(self.value))

    def asRadians(self) -> float:
        return self.value if self.unit == MANGLE["kRadians"] else float(np.radians(self.value))

    @staticmethod
    def uiUnit() -> int:
        return MANGLE["kDegrees" if scene().state.units["angle"] == "deg" else "kRadians"]
