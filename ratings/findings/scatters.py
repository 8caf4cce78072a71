"""Score against release date, size, response time and price."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from arena.energy import METHOD
from arena.plurals import counted, local, two_digits

from ..charts import Dates, Figure, Linear, Log, Point, Scatter, frontier, unbeaten
from ..charts.scales import Scale
from ..core.uncertainty.quantiles import Estimate
from ..presentation import sentences
from ..presentation.lines import Line, in_billions
from .correlation import spearman

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

FEWEST = 5  # points that make a chart
FEWEST_FOR_A_TREND = 10
DOT = gettext_lazy("Each dot is a model, with the 95% interval of its score; filled: open.")


@dataclass(frozen=True)
class Against:
    """A quantity that the score is drawn against."""

    name: str
    what: StrPromise  # in a sentence
    title: StrPromise  # where nothing else is known
    subtitle: StrPromise
    axis: StrPromise
    missing: StrPromise
    value: Callable[[Line], float | None]
    words: Callable[[float], str]
    unit: str = ""
    ends: Callable[[Line], tuple[float, float] | None] = lambda line: None  # the interval of it
    in_step: bool = False  # whether the ends are of the same two cases for all models
    note: Callable[[int], str] = lambda unknown: ""  # of so many models of which it is not known


PARAMETERS = Against(
    "parameters",
    what=gettext_lazy("parameters"),
    title=gettext_lazy("Score and parameters"),
    subtitle=gettext_lazy("Score against parameters."),
    axis=gettext_lazy("Parameters (log scale)"),
    missing=gettext_lazy("Too few models have a known number of parameters."),
    value=lambda line: line.contestant.parameters,
    words=lambda n: in_billions(int(n)),
)
TOKENS = Against(
    "training-tokens",
    what=gettext_lazy("training data"),
    title=gettext_lazy("Score and training data"),
    subtitle=gettext_lazy("Score against training data."),
    axis=gettext_lazy("Training tokens (log scale)"),
    missing=gettext_lazy("Too few models have a known number of training tokens."),
    value=lambda line: line.contestant.training_tokens,
    words=lambda n: in_billions(int(n)),
)
TIME = Against(
    "response-time",
    what=gettext_lazy("response time"),
    title=gettext_lazy("Score and response time"),
    subtitle=gettext_lazy("Score against response time."),
    axis=gettext_lazy("Median seconds until an answer is complete"),
    missing=gettext_lazy(
        "Too few models have answered here: these votes were cast elsewhere, or the arena is new."
    ),
    value=lambda line: line.response_s,
    words=lambda s: local(f"{s:.2f}"),
    unit=" s",
)
PRICE = Against(
    "price",
    what=gettext_lazy("price"),
    title=gettext_lazy("Score and price"),
    subtitle=gettext_lazy("Score against price."),
    axis=gettext_lazy("USD per million output tokens"),
    missing=gettext_lazy(
        "Too few models have a known price. It is a field of the contestant in the admin."
    ),
    value=lambda line: line.price,
    words=lambda usd: local(f"{usd:.2f}"),
    unit=" $",
)
COST = Against(
    "cost",
    what=gettext_lazy("cost"),
    title=gettext_lazy("Score and cost"),
    subtitle=gettext_lazy(
        "Score against what 1,000 answers cost: prices, times the tokens that a model reads and "
        "writes here."
    ),
    axis=gettext_lazy("USD per 1,000 answers of the length they have here"),
    missing=gettext_lazy(
        "Too few models have both prices, for input and output, and 30 answers in voted battles "
        "here."
    ),
    value=lambda line: line.cost.value if line.cost else None,
    words=lambda usd: local(f"{usd:.3g}"),
    unit=" $",
    ends=lambda line: drawn_ends(line.cost.estimate) if line.cost else None,
)


def _of_unknown_energy(unknown: int) -> str:
    said = _(
        "Estimates by the formula of %(method)s, for a data centre GPU, with their range; not "
        "measured here. Models are compared in the same data centre, as it changes all of them."
    ) % {"method": METHOD}
    if not unknown:
        return said
    left_off = ngettext(
        "%(models)s model is left off, not guessed: its weights are closed or its size is unknown.",
        "%(models)s models are left off, not guessed: their weights are closed or their size is "
        "unknown.",
        unknown,
    )
    return f"{said} {left_off % {'models': unknown}}"


ENERGY = Against(
    "energy",
    what=gettext_lazy("energy"),
    title=gettext_lazy("Score and energy"),
    subtitle=gettext_lazy("Score against an estimate of the energy per 1,000 tokens written."),
    axis=gettext_lazy("Estimated Wh per 1,000 tokens written"),
    missing=gettext_lazy(
        "Too few models have open weights and a known size, by which energy is estimated."
    ),
    value=lambda line: line.wh,
    words=two_digits,
    unit=" Wh",
    ends=lambda line: line.energy.wh[1:] if line.energy else None,
    in_step=True,
    note=_of_unknown_energy,
)


def drawn_ends(estimate: Estimate) -> tuple[float, float]:
    """Of an interval, on a logarithmic axis, which has no 0."""
    return max(estimate.lower, estimate.value / 100), estimate.upper


def columns() -> tuple[str, ...]:
    return (_("Model"), _("Access"), _("Score"), _("Lower"), _("Upper"), _("Rank"))


def row(line: Line, *more: str) -> tuple[str, ...]:
    rating = line.rating
    numbers = [
        local(f"{value:.1f}") for value in (rating.score, rating.lower, rating.upper) if value
    ]
    access = line.contestant.get_kind_display()
    return (line.contestant.name, access, *numbers, line.rank, *more)


def point(
    line: Line,
    x: float,
    note: str,
    ends: tuple[float, float] | None = None,
    *,
    in_step: bool = False,
) -> Point:
    rating = line.rating
    return Point(
        line.contestant.name, float(x), rating.score or 0, rating.lower or 0, rating.upper or 0,
        line.contestant.is_open, note=note, x_ends=ends, in_step=in_step,
    )  # fmt: skip


def over_time(rated: Sequence[Line]) -> Figure:
    """The best score so far, by release date."""
    dated = [
        point(
            line,
            day.toordinal(),
            _("released %(date)s") % {"date": date_format(day, "BRIEF_DATE")},
        )
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
        drawing = Scatter.draw(
            dated, x, y, x_name=_("Release of the model"), fronts=fronts, label=14
        )
    return Figure(
        "over-time",
        behind_in_time(fronts[0][1], fronts[1][1]),
        _("Score by release date; the lines connect the best so far, open and closed.") + f" {DOT}",
        (*columns(), _("Released")),
        [row(line, f"{day}") for line in rated if (day := line.contestant.release_date)],
        "scatter",
        drawing,
        absent=_("Too few models have a known release date."),
        note=_("Every model is judged by the same votes, most of them long after its release."),
    )


def labelled(p: Point, important: bool) -> Point:
    return replace(p, important=p.y if important else 0.0)


def behind_in_time(closed: Sequence[Point], opened: Sequence[Point]) -> str:
    """The age of the closed model that the best open one has certainly caught up with."""
    if not (closed and opened):
        return _("There are not enough dated models to see a gap over time.")
    best = opened[-1]
    ahead = [p for p in closed if p.low > best.high]
    caught = [p for p in closed if best.low > p.high]
    if not ahead:
        return _("No closed model is clearly above %(open)s, the best open one.") % {
            "open": best.name
        }
    days = best.x - ahead[0].x
    if days <= 0 or not caught:
        return _("%(open)s, the best open model, is clearly below %(closed)s.") % {
            "open": best.name,
            "closed": ahead[-1].name,
        }
    months = round(days / 30.4)
    return ngettext(
        "%(open)s, the best open model, was released %(months)s month after %(closed)s, the first "
        "closed one that is still clearly above it.",
        "%(open)s, the best open model, was released %(months)s months after %(closed)s, the first "
        "closed one that is still clearly above it.",
        months,
    ) % {"open": best.name, "months": months, "closed": ahead[0].name}


def known_points(
    against: Against, rated: Sequence[Line]
) -> tuple[list[tuple[Line, float]], list[Point], list[Point]]:
    """The lines whose x is known, their points, and the points on the Pareto front."""
    known = [(line, x) for line in rated if (x := against.value(line))]
    points = [
        point(
            line,
            x,
            f"{against.what}{_(': ')}{against.words(x)}{against.unit}",
            against.ends(line),
            in_step=against.in_step,
        )
        for line, x in known
    ]
    best = frontier(points)
    names = {p.name for p in best}
    return known, [labelled(p, p.name in names) for p in points], best


def heights(points: Sequence[Point]) -> Linear:
    return Linear.around(end for p in points for end in (p.low, p.high))


def trend(against: Against, rated: Sequence[Line]) -> Figure:
    """Is bigger better?"""
    known, points, best = known_points(against, rated)
    title, note = str(against.title), ""
    if len(points) >= FEWEST_FOR_A_TREND:
        r, low, high = spearman([p.x for p in points], [p.y for p in points])
        title = sentences.of_correlation(str(against.what), low, high, len(points))
        note = _(
            "Rank correlation %(r)s, 95%% interval %(low)s to %(high)s, over %(models)s. The line "
            "connects the best up to each size."
        ) % {
            "r": local(f"{r:.2f}"),
            "low": local(f"{low:.2f}"),
            "high": local(f"{high:.2f}"),
            "models": counted(len(points), "model"),
        }
    return scatter(against, known, points, title, note, [("front", best)])


def front(against: Against, rated: Sequence[Line]) -> Figure:
    """The price of a better score: the models that no other beats in both respects."""
    known, points, best = known_points(against, rated)
    title = str(against.title)
    if len(points) >= FEWEST:
        title = ngettext(
            "%(models)s model is not beaten in both score and %(what)s.",
            "%(models)s models are not beaten in both score and %(what)s.",
            len(best),
        ) % {"models": len(best), "what": against.what}
    may_be = ngettext(
        "By the intervals, %(models)s model may be on it: no other is clearly better in both.",
        "By the intervals, %(models)s models may be on it: no other is clearly better in both.",
        len(unbeaten(points)),
    ) % {"models": len(unbeaten(points))}
    note = _("The line connects models that no other is estimated to beat in both.")
    notes = (note, may_be, against.note(len(rated) - len(known)))
    said = " ".join(filter(None, notes))
    return scatter(against, known, points, title, said, [("front", best)])


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
        x: Scale = Log.around((end for p in points for end in (p.x, *p.ends)), against.unit)
        drawing = Scatter.draw(points, x, heights(points), x_name=str(against.axis), fronts=fronts)
    return Figure(
        against.name,
        title,
        f"{against.subtitle} {DOT}",
        (*columns(), str(against.axis)),
        [row(line, against.words(x)) for line, x in known],
        "scatter",
        drawing,
        absent=str(against.missing),
        note=note,
    )
