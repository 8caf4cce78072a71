"""A column of names, each with a dot and the interval around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from arena.plurals import local

from .scales import Linear, Mark


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

    @property
    def subject(self) -> str:
        return self.model or self.name

    @property
    def says(self) -> str:
        return _("%(model)s: %(score)s (%(low)s to %(high)s)") % {
            "model": self.subject,
            "score": local(f"{self.value:.4g}"),
            "low": local(f"{self.low:.4g}"),
            "high": local(f"{self.high:.4g}"),
        }


@dataclass(frozen=True)
class Row:
    whisker: Whisker
    left: float
    centre: float
    right: float


@dataclass(frozen=True)
class Whiskers:
    rows: Sequence[Row]
    marks: Sequence[Mark]
    level: float | None = None

    @classmethod
    def draw(
        cls,
        whiskers: Sequence[Whisker],
        scale: Linear | None = None,
        level: float | None = None,
    ) -> Whiskers:
        """`level` is a value that all are to be compared with, such as 0."""
        ends = [end for whisker in whiskers for end in (whisker.low, whisker.high)]
        scale = scale or Linear.around(ends if level is None else [*ends, level])
        rows = [Row(w, scale.at(w.low), scale.at(w.value), scale.at(w.high)) for w in whiskers]
        return cls(rows, scale.marks(), None if level is None else scale.at(level))
