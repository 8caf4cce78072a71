"""Prepared campaigns: voters judge answers made beforehand, so no model has to run.

A prepared battle is a battle like any other, except that its answers exist from the start: page,
anonymity and vote use the same code.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from inference.contract import traces

from .. import counters
from ..battles import admission, guests
from ..errors import Code, Refused
from ..matchmaking.known_texts import has_known
from ..matchmaking.prepared_pairs import ABANDONED, Drawn, draw
from ..models import Answer, Battle, Campaign, Judgement, PreparedAnswer, Side, Turn, Vote, Voter
from ..transactions import retried

ABANDONED_LONG_AGO = timedelta(days=3650)

# The side of a contestant must be unpredictable, not merely uniformly distributed.
_chance = random.SystemRandom()


@dataclass(frozen=True)
class Progress:
    """Votes cast here, against the campaign's goal."""

    votes: int
    goal: int | None

    @property
    def percent(self) -> int:
        return min(100, 100 * self.votes // self.goal) if self.goal else 0

    @property
    def is_reached(self) -> bool:
        return bool(self.goal) and self.votes >= (self.goal or 0)


def progress(campaign: Campaign) -> Progress:
    votes = Vote.objects.filter(battle__campaign=campaign, standing=Vote.Standing.COUNTED)
    return Progress(votes.count(), campaign.goal)


def find(slug: str, voter: Voter | None = None, invitation: str = "") -> Campaign:
    """The campaign, if this voter may see it, or anybody with this invitation. Raises Refused."""
    campaign = find_any(slug)
    guests.check_visible(campaign, voter, invitation, admission.now())
    return campaign


def find_any(slug: str) -> Campaign:
    """Whoever asks. Raises Refused."""
    campaign = Campaign.objects.filter(slug=slug).first()
    if campaign is None:
        raise guests.nothing_here()
    return campaign


@retried
def begin(campaign: Campaign, voter: Voter) -> Battle:
    """The voter's unfinished battle in this campaign, otherwise a new one. Raises Refused if the
    campaign is not open, or if there is nothing left to judge."""
    check_open(campaign, voter)
    # Locks the campaign: two voters could otherwise race for the last judgement of a pairing.
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if battle := unfinished(campaign, voter):
        return battle
    try:
        return _begin(campaign, voter, draw(campaign, voter))
    except Refused:
        if battle := unfinished(campaign, voter, ABANDONED_LONG_AGO):
            return battle  # rather than nothing
        raise


def check_open(campaign: Campaign, voter: Voter) -> None:
    if campaign.kind != Campaign.Kind.PREPARED:
        raise Refused(_("This campaign has no prepared answers to judge."), code=Code.NOT_PREPARED)
    admission.check_begin(campaign, voter)


def unfinished(campaign: Campaign, voter: Voter, patience: timedelta = ABANDONED) -> Battle | None:
    since = timezone.now() - patience
    own = Battle.objects.filter(campaign=campaign, voter=voter, state=Battle.State.OPEN)
    blind = own.exclude(has_known(voter, "judgement__pairing__"))
    return blind.filter(judgement__isnull=False, created__gt=since).first()


def _begin(campaign: Campaign, voter: Voter, drawn: Drawn) -> Battle:
    answers = [drawn.pairing.first, drawn.pairing.second]
    _chance.shuffle(answers)
    a, b = answers
    battle = Battle.objects.create(
        campaign=campaign,
        voter=voter,
        contestant_a=a.revision.contestant,
        contestant_b=b.revision.contestant,
        selection_probability=drawn.probability,
        policy=drawn.policy,
    )
    Judgement.objects.create(pairing=drawn.pairing, battle=battle)
    turn = Turn.objects.create(battle=battle, number=1, prompt=drawn.pairing.prompt.text)
    Answer.objects.bulk_create([copied(a, turn, Side.A), copied(b, turn, Side.B)])
    transaction.on_commit(partial(counters.add, "battles", campaign=campaign.slug))
    traces.join(traces.of(battle.public_id), is_root=True)
    return battle


def copied(prepared: PreparedAnswer, turn: Turn, side: Side) -> Answer:
    """Copy a prepared answer, so that the battle keeps it even if the campaign changes."""
    answer = Answer(
        turn=turn,
        side=side,
        revision=prepared.revision,
        state=Answer.State.DONE,
        attempt=1,
        dispatched=prepared.dispatched or prepared.created,
    )
    answer.take(prepared)
    return answer
