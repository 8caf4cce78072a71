"""From values to per cent along an axis, with marks at round values."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from .language import date_format, local

SUFFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


FEW_DAYS, MANY_DAYS = 70, 400


@dataclass(frozen=True)
class Mark:
    at: float  # per cent
    label: str


class Scale(Protocol):
    def at(self, value: float, /) -> float: ...
    def marks(self) -> list[Mark]: ...


@dataclass(frozen=True)
class Linear:
    low: float
    high: float

    @classmethod
    def around(cls, values: Iterable[float], margin: float = 0.04) -> Linear:
        known = list(values)
        low, high = min(known, default=0.0), max(known, default=1.0)
        space = (high - low or 1.0) * margin
        return cls(low - space, high + space)

    def at(self, value: float) -> float:
        return round(100 * (value - self.low) / ((self.high - self.low) or 1.0), 2)

    def marks(self) -> list[Mark]:
        step = round_step((self.high - self.low) / 5)
        first = math.ceil(self.low / step)
        last = math.floor(self.high / step)
        return [Mark(self.at(i * step), local(f"{i * step:,.6g}")) for i in range(first, last + 1)]


def round_step(rough: float) -> float:
    """1, 2 or 5 times a power of ten, at least `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)


@dataclass(frozen=True)
class Log:
    low: float
    high: float
    unit: str = ""

    @classmethod
    def around(cls, values: Iterable[float], unit: str = "") -> Log:
        known = list(values)
        low, high = min(known, default=1.0), max(known, default=10.0)
        margin = max((high / low) ** 0.04, 1.1)
        return cls(low / margin, high * margin, unit)

    def at(self, value: float) -> float:
        whole = math.log(self.high / self.low)
        return round(100 * math.log(value / self.low) / whole, 2)

    def marks(self) -> list[Mark]:
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        factors = (1, 3) if self.high / self.low > 30 else (1, 2, 5)
        values = [factor * 10.0**power for power in powers for factor in factors]
        return [
            Mark(self.at(value), short(value) + self.unit)
            for value in values
            if self.low <= value <= self.high
        ]


@dataclass(frozen=True)
class Dates(Linear):
    """Days as ordinals; marks at the first of each month, or at days over short ranges."""

    def marks(self) -> list[Mark]:
        return [
            Mark(self.at(day.toordinal()), date_format(day, name))
            for day, name in self._days()
            if self.low <= day.toordinal() <= self.high
        ]

    def _days(self) -> list[tuple[date, str]]:
        span = self.high - self.low
        if span < FEW_DAYS:
            step = math.ceil(span / 4)
            some = range(math.ceil(self.low), int(self.high) + 1, step)
            return [(date.fromordinal(day), "BRIEF_DAY") for day in some]
        first, last = (date.fromordinal(int(end)) for end in (self.low, self.high))
        months = range(1, 13, 6 if span > MANY_DAYS else 2)
        years = range(first.year, last.year + 1)
        return [(date(year, month, 1), "BRIEF_MONTH") for year in years for month in months]


def short(value: float) -> str:
    for size, suffix in SUFFIXES:
        if value >= size:
            return local(f"{value / size:.3g}{suffix}")
    return local(f"{value:.3g}")
