"""Which models may be on a Pareto front, by their intervals in both directions."""

from __future__ import annotations

from ratings.charts import Linear, Point, Scatter, frontier, unbeaten

SURE = Point("Sure", 1, 1010, 1000, 1020, True, x_ends=(0.9, 1.1))
NEAR = Point("Near", 1.1, 990, 975, 1005, True, x_ends=(1, 1.3))  # its score may be as high
LATE = Point("Late", 2, 985, 975, 995, True, x_ends=(1.05, 3))  # it may be as quick
PLAIN = Point("Plain", 2, 985, 975, 995, False)  # exactly 2
BEST = Point("Best", 5, 1100, 1080, 1120, False, x_ends=(4, 6))
ALL = [SURE, NEAR, LATE, PLAIN, BEST]


def test_front_by_estimates_is_narrower_than_by_intervals() -> None:
    assert [point.name for point in frontier(ALL)] == ["Sure", "Best"]
    assert [point.name for point in unbeaten(ALL)] == ["Sure", "Near", "Late", "Best"]


def test_ends_in_step_are_compared_case_by_case() -> None:
    """Of two cases, as data centres are: none of these is left of another by both ends alone."""
    x = {"Less": (1, 0.5, 3), "More": (2, 1, 6), "Mixed": (1.5, 0.4, 5)}
    scores = {"Less": 1100, "More": 1000, "Mixed": 1000}
    points = [
        Point(name, x[name][0], y, y - 5, y + 5, True, x_ends=x[name][1:], in_step=True)
        for name, y in scores.items()
    ]
    assert [point.name for point in unbeaten(points)] == ["Less", "Mixed"]


def test_interval_of_x_is_drawn_where_it_is_known() -> None:
    drawn = Scatter.draw(ALL, Linear(0, 10), Linear(900, 1200), x_name="s")
    ends = {dot.point.name: (dot.left, dot.right) for dot in drawn.dots}
    assert ends["Late"] == (10.5, 30.0)
    assert ends["Plain"] == (20.0, 20.0)
