"""Score against something else, one point a model, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .scales import Mark, Scale

# Labels are placed as if the plot had this size; on a narrow screen most of them hide.
WIDTH, HEIGHT = 700.0, 420.0
LETTER, LINE = 6.6, 15.0


@dataclass(frozen=True)
class Point:
    name: str
    x: float
    y: float
    low: float
    high: float
    is_open: bool | None  # None: nobody knows
    important: float = 0.0  # labels go to the most important first
    note: str = ""  # such as what stands for x

    @property
    def says(self) -> str:
        said = f"{self.name}: {self.y:.0f} ({self.low:.0f} to {self.high:.0f})"
        return f"{said}, {self.note}" if self.note else said


@dataclass(frozen=True)
class Dot:
    """A point in its place."""

    point: Point
    x: float
    y: float
    top: float
    bottom: float
    label: str = ""
    leftwards: bool = False
    major: bool = False


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
        y_name: str = "Score",
        fronts: Sequence[tuple[str, Sequence[Point]]] = (),
        label: int = 12,
    ) -> Scatter:
        dots = [
            Dot(p, x.at(p.x), 100 - y.at(p.y), 100 - y.at(p.high), 100 - y.at(p.low))
            for p in points
        ]
        strokes = [stroke for kind, front in fronts for stroke in _steps(front, x, y, kind)]
        marks = [Mark(100 - mark.at, mark.label) for mark in y.marks()]
        return cls(_labelled(dots, label), strokes, x.marks(), marks, x_name, y_name)


def frontier(points: Sequence[Point]) -> list[Point]:
    """Those that no point to their left, or at the same place, is above."""
    front: list[Point] = []
    for point in sorted(points, key=lambda p: (p.x, -p.y)):
        if not front or point.y > front[-1].y:
            front.append(point)
    return front


def _steps(front: Sequence[Point], x: Scale, y: Scale, kind: str) -> list[Stroke]:
    strokes = []
    for here, there in zip(front, [*front[1:], None], strict=True):
        left, height = x.at(here.x), round(100 - y.at(here.y), 2)
        right = x.at(there.x) if there else 100.0
        strokes.append(Stroke(left, height, right, height, kind))
        if there:
            strokes.append(Stroke(right, height, right, round(100 - y.at(there.y), 2), kind))
    return strokes


def _labelled(dots: list[Dot], most: int) -> list[Dot]:
    """Labels for the most important points, where they hide neither each other nor another dot."""
    taken: list[tuple[float, float, float, float]] = []
    labels: dict[int, Dot] = {}
    order = sorted(range(len(dots)), key=lambda i: -dots[i].point.important)
    for i in order:
        dot = dots[i]
        if len(labels) == most or dot.point.important <= 0:
            break
        for leftwards in (dot.x > 72, dot.x <= 72):
            box = _box(dot, leftwards)
            if _is_free(box, taken):
                taken.append(box)
                labels[i] = Dot(
                    **{**_fields(dot), "label": dot.point.name, "leftwards": leftwards},
                    major=len(labels) < 4,
                )
                break
    return [labels.get(i, dot) for i, dot in enumerate(dots)]


def _fields(dot: Dot) -> dict[str, Any]:
    return {"point": dot.point, "x": dot.x, "y": dot.y, "top": dot.top, "bottom": dot.bottom}


def _box(dot: Dot, leftwards: bool) -> tuple[float, float, float, float]:
    x, y = dot.x / 100 * WIDTH, dot.y / 100 * HEIGHT
    width = 8 + LETTER * len(dot.point.name)
    left = x - width if leftwards else x
    return left, y - LINE / 2, left + width, y + LINE / 2


def _is_free(
    box: tuple[float, float, float, float], taken: Sequence[tuple[float, float, float, float]]
) -> bool:
    left, top, right, bottom = box
    if left < 0 or right > WIDTH + 20:
        return False
    return all(
        right < other[0] or left > other[2] or bottom < other[1] or top > other[3]
        for other in taken
    )
