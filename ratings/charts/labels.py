"""Placement of the names of points, whose text keeps its size at any size of the plot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

LETTER = 7.2  # pixels, on the wide side for the fonts of browsers
ASIDE = 2.0  # pixels from the middle of a point to its name, along the line
NEAR, FAR = 5.5, 20.0  # pixels to either edge of the name, across the line


class Box(NamedTuple):
    """In pixels from the upper left corner of the plot."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return not (
            self.right < other.left
            or self.left > other.right
            or self.bottom < other.top
            or self.top > other.bottom
        )


class Plot(NamedTuple):
    """In pixels, the smallest on its kind of screen: in a larger plot everything moves apart."""

    width: float
    height: float

    def box(self, left: float, right: float, top: float, bottom: float) -> Box:
        """A box in pixels from one in per cent."""
        x, y = self.width / 100, self.height / 100
        return Box(left * x, top * y, right * x, bottom * y)

    def around(self, x: float, y: float, radius: float) -> Box:
        at = self.box(x, x, y, y)
        return Box(at.left - radius, at.top - radius, at.right + radius, at.bottom + radius)

    def label(self, name: str, x: float, y: float, leftwards: bool, below: bool) -> Box:
        at = self.box(x, x, y, y)
        width = LETTER * len(name)
        left = at.left - ASIDE - width if leftwards else at.left + ASIDE
        top = at.top + NEAR if below else at.top - FAR
        return Box(left, top, left + width, top + FAR - NEAR)


WIDE, NARROW = Plot(640.0, 416.0), Plot(300.0, 352.0)
Named = tuple[int, str, float, float]  # number of a point, its name, and place in per cent


def place(
    names: Iterable[Named], obstacles: Sequence[Box], plot: Plot, most: int
) -> dict[int, tuple[bool, bool]]:
    """Which points get their name, and whether it is to the left and below. Earlier points come
    first; a name must not overlap an obstacle or another name, or leave the plot."""
    taken = list(obstacles)
    placed: dict[int, tuple[bool, bool]] = {}
    for number, name, x, y in names:
        if len(placed) == most:
            break
        for side in ((x > 60, False), (x <= 60, False), (x > 60, True), (x <= 60, True)):
            box = plot.label(name, x, y, *side)
            inside = box.left >= 0 and box.right <= plot.width and box.bottom <= plot.height
            if inside and not any(map(box.meets, taken)):
                taken.append(box)
                placed[number] = side
                break
    return placed
