"""Two models side by side."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from arena.models import Contestant
from ratings.archive.results import Result, result_of
from ratings.findings.by_slice import record as record_by_slice
from ratings.findings.examples import examples, votes_to_show
from ratings.models import Snapshot
from ratings.presentation.board_view import BoardView
from ratings.presentation.margins import margin_of
from ratings.presentation.pair import pair_of
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
    """/leaderboard/<campaign>/compare/?a=...&b=...&margin=..."""
    chosen = campaign_of(campaign)
    context: dict[str, Any] = {"campaign": chosen, "snapshot": snapshot, "here": "compare"}
    context["margin"] = margin_of(visit.query)
    if snapshot is None:
        context["vacancy"] = vacancy(chosen, BoardView(None))
    else:
        result = result_of(snapshot)
        a, b = chosen_of(visit, snapshot)
        pair = pair_of(result, a, b, context["margin"])
        context |= {"models": offered(result), "a": a, "b": b, "pair": pair}
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
