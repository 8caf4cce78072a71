"""What critics of leaderboards ask (Singh et al., The Leaderboard Illusion, arXiv 2504.20879),
answered for a campaign from its own data.

A new point is one function and one line in `POINTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arena.labels import slices
from arena.models import Campaign, Contestant, RegistryEvent, Tally
from arena.plurals import counted, percent

from ..boards import listing
from ..charts import Figure, Whisker, Whiskers
from ..facts import Shares
from ..models import Board, Snapshot
from ..presentation.board_view import BoardView
from ..presentation.lines import Line
from .by_slice import difference, row, scores_of

State = Contestant.State
MOST = 30  # models drawn
OUT = (State.PAUSED, State.RETIRED)  # keeps its votes, gets no new ones

CONSERVATIVE = gettext_lazy(
    "Both scores are taken against the models rated in both. The interval is a little too wide, as "
    "fresh votes are among all votes; of twenty models, one may miss by chance."
)


@dataclass(frozen=True)
class Evidence:
    """The newest snapshot of a campaign's overall board, and what has been published of how its
    models were drawn."""

    campaign: Campaign
    snapshot: Snapshot
    shares: Shares

    @cached_property
    def lines(self) -> list[Line]:
        return BoardView(self.snapshot).all_lines

    @cached_property
    def models(self) -> list[Contestant]:
        return [line.contestant for line in self.lines]

    @cached_property
    def out(self) -> list[Contestant]:
        return [model for model in self.models if model.state in OUT]

    @cached_property
    def entered(self) -> set[int]:
        """Whoever has a counted vote, on the board or not, as far as this may be told."""
        if not self.campaign.may_be_followed:
            return set()
        tallies = Tally.objects.filter(campaign=self.campaign, slice=slices.OVERALL)
        pairs = tallies.values_list("first_id", "second_id")
        return {model for pair in pairs for model in pair}

    @cached_property
    def fresh(self) -> Snapshot | None:
        board = Board.objects.filter(campaign=self.campaign, slug=slices.FRESH).first()
        return board.newest() if board and listing.has_enough(board) else None

    @cached_property
    def whiskers(self) -> list[Whisker]:
        """Score from fresh votes minus score from all, of each model that has both."""
        scores = scores_of([self.snapshot, self.fresh])
        overall = scores.get(self.snapshot.pk, {})
        fresh = scores.get(self.fresh.pk, {}) if self.fresh else {}
        known = ((line, difference(fresh, overall, line.contestant.pk)) for line in self.lines)
        return [_whisker(line, *found) for line, found in known if found]

    @property
    def moved(self) -> int:
        """Models whose interval leaves out 0."""
        return sum(not each.low <= 0 <= each.high for each in self.whiskers)

    def log(self) -> QuerySet[RegistryEvent]:
        """The registry of the models on the board, newest first."""
        events = RegistryEvent.objects.filter(contestant__in=self.models)
        return events.select_related("contestant").order_by("-pk")


def _whisker(line: Line, value: float, half: float) -> Whisker:
    rank = _("rank %(rank)s") % {"rank": line.rank}
    return Whisker(line.contestant.name, value, value - half, value + half, note=rank)


class Point(NamedTuple):
    """A question and its answer; `link` names the page that shows more, if there is one."""

    name: str
    question: str
    answer: str
    link: str = ""
    more: str = ""


def private_variants(found: Evidence) -> Point:
    """The paper found 27 variants of one provider, tested before one of them was listed."""
    hidden = len(found.entered - {model.pk for model in found.models})
    all_here = (
        _("No. A model is drawn only once it is listed, and all %(models)s with a vote are here.")
        if found.campaign.may_be_followed
        else _(
            "No. A model is drawn only once it is listed, and all %(models)s with a vote at the "
            "last snapshot are here."
        )
    )
    said = (
        all_here % {"models": counted(len(found.models), "model")}
        if not hidden
        else _("The votes since the last snapshot are the first of %(models)s not on it.")
        % {"models": counted(hidden, "model")}
    )
    most = _most_of_one_organisation(found.models)
    return Point("variants", _("Are variants tested in private?"), f"{said} {most}")


def _most_of_one_organisation(models: Sequence[Contestant]) -> str:
    by: dict[str, int] = {}
    for model in models:
        by[model.organisation] = by.get(model.organisation, 0) + 1
    name, number = max(by.items(), key=lambda one: one[1])
    said = _("No organisation has more of them than %(organisation)s, with %(number)s.")
    return said % {"organisation": name, "number": number}


def retractions(found: Evidence) -> Point:
    said = _("No. Whoever took part stays on the board with all votes, also after leaving.")
    left = _("Retired or paused, and still on it: %(models)s.") % {
        "models": counted(len(found.out), "model")
    }
    return Point("retractions", _("Can a provider take back a bad score?"), f"{said} {left}")


def removals(found: Evidence) -> Point:
    """The paper found open models removed more often than proprietary ones."""
    kinds = {True: _("%(out)s of %(all)s open ones"), False: _("%(out)s of %(all)s closed ones")}
    parts = [
        words % {"out": out, "all": total}
        for is_open, words in kinds.items()
        if (total := sum(model.is_open is is_open for model in found.models))
        for out in [sum(model.is_open is is_open for model in found.out)]
    ]
    said = _("Of the models here, these are retired or paused: %(counts)s.")
    every = _("Each change, with its reason, is in the log below.")
    answer = f"{said % {'counts': ', '.join(parts)}} {every}" if parts else every
    return Point("removals", _("Do open models disappear more often than closed ones?"), answer)


def sampling(found: Evidence) -> Point:
    """The paper found two providers with a fifth of the battles each."""
    question = _("Do all models get their share of battles?")
    more = _("Shares of battles, and how pairs are drawn")
    last = found.shares.periods[-1] if found.shares.periods else None
    if last is None or not last.by:
        answer = _("Nothing has been published about it yet, or the votes have no dates.")
        return Point("sampling", question, answer, "shares", more)
    name, places = max(last.by.items(), key=lambda one: (one[1], one[0]))
    models = sum(model.organisation == name for model in found.models)
    said = _("Most places lately went to %(organisation)s: %(share)s, with %(models)s of %(all)s.")
    words = {
        "organisation": name,
        "share": percent(f"{100 * places / sum(last.by.values()):.0f}"),
        "models": models,
        "all": counted(len(found.models), "model"),
    }
    return Point("sampling", question, said % words, "shares", more)


def data(found: Evidence) -> Point:
    answer = _(
        "No. Everybody gets the same: each publication has a file with all it counted, %(votes)s "
        "so far, from which the board can be recomputed to the last digit."
    ) % {"votes": counted(found.snapshot.votes, "vote")}
    return Point(
        "data",
        _("Do some providers get more data than others?"),
        answer,
        "snapshots",
        _("Publications and their files"),
    )


def freshness(found: Evidence) -> Point:
    question = _("Do old votes hold up a score?")
    if found.fresh is None:
        answer = _("Not known: too few votes of the last months for a board of their own.")
        return Point("freshness", question, answer)
    said = _("Fresh votes have a board of their own. It puts %(models)s clearly elsewhere.")
    return Point("freshness", question, said % {"models": counted(found.moved, "model")})


def left_out(found: Evidence) -> Point:
    answer = _("Votes cast to move a model are held or left out, each with its reason.")
    return Point(
        "integrity",
        _("Can anybody vote a model up?"),
        answer,
        "integrity",
        _("Votes left out, and decisions about them"),
    )


POINTS: Sequence[Callable[[Evidence], Point]] = (
    private_variants,
    retractions,
    removals,
    sampling,
    data,
    freshness,
    left_out,
)


def points(found: Evidence) -> list[Point]:
    return [point(found) for point in POINTS]


def fresh_figure(found: Evidence) -> Figure:
    drawn = found.whiskers[:MOST]
    return Figure(
        "fresh",
        _agreement(found),
        _(
            "Score from the votes of this month and the two before, minus score from all votes, "
            "with 95% interval; grey line: no difference."
        ),
        (_("Model"), _("Rank"), _("Difference"), _("Lower"), _("Upper")),
        [row(whisker) for whisker in drawn],
        "whiskers",
        Whiskers.draw(drawn, level=0) if drawn else None,
        absent=_("Models need enough votes of the last months."),
        note=str(CONSERVATIVE),
        every=(lambda: [row(each) for each in found.whiskers]) if found.whiskers[MOST:] else None,
    )


def _agreement(found: Evidence) -> str:
    if not found.whiskers:
        return _("Whether fresh votes agree with all votes is not known yet.")
    if not found.moved:
        return _("Fresh votes and all votes agree, within their intervals.")
    said = _("Fresh votes put %(models)s elsewhere than all votes.")
    return said % {"models": counted(found.moved, "model")}


def log_figure(found: Evidence) -> Figure:
    """The whole registry as a table; the page lists it in its own way."""
    columns = (_("Time"), _("Model"), _("Change"), _("Reason"))
    rows = [(e.at.isoformat(), e.contestant.name, e.change, e.reason) for e in found.log()]
    return Figure("log", _("Log of the registry"), "", columns, rows)
