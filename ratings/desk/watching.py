"""Weighing whoever has new votes, some seconds at a time.

How far it has read is stored with the last vote that was looked at; what it knows of a voter is a
row of `Suspect`. So a restart loses nothing, and a run that is cut short is continued by the next.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Max

from arena.desk import holding
from arena.models import Campaign, DeskPlace, DeskPolicy, Suspect, Vote

from ..core.suspicion.rules import RULES
from ..core.suspicion.rules.alike import STANDS_OUT
from ..core.suspicion.scoring import Reason, Score, score
from . import arenas, records
from .arenas import Arena

logger = logging.getLogger(__name__)

AT_ONCE = 2_000  # votes read ahead
LOOK_BACK = 500  # a vote may be committed after one with a higher key
KEYS = 400  # of prompts that are kept of a voter
TITLES = {rule.name: rule.title for rule in RULES}
Mode = DeskPolicy.Mode

# Voters with votes that are not weighed yet, in the order of their oldest such vote.
NEW = """
    SELECT vote.voter_id, battle.campaign_id, min(vote.id), max(vote.id)
    FROM (
        SELECT id, voter_id, battle_id FROM arena_vote WHERE id > %s ORDER BY id LIMIT %s
    ) vote
    JOIN arena_battle battle ON battle.id = vote.battle_id
    LEFT JOIN arena_suspect suspect
        ON suspect.voter_id = vote.voter_id AND suspect.campaign_id = battle.campaign_id
    WHERE vote.id > coalesce(suspect.through, 0)
    GROUP BY 1, 2 ORDER BY 3
"""


@dataclass
class Run:
    """One look at the new votes.

    Attributes:
        until: on the clock of `time.monotonic`; a voter that was begun is finished.
        arenas: of the campaigns met so far.
    """

    policy: DeskPolicy
    until: float
    arenas: dict[int, Arena] = field(default_factory=dict)

    def arena(self, campaign: int) -> Arena:
        if campaign not in self.arenas:
            of = Campaign.objects.get(pk=campaign)
            self.arenas[campaign] = arenas.now(of, records.suggested_in(of))
        return self.arenas[campaign]

    def weigh(self, voter: int, campaign: int, newest: int) -> None:
        """Weigh a voter's votes, and hold them if they are suspected."""
        known = Suspect.objects.filter(voter=voter, campaign=campaign).first()
        if known is not None:
            holding.release(known)
            known.refresh_from_db()
        if known is not None and known.held and self.policy.mode == Mode.HOLD:
            Suspect.objects.filter(pk=known.pk).update(through=newest)
            holding.hold(known)
            return
        suspect = self._weighed(voter, campaign, known, newest)
        if suspect is not None and self._is_held(suspect):
            change = holding.hold(suspect)
            held = change.changed if change else 0
            logger.warning("votes held: %d of %s, score %.1f", held, suspect, suspect.score)

    def _is_held(self, suspect: Suspect) -> bool:
        is_reached = suspect.score >= self.policy.threshold and suspect.corroborated
        return is_reached and self.policy.mode == Mode.HOLD

    def _weighed(
        self, voter: int, campaign: int, known: Suspect | None, newest: int
    ) -> Suspect | None:
        arena, forgiven = self.arena(campaign), known.forgiven if known else 0
        read = records.read(voter, arena.campaign, forgiven, arena.places, arena.suggested)
        if read is None:
            Suspect.objects.filter(voter=voter, campaign=campaign).update(through=newest)
            return None
        found = known or Suspect(voter_id=voter, campaign_id=campaign)
        found.keys, found.first = read.keys[:KEYS], read.first
        circles = arena.circles(found)
        weighed = score(read.record, arena.around(read.record, known, circles))
        _keep(found, weighed, arena)
        found.votes, found.through = len(read.record), max(newest, read.newest)
        found.save()
        return found


def _keep(suspect: Suspect, found: Score, arena: Arena) -> None:
    keys = {place: key for key, place in arena.places.items()}
    leanings = {
        f"{keys[model]}{'+' if favours else '-'}": float(f"{e_value:.4g}")
        for (model, favours), e_value in found.leanings.items()
    }
    suspect.score, suspect.corroborated = round(found.value, 3), found.is_corroborated
    suspect.reasons = [_told(reason) for reason in found.reasons]
    suspect.leanings = leanings
    suspect.stands_out = [lean for lean, e_value in leanings.items() if e_value >= STANDS_OUT]


def _told(reason: Reason) -> dict[str, object]:
    return {
        "rule": reason.rule,
        "title": TITLES[reason.rule],
        "weight": round(reason.weight, 3),
        "words": reason.words,
        "speaks": reason.speaks,
    }


def watch(seconds: float) -> int:
    """Weigh voters with new votes for so many seconds. Returns how many."""
    policy = DeskPolicy.current()
    _forget()
    if policy.mode == Mode.OFF:
        return 0
    place = _place()
    run, weighed = Run(policy, time.monotonic() + seconds), 0
    for voter, campaign, oldest, newest in _new(place.vote):
        if time.monotonic() > run.until:
            _keep_place(place, min(oldest - 1, place.vote + AT_ONCE))
            return weighed
        run.weigh(voter, campaign, newest)
        weighed += 1
    _keep_place(place, _last_read(place.vote))
    return weighed


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
