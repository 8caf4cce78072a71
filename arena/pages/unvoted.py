"""Battles that their voter has not voted on yet, to be found again on the start page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.text import Truncator

from ..models import Answer, Battle, Campaign, Turn, Voter

SINCE = timedelta(hours=24)
MOST = 3
CHARACTERS = 90  # of a prompt


@dataclass(frozen=True)
class Unvoted:
    battle: Battle
    prompt: str
    front: Campaign

    @property
    def beginning(self) -> str:
        return Truncator(" ".join(self.prompt.split())).chars(CHARACTERS)

    @property
    def campaign(self) -> str:
        """The name of its campaign; "" for the arena of this page."""
        campaign = self.battle.campaign
        return "" if campaign == self.front else campaign.name

    @property
    def created(self) -> datetime:
        return self.battle.created

    @property
    def is_new(self) -> bool:
        return timezone.now() - self.created < timedelta(minutes=1)


def unvoted(voter: Voter, front: Campaign) -> list[Unvoted]:
    """The newest first. `front` is the campaign of the start page."""
    own = Battle.objects.filter(voter=voter, state=Battle.State.OPEN)
    recent = own.filter(created__gt=timezone.now() - SINCE).select_related("campaign")
    failed = Answer.objects.filter(state=Answer.State.FAILED, turn__battle__in=recent)
    battles = recent.exclude(pk__in=failed.values("turn__battle")).order_by("-pk")[:MOST]
    prompts = dict(
        Turn.objects.filter(battle__in=list(battles), number=1).values_list("battle", "prompt")
    )
    return [
        Unvoted(battle, prompts[battle.pk], front) for battle in battles if battle.pk in prompts
    ]
