"""Public pages change only with votes and publications: watching every page during a battle reveals
nothing about its two models."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from django.test import Client

from arena.battles import turns
from arena.models import Battle, Campaign, Voter
from arena.votes import casting
from ratings import freshness
from ratings.models import ResponseTime
from ratings.presentation import sheets
from ratings.refreshing import drafts, response_times

from .conftest import answer_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_service")]

LINK = re.compile(rb"""(?:href|src)=["'](/[^"'#]*)""")
ENTRANCES = ("/", "/status/", "/api/")  # /healthz tells ages of processes, which pass
PRIVATE = ("/admin", "/static", "/battles")
# What may change without revealing a model: a form's token, and the number of battles started.
OF_THE_MOMENT = re.compile(
    rb'name="csrfmiddlewaretoken" value="\w+"|<dt>Battles in the last hour</dt><dd>\d+</dd>'
)
HEADERS_OF_THE_MOMENT = {"Expires", "Date", "Set-Cookie"}


@dataclass(frozen=True)
class Seen:
    """A page as it was sent."""

    status: int
    headers: dict[str, str]
    body: bytes


def everything_public() -> dict[str, Seen]:
    """Every page that a stranger reaches by following links, by address."""
    for forget in (freshness.clear, sheets.forget):
        forget()
    stranger, found, waiting = Client(), dict[str, Seen](), list(ENTRANCES)
    while waiting:
        address = waiting.pop()
        if address in found or address.startswith(PRIVATE):
            continue
        response = stranger.get(address)
        body = response.getvalue()
        kept = {k: v for k, v in response.headers.items() if k not in HEADERS_OF_THE_MOMENT}
        found[address] = Seen(response.status_code, kept, OF_THE_MOMENT.sub(b"", body))
        waiting += [link.decode().replace("&amp;", "&") for link in LINK.findall(body)]
    return found


def clockwork() -> None:
    """The periodic work of the core process."""
    response_times.measure()
    drafts.refresh_all()


def differences(before: dict[str, Seen], after: dict[str, Seen]) -> list[str]:
    return [a for a in sorted(before | after) if before.get(a) != after.get(a)]


@pytest.fixture
def voted(voter: Voter) -> None:
    """Enough votes that every contestant has a page with a response time."""
    for _ in range(12):
        battle = turns.begin(voter, "Hi")
        answer_all(battle)
        casting.cast(battle, voter, "A")
    clockwork()
    assert ResponseTime.objects.count() == 3


def test_no_public_page_moves_while_a_battle_is_written_and_read(voted: None, voter: Voter) -> None:
    before = everything_public()
    assert any("/models/" in address for address in before)
    assert len(before) > 30
    battle = turns.begin(voter, "Who are you?")
    clockwork()
    assert differences(before, everything_public()) == []
    answer_all(battle)
    clockwork()
    assert differences(before, everything_public()) == []
    casting.cast(battle, voter, "B")
    clockwork()
    assert len(differences(before, everything_public())) > 5


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
