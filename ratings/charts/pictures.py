"""Drawings as files that stand alone, for papers and slides."""

from __future__ import annotations

from collections.abc import Sequence

from .canvas import (
    ACCENT,
    GRID,
    INK,
    MARGIN,
    PAPER,
    SIDE_A,
    SIDE_B,
    SMALL,
    SOFT,
    SUNKEN,
    Canvas,
    mixed,
    width_of,
)
from .heat_map import STEPS, HeatMap, cut
from .scatter import Scatter
from .whiskers import Whiskers

WIDTH = 760
ROW = 24  # pixels
CELLS = (18.0, 44.0)  # the smallest and the largest
NUMBERED = 30.0  # from this size on a cell has room for a number
PLOT = 440  # pixels in height
SHADES = (0.9, 0.7, 0.5, 0.25)  # of a side's colour, from the outermost step inwards


def of_whiskers(drawing: Whiskers, title: str, subtitle: str, notes: Sequence[str] = ()) -> str:
    """A row for each: its name, dot and interval, and their numbers."""
    canvas = Canvas(title, subtitle, WIDTH)
    names = [cut(row.whisker.name) for row in drawing.rows]
    numbers = [
        f"{w.value:.0f} ({w.low:.0f} to {w.high:.0f})"
        for w in (row.whisker for row in drawing.rows)
    ]
    left = MARGIN + max(map(width_of, names), default=0) + 16
    right = WIDTH - MARGIN - max((width_of(each, SMALL) for each in numbers), default=0) - 16
    top, bottom = canvas.top, canvas.top + ROW * len(names)

    def x(per_cent: float) -> float:
        return left + (right - left) * per_cent / 100

    for mark in drawing.marks:
        canvas.line(x(mark.at), top, x(mark.at), bottom, GRID, 1)
        canvas.text(x(mark.at), bottom + 16, mark.label, SMALL, SOFT, "middle")
    for i, (row, name, said) in enumerate(zip(drawing.rows, names, numbers, strict=True)):
        y = top + ROW * (i + 0.5)
        canvas.text(left - 16, y + 4, name, anchor="end")
        canvas.line(x(row.left), y, x(row.right), y, ACCENT, 3)
        canvas.circle(x(row.centre), y, 4.5, row.whisker.says)
        canvas.text(WIDTH - MARGIN, y + 4, said, SMALL, SOFT, "end")
    canvas.top = bottom + 20
    return canvas.written(notes)


def of_heat_map(drawing: HeatMap, title: str, subtitle: str, notes: Sequence[str] = ()) -> str:
    """Rows against columns of shares, both sides of a half in the colours of A and B."""
    n = max(len(drawing.names), 1)
    labels = [f"{name}  {i}" for i, (_, name) in enumerate(drawing.places, start=1)]
    left = MARGIN + max(map(width_of, labels), default=0) + 8
    size = min(max((WIDTH - left - MARGIN) / n, CELLS[0]), CELLS[1])
    canvas = Canvas(title, subtitle, max(WIDTH, round(left + size * n + MARGIN)))
    top, side = canvas.top + 18, size * n
    for (at, _), label in zip(drawing.places, labels, strict=True):
        number = label.rsplit(" ", 1)[1]
        canvas.text(left - 8, top + side * at / 100 + 4, label, anchor="end")
        canvas.text(left + side * at / 100, top - 6, number, SMALL, SOFT, "middle")
    for cell in drawing.cells:
        x, y = left + side * cell.x / 100, top + side * cell.y / 100
        canvas.square(x, y, size, shade(cell.shade), cell.title)
        if size >= NUMBERED:
            is_dark = cell.shade in (0, 1, STEPS - 2, STEPS - 1)
            where = x + size / 2, y + size / 2 + 4
            canvas.text(
                *where, f"{100 * cell.share:.0f}", SMALL, PAPER if is_dark else INK, "middle"
            )
    canvas.top = top + side
    return canvas.written(notes)


def shade(step: int) -> str:
    """Grey in the middle, and both ways ever more of a side's colour."""
    middle = STEPS // 2
    if step == middle:
        return SUNKEN
    return mixed(SIDE_A, SHADES[STEPS - 1 - step]) if step > middle else mixed(SIDE_B, SHADES[step])


def of_scatter(drawing: Scatter, title: str, subtitle: str, notes: Sequence[str] = ()) -> str:
    """Points with their intervals in y, and their names beside them."""
    canvas = Canvas(title, subtitle, WIDTH)
    canvas.text(MARGIN, canvas.top + 8, drawing.y_name, SMALL, SOFT)
    top, left, right = canvas.top + 24, MARGIN + 48, WIDTH - MARGIN - 64

    def x(per_cent: float) -> float:
        return left + (right - left) * per_cent / 100

    def y(per_cent: float) -> float:
        return top + PLOT * per_cent / 100

    for mark in drawing.y_marks:
        canvas.line(left, y(mark.at), right, y(mark.at), GRID, 1)
        canvas.text(left - 8, y(mark.at) + 4, mark.label, SMALL, SOFT, "end")
    for mark in drawing.x_marks:
        canvas.text(x(mark.at), top + PLOT + 18, mark.label, SMALL, SOFT, "middle")
    for stroke in drawing.strokes:
        canvas.line(x(stroke.x1), y(stroke.y1), x(stroke.x2), y(stroke.y2), SOFT, 1)
    for dot in drawing.dots:
        canvas.line(x(dot.x), y(dot.top), x(dot.x), y(dot.bottom), ACCENT, 2)
        canvas.circle(x(dot.x), y(dot.y), 4.5, dot.point.says)
        canvas.text(x(dot.x), y(dot.top) - 6, dot.point.name, SMALL, SOFT, "middle")
    canvas.text(right, top + PLOT + 38, drawing.x_name, SMALL, SOFT, "end")
    canvas.top = top + PLOT + 40
    return canvas.written(notes)
