"""Holding a suspected voter's votes, and noticing what moderators decided about them.

A hold is a bulk change by nobody: it is logged with the evidence of its moment, and can be undone
to the last digit like any other.
"""

from __future__ import annotations

from django.db.models import Max, QuerySet
from django.utils import timezone

from ..counting import bulk, standing
from ..counting.reasons import SUSPECTED
from ..models import BulkChange, Suspect, Vote
from ..transactions import retried

Standing = Vote.Standing


def votes_of(voter: int, campaign: int) -> QuerySet[Vote]:
    return Vote.objects.filter(voter=voter, battle__campaign=campaign)


@retried
def hold(suspect: Suspect) -> BulkChange | None:
    """Leave all counted votes of the voter in this campaign out until somebody decides, except what
    a moderator has counted again. None if there are none."""
    held = Suspect.objects.select_for_update(no_key=True).get(pk=suspect.pk)
    votes = votes_of(held.voter_id, held.campaign_id).filter(
        standing=Standing.COUNTED, pk__gt=held.forgiven
    )
    keys = [*votes.order_by("pk").values_list("pk", flat=True)[: bulk.MOST]]
    Suspect.objects.filter(pk=held.pk, held=None).update(held=timezone.now())
    return _held(held, keys) if keys else None


def _held(suspect: Suspect, keys: list[int]) -> BulkChange:
    evidence = {"score": suspect.score, "reasons": suspect.speaking, "boards": []}
    change = BulkChange.objects.create(
        votes=keys,
        after=Standing.PENDING,
        reason=SUSPECTED,
        preview={**bulk.whose(keys, Standing.PENDING), **evidence},
        state=BulkChange.State.APPLIED,
        applied=timezone.now(),
    )
    change.changed = standing.suspend(Vote.objects.filter(pk__in=keys), SUSPECTED, change)
    change.save(update_fields=["changed"])
    return change


@retried
def release(suspect: Suspect) -> bool:
    """Whether a moderator has counted the held votes again: then later ones count, too, unless new
    evidence comes, and the old votes are not weighed any more."""
    held = Suspect.objects.select_for_update(no_key=True).get(pk=suspect.pk)
    votes = votes_of(held.voter_id, held.campaign_id)
    counted_again = votes.filter(standing=Standing.COUNTED, changes__after=Standing.COUNTED)
    newest = counted_again.aggregate(newest=Max("pk"))["newest"]
    if newest is None or newest <= held.forgiven or _judged_against(votes):
        return False
    held.forgiven, held.held = newest, None
    held.save(update_fields=["forgiven", "held"])
    return True


def _judged_against(votes: QuerySet[Vote]) -> bool:
    """Whether some are held still, or were left out after they had been held."""
    waiting = votes.filter(standing=Standing.PENDING)
    left_out = votes.filter(standing=Standing.EXCLUDED, changes__before=Standing.PENDING)
    return waiting.exists() or left_out.exists()
