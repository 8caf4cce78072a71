"""Names of points in a chart overlap neither each other nor anything else."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from ratings.charts import Linear, Point, Scatter, frontier
from ratings.charts.labels import NARROW, WIDE, Box, Plot
from ratings.charts.scatter import RADIUS, Dot


def drawn(seed: int) -> Scatter:
    """Sixty models, of which those on the front are to be named."""
    rng = np.random.default_rng(seed)
    found = [
        Point(f"model-{i}-{'x' * int(rng.integers(14))}", x, y, y - 1, y + 1, True, important=y)
        for i, (x, y) in enumerate(rng.uniform(0, 100, (60, 2)).tolist())
    ]
    scale = Linear(-5, 105)
    return Scatter.draw(found, scale, scale, x_name="x", fronts=[("open", frontier(found))])


def label(dot: Dot, plot: Plot) -> Box:
    return plot.label(dot.label, dot.x, dot.y, dot.leftwards, dot.below)


@pytest.mark.parametrize("plot", [NARROW, WIDE, Plot(900.0, 416.0)])
@pytest.mark.parametrize("seed", range(8))
def test_label_meets_no_label_no_dot_and_no_line(seed: int, plot: Plot) -> None:
    chart = drawn(seed)
    shown = [dot for dot in chart.dots if dot.label and not (plot is NARROW and dot.wide_only)]
    boxes = [label(dot, plot) for dot in shown]
    assert len(boxes) > 1
    assert not any(a.meets(b) for a, b in combinations(boxes, 2))
    lines = [plot.box(*sorted((s.x1, s.x2)), *sorted((s.y1, s.y2))) for s in chart.strokes]
    assert lines
    for box in boxes:
        assert not any(map(box.meets, lines))
        assert not any(box.meets(plot.around(dot.x, dot.y, RADIUS)) for dot in chart.dots)
        assert 0 <= box.left < box.right <= plot.width


def test_wide_screen_has_more_names_than_a_phone() -> None:
    named = [dot for seed in range(8) for dot in drawn(seed).dots if dot.label]
    few = [dot for dot in named if not dot.wide_only]
    assert 0 < len(few) < len(named)


def test_name_without_room_is_left_out() -> None:
    crowd = [Point("crowd", 50, y, y, y, True, important=y) for y in np.linspace(49, 51, 40)]
    chart = Scatter.draw(crowd, Linear(0, 100), Linear(0, 100), x_name="x")
    assert len([dot for dot in chart.dots if dot.label]) <= 4  # one on each side
