"""A value over time, with its interval as a band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from .language import date_format
from .language import gettext as _
from .scales import Linear, Mark


@dataclass(frozen=True)
class Moment:
    at: float
    top: float
    bottom: float
    y: float
    says: str


@dataclass(frozen=True)
class Segment:
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class History:
    moments: Sequence[Moment]
    segments: Sequence[Segment]
    x_marks: Sequence[Mark]
    y_marks: Sequence[Mark]

    @classmethod
    def draw(cls, values: Sequence[tuple[datetime, float, float, float]]) -> History:
        """(when, value, lower, upper), oldest first."""
        y = Linear.around(end for value in values for end in value[2:])
        first, last = values[0][0].timestamp(), values[-1][0].timestamp()
        x = Linear(first, last) if last > first else Linear(first - 1, first + 1)
        moments = [
            Moment(
                x.at(when.timestamp()),
                round(100 - y.at(high), 2),
                round(100 - y.at(low), 2),
                round(100 - y.at(value), 2),
                _("%(when)s: %(score)s (%(low)s to %(high)s)")
                % {
                    "when": date_format(when, "BRIEF_DATE"),
                    "score": f"{value:.0f}",
                    "low": f"{low:.0f}",
                    "high": f"{high:.0f}",
                },
            )
            for when, value, low, high in values
        ]
        segments = [Segment(a.at, a.y, b.at, b.y) for a, b in pairwise(moments)]
        ends = {values[0][0]: 0, values[-1][0]: 0}
        marks = [Mark(x.at(when.timestamp()), date_format(when, "BRIEF_DATE")) for when in ends]
        return cls(moments, segments, marks, [Mark(100 - m.at, m.label) for m in y.marks()])
