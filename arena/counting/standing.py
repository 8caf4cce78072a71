"""Whether votes count. A vote is never edited or deleted; it can be excluded and counted again.

Every change of a standing goes through this module, which updates the running tallies of all slices
of the vote in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict

from django.db.models import OuterRef, QuerySet, Subquery

from ..errors import Code, Refused
from ..models import BulkChange, StandingChange, Vote
from ..transactions import retried
from . import tallies

Standing = Vote.Standing
AT_ONCE = 5_000  # rows of one statement


def exclude(votes: QuerySet[Vote], reason: str, bulk: BulkChange | None = None) -> int:
    """Exclude votes from the leaderboards, where readers see how many and why. Returns how many
    were counted or pending before. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused("Give a reason for excluding these votes.", code=Code.NO_REASON, status=400)
    return _change(votes, Standing.EXCLUDED, reason.strip(), bulk)


def suspend(votes: QuerySet[Vote], reason: str, bulk: BulkChange | None = None) -> int:
    """Leave counted votes out until somebody has looked at them. Returns how many."""
    return _change(votes.filter(standing=Standing.COUNTED), Standing.PENDING, reason, bulk)


def count_again(votes: QuerySet[Vote], bulk: BulkChange | None = None) -> int:
    """Undo an exclusion, or clear a suspicion. Returns how many votes did not count before."""
    return _change(votes, Standing.COUNTED, "", bulk)


@retried
def take_back(bulk: BulkChange) -> int:
    """Give the votes that a bulk change changed the standing and the reason they had before, except
    those whose standing has changed once more since. Returns how many."""
    newest = StandingChange.objects.filter(vote=OuterRef("vote")).order_by("-pk").values("pk")[:1]
    own = bulk.changes.filter(after=bulk.after, pk=Subquery(newest))
    before: dict[tuple[str, str], list[int]] = defaultdict(list)
    for standing, reason, vote in own.values_list("before", "reason_before", "vote"):
        before[standing, reason].append(vote)
    return sum(
        _change(Vote.objects.filter(pk__in=votes, standing=bulk.after), standing, reason, bulk)
        for (standing, reason), votes in sorted(before.items())
    )


@retried
def _change(votes: QuerySet[Vote], standing: str, reason: str, bulk: BulkChange | None) -> int:
    changed = 0
    for campaign, keys in _by_campaign(votes.exclude(standing=standing)).items():
        with tallies.following(campaign, keys):
            # Read again now that the rows are locked: the first result may be stale.
            others = votes.filter(pk__in=keys).exclude(standing=standing)
            StandingChange.objects.bulk_create(
                (
                    StandingChange(
                        vote_id=key, before=before, after=standing, reason=reason[:300],
                        reason_before=reason_before, bulk=bulk,
                    )
                    for key, before, reason_before in others.values_list(
                        "pk", "standing", "standing_reason"
                    )
                ),
                batch_size=AT_ONCE,
            )  # fmt: skip
            changed += others.update(standing=standing, standing_reason=reason[:300])
    return changed


def _by_campaign(votes: QuerySet[Vote]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for campaign, key in votes.order_by("battle__campaign").values_list("battle__campaign", "pk"):
        found[campaign].append(key)
    return found
