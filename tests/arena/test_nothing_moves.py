"""Public pages change only with votes and publications: watching every page during a battle reveals
nothing about its two models."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from arena.battles import turns
from arena.battles.answering import life
from arena.generating.settling import settle
from arena.models import Battle, Campaign, PromptSuggestion, Side, Voter
from arena.votes import casting
from ratings.models import ResponseTime
from ratings.refreshing import drafts, response_times

from .conftest import answer_all, result
from .everything_public import (
    differences,
    everything_public,
    forget_pages,
    routes,
    static_site,
)
from .streams import Script

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_service")]

# Addresses at which no stranger sees what is the same for all, and why. Their own tests are
# in test_blindness.py.
OWN = {
    "about/consent/": "its voter's",
    "battles/": "begins a battle",
    "battles/<slug:public_id>/": "its voter's, like all below it",
    "campaigns/<slug:slug>/battles/": "begins a battle",
    "campaigns/<slug:slug>/reveal/": "its voter's, posted",
    "chats/<slug:public_id>/": "its voter's, with named models",
    "healthz": "ages of processes, which pass",
    "mine/": "its voter's, like all below it",
    "shared/<slug:token>/": "a battle that its voter has voted on and shared",
    "votes/<slug:public_id>/": "its voter's, after the vote",
    "weights/<str:signed>/": "for model workers, signed",
}


def is_own(route: str) -> bool:
    folders = [own for own in OWN if (own.endswith("/") and own.count("/") > 1) or own == "mine/"]
    return route in OWN or route.startswith(tuple(folders))


def clockwork() -> None:
    """The periodic work of the core process."""
    response_times.measure()
    drafts.refresh_all()


@pytest.fixture
def voted(voter: Voter) -> None:
    """Enough votes that every contestant has a page with a response time."""
    PromptSuggestion.objects.all().delete()  # the start page draws them by chance
    for _ in range(12):
        battle = turns.begin(voter, "Hi")
        answer_all(battle)
        casting.cast(battle, voter, "A")
    clockwork()
    assert ResponseTime.objects.count() == 3


@pytest.mark.timeout(400)
def test_no_public_address_moves_while_a_battle_is_written_and_read(
    voted: None, voter: Voter, tmp_path: Path
) -> None:
    before, files = everything_public(), static_site(tmp_path / "before")
    assert any("/models/" in address for address in before)
    watched = {one.route for one in before.values()}
    unwatched = sorted(route for route in routes() - watched if not is_own(route))
    assert not unwatched, "Link to it, add it to ENTRANCES, or say in OWN whose it is."
    battle = turns.begin(voter, "Who are you?")
    script = Script(battle)
    script.say(Side.A, "Once upon a time", ago=5)
    script.say(Side.B, "I am done.", ago=5, ends="stop")
    settle(life, script.answers[Side.B].pk, result(script.answers[Side.B]))
    clockwork()
    assert differences(before, everything_public()) == []
    assert differences(files, static_site(tmp_path / "while")) == []
    answer_all(battle)
    clockwork()
    assert differences(before, everything_public()) == []
    casting.cast(battle, voter, "B")
    clockwork()
    forget_pages()
    assert Client().get("/leaderboard/arena/").content not in {one.body for one in before.values()}
    assert differences(files, static_site(tmp_path / "after"))


def test_response_time_counts_only_answers_of_voted_battles(voter: Voter) -> None:
    battle = turns.begin(voter, "Hi")
    answer_all(battle)
    response_times.measure()
    assert not ResponseTime.objects.exists()
    casting.cast(battle, voter, "A")
    response_times.measure()
    assert {(time.median_s, time.answers) for time in ResponseTime.objects.all()} == {(0.5, 1)}


def test_response_time_of_answers_nobody_voted_on_goes(voter: Voter) -> None:
    """A response time measured by the old rule."""
    battle = turns.begin(voter, "Hi")
    ResponseTime.objects.create(contestant=battle.contestant_a, median_s=1.0, answers=1)
    response_times.measure()
    assert not ResponseTime.objects.exists()
    assert Battle.objects.get().campaign == Campaign.live()
