"""What a campaign asks besides which answer is better: the scores by criterion beside each other,
and how far they agree with those of all votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from django.utils.translation import gettext as _

from arena.labels import slices
from arena.labels.criteria import CRITERIA
from arena.models import Contestant
from arena.plurals import counted, local

from ..boards import listing
from ..charts import Figure, Whisker, Whiskers
from ..models import Snapshot
from .by_slice import Part, Scores, joined, scores_of, too_few
from .correlation import spearman

FEWEST_MODELS = 4  # for an interval
MOST_MODELS = 12  # that the page shows; the download has all


@dataclass(frozen=True)
class Rated:
    """A criterion with its scores, and those of all votes."""

    part: Part
    scores: Scores
    overall: Scores

    @property
    def both(self) -> list[int]:
        """The models that are rated in both."""
        return sorted(self.scores.keys() & self.overall.keys())

    @property
    def correlation(self) -> tuple[float, float, float] | None:
        """With its 95% interval; None with too few models."""
        if len(self.both) < FEWEST_MODELS:
            return None
        pairs = [(self.overall[one][0], self.scores[one][0]) for one in self.both]
        return spearman(*zip(*pairs, strict=True))

    @property
    def comparable(self) -> Scores:
        """The scores, moved to the mean that their models have over all votes: that of a board is
        1,000, whichever models are on it."""
        if not self.both:
            return self.scores
        moved = fmean(self.overall[one][0] - self.scores[one][0] for one in self.both)
        return {one: (score + moved, half) for one, (score, half) in self.scores.items()}


def figures(snapshot: Snapshot) -> list[Figure]:
    """None for a campaign that asks nothing."""
    parts = _parts(snapshot)
    if not parts:
        return []
    overall = scores_of([snapshot]).get(snapshot.pk, {})
    scores = scores_of([part.snapshot for part in parts])
    rated = [
        Rated(part, scores.get(part.snapshot.pk, {}), overall) for part in parts if part.snapshot
    ]
    return [correlations(parts, rated), beside(parts, rated, overall)]


def _parts(snapshot: Snapshot) -> list[Part]:
    """The criteria that have votes, in the order of the catalogue."""
    boards = {board.slice: board for board in listing.slices_of(snapshot.board.campaign)}
    names = [slices.criterion_slice(key) for key in CRITERIA]
    asked = [boards[name] for name in names if name in boards]
    rated = [board for board in asked if listing.has_enough(board)]
    newest = Snapshot.objects.filter(board__in=rated).defer("archive")
    found = {one.board_id: one for one in newest.order_by("board", "-pk").distinct("board")}
    return [Part(board, found.get(board.pk)) for board in asked]


def correlations(parts: Sequence[Part], rated: Sequence[Rated]) -> Figure:
    """How far the ranking by each criterion is that of all votes."""
    drawn = [
        Whisker(one.part.name, *found, note=counted(len(one.both), "model"))
        for one in rated
        if (found := one.correlation)
    ]
    return Figure(
        "criteria",
        _title(drawn),
        _(
            "Rank correlation of the scores by each criterion with those of all votes, with 95% "
            "interval; grey line: none."
        ),
        (_("Criterion"), _("Models"), _("Correlation"), _("Lower"), _("Upper")),
        [(one.name, one.note, *map(_hundredths, (one.value, one.low, one.high))) for one in drawn],
        "whiskers",
        Whiskers.draw(drawn, level=0) if drawn else None,
        absent=joined(
            too_few(parts),
            _("A criterion needs %(models)s models that are rated in it and over all votes.")
            % {"models": FEWEST_MODELS},
        ),
        note=joined(
            too_few(parts),
            _(
                "The same voters judged the same answers, which raises the correlation; the "
                "uncertainty of the scores lowers it."
            ),
        ),
    )


def _title(drawn: Sequence[Whisker]) -> str:
    if not drawn:
        return _("How the criteria agree with the overall ranking is not known yet.")
    least, most = (choose(drawn, key=lambda one: one.value) for choose in (min, max))
    if least is most:
        return _("%(criterion)s and the overall ranking: rank correlation %(r)s.") % {
            "criterion": most.name,
            "r": _hundredths(most.value),
        }
    ends = {"low": _hundredths(least.value), "high": _hundredths(most.value)}
    if least.high >= most.low:
        return (
            _(
                "Rank correlation with the overall ranking: %(low)s to %(high)s; none of the "
                "criteria is clearly closer to it than another."
            )
            % ends
        )
    return _(
        "Rank correlation with the overall ranking: %(low)s (%(least)s) to %(high)s (%(most)s)."
    ) % {**ends, "least": least.name, "most": most.name}


def _hundredths(number: float) -> str:
    return local(f"{number:.2f}")


def beside(parts: Sequence[Part], rated: Sequence[Rated], overall: Scores) -> Figure:
    """The scores of each model by criterion, the best over all votes first."""
    models = sorted(overall, key=lambda one: -overall[one][0])
    names = dict(Contestant.objects.filter(pk__in=models).values_list("pk", "name"))
    columns = [overall, *(one.comparable for one in rated)]

    def lines(shown: Sequence[int]) -> list[tuple[str, ...]]:
        return [(names[model], *(_score(scores, model) for scores in columns)) for model in shown]

    return Figure(
        "criteria-scores",
        _("Scores by criterion, beside those of all votes."),
        _(
            "Each ± half its 95% interval. The models of each column have the mean that they have "
            "over all votes."
        ),
        (_("Model"), _("All votes"), *(one.part.name for one in rated)),
        lines(models[:MOST_MODELS]),
        "table",
        lines(models[:MOST_MODELS]) if rated else None,
        absent=too_few(parts),
        every=lambda: lines(models),
    )


def _score(scores: Scores, model: int) -> str:
    if model not in scores:
        return "–"
    return " ± ".join(local(f"{number:,.0f}") for number in scores[model])
