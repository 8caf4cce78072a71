"""A step chart: each value holds until the next one, with its interval as a band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .scales import Dates, Linear, Mark


@dataclass(frozen=True)
class Stage:
    """From a day on, as its ordinal; fractions are hours."""

    since: float
    value: float
    low: float
    high: float
    says: str


@dataclass(frozen=True)
class Tread:
    stage: Stage
    x: float
    width: float
    top: float
    height: float
    y: float
    rise: float  # the y of the stage before

    @property
    def end(self) -> float:
        return round(self.x + self.width, 2)


@dataclass(frozen=True)
class Steps:
    treads: Sequence[Tread]
    x_marks: Sequence[Mark]
    y_marks: Sequence[Mark]
    y_name: str
    level: float

    @classmethod
    def draw(cls, stages: Sequence[Stage], until: float, y_name: str, level: float = 0.0) -> Steps:
        """Oldest first; the last one holds `until` the end. `level` is a value to compare with."""
        y = Linear.around([level, *(end for one in stages for end in (one.low, one.high))])
        x = Dates(stages[0].since, max(until, stages[-1].since + 1))
        marks = [Mark(100 - mark.at, mark.label) for mark in y.marks()]
        treads = list(_treads(stages, x, y))
        return cls(treads, x.marks(), marks, y_name, round(100 - y.at(level), 2))


def _treads(stages: Sequence[Stage], x: Dates, y: Linear) -> list[Tread]:
    ends = [*(there.since for _, there in pairwise(stages)), x.high]
    befores = [stages[0], *stages]
    return [
        Tread(
            stage=stage,
            x=x.at(stage.since),
            width=round(x.at(end) - x.at(stage.since), 2),
            top=round(100 - y.at(stage.high), 2),
            height=round(y.at(stage.high) - y.at(stage.low), 2),
            y=round(100 - y.at(stage.value), 2),
            rise=round(100 - y.at(before.value), 2),
        )
        for stage, end, before in zip(stages, ends, befores, strict=False)
    ]
