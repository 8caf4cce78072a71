"""Many pages look at their battles in the database, with few queries."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError

from arena.battles import turns
from arena.models import Turn, Voter
from arena.streaming import looks
from arena.streaming.looks import Look, Looks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_service")]


@pytest.fixture
def several() -> list[Turn]:
    """The turns of battles under way."""
    battles = [turns.begin(Voter.objects.create(), "Hi") for _ in range(6)]
    return [battle.turns.get() for battle in battles]


def seen_at_once(turns: Sequence[Turn]) -> list[Look | BaseException]:
    async def all_of_them() -> list[Look | BaseException]:
        every = Looks()
        return await asyncio.gather(*map(every.at, turns), return_exceptions=True)

    return async_to_sync(all_of_them)()


def test_pages_that_ask_together_are_answered_together(
    several: list[Turn], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int]] = []
    ask = looks._from_database

    def counted(turns: Sequence[int]) -> dict[int, Look]:
        asked.append([*turns])
        return ask(turns)

    monkeypatch.setattr(looks, "_from_database", counted)
    found = seen_at_once([*several, *several])
    assert asked == [[turn.pk for turn in several]]
    for turn, look in zip([*several, *several], found, strict=True):
        assert isinstance(look, Look)
        assert {answer.turn_id for answer in look.answers.values()} == {turn.pk}


def test_battle_that_is_gone_fails_alone(several: list[Turn]) -> None:
    gone = several[2]
    gone.answers.all().delete()
    found = seen_at_once(several)
    assert [type(look) for look in found] == [Look, Look, LookupError, Look, Look, Look]


def test_all_learn_that_the_database_is_away(
    several: list[Turn], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(turns: Sequence[int]) -> dict[int, Look]:
        raise OperationalError("connection refused")

    monkeypatch.setattr(looks, "_from_database", fail)
    assert {type(look) for look in seen_at_once(several)} == {OperationalError}
