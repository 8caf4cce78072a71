"""How fast models answer here: time to the first words, and tokens per second
(`refreshing.speeds`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from arena.models import Campaign
from arena.odd_rows import Skipping
from arena.plurals import local

from ..charts import Figure, Log, Whisker, Whiskers
from ..core.uncertainty.quantiles import Estimate
from ..models import AnswerSpeed
from ..presentation.lines import Line
from . import scatters
from .estimates import by_value, estimate_of, too_few, value_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

MOST_DRAWN = 30  # models in a chart, and in the data below it; the table has all
LEAST = 1e-3  # seconds, or tokens per second, that a logarithmic axis shows
PREPARED = gettext_lazy("These answers were prepared before the votes: nobody waited for them.")
ELSEWHERE = gettext_lazy("These votes were cast elsewhere: no time was measured here.")
NOT_YET = gettext_lazy("No model has enough answers to prompts of this size yet: it takes 36.")


@dataclass(frozen=True)
class Row:
    """A model, and how fast it answers prompts of one size; None with too few answers."""

    speed: AnswerSpeed
    first: Estimate | None
    first_slow: Estimate | None
    rate: Estimate | None
    rate_slow: Estimate | None

    @classmethod
    def of(cls, speed: AnswerSpeed) -> Row:
        """Raises TypeError or ValueError if something else is stored."""
        stored = (
            speed.first_s_median,
            speed.first_s_p90,
            speed.tokens_per_second_median,
            speed.tokens_per_second_p10,
        )
        return cls(speed, *map(estimate_of, stored))

    @property
    def name(self) -> str:
        return self.speed.contestant.name

    @property
    def cells(self) -> list[tuple[str, str]]:
        """Of a table: each value, and its interval."""
        found = ((self.first, 2), (self.first_slow, 2), (self.rate, 1), (self.rate_slow, 1))
        return [_cell(estimate, digits) for estimate, digits in found]


def _cell(estimate: Estimate | None, digits: int) -> tuple[str, str]:
    if estimate is None:
        return "–", ""
    value, low, high = (local(f"{number:,.{digits}f}") for number in estimate)
    return value, _("%(low)s to %(high)s") % {"low": low, "high": high}


def rows_of(campaign: Campaign, lines: Iterable[Line], prompts: str = "") -> tuple[list[Row], int]:
    """Of models on the board, for prompts of one size or of all sizes, quickest to the first words
    first, models with too few answers last; and how many can't be shown."""
    shown = [line.contestant.pk for line in lines]
    speeds = AnswerSpeed.objects.filter(campaign=campaign, contestant__in=shown)
    speeds = speeds.select_related("contestant")
    if prompts:
        speeds = speeds.filter(prompts=prompts)
    skipping = Skipping()
    rows = [*skipping.shown(speeds, Row.of)]
    return by_value(rows, lambda row: value_of(row.first)), skipping.count


class Measure(NamedTuple):
    """What a figure shows: the median of answers, and of the slowest tenth its quickest."""

    name: str
    subtitle: StrPromise
    best: tuple[StrPromise, StrPromise]  # alone, and with others that may be as good
    columns: tuple[StrPromise, StrPromise]
    median: Callable[[Row], Estimate | None]
    slow: Callable[[Row], Estimate | None]
    falling: bool  # whether more is better
    words: StrPromise
    digits: int


FIRST = Measure(
    "first-words",
    gettext_lazy(
        "Seconds until the first words, with 95% intervals: of half of all answers at most (dot), "
        "and of nine in ten (ring). Log scale."
    ),
    (
        gettext_lazy("%(model)s has the shortest time to the first words: median %(value)s."),
        gettext_lazy("%(model)s may have the shortest time to the first words: median %(value)s."),
    ),
    (gettext_lazy("Median, s"), gettext_lazy("90th percentile, s")),
    lambda row: row.first,
    lambda row: row.first_slow,
    falling=False,
    words=gettext_lazy("%(number)s s"),
    digits=2,
)
RATE = Measure(
    "tokens-per-second",
    gettext_lazy(
        "Tokens per second from the first to the last, with 95% intervals: of half of all answers "
        "at least (dot), and of nine in ten (ring). Log scale."
    ),
    (
        gettext_lazy("%(model)s writes fastest: median %(value)s."),
        gettext_lazy("%(model)s may write fastest: median %(value)s."),
    ),
    (gettext_lazy("Median, tokens/s"), gettext_lazy("10th percentile, tokens/s")),
    lambda row: row.rate,
    lambda row: row.rate_slow,
    falling=True,
    words=gettext_lazy("%(number)s tokens/s"),
    digits=1,
)
MEASURES = (FIRST, RATE)


def figures(campaign: Campaign, rows: Sequence[Row], lines: Sequence[Line]) -> list[Figure]:
    """Of answers to prompts of one size; `lines` of the board, with the scores."""
    rated = [line for line in lines if line.rated and not line.contestant.stands_in_for]
    drawn = [_figure(measure, campaign, rows) for measure in MEASURES]
    return [*drawn, scatters.front(_against(rows), rated)]


def _against(rows: Sequence[Row]) -> scatters.Against:
    known = {row.speed.contestant_id: row.first for row in rows if row.first}

    def value(line: Line) -> float | None:
        return value_of(known.get(line.contestant.pk))

    def ends(line: Line) -> tuple[float, float] | None:
        first = known.get(line.contestant.pk)
        return scatters.drawn_ends(first) if first else None

    return scatters.Against(
        "score",
        what=gettext_lazy("time to the first words"),
        title=gettext_lazy("Score and time to the first words"),
        subtitle=gettext_lazy("Score against the median time to the first words."),
        axis=gettext_lazy("Median seconds until the first words"),
        missing=gettext_lazy("Too few models with a score have enough answers."),
        value=value,
        words=lambda seconds: local(f"{seconds:.2f}"),
        unit=" s",
        ends=ends,
    )


def _figure(measure: Measure, campaign: Campaign, rows: Sequence[Row]) -> Figure:
    ordered = by_value(rows, lambda row: value_of(measure.median(row)), falling=measure.falling)
    whiskers = [whisker for row in ordered if (whisker := _whisker(measure, row))]
    cells = [_cells(measure, row) for row in ordered]
    return Figure(
        measure.name,
        _title(measure, ordered) if whiskers else str(TITLES[measure.name]),
        str(measure.subtitle),
        _columns(measure),
        cells[:MOST_DRAWN],
        "whiskers",
        _drawn(whiskers[:MOST_DRAWN]) if whiskers else None,
        absent=str(ABSENT[campaign.kind]),
        note=_note(whiskers, ordered),
        every=(lambda: cells) if len(cells) > MOST_DRAWN else None,
    )


TITLES: Mapping[str, StrPromise] = {
    FIRST.name: gettext_lazy("Time to the first words"),
    RATE.name: gettext_lazy("Tokens per second"),
}
ABSENT: Mapping[str, StrPromise] = {
    Campaign.Kind.LIVE: NOT_YET,
    Campaign.Kind.PREPARED: PREPARED,
    Campaign.Kind.IMPORTED: ELSEWHERE,
}


def _columns(measure: Measure) -> tuple[str, ...]:
    ends = (_("Lower"), _("Upper"))
    named = [part for name in measure.columns for part in (str(name), *ends)]
    return (_("Model"), _("Prompts"), _("Answers"), *named)


def _cells(measure: Measure, row: Row) -> tuple[str | int, ...]:
    numbers = [
        "" if number is None else local(f"{number:.3f}")
        for estimate in (measure.median(row), measure.slow(row))
        for number in estimate or (None, None, None)
    ]
    return (row.name, row.speed.get_prompts_display(), row.speed.answers, *numbers)


def _whisker(measure: Measure, row: Row) -> Whisker | None:
    median, slow = measure.median(row), measure.slow(row)
    if median is None or slow is None:
        return None
    value, low, high = _drawn_values(median)
    is_open = row.speed.contestant.is_open
    second = _drawn_values(slow)
    return Whisker(row.name, value, low, high, is_open, said(measure, median), second=second)


def _drawn_values(estimate: Estimate) -> tuple[float, float, float]:
    value, low, high = (max(number, LEAST) for number in estimate)
    return value, low, high


def said(measure: Measure, estimate: Estimate) -> str:
    return str(measure.words) % {"number": local(f"{estimate.value:,.{measure.digits}f}")}


def _drawn(whiskers: Sequence[Whisker]) -> Whiskers:
    ends = [end for one in whiskers for end in (one.low, one.high, *(one.second or ()))]
    return Whiskers.draw(whiskers, Log.around(ends))


def _title(measure: Measure, ordered: Sequence[Row]) -> str:
    known = [(row, median) for row in ordered if (median := measure.median(row))]
    (best, first), *others = known
    rivals = [row for row, other in others if _overlap(first, other)]
    title = str(measure.best[bool(rivals)])
    title %= {"model": best.name, "value": said(measure, first)}
    if not rivals:
        return title
    told = ngettext(
        "The interval of %(number)s other overlaps.",
        "The intervals of %(number)s others overlap.",
        len(rivals),
    ) % {"number": local(f"{len(rivals):,}")}
    return f"{title} {told}"


def _overlap(one: Estimate, other: Estimate) -> bool:
    return one.lower <= other.upper and other.lower <= one.upper


def _note(whiskers: Sequence[Whisker], rows: Sequence[Row]) -> str:
    """Who is not drawn, and why."""
    further, missing = len(whiskers) - MOST_DRAWN, len(rows) - len(whiskers)
    said = []
    if further > 0:
        said.append(
            ngettext(
                "%(number)s slower model is not drawn.",
                "%(number)s slower models are not drawn.",
                further,
            )
            % {"number": local(f"{further:,}")}
        )
    if missing:
        said.append(too_few(missing))
    return " ".join(said)
