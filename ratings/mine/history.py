"""The battles of one voter, newest first. Models are named once the voter is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Left

from arena.models import Battle, Turn, Vote, Voter
from arena.votes.revealing import is_told

PER_PAGE = 20
BEGINNING = 200  # characters of a prompt


@dataclass(frozen=True)
class Entry:
    """A battle in the list. `vote` is None without one, `models` for a voter who is not told."""

    id: str
    at: datetime
    prompt: str
    campaign: str
    state: str
    vote: Vote | None
    models: tuple[str, str] | None  # left and right


def history(voter: Voter, page: str = "") -> Page[Battle]:
    """A page of the history; an odd page number is taken as the first or the last."""
    return Paginator(_battles(voter), PER_PAGE).get_page(page)


def _battles(voter: Voter) -> QuerySet[Battle]:
    first = Turn.objects.filter(battle=OuterRef("pk")).order_by("number")
    prompt = Subquery(first.values(start=Left("prompt", BEGINNING))[:1])
    own = Battle.objects.filter(voter=voter).order_by("-pk").annotate(prompt=prompt)
    return own.select_related("campaign", "vote", "judgement", "contestant_a", "contestant_b")


def entries(page: Page[Battle]) -> list[Entry]:
    return [entry(battle) for battle in page]


def entry(battle: Battle) -> Entry:
    is_voted = battle.state == Battle.State.VOTED
    names = (battle.contestant_a.name, battle.contestant_b.name)
    prompt = getattr(battle, "prompt", None) or ""
    return Entry(
        id=battle.public_id,
        at=battle.created,
        prompt=prompt if len(prompt) < BEGINNING else f"{prompt[: BEGINNING - 1]}…",
        campaign=battle.campaign.name,
        state=battle.state,
        vote=battle.vote if is_voted else None,
        models=names if is_told(battle) else None,
    )
