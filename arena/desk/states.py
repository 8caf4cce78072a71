"""What has become of suspected voters' votes, as they stand now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ..models import DeskPolicy, Objection, Suspect, Vote
from .holding import undecided, votes_of

Standing = Vote.Standing
PUSHING = Q(belongs__gt=0.0)
PUSHES = "pushes"  # the reason that a push gives: it adds nothing to the score
# What a list of them can be narrowed to.
STATES = {
    "waiting": "votes that wait for a decision",
    "objected": "an objection that waits for an answer",
    "excluded": "held votes that were left out",
    "released": "held votes that count again",
    "suspected": "a score that holds votes",
    "pushing": "a part in a push by many",
}


def in_state(state: str) -> Q:
    if state == "objected":
        return Q(Exists(_open_objections()))
    if state == "suspected":
        return PUSHING | Q(score__gte=DeskPolicy.current().threshold, corroborated=True)
    if state == "pushing":
        return PUSHING
    if state == "waiting":
        return Q(pk__in=undecided())
    after = Standing.EXCLUDED if state == "excluded" else Standing.COUNTED
    judged = _votes().filter(standing=after, changes__before=Standing.PENDING)
    return Q(Exists(judged), Q(held__isnull=False) | Q(forgiven__gt=0))


def words(suspects: Iterable[Suspect]) -> dict[int, str]:
    """By primary key of the suspect."""
    some = list(suspects)
    whose = Q(pk__in=[])
    for each in some:
        whose |= Q(voter=each.voter_id, battle__campaign=each.campaign_id)
    rows = Vote.objects.filter(whose).order_by().values("voter", "battle__campaign", "standing")
    found: dict[tuple[int, int], Counter[str]] = {}
    for row in rows.annotate(votes=Count("pk")):
        key = row["voter"], row["battle__campaign"]
        found.setdefault(key, Counter())[row["standing"]] = row["votes"]
    none = Counter[str]()
    return {
        each.pk: _said(each, found.get((each.voter_id, each.campaign_id), none)) for each in some
    }


def _said(suspect: Suspect, standings: Counter[str]) -> str:
    if suspect.held and standings[Standing.PENDING]:
        return "waits for a decision"
    if suspect.held and standings[Standing.EXCLUDED]:
        return "left out"
    return "counted again" if suspect.held or suspect.forgiven else "counts"


def _votes() -> QuerySet[Vote]:
    return votes_of(OuterRef("voter"), OuterRef("campaign"))


def _open_objections() -> QuerySet[Objection]:
    return Objection.objects.filter(
        state=Objection.State.OPEN,
        vote__voter=OuterRef("voter"),
        vote__battle__campaign=OuterRef("campaign"),
    )
