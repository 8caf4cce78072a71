"""Casting the one vote of a battle."""

from __future__ import annotations

import logging

from django.db import IntegrityError, transaction
from django.utils import timezone

from .. import broker
from ..counting import tallies
from ..errors import Code, Refused
from ..labelling import by_rules
from ..labels import Labels
from ..models import Answer, Battle, Verdict, Vote, Voter
from ..showing import replay
from ..transactions import lock, retried

logger = logging.getLogger(__name__)


def cast(battle: Battle, voter: Voter, verdict: str) -> Vote:
    """Store the vote, label its battle and count it, in one transaction. Raises Refused and changes
    nothing when the battle is not the voter's, not shown to its end, void, or has its vote already.
    """
    _check_verdict(battle, voter, verdict)
    battle = Battle.objects.get(pk=battle.pk)
    _check_is_open(battle)
    _check_is_shown(battle)
    # Finished texts do not change any more, so their labels can be read before anything is locked.
    return _cast(battle, voter, verdict, by_rules.read(battle))


@retried
def _cast(battle: Battle, voter: Voter, verdict: str, labels: Labels) -> Vote:
    battle = lock(battle.pk)
    _check_is_open(battle)
    if not _is_done(battle):
        raise _unfinished()
    vote = _store(battle, voter, verdict)
    by_rules.keep(battle, labels)
    count(vote)
    battle.state = Battle.State.VOTED
    battle.save(update_fields=["state"])
    return vote


def _check_verdict(battle: Battle, voter: Voter, verdict: str) -> None:
    if verdict not in Verdict.values:
        raise Refused("Choose one of the four verdicts.", code=Code.UNKNOWN_VERDICT, status=400)
    if battle.voter_id != voter.pk:
        raise Refused(
            "This battle belongs to another voter. Start one of your own.",
            code=Code.NOT_YOURS,
            status=403,
        )


def count(vote: Vote) -> None:
    """Add a vote to the running tally of its pair, in each of its slices."""
    campaign = vote.battle.campaign_id
    tallies.add(campaign, tallies.of_votes(campaign, [vote.pk]))


def _check_is_open(battle: Battle) -> None:
    if battle.state == Battle.State.VOTED:
        raise Refused("You have voted on this battle already. Your vote stands.", code=Code.VOTED)
    if battle.state == Battle.State.VOID:
        raise Refused("This battle was voided and takes no vote.", code=Code.VOID)
    if Answer.objects.filter(turn__battle=battle, state=Answer.State.FAILED).exists():
        raise Refused(
            "One of the answers failed, so there is nothing to compare.", code=Code.FAILED
        )


def _check_is_shown(battle: Battle) -> None:
    """An answer may be complete before its page has shown it. When a vote is taken must not tell
    when the slower side had ended, so the same is done whether both have or not."""
    try:
        is_shown = replay.is_shown(battle.turns.latest("number"))
    except broker.AWAY as error:
        logger.warning("a vote: nobody knows what is shown: %s", error)
        is_shown = _is_done(battle)
    if not is_shown:
        raise _unfinished()


def _is_done(battle: Battle) -> bool:
    answers = Answer.objects.filter(turn__battle=battle)
    return not answers.exclude(state=Answer.State.DONE).exists()


def _unfinished() -> Refused:
    return Refused(
        "The answers are still being written. Vote when both are complete.", code=Code.UNFINISHED
    )


def _store(battle: Battle, voter: Voter, verdict: str) -> Vote:
    seconds = (timezone.now() - battle.created).total_seconds()
    try:
        with transaction.atomic():
            return Vote.objects.create(battle=battle, voter=voter, verdict=verdict, seconds=seconds)
    except IntegrityError as error:  # the database has the last word on "one per battle"
        raise Refused(
            "You have voted on this battle already. Your vote stands.", code=Code.VOTED
        ) from error
