"""A contestant that keeps failing rests: it is not drawn for some minutes, with backoff.

Kept in Redis by revision, since a faulty revision is corrected by a new one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from .. import broker
from ..limits import RESTING
from ..models import Answer, Failure, Revision

MAX_PROMPT = 2_000  # characters; a longer prompt may exceed even a sensible context
FEW_WORDS = 100  # characters; a model that rejects a prompt this short is misconfigured
MAX_REASON = 300  # characters
_RESTING = "resting"  # a set of revisions that may be resting: saves looking up all of them


@dataclass(frozen=True)
class Rest:
    revision: Revision
    reason: str  # for staff only: it may name an address
    until: datetime


def note_failure(
    answer: Answer, reason: str, *, of_prompt: bool = False, is_last: bool = False
) -> None:
    """Count a failure, unless the prompt or the earlier turns may be to blame. An answer that fails
    during a rest was begun before it, so it does not prolong the rest. If it `is_last`, no attempt
    at this answer is left: that is remembered for longer."""
    turn, revision = answer.turn, answer.revision
    longest = FEW_WORDS if of_prompt else MAX_PROMPT
    if turn.number > 1 or len(turn.prompt) > longest:
        return
    if is_last:
        Failure.objects.create(revision=revision, reason=reason[:MAX_REASON])
    with broker.spared("a failure was not counted"):
        if among([revision]):
            return
        failures = _count(revision, turn.battle_id)
        if failures >= RESTING.failures:
            seconds = RESTING.first_s * 2 ** (failures - RESTING.failures)
            _begin(revision, reason, min(seconds, RESTING.longest_s))


def end(*revisions: Revision) -> None:
    """End the rests of these revisions, and forget their failures."""
    keys = [key(revision) for revision in revisions for key in (_rest_key, _failures_key)]
    if keys:
        with broker.spared("a pause after failures was not ended"):
            broker.connection().delete(*keys)


def among(revisions: Sequence[Revision]) -> list[Rest]:
    """The current rests of these revisions."""
    known = {int(pk) for pk in broker.connection().smembers(_RESTING)}
    maybe = [revision for revision in revisions if revision.pk in known] if known else []
    if not maybe:
        return []
    values = broker.connection().mget([_rest_key(revision) for revision in maybe])
    pairs = list(zip(maybe, values, strict=True))
    if over := [revision.pk for revision, value in pairs if value is None]:
        broker.connection().srem(_RESTING, *over)
    return [_parse(revision, value) for revision, value in pairs if value]


def _count(revision: Revision, battle_id: int) -> int:
    """The number of different battles in which it has failed since its last success, with this."""
    with broker.connection().pipeline() as pipe:
        pipe.sadd(_failures_key(revision), battle_id)
        pipe.expire(_failures_key(revision), RESTING.remembered_s)
        pipe.scard(_failures_key(revision))
        return int(pipe.execute()[-1])


def _begin(revision: Revision, reason: str, seconds: int) -> None:
    until = timezone.now() + timedelta(seconds=seconds)
    value = json.dumps({"reason": reason[:MAX_REASON], "until": until.timestamp()})
    with broker.connection().pipeline() as pipe:
        pipe.set(_rest_key(revision), value, ex=seconds)
        pipe.sadd(_RESTING, revision.pk)
        pipe.execute()


def _parse(revision: Revision, value: str | bytes) -> Rest:
    kept = json.loads(value)
    return Rest(revision, kept["reason"], datetime.fromtimestamp(kept["until"], UTC))


def _rest_key(revision: Revision) -> str:
    return f"resting:{revision.pk}"


def _failures_key(revision: Revision) -> str:
    return f"failures:{revision.pk}"
