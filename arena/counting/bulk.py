"""Excluding many votes at once, or counting them again: previewed with the boards before and after,
applied all or nothing, and undone exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from celery import current_app
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from .. import broker
from ..errors import Code, Refused
from ..models import BulkChange, Campaign, Contestant, Vote
from ..transactions import retried
from . import board_changes, standing, tallies
from .tallies import Counts, Key

MOST = 100_000  # votes
IN_REQUEST = 2_000  # more are changed by the background worker
LOST_S = 600.0  # after so long the background worker may be asked again
NAMED = 10  # voters and contestants of a preview
TASK = "arena.change_in_bulk"
State, Standing = BulkChange.State, Vote.Standing


def draft(votes: QuerySet[Vote], after: str, user: Any) -> BulkChange:
    """Note which votes are meant, with a preview; nothing is changed yet. Raises Refused if there
    are too many, or none."""
    keys = [*votes.order_by().values_list("pk", flat=True)[: MOST + 1]]
    if len(keys) > MOST:
        said = f"These are more than {MOST:,} votes. Narrow the list, by days for example."
        raise Refused(said, code=Code.TOO_MANY_VOTES, status=400)
    if not keys:
        raise Refused("No vote is chosen.", code=Code.NO_VOTES, status=400)
    found = preview(keys, after)
    return BulkChange.objects.create(votes=keys, after=after, by=user, preview=found)


def preview(keys: list[int], after: str) -> dict[str, Any]:
    """Whose votes these are, and the boards before and after, as JSON."""
    changing = Vote.objects.filter(pk__in=keys).exclude(standing=after)
    return {**whose(keys, after), "boards": [*_boards(changing, after)]}


def whose(keys: list[int], after: str) -> dict[str, Any]:
    """By which voters these votes are, and on which contestants, as JSON."""
    chosen = Vote.objects.filter(pk__in=keys)
    changing = chosen.exclude(standing=after)
    by_voter = changing.order_by().values_list("voter").annotate(number=Count("pk"))
    sides = changing.values_list("battle__contestant_a", "battle__contestant_b")
    contestants = Counter(contestant for pair in sides for contestant in pair)
    names = dict(Contestant.objects.values_list("pk", "name"))
    return {
        "chosen": len(keys),
        "changing": changing.count(),
        "verdicts": dict(Counter(changing.values_list("verdict", flat=True))),
        "voters": len(by_voter),
        "busiest": [[*row] for row in by_voter.order_by("-number", "voter")[:NAMED]],
        "contestants": [
            [names[contestant], number] for contestant, number in contestants.most_common(NAMED)
        ],
    }


def _boards(changing: QuerySet[Vote], after: str) -> Iterable[dict[str, Any]]:
    campaigns = changing.order_by().values("battle__campaign")
    for campaign in Campaign.objects.filter(pk__in=campaigns):
        keys = [*changing.filter(battle__campaign=campaign).values_list("pk", flat=True)]
        yield board_changes.preview(campaign, _added(campaign, keys, after))


def _added(campaign: Campaign, keys: list[int], after: str) -> dict[Key, Counts]:
    """What the change adds to the tallies of a campaign."""
    if after == Standing.COUNTED:
        others = (Standing.PENDING.value, Standing.EXCLUDED.value)
        return tallies.of_votes(campaign.pk, keys, others)
    return tallies.negated(tallies.of_votes(campaign.pk, keys))


def ask(change: BulkChange, reason: str | None) -> bool | None:
    """Apply a draft with its reason, or undo it (None): at once, or by the background worker if it
    is large. Returns whether it is done; None if it was done, or asked for, before, as with a
    double click. Raises Refused."""
    if len(change.votes) <= IN_REQUEST:
        return finish(change.pk, reason) or None
    asked = BulkChange.objects.filter(pk=change.pk)
    if not _to_do(asked, reason).update(asked=timezone.now()):
        return None
    try:
        current_app.send_task(TASK, args=[change.pk, reason])
    except broker.AWAY as error:
        asked.update(asked=None)
        raise broker.away(error) from error
    return False


def _to_do(changes: QuerySet[BulkChange], reason: str | None) -> QuerySet[BulkChange]:
    """Those that the background worker has not been asked for lately."""
    state = State.APPLIED if reason is None else State.DRAFT
    lately = timezone.now() - timedelta(seconds=LOST_S)
    return changes.filter(Q(asked=None) | Q(asked__lt=lately), state=state)


@retried
def finish(change: int, reason: str | None) -> bool:
    """Safe to repeat: a change is applied once, and undone once. Returns whether it was now. Raises
    Refused without a reason for an exclusion."""
    held = BulkChange.objects.select_for_update(no_key=True, of=("self",)).get(pk=change)
    is_wanted = held.state == (State.APPLIED if reason is None else State.DRAFT)
    if is_wanted and reason is not None:
        _apply(held, reason)
    elif is_wanted:
        held.restored = standing.take_back(held)
        held.state, held.undone = State.UNDONE, timezone.now()
    held.asked = None
    held.save()
    return is_wanted


def _apply(change: BulkChange, reason: str) -> None:
    votes = Vote.objects.filter(pk__in=change.votes)
    if change.after == Standing.EXCLUDED:
        change.changed = standing.exclude(votes, reason, change)
    else:
        change.changed = standing.count_again(votes, change)
    change.state, change.applied, change.reason = State.APPLIED, timezone.now(), reason[:300]
