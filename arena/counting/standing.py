"""Whether votes count. A vote is never edited or deleted; it can be excluded and counted again.

Every change of a standing goes through this module, which updates the running tallies of all slices
of the vote in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict

from django.db.models import QuerySet

from ..errors import Code, Refused
from ..models import StandingChange, Vote
from ..transactions import retried
from . import tallies

Standing = Vote.Standing


def exclude(votes: QuerySet[Vote], reason: str) -> int:
    """Exclude votes from the leaderboards, where readers see how many and why. Returns how many
    were counted or pending before. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused("Give a reason for excluding these votes.", code=Code.NO_REASON, status=400)
    return _change(votes, Standing.EXCLUDED, reason.strip())


def count_again(votes: QuerySet[Vote]) -> int:
    """Undo an exclusion. Returns how many votes did not count before."""
    return _change(votes, Standing.COUNTED, "")


@retried
def _change(votes: QuerySet[Vote], standing: Standing, reason: str) -> int:
    changed = 0
    for campaign, keys in _by_campaign(votes.exclude(standing=standing)).items():
        with tallies.following(campaign, keys):
            # Read again now that the rows are locked: the first result may be stale.
            others = Vote.objects.filter(pk__in=keys).exclude(standing=standing)
            StandingChange.objects.bulk_create(
                StandingChange(vote_id=key, before=before, after=standing, reason=reason[:300])
                for key, before in others.values_list("pk", "standing")
            )
            changed += others.update(standing=standing, standing_reason=reason[:300])
    return changed


def _by_campaign(votes: QuerySet[Vote]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for campaign, key in votes.order_by("battle__campaign").values_list("battle__campaign", "pk"):
        found[campaign].append(key)
    return found
