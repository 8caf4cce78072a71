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
    nothing if the battle is not the voter's, not completely shown, void, or already voted on.
    """
    _check_verdict(battle, voter, verdict)
    battle = Battle.objects.get(pk=battle.pk)
    _check_is_open(battle)
    _check_is_shown(battle)
    # Finished texts no longer change, so their labels can be computed before taking the lock.
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
    """Add a vote to the running tallies of its pair, one for each slice of the vote."""
    campaign = vote.battle.campaign_id
    tallies.add(campaign, tallies.of_votes(campaign, [vote.pk]))


def _check_is_open(battle: Battle) -> None:
    if battle.state == Battle.State.VOTED:
        raise Refused("You have already voted on this battle. Your vote stands.", code=Code.VOTED)
    if battle.state == Battle.State.VOID:
        raise Refused("This battle was voided and takes no vote.", code=Code.VOID)
    if Answer.objects.filter(turn__battle=battle, state=Answer.State.FAILED).exists():
        raise Refused(
            "One of the answers failed, so there is nothing to compare.", code=Code.FAILED
        )


def _check_is_shown(battle: Battle) -> None:
    """Raises Refused until both answers are completely shown, which may be long after they are
    stored. Does the same work in either case, so that its timing does not reveal when the slower
    side ended."""
    try:
        is_shown = replay.is_shown(battle.turns.latest("number"))
    except broker.AWAY as error:
        logger.warning("a vote: how much has been shown is unknown: %s", error)
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
    except IntegrityError as error:  # lost a race: the database enforces one vote per battle
        raise Refused(
            "You have already voted on this battle. Your vote stands.", code=Code.VOTED
        ) from error
