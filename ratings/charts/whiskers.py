"""A column of names, each with a dot and the interval around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .language import gettext as _
from .language import local
from .scales import Linear, Mark, Scale


@dataclass(frozen=True)
class Whisker:
    name: str
    value: float
    low: float
    high: float
    is_open: bool | None = False  # None: nobody knows
    note: str = ""
    marked: bool = False
    model: str = ""  # the model it is about, if the name is something else
    second: tuple[float, float, float] | None = None  # another value of it, with its interval

    @property
    def subject(self) -> str:
        return self.model or self.name

    @property
    def says(self) -> str:
        values = [(self.value, self.low, self.high), *filter(None, [self.second])]
        return f"{self.subject}{_(': ')}{_(', ').join(map(_with_interval, values))}"


def _with_interval(numbers: tuple[float, float, float]) -> str:
    value, low, high = (local(f"{number:.4g}") for number in numbers)
    return _("%(value)s (%(low)s to %(high)s)") % {"value": value, "low": low, "high": high}


@dataclass(frozen=True)
class Row:
    whisker: Whisker
    left: float
    centre: float
    right: float
    second: Sequence[float] = ()  # where another value, its lower and its upper end are


@dataclass(frozen=True)
class Whiskers:
    rows: Sequence[Row]
    marks: Sequence[Mark]
    level: float | None = None

    @classmethod
    def draw(
        cls,
        whiskers: Sequence[Whisker],
        scale: Scale | None = None,
        level: float | None = None,
    ) -> Whiskers:
        """`level` is a value that all are to be compared with, such as 0."""
        ends = [end for whisker in whiskers for end in (whisker.low, whisker.high)]
        scale = scale or Linear.around(ends if level is None else [*ends, level])
        rows = [
            Row(
                w, scale.at(w.low), scale.at(w.value), scale.at(w.high),
                [scale.at(value) for value in w.second or ()],
            )
            for w in whiskers
        ]  # fmt: skip
        return cls(rows, scale.marks(), None if level is None else scale.at(level))
