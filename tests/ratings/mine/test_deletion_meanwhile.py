"""What another tab, a worker or an admin does while a voter's data are deleted is deleted too."""

from __future__ import annotations

import pytest
from django.utils import timezone

from arena import broker
from arena.battles.answering import life
from arena.errors import Refused
from arena.exporting import consent, shares
from arena.exporting.votes import exported
from arena.generating.settling import settle
from arena.models import (
    Answer,
    Battle,
    Campaign,
    Consent,
    Revision,
    Share,
    Side,
    Turn,
    Voter,
    VoteReason,
)
from arena.votes import forgetting, reasons
from arena.votes.reasons import Said
from inference.contract.requests import GenerateResult
from inference.contract.streams import stream_key

from .conftest import Cast
from .test_own_data import SECRET, unvoted

pytestmark = pytest.mark.django_db(transaction=True)


def test_battle_begun_during_the_deletion_is_swept(
    vote_on: Cast, voter: Voter, campaign: Campaign, revisions: list[Revision]
) -> None:
    forgetting.forget(voter)
    assert forgetting.sweep() == 0
    battle = unvoted(campaign, revisions, voter)
    assert forgetting.sweep() == 1
    battle.refresh_from_db()
    assert battle.state == Battle.State.VOID
    assert Turn.objects.get().prompt == ""


def test_consent_given_during_the_deletion_is_refused_and_swept(
    vote_on: Cast, voter: Voter, campaign: Campaign
) -> None:
    vote_on()
    forgetting.forget(voter)
    with pytest.raises(Refused):
        consent.give(voter)
    Consent.objects.create(voter=voter, version=1, language="en", wording="w", sha256="s")
    assert forgetting.sweep() == 1
    assert list(exported(campaign, counted_only=False)) == []


def test_reasons_kept_during_the_deletion_are_swept(vote_on: Cast, voter: Voter) -> None:
    vote = vote_on()
    forgetting.forget(voter)
    reasons.keep(vote, {Side.A: Said(["accurate"]), Side.B: Said([])})
    assert forgetting.sweep() == 1
    assert not VoteReason.objects.exists()


def test_blocked_share_ends_with_the_data_and_is_swept_once(vote_on: Cast, voter: Voter) -> None:
    consent.give(voter)
    shares.share(vote_on())
    Share.objects.update(blocked=True)
    forgetting.forget(voter)
    assert not Share.objects.exists()
    assert forgetting.sweep() == 0


def test_words_still_being_written_are_deleted_too(
    voter: Voter, campaign: Campaign, revisions: list[Revision]
) -> None:
    battle = unvoted(campaign, revisions, voter)
    answer = Answer.objects.filter(turn__battle=battle).latest("pk")
    key = stream_key(str(answer.stream))
    Answer.objects.filter(pk=answer.pk).update(
        state=Answer.State.QUEUED, text="", dispatched=timezone.now()
    )
    broker.connection().xadd(key, {"text": SECRET})
    forgetting.forget(voter)
    assert not broker.connection().exists(key)


def test_thoughts_that_arrive_after_the_deletion_are_not_stored(
    vote_on: Cast, voter: Voter
) -> None:
    vote_on()
    answer = Answer.objects.latest("pk")
    Turn.objects.update(stopped=True)
    Answer.objects.update(total_s=None)
    forgetting.forget(voter)
    told = {"stream": str(answer.stream), "attempt": answer.attempt, "text": "", "total_s": 2.0}
    late = {**told, "finish_reason": "cancelled", "thoughts": SECRET}
    settle(life, answer.pk, GenerateResult.from_dict(late))
    answer.refresh_from_db()
    assert (answer.total_s, answer.thoughts) == (2.0, "")
