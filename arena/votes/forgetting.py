"""Deleting what is known of a voter, except what the tallies need.

Chats go altogether. Votes stay, without any text and without a way back to the browser: the row of
the voter gets a key that no cookie has. So tallies still equal a recount, published files can be
reproduced, and votes of one voter can still be told from those of many. Decision 21 says why.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from inference.contract.limits import STREAMS
from inference.contract.streams import stream_key

from .. import broker
from ..exporting import consent
from ..generating import dispatch
from ..jobs import erasing
from ..models import (
    Answer,
    Battle,
    Chat,
    Consent,
    Flag,
    Objection,
    Remark,
    Reply,
    Share,
    Turn,
    Voter,
    VoteReason,
)
from ..transactions import retried

DELETED = "deleted by its voter"  # why such a battle is void
STREAMS_AT_ONCE = 1_000


@retried
def forget(voter: Voter) -> None:
    """Delete all texts of a voter, withdraw consent and destroy the key: all or nothing. Statements
    are few, however many battles there are."""
    # The voter first, then battles in order: whoever casts a vote holds one battle only, and is
    # retried if PostgreSQL sees a deadlock.
    held = Voter.objects.select_for_update().get(pk=voter.pk)
    battles = Battle.objects.filter(voter=held)
    list(battles.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    _void(battles.filter(state=Battle.State.OPEN))
    _wipe(battles)
    _delete_chats(held)
    consent.withdraw(held)
    Share.objects.filter(vote__voter=held).delete()  # blocked ones too
    held.key, held.forgotten = uuid.uuid4(), timezone.now()
    held.save(update_fields=["key", "forgotten"])
    transaction.on_commit(partial(erasing.drop, held))


def _void(battles: QuerySet[Battle]) -> None:
    """End these battles; workers that still write answers of them stop."""
    underway = Answer.objects.filter(turn__battle__in=battles, state=Answer.State.QUEUED)
    for stream in underway.values_list("stream", flat=True):
        transaction.on_commit(partial(dispatch.cancel, stream))
    underway.update(state=Answer.State.FAILED)
    battles.update(state=Battle.State.VOID, void_reason=DELETED)


def _wipe(battles: QuerySet[Battle]) -> None:
    """Delete every text of these battles; lengths, times and labels stay."""
    answers = Answer.objects.filter(turn__battle__in=battles)
    # What is still written has no text here yet, but in its stream.
    recent = timezone.now() - 2 * timedelta(seconds=STREAMS.kept_s)
    streamed = answers.exclude(text="", thoughts="", error="", dispatched__lt=recent)
    streams = [str(stream) for stream in streamed.values_list("stream", flat=True)]
    transaction.on_commit(partial(_drop, streams))
    answers.update(text="", thoughts="", error="")
    Turn.objects.filter(battle__in=battles).update(prompt="")
    Flag.objects.filter(battle__in=battles).delete()
    for about_votes in (Objection, Remark, VoteReason):
        about_votes.objects.filter(vote__battle__in=battles).delete()


def _delete_chats(voter: Voter) -> None:
    replies = Reply.objects.filter(turn__chat__voter=voter)
    for stream in replies.filter(state=Reply.State.QUEUED).values_list("stream", flat=True):
        transaction.on_commit(partial(dispatch.cancel, stream))
    streams = [str(stream) for stream in replies.values_list("stream", flat=True)]
    transaction.on_commit(partial(_drop, streams))
    Chat.objects.filter(voter=voter).delete()


def _drop(streams: list[str]) -> None:
    """Delete the words as they were streamed, which would otherwise expire within the hour."""
    with broker.spared("streams of deleted answers expire by themselves"):
        for first in range(0, len(streams), STREAMS_AT_ONCE):
            some = streams[first : first + STREAMS_AT_ONCE]
            broker.connection().delete(*map(stream_key, some))


def sweep() -> int:
    """Delete what another tab began while its voter's data were deleted. Returns of how many."""
    gone = Voter.objects.exclude(forgotten=None)
    late = gone.filter(Exists(Turn.objects.filter(battle__voter=OuterRef("pk")).exclude(prompt="")))
    late |= gone.filter(Exists(Consent.objects.filter(voter=OuterRef("pk"), withdrawn=None)))
    for about_votes in (Objection, Remark, Share, VoteReason):
        late |= gone.filter(Exists(about_votes.objects.filter(vote__voter=OuterRef("pk"))))
    late |= gone.filter(Exists(Chat.objects.filter(voter=OuterRef("pk"))))
    voters = list(late)
    for voter in voters:
        forget(voter)
    erasing.sweep()
    return len(voters)
