"""A voter's votes in a prepared campaign, with names: at the end of the voter's share."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.text import Truncator

from ..models import Campaign, Judgement, Vote, Voter

MOST = 200  # votes; My arena has them all
CHARACTERS = 90  # of a prompt


@dataclass(frozen=True)
class Told:
    vote: Vote
    prompt: str

    @property
    def beginning(self) -> str:
        return Truncator(" ".join(self.prompt.split())).chars(CHARACTERS)

    @property
    def names(self) -> tuple[str, str]:
        battle = self.vote.battle
        return battle.contestant_a.name, battle.contestant_b.name


def told(campaign: Campaign, voter: Voter) -> list[Told]:
    own = Judgement.objects.filter(battle__voter=voter, battle__campaign=campaign)
    newest = own.filter(revealed__isnull=False, battle__vote__isnull=False).order_by(
        "-battle__vote"
    )
    whole = newest.select_related(
        "pairing__prompt", "battle__vote", "battle__contestant_a", "battle__contestant_b"
    )
    return [Told(one.battle.vote, one.pairing.prompt.text) for one in whole[:MOST]]
