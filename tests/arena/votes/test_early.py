"""Votes while the answers are still being written: what they keep, and what they never tell."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponseBase
from django.test import Client

from arena.battles import turns
from arena.battles.answering import life
from arena.errors import Refused
from arena.generating.settling import settle
from arena.models import Answer, Battle, BattleLabels, Side, Tally, Vote, Voter
from arena.votes import casting
from arena.votes.casting import Seen
from tests.absent import forget_all

from ..conftest import answer_all, result
from ..streams import Script

pytestmark = pytest.mark.usefixtures("in_service")

SLOW = "Slow but sure wins the race"
QUICK = "Quick and **unbelievably** long-winded answers tell the sides apart at once."


def say_both(script: Script) -> None:
    script.say(Side.A, QUICK, ago=20, ends="length")
    script.say(Side.B, SLOW, ago=20)


def texts(battle: Battle) -> list[str]:
    return [a.text for a in Answer.objects.filter(turn__battle=battle).order_by("turn", "side")]


def early(battle: Battle, verdict: str = "A", turn: str = "1", at: str = "2.3") -> Vote:
    return casting.cast(battle, battle.voter, verdict, Seen.parse(turn, at))


def refusal(battle: Battle, turn: str = "1", at: str = "2.3") -> str:
    """The code with which an early vote is rejected; checks that the battle goes on."""
    before = list(Answer.objects.values("state", "text"))
    with pytest.raises(Refused) as refused:
        early(battle, turn=turn, at=at)
    assert list(Answer.objects.values("state", "text")) == before
    assert not battle.turns.filter(stopped=True).exists()
    assert not Vote.objects.exists()
    return refused.value.code


def test_early_vote_ends_both_answers_where_they_were_seen(battle: Battle, script: Script) -> None:
    say_both(script)
    vote = early(battle)
    assert texts(battle) == ["Quick and **unbelievably**", "Slow but sure"]
    assert (vote.early, vote.words_seen, vote.turn) == (True, 3, battle.turns.get())
    assert battle.turns.get().stopped is True
    battle.refresh_from_db()
    assert battle.state == Battle.State.VOTED
    assert sum(Tally.objects.values_list("first_wins", "second_wins").get(slice="overall")) == 1


def test_early_vote_is_labelled_by_what_was_seen(battle: Battle, script: Script) -> None:
    say_both(script)
    early(battle)
    bold = BattleLabels.objects.get().style[3::4]
    assert bold == [1, 0]


@pytest.mark.parametrize("at", ["", "0.0", "2.0", "nonsense", "3.4"])
def test_vote_on_nothing_seen_is_refused_and_stops_nothing(
    battle: Battle, script: Script, at: str
) -> None:
    """No position, none with words, or one in attempts that have been restarted since."""
    say_both(script)
    assert refusal(battle, at=at) == "unfinished"


@pytest.mark.parametrize("said", [[], [Side.A], [Side.B]])
def test_vote_before_both_have_begun_is_refused(
    battle: Battle, script: Script, said: list[Side]
) -> None:
    for side in said:
        script.say(side, QUICK, ago=20)
    assert refusal(battle) == "unfinished"


def test_more_words_than_were_shown_are_not_taken_for_seen(battle: Battle, script: Script) -> None:
    for side in Side:
        script.say(side, "word " * 4000, ago=3)
    vote = early(battle, at="2.9999")
    assert vote.words_seen is not None
    assert 10 < vote.words_seen < 4000
    assert {len(text.split()) for text in texts(battle)} == {vote.words_seen}


def test_vote_on_all_that_was_written_is_not_early(battle: Battle, script: Script) -> None:
    """Both ended and were shown, but their results are still on the way."""
    for side in Side:
        script.say(side, "Yes, it is.", ago=20, ends="stop")
    vote = early(battle, at="2.3")
    assert (vote.early, vote.words_seen) == (False, None)
    assert texts(battle) == ["Yes, it is."] * 2


def test_vote_chosen_before_the_answers_were_complete_keeps_what_was_seen_then(
    battle: Battle, script: Script
) -> None:
    """They became complete while the choice could still be taken back."""
    answer_all(battle, "One two three four five six.")
    for side in Side:
        script.say(side, "One two three four five six.", ago=60, ends="stop")
    vote = early(battle, at="2.3")
    assert (vote.early, vote.words_seen) == (True, 3)
    assert texts(battle) == ["One two three"] * 2


def test_vote_on_complete_answers_is_not_early(battle: Battle, voter: Voter) -> None:
    answer_all(battle)
    vote = casting.cast(battle, voter, "TIE", Seen.parse("1", "2.1"))
    assert (vote.early, vote.words_seen, vote.turn) == (False, None, battle.turns.get())


def test_vote_on_a_follow_up_under_way_is_on_its_turn(battle: Battle) -> None:
    answer_all(battle, "All of it.")
    second = turns.continue_(battle, "And then?")
    script = Script(battle)
    say_both(script)
    vote = early(battle, "B", turn="2", at="2.2")
    assert (vote.turn, vote.words_seen) == (second, 2)
    assert texts(battle) == ["All of it.", "All of it.", "Quick and", "Slow but"]


def test_vote_on_a_follow_up_without_a_word_is_told_what_to_wait_for(battle: Battle) -> None:
    answer_all(battle, "All of it.")
    turns.continue_(battle, "And then?")
    with pytest.raises(Refused, match="Both models have a follow-up to answer"):
        early(battle, turn="2", at="0.0")


def test_page_without_the_follow_up_votes_on_what_it_shows(battle: Battle) -> None:
    """The voter's other tab has sent a follow-up."""
    answer_all(battle, "All of it.")
    turns.continue_(battle, "And then?")
    say_both(Script(battle))
    assert refusal(battle, turn="1", at="2.2") == "unfinished"
    answer_all(battle, "More.")
    forget_all()
    assert early(battle, turn="1", at="2.3").turn == battle.turns.get(number=1)


def test_result_that_comes_after_the_vote_changes_no_text(battle: Battle, script: Script) -> None:
    say_both(script)
    early(battle)
    for answer in Answer.objects.filter(turn__battle=battle):
        settle(life, answer.pk, result(answer, QUICK, finish_reason="cancelled"))
    assert texts(battle) == ["Quick and **unbelievably**", "Slow but sure"]


def test_same_early_vote_again_stands_and_leads_to_the_reveal(
    battle: Battle, script: Script, browser: Client
) -> None:
    say_both(script)
    sent = {"verdict": "A", "turn": "1", "seen": "2.3"}
    address = f"/battles/{battle.public_id}/"
    answers = [browser.post(f"{address}vote/", sent) for _ in range(2)]
    assert [one.headers["location"] for one in answers] == [f"{address}#reveal"] * 2
    assert Vote.objects.count() == 1


def test_database_itself_knows_no_early_vote_without_words(battle: Battle) -> None:
    for odd in ({"early": True}, {"words_seen": 3}, {"early": True, "words_seen": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Vote.objects.create(battle=battle, voter=battle.voter, verdict="A", seconds=1.0, **odd)


def plain(response: HttpResponseBase) -> str:
    """A page without its tokens against forgery, which are new each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.getvalue().decode())


def test_refused_vote_tells_nothing_about_which_side_has_begun(
    battle: Battle, script: Script, browser: Client
) -> None:
    """Whoever tries to vote at every moment gets the same bytes, whichever side has come."""
    sent = {"verdict": "A", "turn": "1", "seen": "2.3"}
    address = f"/battles/{battle.public_id}/vote/"
    before = browser.post(address, sent)
    script.say(Side.A, QUICK, ago=2, ends="stop")
    answer = battle.turns.get().answers.get(side="A")
    settle(life, answer.pk, result(answer, QUICK))
    after = browser.post(address, sent)
    assert (before.status_code, plain(before)) == (after.status_code, plain(after))
