"""Answers may be complete before their page has shown them, and nothing reveals it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from arena import broker
from arena.battles import stopping
from arena.battles.answering import life
from arena.errors import Refused
from arena.generating.settling import settle
from arena.models import Answer, Battle, Side, Vote, Voter
from arena.votes import casting

from ..conftest import result
from ..streams import Script

pytestmark = pytest.mark.usefixtures("in_service")

LONG = "word " * 4000
OF_THE_MOMENT = re.compile(rb'(name="csrfmiddlewaretoken" value="\w+"|nonce-?=?"?[\w-]+)')
HEADERS_OF_THE_MOMENT = {"Expires", "Set-Cookie", "Content-Security-Policy"}
Answered = tuple[int, dict[str, str], bytes]


def write_down(battle: Battle, *sides: Side, text: str = LONG) -> None:
    for answer in Answer.objects.filter(turn__battle=battle, side__in=sides):
        settle(life, answer.pk, result(answer, text))


def everything_asked(browser: Client, battle: Battle) -> list[Answered]:
    """Every request about a battle that does not end it."""
    page = f"/battles/{battle.public_id}/"
    responses = [
        browser.get(page),
        browser.head(page),
        browser.post(f"{page}vote/", {"verdict": "A"}),
        browser.post(f"{page}vote/", {"verdict": "nonsense"}),
        browser.post(f"{page}turns/", {"prompt": "Go on"}),
        browser.post(f"{page}turns/", {"prompt": ""}),
    ]
    return [
        (
            response.status_code,
            {k: v for k, v in response.headers.items() if k not in HEADERS_OF_THE_MOMENT},
            OF_THE_MOMENT.sub(b"", response.content),
        )
        for response in responses
    ]


def test_vote_that_does_not_say_what_it_saw_waits_until_all_is_shown(
    battle: Battle, script: Script, voter: Voter
) -> None:
    for side in Side:
        script.say(side, LONG, ago=1, ends="stop")
    write_down(battle, *Side)
    with pytest.raises(
        Refused, match="Vote as soon as both answers show their first words"
    ) as refusal:
        casting.cast(battle, voter, "A")
    assert refusal.value.code == "unfinished"
    assert not Vote.objects.exists()


def test_vote_goes_through_when_all_is_shown(battle: Battle, script: Script, voter: Voter) -> None:
    for side in Side:
        script.say(side, "A few words.", ago=9, ends="stop")
    write_down(battle, *Side, text="A few words.")
    assert casting.cast(battle, voter, "A").verdict == "A"


def test_vote_goes_through_right_after_the_stop(
    battle: Battle, script: Script, voter: Voter
) -> None:
    for side in Side:
        script.say(side, LONG, ago=9)
    stopping.stop(battle)
    assert casting.cast(battle, voter, "A").verdict == "A"


def test_vote_is_possible_when_the_stream_never_told_the_end(
    battle: Battle, script: Script, voter: Voter
) -> None:
    """As when the broker was full by then, but the result still arrived."""
    script.say(Side.A, "A few words and", ago=9)
    script.say(Side.B, LONG, ago=9, ends="stop")
    write_down(battle, Side.A, text="A few words and no end.")
    write_down(battle, Side.B)
    assert casting.cast(battle, voter, "A").verdict == "A"


def test_nothing_that_can_be_asked_tells_that_an_answer_has_ended(
    battle: Battle, script: Script, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All requests at one moment: with no, one and both answers complete."""
    for side in Side:
        script.say(side, LONG, ago=3)
    now = broker.now()
    monkeypatch.setattr(broker, "now", lambda: now)
    unfinished = everything_asked(browser, battle)
    assert [status for status, *_ in unfinished] == [200, 200, 409, 400, 409, 400]
    for side in Side:
        script.say(side, "", ago=0, ends="stop")
        write_down(battle, side)
        assert everything_asked(browser, battle) == unfinished
