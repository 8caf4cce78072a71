"""A contestant that fails too often, or begins too late, is paused by the arena itself until staff
activate it again. Rests (`matchmaking.resting`) bridge minutes; this is for what does not pass.

Two able contestants are always left: a contestant that may fail is better than no battle, and when
a network or a host is down, all contestants would be paused for a fault of none.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from statistics import median

from django.db import connection
from django.utils import timezone

from ..alone import alone
from ..limits import PAUSING
from ..matchmaking import ability
from ..models import Contestant, Failure
from . import lifecycle

LEFT = 2  # able contestants, which a battle needs
# The last answers of each newest revision of an active contestant, since it was last activated.
LAST_ANSWERS = """
    SELECT contestant.id, answer.failed, answer.first_token_s
    FROM arena_contestant contestant
    CROSS JOIN LATERAL (
        SELECT id FROM arena_revision
        WHERE contestant_id = contestant.id AND number > 0 ORDER BY number DESC LIMIT 1
    ) revision
    CROSS JOIN LATERAL (
        SELECT coalesce(max(at), '-infinity') AS at FROM arena_registryevent
        WHERE contestant_id = contestant.id AND what = 'state'
    ) activation
    CROSS JOIN LATERAL (
        (SELECT created AS at, false AS failed, first_token_s FROM arena_answer
         WHERE revision_id = revision.id AND state = 'DONE'
           AND created > greatest(activation.at, %(since)s)
         ORDER BY created DESC LIMIT %(answers)s)
        UNION ALL
        (SELECT at, true, NULL FROM arena_failure
         WHERE revision_id = revision.id AND at > greatest(activation.at, %(since)s)
         ORDER BY at DESC LIMIT %(answers)s)
        ORDER BY at DESC LIMIT %(answers)s
    ) answer
    WHERE contestant.state = 'ACTIVE'
    ORDER BY contestant.id
"""
KEPT = timedelta(days=30)  # of failures
PAUSE = 0x70617573  # "paus": an advisory lock's class

State = Contestant.State
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Record:
    """The last answers of a contestant."""

    contestant: int
    failed: int
    waits: tuple[float, ...]  # seconds to the first words of the others

    @property
    def reason(self) -> str:
        """Why it is to be paused, with figures; "" if it is not."""
        most = PAUSING.answers * PAUSING.failed_share
        if self.failed > most:
            return f"{self.failed} of its last {self.failed + len(self.waits)} answers failed"
        if len(self.waits) < PAUSING.answers - most or not self.is_slow:
            return ""
        return (
            f"half of its last {len(self.waits)} answers took longer than "
            f"{median(self.waits):.0f} s to their first words; the limit is "
            f"{PAUSING.first_words_s:.0f} s"
        )

    @property
    def is_slow(self) -> bool:
        return bool(self.waits) and median(self.waits) > PAUSING.first_words_s


def pause_failing() -> list[Contestant]:
    """Pause those that fail too often or are too slow, the worst first. Returns them; none if
    another run is at it: both would see the same as able, and leave too few."""
    with alone(PAUSE) as is_mine:
        return _pause_failing() if is_mine else []


def _pause_failing() -> list[Contestant]:
    Failure.objects.filter(at__lt=timezone.now() - KEPT).delete()
    bad = {each.contestant: each for each in records() if each.reason}
    if not bad:
        return []
    able = {each.contestant.pk for each in ability.of_active() if each.is_able}
    paused: list[Contestant] = []
    for record in sorted(bad.values(), key=lambda each: -each.failed):
        one = Contestant.objects.get(pk=record.contestant)
        if len(able - {one.pk}) < LEFT:
            logger.warning("%s is not paused, as too few others can answer: %s", one, record.reason)
            continue
        able.discard(one.pk)
        reason = f"by the arena itself: {record.reason}."
        paused += lifecycle.change_state([one], State.PAUSED, reason, only=[State.ACTIVE])
    return paused


def records() -> Iterator[Record]:
    since = timezone.now() - timedelta(seconds=PAUSING.remembered_s)
    with connection.cursor() as cursor:
        cursor.execute(LAST_ANSWERS, {"since": since, "answers": PAUSING.answers})
        rows = cursor.fetchall()
    for contestant, answers in groupby(rows, key=lambda row: row[0]):
        last = [(failed, wait) for _pk, failed, wait in answers]
        waits = tuple(wait for failed, wait in last if not failed and wait is not None)
        yield Record(contestant, sum(failed for failed, _wait in last), waits)
