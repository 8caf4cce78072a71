"""Score against release date, size, response time and price."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..charts import Dates, Figure, Linear, Log, Point, Scatter, frontier
from ..charts.scales import Scale
from ..presentation import sentences
from ..presentation.lines import Line, in_billions
from .correlation import spearman

FEWEST = 5  # points that make a chart
FEWEST_FOR_A_TREND = 10
DOT = "Each dot is a model, with the 95% interval of its score; filled: open."


@dataclass(frozen=True)
class Against:
    """A quantity that the score is drawn against."""

    name: str
    what: str  # in a sentence
    axis: str
    value: Callable[[Line], float | None]
    words: Callable[[float], str]
    unit: str = ""
    missing: str = ""


PARAMETERS = Against(
    "parameters", "parameters", "Parameters (log scale)",
    lambda line: line.contestant.parameters, lambda n: in_billions(int(n)),
    missing="Too few models have a known number of parameters.",
)  # fmt: skip
TOKENS = Against(
    "training-tokens", "training data", "Training tokens (log scale)",
    lambda line: line.contestant.training_tokens, lambda n: in_billions(int(n)),
    missing="Too few models have a known number of training tokens.",
)  # fmt: skip
TIME = Against(
    "response-time", "response time", "Median seconds until an answer is complete",
    lambda line: line.response_s, lambda s: f"{s:.2f}", " s",
    missing="Too few models have answered here: these votes were cast elsewhere, or the arena is "
    "new.",
)  # fmt: skip
PRICE = Against(
    "price", "price", "USD per million output tokens",
    lambda line: line.price, lambda usd: f"{usd:.2f}", " $",
    missing="Too few models have a known price. It is a field of the contestant in the admin.",
)  # fmt: skip


COLUMNS = ("Model", "Access", "Score", "Lower", "Upper", "Rank")


def row(line: Line, *more: str) -> tuple[str, ...]:
    rating = line.rating
    numbers = [f"{value:.1f}" for value in (rating.score, rating.lower, rating.upper) if value]
    access = line.contestant.get_kind_display()
    return (line.contestant.name, access, *numbers, line.rank, *more)


def point(line: Line, x: float, note: str) -> Point:
    rating = line.rating
    return Point(
        line.contestant.name, float(x), rating.score or 0, rating.lower or 0, rating.upper or 0,
        line.contestant.is_open, note=note,
    )  # fmt: skip


def over_time(rated: Sequence[Line]) -> Figure:
    """The best score so far, by release date."""
    dated = [
        point(line, day.toordinal(), f"released {day:%d %b %Y}")
        for line in rated
        if (day := line.contestant.release_date)
    ]
    fronts = [
        (kind, frontier([p for p in dated if p.is_open is (kind == "open")]))
        for kind in ("closed", "open")
    ]
    best = {p.name for _, line in fronts for p in line}
    dated = [labelled(p, p.name in best) for p in dated]
    drawing = None
    if len(dated) >= FEWEST and all(line for _, line in fronts):
        x, y = Dates.around(p.x for p in dated), heights(dated)
        drawing = Scatter.draw(dated, x, y, x_name="Release of the model", fronts=fronts, label=14)
    return Figure(
        "over-time",
        behind_in_time(fronts[0][1], fronts[1][1]),
        "Score by release date; the lines connect the best so far, open and closed. " + DOT,
        (*COLUMNS, "Released"),
        [row(line, f"{day}") for line in rated if (day := line.contestant.release_date)],
        "scatter",
        drawing,
        absent="Too few models have a known release date.",
        note="Every model is judged by the same votes, most of them long after its release.",
    )


def labelled(p: Point, important: bool) -> Point:
    return replace(p, important=p.y if important else 0.0)


def behind_in_time(closed: Sequence[Point], opened: Sequence[Point]) -> str:
    """The age of the closed model that the best open one has certainly caught up with."""
    if not (closed and opened):
        return "There are not enough dated models to see a gap over time."
    best = opened[-1]
    ahead = [p for p in closed if p.low > best.high]
    caught = [p for p in closed if best.low > p.high]
    if not ahead:
        return f"No closed model is clearly above {best.name}, the best open one."
    days = best.x - ahead[0].x
    if days <= 0 or not caught:
        return f"{best.name}, the best open model, is clearly below {ahead[-1].name}."
    return (
        f"{best.name}, the best open model, was released {days / 30.4:.0f} months after "
        f"{ahead[0].name}, the first closed one that is still clearly above it."
    )


def known_points(
    against: Against, rated: Sequence[Line]
) -> tuple[list[tuple[Line, float]], list[Point], list[Point]]:
    """The lines whose x is known, their points, and the points on the Pareto front."""
    known = [(line, x) for line in rated if (x := against.value(line))]
    points = [
        point(line, x, f"{against.what}: {against.words(x)}{against.unit}") for line, x in known
    ]
    best = frontier(points)
    names = {p.name for p in best}
    return known, [labelled(p, p.name in names) for p in points], best


def heights(points: Sequence[Point]) -> Linear:
    return Linear.around(end for p in points for end in (p.low, p.high))


def trend(against: Against, rated: Sequence[Line]) -> Figure:
    """Is bigger better?"""
    known, points, best = known_points(against, rated)
    title, note = f"Score and {against.what}", ""
    if len(points) >= FEWEST_FOR_A_TREND:
        r, low, high = spearman([p.x for p in points], [p.y for p in points])
        title = sentences.of_correlation(against.what, low, high, len(points))
        note = (
            f"Rank correlation {r:.2f}, 95% interval {low:.2f} to {high:.2f}, over {len(points)} "
            "models. The line connects the best up to each size."
        )
    return scatter(against, known, points, title, note, [("front", best)])


def front(against: Against, rated: Sequence[Line]) -> Figure:
    """The price of a better score: the models that no other beats in both respects."""
    known, points, best = known_points(against, rated)
    title = f"Score and {against.what}"
    if len(points) >= FEWEST:
        models = "model is" if len(best) == 1 else "models are"
        title = f"{len(best)} {models} not beaten in both score and {against.what}."
    return scatter(
        against, known, points, title,
        "The line connects models that no other is estimated to beat in both; it says nothing "
        "about differences within the intervals.",
        [("front", best)],
    )  # fmt: skip


def scatter(
    against: Against,
    known: Sequence[tuple[Line, float]],
    points: Sequence[Point],
    title: str,
    note: str,
    fronts: Sequence[tuple[str, Sequence[Point]]],
) -> Figure:
    drawing = None
    if len(points) >= FEWEST:
        x: Scale = Log.around((p.x for p in points), against.unit)
        drawing = Scatter.draw(points, x, heights(points), x_name=against.axis, fronts=fronts)
    return Figure(
        against.name,
        title,
        f"Score against {against.what}. {DOT}",
        (*COLUMNS, against.axis),
        [row(line, against.words(x)) for line, x in known],
        "scatter",
        drawing,
        absent=against.missing,
        note=note,
    )
