"""Casting the one vote of a battle: when both answers are shown, or earlier, which ends them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from inference.contract.endings import FinishReason

from .. import broker, counters
from ..battles import admission, stopping
from ..battles.stopping import Underway
from ..counting import tallies
from ..counting.reasons import FIRST_PAIR, KNOWN, NAMED
from ..errors import Code, Refused
from ..labelling import by_rules, disclosing
from ..labels import Labels
from ..matchmaking.known_texts import is_spoilt
from ..matchmaking.prepared_pairs import FIRST
from ..models import Answer, Battle, Disclosure, Side, Turn, Verdict, Vote, Voter
from ..showing.turn import Position
from ..transactions import lock, retried
from . import criteria, revealing

logger = logging.getLogger(__name__)

# Everybody judges a campaign's first pair: counted, one prompt would outweigh all the others.
OF_FIRST_PAIR = {"standing": Vote.Standing.EXCLUDED, "standing_reason": FIRST_PAIR}
NOT_BLIND = {"standing": Vote.Standing.EXCLUDED, "standing_reason": NAMED}
TOLD_BEFORE = {"standing": Vote.Standing.EXCLUDED, "standing_reason": KNOWN}


@dataclass(frozen=True)
class Seen:
    """What a page showed when its voter chose a verdict."""

    turn: int = 0  # the number of its last turn; 0: not said
    position: Position = field(default_factory=Position)  # how far that turn was shown

    @classmethod
    def parse(cls, turn: str, at: str) -> Seen:
        is_number = turn.isascii() and turn.isdecimal() and len(turn) < 5
        return cls(int(turn) if is_number else 0, Position.parse(at))


@dataclass(frozen=True)
class Read:
    """What the texts of a battle say, found before the lock is taken."""

    labels: Labels
    disclosure: Disclosure


@dataclass(frozen=True)
class Ballot:
    """All that a voter says with a vote."""

    verdict: str
    criteria: Mapping[str, str]  # verdicts by criterion


def cast(
    battle: Battle,
    voter: Voter,
    verdict: str,
    seen: Seen | None = None,
    criteria_said: Mapping[str, str] | None = None,
) -> Vote:
    """Store the vote, label its battle and count it, in one transaction. While the answers are
    still being shown, this ends both where the voter has `seen` them. The same vote again is the
    vote that stands, with what was said of criteria then. Raises Refused and changes nothing if the
    battle is not the voter's, has not shown a word of both sides, is over, or has another verdict
    already.
    """
    seen, ballot = seen or Seen(), Ballot(verdict, criteria_said or {})
    _check_verdict(battle, voter, verdict)
    criteria.check(ballot.criteria)
    while (vote := _try(Battle.objects.get(pk=battle.pk), ballot, seen)) is None:
        pass  # ends: each retry means that an answer was stored or retried meanwhile
    return vote


def _try(battle: Battle, ballot: Ballot, seen: Seen) -> Vote | None:
    """None if the turn has changed meanwhile."""
    if vote := _standing(battle, ballot.verdict):
        return vote
    _check_is_open(battle)
    underway = _underway(battle, seen)
    # Seen texts no longer change, so their labels can be computed before taking the lock.
    texts = {side: underway.text(side) for side in Side} if underway else {}
    read = Read(by_rules.read(battle, texts), disclosing.read(battle, texts))
    return _cast(battle, ballot, read, underway, seen)


@retried
def _cast(
    battle: Battle, ballot: Ballot, read: Read, underway: Underway | None, seen: Seen
) -> Vote | None:
    battle = lock(battle.pk)
    if vote := _standing(battle, ballot.verdict):
        return vote
    _check_is_open(battle)
    if underway is not None and not stopping.end(underway, FinishReason.CANCELLED):
        return None
    if not _is_done(battle):
        raise _unfinished()
    standing = _first_standing(battle, read.disclosure)
    vote = _store(battle, ballot.verdict, underway, _decisive(battle, seen), standing)
    criteria.keep(vote, ballot.criteria)
    by_rules.keep(battle, read.labels)
    disclosing.keep(read.disclosure)
    count(vote)
    battle.state = Battle.State.VOTED
    battle.save(update_fields=["state"])
    revealing.after(battle)
    campaign = battle.campaign.slug
    transaction.on_commit(partial(counters.add, "votes", campaign=campaign))
    return vote


def _standing(battle: Battle, verdict: str) -> Vote | None:
    """The vote, if the battle has it already: a page that is left sends it once more."""
    if battle.state != Battle.State.VOTED:
        return None
    return Vote.objects.filter(battle=battle, verdict=verdict).first()


def _check_verdict(battle: Battle, voter: Voter, verdict: str) -> None:
    if verdict not in Verdict.values:
        raise Refused(_("Choose one of the four verdicts."), code=Code.UNKNOWN_VERDICT, status=400)
    if battle.voter_id != voter.pk:
        raise Refused(
            _("This battle belongs to another voter. Start one of your own."),
            code=Code.NOT_YOURS,
            status=403,
        )


def count(vote: Vote) -> None:
    """Add a vote to the running tallies of its pair, one for each slice of the vote."""
    campaign = vote.battle.campaign_id
    tallies.add(campaign, tallies.of_votes(campaign, [vote.pk]))


def _check_is_open(battle: Battle) -> None:
    if battle.state == Battle.State.VOTED:
        raise _voted()
    if battle.state == Battle.State.SKIPPED:
        raise Refused(
            _("You skipped this battle, so it takes no vote. Start a new one."), code=Code.SKIPPED
        )
    if battle.state == Battle.State.VOID:
        raise Refused(_("This battle was voided and takes no vote."), code=Code.VOID)
    if Answer.objects.filter(turn__battle=battle, state=Answer.State.FAILED).exists():
        raise Refused(
            _("One of the answers failed, so there is nothing to compare."), code=Code.FAILED
        )
    admission.check_vote(battle)


def _underway(battle: Battle, seen: Seen) -> Underway | None:
    """The last turn if it is still being shown; None if both answers are completely shown, which
    may be long after they are stored. Raises Refused if no word of both was shown to the voter.
    Does the same work in either case, so that its timing does not reveal when the slower side
    ended."""
    try:
        underway = stopping.look(battle, seen.position, judged=seen.turn)
    except broker.AWAY as error:
        logger.warning("a vote: how much has been shown is unknown: %s", error)
        underway = None
    if underway is not None and not _has_read(seen, underway):
        raise _unread(underway.turn)
    return underway


def _has_read(seen: Seen, underway: Underway) -> bool:
    """Whether the page showed words of these very attempts: otherwise nothing was judged that
    could be stored."""
    is_same = seen.turn in (0, underway.turn.number)
    is_same = is_same and seen.position.attempts == underway.live.attempts
    return is_same and min(seen.position.words, underway.words) > 0


def _is_done(battle: Battle) -> bool:
    answers = Answer.objects.filter(turn__battle=battle)
    return not answers.exclude(state=Answer.State.DONE).exists()


def _decisive(battle: Battle, seen: Seen) -> Turn:
    """The turn that decided: the last one on the voter's page."""
    turns = battle.turns.order_by("-number")
    return turns.filter(number=seen.turn).first() or turns[0]


def _unread(turn: Turn) -> Refused:
    sentence = _(
        "There is nothing to compare yet. Vote as soon as both answers show their first words."
    )
    if turn.number > 1:
        sentence = _(
            "Both models have a follow-up to answer. Vote as soon as this page shows the first "
            "words of both answers to it."
        )
    return Refused(sentence, code=Code.UNFINISHED)


def _unfinished() -> Refused:
    """Also while the broker is away, since nobody knows then how much was shown."""
    return Refused(
        _("The answers are still being written. Vote when both are complete."),
        code=Code.UNFINISHED,
    )


def _voted() -> Refused:
    return Refused(_("You have already voted on this battle. Your vote stands."), code=Code.VOTED)


def _first_standing(battle: Battle, disclosure: Disclosure) -> dict[str, str]:
    if battle.policy == FIRST:
        return OF_FIRST_PAIR
    if is_spoilt(battle):
        return TOLD_BEFORE
    return NOT_BLIND if disclosing.spoils(disclosure, battle.campaign) else {}


def _store(
    battle: Battle, verdict: str, underway: Underway | None, turn: Turn, standing: dict[str, str]
) -> Vote:
    words = None if underway is None or underway.is_seen else underway.words
    seconds = (timezone.now() - battle.created).total_seconds()
    try:
        with transaction.atomic():
            return Vote.objects.create(
                battle=battle,
                voter_id=battle.voter_id,
                verdict=verdict,
                seconds=seconds,
                turn=turn,
                early=words is not None,
                words_seen=words,
                **standing,
            )
    except IntegrityError as error:  # lost a race: the database enforces one vote per battle
        raise _voted() from error
