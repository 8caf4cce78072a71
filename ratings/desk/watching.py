"""Weighing whoever has new votes, some seconds at a time; and then some of those again that are
held, or nearly, if what they were weighed against has changed.

How far it has read is stored with the last vote that was looked at; what it knows of a voter is a
row of `Suspect`. So a restart loses nothing, and a run that is cut short is continued by the next.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import connection
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from arena.desk import holding
from arena.models import DeskPlace, DeskPolicy, Suspect, Vote
from arena.models.suspects import NEAR

from . import pushes
from .arenas import REMEMBERED
from .weighing import Run

AT_ONCE = 2_000  # votes read ahead
LOOK_BACK = 500  # a vote may be committed after one with a higher key
AGAIN_AT_ONCE = 50  # voters
AGAIN = 0.3  # share of the time that is added for weighing again
Mode = DeskPolicy.Mode

# Voters with votes that are not weighed yet, in the order of their oldest such vote.
NEW = """
    SELECT vote.voter_id, battle.campaign_id, min(vote.id), max(vote.id)
    FROM (
        SELECT id, voter_id, battle_id, standing FROM arena_vote WHERE id > %s ORDER BY id LIMIT %s
    ) vote
    JOIN arena_battle battle ON battle.id = vote.battle_id
    LEFT JOIN arena_suspect suspect
        ON suspect.voter_id = vote.voter_id AND suspect.campaign_id = battle.campaign_id
    WHERE vote.id > coalesce(suspect.through, 0) AND vote.standing = 'COUNTED'
    GROUP BY 1, 2 ORDER BY 3
"""


def watch(seconds: float) -> int:
    """Weigh voters with new votes for so many seconds, and others again for `AGAIN` times as many.
    Returns how many had new votes."""
    policy = DeskPolicy.current()
    _forget()
    holding.hold_again()
    if policy.mode == Mode.OFF:
        return 0
    weighed = _weigh_new(Run(policy), time.monotonic() + seconds)
    _weigh_again(Run(policy), time.monotonic() + AGAIN * seconds)
    pushes.looks.look(policy)
    return weighed


def _weigh_new(run: Run, until: float) -> int:
    place, weighed = _place(), 0
    for voter, campaign, oldest, newest in _new(place.vote):
        if time.monotonic() > until:
            _keep_place(place, min(oldest - 1, place.vote + AT_ONCE))
            return weighed
        run.weigh(voter, campaign, newest)
        weighed += 1
    _keep_place(place, _last_read(place.vote))
    return weighed


def _weigh_again(run: Run, until: float) -> None:
    """Whoever waited longest comes first."""
    for suspect in _stale(run.policy).select_related("campaign").order_by("looked")[:AGAIN_AT_ONCE]:
        if time.monotonic() > until:
            return
        run.weigh_again(suspect)


def _stale(policy: DeskPolicy) -> QuerySet[Suspect]:
    """Those who are held, or nearly, and were weighed before votes were last held, left out or
    counted again: against another board, and with other voters who stood out."""
    changes = [holding.last_change(), policy.at]
    since = max(filter(None, changes), default=None)
    if since is None:
        return Suspect.objects.none()
    lately = timezone.now() - REMEMBERED
    found = Suspect.objects.filter(weighed__gt=lately, looked__lt=since, forgiven=0)
    return found.filter(Q(held__isnull=False) | NEAR)


def _new(after: int) -> Iterator[tuple[int, int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(NEW, [after - LOOK_BACK, AT_ONCE + LOOK_BACK])
        yield from cursor.fetchall()


def _last_read(after: int) -> int:
    read = Vote.objects.filter(pk__gt=after - LOOK_BACK).order_by("pk")
    keys = read.values_list("pk", flat=True)[: AT_ONCE + LOOK_BACK]
    return max(after, *keys) if keys else after


def _place() -> DeskPlace:
    """At first, the newest vote: who has voted before the desk was there is weighed with the next
    vote."""
    found = DeskPlace.objects.first()
    if found is None:
        newest = Vote.objects.aggregate(newest=Max("pk"))["newest"] or 0
        found = DeskPlace.objects.create(vote=newest)
    return found


def _keep_place(place: DeskPlace, vote: int) -> None:
    if vote > place.vote:
        place.vote = vote
        place.save(update_fields=["vote"])


def _forget() -> None:
    """Of whoever deleted their data, no trace of a prompt stays."""
    gone = Suspect.objects.filter(voter__forgotten__isnull=False).exclude(keys=[])
    gone.update(keys=[])
