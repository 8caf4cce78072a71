"""Skipped battles: recorded, without a vote, unnamed, and for or against nobody."""

from __future__ import annotations

import pytest
from django.test import Client

from arena import broker
from arena.battles import skipping, turns
from arena.battles.answering import life
from arena.errors import Refused
from arena.generating import watchdog
from arena.generating.settling import settle
from arena.matchmaking import resting
from arena.models import Answer, Battle, Side, Tally, Vote
from arena.votes import casting

from ..conftest import answer_all, result
from ..streams import Script

pytestmark = pytest.mark.usefixtures("in_service")
TEXT = "Quick and unbelievably long-winded answers."


def skipped(battle: Battle, seen: str = "") -> Battle:
    skipping.skip(battle, seen)
    battle.refresh_from_db()
    assert battle.state == Battle.State.SKIPPED
    assert battle.skipped is not None
    assert not Vote.objects.exists()
    assert not Tally.objects.exists()
    return battle


def answers(battle: Battle) -> list[Answer]:
    return list(Answer.objects.filter(turn__battle=battle).order_by("side"))


def test_skipped_battle_takes_no_vote(battle: Battle) -> None:
    answer_all(battle)
    skipped(battle)
    with pytest.raises(Refused) as refusal:
        casting.cast(battle, battle.voter, "A")
    assert refusal.value.code == "skipped"
    with pytest.raises(Refused) as refusal:
        turns.continue_(battle, "And then?")
    assert refusal.value.code == "battle_over"


def test_skip_while_writing_ends_both_where_they_were_seen(battle: Battle, script: Script) -> None:
    for side in Side:
        script.say(side, TEXT, ago=20)
    skipped(battle, seen="2.3")
    assert [answer.text for answer in answers(battle)] == ["Quick and unbelievably"] * 2


@pytest.mark.parametrize("said", [[], [Side.A]])
def test_skip_before_a_word_ends_both_and_blames_nobody(
    battle: Battle, script: Script, said: list[Side]
) -> None:
    for side in said:
        script.say(side, TEXT, ago=20)
    skipped(battle)
    assert [answer.state for answer in answers(battle)] == [Answer.State.FAILED] * 2
    for answer in answers(battle):
        settle(life, answer.pk, result(answer, "", finish_reason="error", error="cancelled"))
    assert resting.among([answer.revision for answer in answers(battle)]) == []
    assert watchdog.watch(life) == 0
    battle.refresh_from_db()
    assert battle.state == Battle.State.SKIPPED


def test_skip_without_the_broker_is_stored(battle: Battle, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> float:
        raise broker.AWAY[0]("away")

    monkeypatch.setattr(broker, "now", away)
    skipped(battle)


def test_second_skip_changes_nothing(battle: Battle) -> None:
    first = skipped(battle).skipped
    assert skipped(battle).skipped == first


def test_skip_after_the_vote_is_refused(battle: Battle, browser: Client) -> None:
    answer_all(battle)
    casting.cast(battle, battle.voter, "A")
    response = browser.post(f"/battles/{battle.public_id}/skip/")
    assert response.status_code == 409
    assert "Your vote stands" in response.content.decode()


def test_skip_of_somebody_elses_battle_is_refused(battle: Battle, client: Client) -> None:
    assert client.post(f"/battles/{battle.public_id}/skip/").status_code == 403
    battle.refresh_from_db()
    assert battle.state == Battle.State.OPEN


def test_page_after_a_skip_names_nobody_and_goes_on(battle: Battle, browser: Client) -> None:
    answer_all(battle)
    address = f"/battles/{battle.public_id}/"
    assert browser.post(f"{address}skip/").headers["location"] == f"{address}#skipped"
    page = browser.get(address).content.decode()
    assert "You skipped this battle" in page
    assert "Same prompt, other models" in page
    assert 'name="verdict"' not in page
    assert "Forty-two." in page
    assert [name for name in ("Xylophonic", "Quetzalbird", "Zugzwang") if name in page] == []
