"""Holding a suspected voter's votes, letting go of them, and noticing what moderators decided.

What the desk does is a bulk change by nobody: it is logged with the evidence of its moment, and can
be undone to the last digit like any other. What a moderator has decided, the desk leaves alone.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from ..counting import bulk, standing
from ..counting.reasons import CLEARED, SUSPECTED
from ..models import BulkChange, StandingChange, Suspect, Vote
from ..models.bulk_changes import EVIDENCE
from ..transactions import retried

Standing = Vote.Standing


def votes_of(voter: int | OuterRef, campaign: int | OuterRef) -> QuerySet[Vote]:
    return Vote.objects.filter(voter=voter, battle__campaign=campaign)


def undecided() -> QuerySet[Suspect]:
    """Those who are held, and have votes that wait for a decision."""
    waiting = votes_of(OuterRef("voter"), OuterRef("campaign"))
    return Suspect.objects.filter(
        Exists(waiting.filter(standing=Standing.PENDING)), held__isnull=False
    )


@retried
def hold(suspect: Suspect) -> BulkChange | None:
    """Leave all counted votes of the voter in this campaign out until somebody decides, except what
    a moderator has counted again. None if there are none."""
    held = _locked(suspect)
    votes = votes_of(held.voter_id, held.campaign_id)
    found = votes.filter(standing=Standing.COUNTED, pk__gt=held.forgiven)
    keys = _keys(found.exclude(pk__in=_decisions(votes, after=Standing.COUNTED).values("vote")))
    Suspect.objects.filter(pk=held.pk, held=None).update(held=timezone.now())
    return _changed(held, keys, Standing.PENDING, SUSPECTED) if keys else None


@retried
def let_go(suspect: Suspect) -> BulkChange | None:
    """Count all votes again that the desk holds, as it would not hold them any more. None if there
    are none, or a moderator has decided about some."""
    held = _locked(suspect)
    if is_judged(held):
        return None
    votes = votes_of(held.voter_id, held.campaign_id)
    keys = _keys(votes.filter(standing=Standing.PENDING))
    Suspect.objects.filter(pk=held.pk).update(held=None)
    return _changed(held, keys, Standing.COUNTED, CLEARED) if keys else None


def hold_again() -> int:
    """Voters who are held again, as a moderator has undone that the desk let go of them."""
    undone = BulkChange.objects.filter(
        reason=CLEARED, by=None, state=BulkChange.State.UNDONE, preview__has_key=EVIDENCE
    )
    back = Vote.objects.filter(standing=Standing.PENDING, changes__bulk__in=undone)
    waiting = votes_of(OuterRef("voter"), OuterRef("campaign")).filter(standing=Standing.PENDING)
    found = Suspect.objects.filter(Exists(waiting), held=None, voter__in=back.values("voter"))
    return found.update(held=timezone.now())


def _locked(suspect: Suspect) -> Suspect:
    return Suspect.objects.select_for_update(no_key=True).get(pk=suspect.pk)


def _keys(votes: QuerySet[Vote]) -> list[int]:
    return [*votes.order_by("pk").values_list("pk", flat=True)[: bulk.MOST]]


def _changed(suspect: Suspect, keys: list[int], after: str, reason: str) -> BulkChange:
    evidence = {EVIDENCE: suspect.score, "reasons": suspect.speaking, "boards": []}
    change = BulkChange.objects.create(
        votes=keys,
        after=after,
        reason=reason,
        preview={**bulk.whose(keys, after), **evidence},
        state=BulkChange.State.APPLIED,
        applied=timezone.now(),
    )
    votes = Vote.objects.filter(pk__in=keys)
    if after == Standing.PENDING:
        change.changed = standing.suspend(votes, reason, change)
    else:
        change.changed = standing.count_again(votes.filter(standing=Standing.PENDING), change)
    change.save(update_fields=["changed"])
    return change


@retried
def release(suspect: Suspect) -> bool:
    """Whether a moderator has counted the held votes again: then later ones count, too, unless new
    evidence comes, and the old votes are not weighed any more."""
    held = _locked(suspect)
    votes = votes_of(held.voter_id, held.campaign_id)
    counted_again = _decisions(votes.filter(standing=Standing.COUNTED), after=Standing.COUNTED)
    newest = counted_again.aggregate(newest=Max("vote"))["newest"]
    if newest is None or newest <= held.forgiven or _judged_against(votes):
        return False
    held.forgiven, held.held = newest, None
    held.save(update_fields=["forgiven", "held"])
    return True


def is_judged(suspect: Suspect) -> bool:
    """Whether a moderator has decided about votes that were held: then only moderators do."""
    votes = votes_of(suspect.voter_id, suspect.campaign_id)
    waited = Q(before=Standing.PENDING) | Q(after=Standing.PENDING)
    return suspect.forgiven > 0 or _decisions(votes).filter(waited).exists()


def _decisions(votes: QuerySet[Vote], **which: str) -> QuerySet[StandingChange]:
    """All changes of these votes' standing but what the desk did by itself. (An undone change of
    the desk was undone by a moderator.)"""
    by_desk = Q(bulk__by=None, bulk__preview__has_key=EVIDENCE, after=F("bulk__after"))
    return StandingChange.objects.filter(Q(bulk=None) | ~by_desk, vote__in=votes, **which)


def _judged_against(votes: QuerySet[Vote]) -> bool:
    """Whether some are held still, or were left out after they had been held."""
    waiting = votes.filter(standing=Standing.PENDING)
    left_out = votes.filter(standing=Standing.EXCLUDED, changes__before=Standing.PENDING)
    return waiting.exists() or left_out.exists()


def last_change() -> datetime | None:
    """When voters were last held, or votes left out or counted again in bulk. Later votes of those
    who are held change nothing."""
    bulks = BulkChange.objects.aggregate(
        applied=Max("applied", filter=~Q(after=Standing.PENDING)), undone=Max("undone")
    )
    held = Suspect.objects.aggregate(newest=Max("held"))
    return max(filter(None, [*bulks.values(), *held.values()]), default=None)
