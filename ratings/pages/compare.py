"""Two models side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from django.http import HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from arena.models import Contestant
from arena.plurals import counted
from ratings.archive.results import Result, result_of
from ratings.charts import Whisker, Whiskers
from ratings.core import RatingsError
from ratings.core.questions.compare import Comparison
from ratings.core.questions.compare import compare as compared
from ratings.core.questions.matchmaking import votes_needed
from ratings.core.questions.win_rates import win_rates
from ratings.findings.by_slice import record as record_by_slice
from ratings.findings.examples import examples, votes_to_show
from ratings.models import Snapshot
from ratings.presentation.board_view import BoardView
from ratings.presentation.sentences import WIDEST, percents, share
from ratings.presentation.vacancy import vacancy

from .cached import Asked
from .figures import figure_csv
from .finding import campaign_of, missing, overall
from .public import PublicPage, Visit, rendered

MOST_LISTED = 300
MOST_NEAR = 20


def asked(visit: Visit, campaign: str) -> Asked:
    """The snapshot, and votes with the texts that may be shown now: a voter may take back their
    consent. Both belong together: another snapshot may name another pair."""
    chosen = campaign_of(campaign)
    snapshot = overall(chosen)
    a, b = chosen_of(visit, snapshot) if snapshot else ("", "")
    is_pair = snapshot is not None and a != b and not unknown_of(result_of(snapshot), a, b)
    return {"snapshot": snapshot, "votes": votes_to_show(chosen, a, b) if is_pair else ()}


@partial(PublicPage, asked=asked)
def compare(
    visit: Visit, campaign: str, snapshot: Snapshot | None, votes: tuple[int, ...]
) -> HttpResponse:
    """/leaderboard/<campaign>/compare/?a=...&b=..."""
    chosen = campaign_of(campaign)
    context: dict[str, Any] = {"campaign": chosen, "snapshot": snapshot, "here": "compare"}
    if snapshot is None:
        context["vacancy"] = vacancy(chosen, BoardView(None))
    else:
        result = result_of(snapshot)
        a, b = chosen_of(visit, snapshot)
        context |= {"models": offered(result), "a": a, "b": b, "pair": pair_of(result, a, b)}
        context["unknown"] = unknown_of(result, a, b)
        context["near"] = near(result, a, b)
        context["current"] = known_today(a, b) if context["pair"] else set()
        if context["pair"] and (both := contestants_of(a, b)):
            context["figure"] = record_by_slice(chosen, *both)
            context["examples"] = examples(votes, both[0])
            context["query"] = urlencode({"a": a, "b": b})
    status = 404 if context.get("unknown") else 200
    return rendered(visit, "leaderboard/compare.html", context, status=status)


@PublicPage
def figure_data(visit: Visit, campaign: str, name: str) -> HttpResponse:
    """/leaderboard/<campaign>/compare/<figure>.csv?a=...&b=..."""
    chosen = campaign_of(campaign)
    snapshot = overall(chosen)
    if snapshot is None:
        raise missing(_("There are no ratings yet."))
    a, b = chosen_of(visit, snapshot)
    if unknown := unknown_of(result_of(snapshot), a, b):
        raise missing(_("No model is called “%(name)s” here.") % {"name": unknown[0]})
    both = contestants_of(a, b)
    if both is None:
        raise missing(_("Name two different models, as in ?a=SLUG&b=SLUG."))
    return figure_csv([record_by_slice(chosen, *both)], name)


def chosen_of(visit: Visit, snapshot: Snapshot) -> tuple[str, str]:
    """Slugs; the best open and the best closed model unless others are requested."""
    result = result_of(snapshot)
    a, b = (result.slug_of(visit.query.get(side, "")) for side in "ab")
    duel = snapshot.facts.duel
    return a or (duel.open if duel else ""), b or (duel.closed if duel else "")


def offered(result: Result) -> list[dict[str, Any]]:
    """The models of the select list; empty for a long board, where names are typed instead."""
    models = result.content.models
    if len(models) > MOST_LISTED:
        return []
    return sorted(models, key=lambda model: str(model["name"]).casefold())


def near(result: Result, a: str, b: str) -> list[tuple[str, str]]:
    """Suggestions if a typed name is not a model: models whose names contain all its words, with
    links."""
    if not (unknown := unknown_of(result, a, b)):
        return []
    words = unknown[0].casefold().split()
    found = [m for m in result.content.models if all(w in m["name"].casefold() for w in words)]
    side, other = ("a", {"b": b}) if a in unknown else ("b", {"a": a})
    return [(str(m["name"]), urlencode({side: m["slug"], **other})) for m in found[:MOST_NEAR]]


def unknown_of(result: Result, *slugs: str) -> list[str]:
    """The requested slugs that are not models of this board."""
    return [slug for slug in slugs if slug and slug not in result.index]


def known_today(*slugs: str) -> set[str]:
    """The slugs that have a page: staff may have changed some since the snapshot."""
    return set(Contestant.objects.filter(slug__in=slugs).values_list("slug", flat=True))


def contestants_of(a: str, b: str) -> tuple[Contestant, Contestant] | None:
    """None unless both exist, differ, and still have the slugs of the snapshot."""
    found = {each.slug: each for each in Contestant.objects.filter(slug__in=(a, b))}
    return (found[a], found[b]) if len(found) == 2 else None


@dataclass(frozen=True)
class Pair:
    """What is known about two models; `comparison` is None if there is not enough data."""

    a: dict[str, Any]
    b: dict[str, Any]
    wins: int
    losses: int
    ties: int
    both_bad: int
    comparison: Comparison | None
    observed: tuple[float, float, float] | None  # share won by a, with its interval
    needed: int | None  # more votes to tell them apart
    is_exact: bool = True  # otherwise the comparison has the widest interval possible

    @property
    def votes(self) -> int:
        return self.wins + self.losses + self.ties + self.both_bad

    @property
    def sentence(self) -> str:
        found, names = self.comparison, {"a": self.a["name"], "b": self.b["name"]}
        if found is None:
            return _("There are not enough votes to compare %(a)s with %(b)s.") % names
        names["share"] = share(found.probability, found.lower, found.upper)
        if not found.separated and not self.is_exact:
            return _("%(a)s would win %(share)s.") % names + f" {WIDEST}"
        if not found.separated:
            said = _("The votes do not separate %(a)s from %(b)s: %(a)s would win %(share)s.")
        elif found.gap > 0:
            said = _("%(a)s is ahead of %(b)s: it wins %(share)s.")
        else:
            said = _("%(a)s is behind %(b)s: it wins %(share)s.")
        return said % names

    @property
    def bars(self) -> Whiskers | None:
        """Predicted and observed share of the vote, in per cent."""
        rows = []
        if found := self.comparison:
            name = (
                _("Predicted from all votes")
                if self.is_exact
                else _("Predicted from all votes, at its widest")
            )
            rows.append((name, found.probability, found.lower, found.upper))
        if self.observed:
            votes = counted(self.votes, "vote")
            rows.append((_("Observed in their %(votes)s") % {"votes": votes}, *self.observed))
        return Whiskers.draw([whisker(*row) for row in rows], level=50.0) if rows else None


def whisker(name: str, middle: float, low: float, high: float) -> Whisker:
    """A whisker of shares of the vote, from 0 to 1."""
    said = dict(zip(("share", "low", "high"), percents(middle, low, high), strict=True))
    note = _("%(share)s (%(low)s to %(high)s)") % said
    return Whisker(name, 100 * middle, 100 * low, 100 * high, note=note)


def pair_of(result: Result, first: str, second: str) -> Pair | None:
    """None when one of them is unknown, or both are the same."""
    a, b = result.index.get(first), result.index.get(second)
    if a is None or b is None or a == b:
        return None
    wins, losses, ties, both_bad = record(result, a, b)
    met = win_rates(result.tallies, [a, b])
    observed = met.rate[0, 1], met.lower[0, 1], met.upper[0, 1]
    comparison, needed = comparison_of(result, a, b)
    return Pair(
        a=result.content.models[a],
        b=result.content.models[b],
        wins=wins,
        losses=losses,
        ties=ties,
        both_bad=both_bad,
        comparison=comparison,
        observed=observed if np.isfinite(observed[0]) else None,
        needed=needed,
        is_exact=comparison is None or result.ratings.is_exact(a, b),
    )


def record(result: Result, a: int, b: int) -> tuple[int, int, int, int]:
    """Verdicts in votes between the two, seen from a."""
    for first, second, wins, losses, ties, both_bad in result.content.tallies:
        if (first, second) == (a, b):
            return wins, losses, ties, both_bad
        if (first, second) == (b, a):
            return losses, wins, ties, both_bad
    return 0, 0, 0, 0


def comparison_of(result: Result, a: int, b: int) -> tuple[Comparison | None, int | None]:
    try:
        found = compared(result.ratings, a, b)
        needed = votes_needed(result.ratings, a, b)
    except RatingsError:
        return None, None
    is_known = result.ratings.is_exact(a, b) and np.isfinite(needed) and not found.separated
    return found, int(needed) if is_known else None
