"""Score against another quantity, one point per model, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .labels import NARROW, WIDE, Box, Plot, place
from .language import gettext as _
from .scales import Mark, Scale

RADIUS = 5.0  # of a dot, in pixels, with its edge


@dataclass(frozen=True)
class Point:
    name: str
    x: float
    y: float
    low: float
    high: float
    is_open: bool | None  # None: nobody knows
    important: float = 0.0  # labels go to the most important first
    note: str = ""  # such as x in words
    x_ends: tuple[float, float] | None = None  # the interval of x, if it has one
    in_step: bool = False  # whether these ends are of the same two cases for all points

    @property
    def ends(self) -> tuple[float, float]:
        return self.x_ends or (self.x, self.x)

    @property
    def says(self) -> str:
        said = _("%(model)s: %(score)s (%(low)s to %(high)s)") % {
            "model": self.name,
            "score": f"{self.y:.0f}",
            "low": f"{self.low:.0f}",
            "high": f"{self.high:.0f}",
        }
        return f"{said}{_(', ')}{self.note}" if self.note else said


@dataclass(frozen=True)
class Dot:
    """A point with its position."""

    point: Point
    x: float
    y: float
    top: float
    bottom: float
    left: float
    right: float
    label: str = ""
    leftwards: bool = False
    below: bool = False
    wide_only: bool = False  # no room for its label on a phone


@dataclass(frozen=True)
class Stroke:
    x1: float
    y1: float
    x2: float
    y2: float
    kind: str = ""


@dataclass(frozen=True)
class Scatter:
    dots: Sequence[Dot]
    strokes: Sequence[Stroke]
    x_marks: Sequence[Mark]
    y_marks: Sequence[Mark]
    x_name: str
    y_name: str

    @classmethod
    def draw(
        cls,
        points: Sequence[Point],
        x: Scale,
        y: Scale,
        *,
        x_name: str,
        y_name: str = "",
        fronts: Sequence[tuple[str, Sequence[Point]]] = (),
        label: int = 12,
    ) -> Scatter:
        dots = [_dot(p, x, y) for p in points]
        strokes = [stroke for kind, front in fronts for stroke in _steps(front, x, y, kind)]
        marks = [Mark(100 - mark.at, mark.label) for mark in y.marks()]
        return cls(
            _labelled(dots, strokes, label), strokes, x.marks(), marks, x_name, y_name or _("Score")
        )


def _dot(p: Point, x: Scale, y: Scale) -> Dot:
    middle, top, bottom = (100 - y.at(value) for value in (p.y, p.high, p.low))
    left, right = map(x.at, p.ends)
    return Dot(p, x.at(p.x), middle, top, bottom, left, right)


def frontier(points: Sequence[Point]) -> list[Point]:
    """Pareto front: the points with no higher point to their left or at the same x."""
    front: list[Point] = []
    for point in sorted(points, key=lambda p: (p.x, -p.y)):
        if not front or point.y > front[-1].y:
            front.append(point)
    return front


def unbeaten(points: Sequence[Point]) -> list[Point]:
    """Those that may be on the front: by the intervals, no other point is certainly higher and
    certainly further left."""
    return [
        point
        for point in points
        if not any(one.low > point.high and _is_left(one, point) for one in points)
    ]


def _is_left(one: Point, other: Point) -> bool:
    """Of ends that are in step, in each case."""
    if one.in_step:
        return all(a < b for a, b in zip((one.x, *one.ends), (other.x, *other.ends), strict=True))
    return one.ends[1] < other.ends[0]


def _steps(front: Sequence[Point], x: Scale, y: Scale, kind: str) -> list[Stroke]:
    strokes = []
    for here, there in zip(front, [*front[1:], None], strict=True):
        left, height = x.at(here.x), round(100 - y.at(here.y), 2)
        right = x.at(there.x) if there else 100.0
        strokes.append(Stroke(left, height, right, height, kind))
        if there:
            strokes.append(Stroke(right, height, right, round(100 - y.at(there.y), 2), kind))
    return strokes


def _labelled(dots: Sequence[Dot], strokes: Sequence[Stroke], most: int) -> list[Dot]:
    """Labels for the most important points, as far as there is room. A label that fits on a phone
    keeps its place on a wide screen."""
    order = sorted(range(len(dots)), key=lambda i: -dots[i].point.important)
    names = [
        (i, dots[i].point.name, dots[i].x, dots[i].y) for i in order if dots[i].point.important
    ]
    narrow = place(names, _obstacles(dots, strokes, NARROW), NARROW, most)
    kept = [WIDE.label(name, x, y, *narrow[i]) for i, name, x, y in names if i in narrow]
    rest = [each for each in names if each[0] not in narrow]
    taken = [*_obstacles(dots, strokes, WIDE), *kept]
    wide = place(rest, taken, WIDE, most - len(narrow))
    labelled = list(dots)
    for i, (leftwards, below) in (wide | narrow).items():
        labelled[i] = replace(
            dots[i],
            label=dots[i].point.name,
            leftwards=leftwards,
            below=below,
            wide_only=i not in narrow,
        )
    return labelled


def _obstacles(dots: Sequence[Dot], strokes: Sequence[Stroke], plot: Plot) -> list[Box]:
    """What no label may cover: dots and the line along the front."""
    lines = [plot.box(*sorted((s.x1, s.x2)), *sorted((s.y1, s.y2))) for s in strokes]
    return [*(plot.around(dot.x, dot.y, RADIUS) for dot in dots), *lines]
