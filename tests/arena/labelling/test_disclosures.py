"""Votes on battles in which an answer names its model: what counts, and what is told of it."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from arena.battles import turns
from arena.counting import bulk, reasons
from arena.models import Battle, Campaign, Disclosure, Side, Tally, Vote, Voter
from arena.votes import casting
from ratings.refreshing import reading
from ratings.refreshing.recount import differences

from ..conftest import answer_all

pytestmark = pytest.mark.usefixtures("in_service")
Standing = Vote.Standing
GIVEN_AWAY = "Forty-two. I was trained by Quetzalbird Laboratories."


def voted(voter: Voter, answer: str, prompt: str = "What is the answer?") -> Vote:
    battle = turns.begin(voter, prompt)
    answer_all(battle, answer)
    return casting.cast(battle, voter, "A")


def follow(rule: str) -> Campaign:
    Campaign.objects.update(named_answers=rule)
    return Campaign.objects.get()


def mark() -> str:
    out = StringIO()
    call_command("mark_names", stdout=out)
    assert not differences(Campaign.objects.get())
    return out.getvalue()


def counted() -> int:
    return sum(Tally.objects.filter(slice="overall").values_list("first_wins", flat=True)) + sum(
        Tally.objects.filter(slice="overall").values_list("second_wins", flat=True)
    )


def test_vote_on_a_named_answer_is_kept_and_left_out(voter: Voter) -> None:
    vote = voted(voter, GIVEN_AWAY)
    assert (vote.standing, vote.standing_reason) == (Standing.EXCLUDED, reasons.NAMED)
    assert "was not blind" in reasons.in_words(vote.standing_reason)
    found = Disclosure.objects.get()
    assert (found.by_a, found.by_b, found.asked) == (True, True, False)
    assert counted() == 0
    assert reading.excluded(vote.battle.campaign) == [(reasons.NAMED, 1)]


def test_vote_counts_where_the_campaign_says_so(voter: Voter) -> None:
    follow(Campaign.NamedAnswers.COUNTED)
    assert voted(voter, GIVEN_AWAY).standing == Standing.COUNTED
    assert Disclosure.objects.get().is_named
    assert counted() == 1


def test_talk_about_vendors_leaves_no_mark(voter: Voter) -> None:
    vote = voted(voter, "Quetzalbird Laboratories and OpenAI both train models. I like neither.")
    assert vote.standing == Standing.COUNTED
    assert not Disclosure.objects.exists()


def test_asking_is_marked_and_counts(voter: Voter) -> None:
    vote = voted(voter, "I must not say.", prompt="Wer bist du?")
    assert vote.standing == Standing.COUNTED
    assert Disclosure.objects.get().asked
    assert not Disclosure.objects.get().is_named


def test_only_the_side_that_names_itself_is_marked(voter: Voter) -> None:
    battle = turns.begin(voter, "Hi")
    answer_all(battle)
    battle.turns.get().answers.filter(side=Side.B).update(text=GIVEN_AWAY)
    casting.cast(battle, voter, "A")
    found = Disclosure.objects.get()
    assert (found.by_a, found.by_b) == (False, True)


def test_older_votes_are_marked_by_the_command(voter: Voter) -> None:
    follow(Campaign.NamedAnswers.COUNTED)
    named, other = voted(voter, GIVEN_AWAY), voted(voter, "Forty-two.")
    Disclosure.objects.all().delete()
    follow(Campaign.NamedAnswers.LEFT_OUT)
    assert "1 battle in which" in (said := mark())
    assert "1 vote left out" in said
    assert Vote.objects.get(pk=named.pk).standing_reason == reasons.NAMED
    assert Vote.objects.get(pk=other.pk).standing == Standing.COUNTED
    assert named.changes.get().reason == reasons.NAMED
    assert "0 votes left out, 0 counted again" in mark()
    follow(Campaign.NamedAnswers.COUNTED)
    assert "1 counted again" in mark()
    assert counted() == 2
    assert Disclosure.objects.get().is_named


def test_what_is_no_longer_found_counts_again(voter: Voter) -> None:
    vote = voted(voter, GIVEN_AWAY)
    vote.battle.turns.get().answers.update(text="Forty-two.")
    mark()
    vote.refresh_from_db()
    assert vote.standing == Standing.COUNTED
    assert not Disclosure.objects.exists()


def test_what_a_person_has_judged_stays(voter: Voter, admin_user: User) -> None:
    vote = voted(voter, GIVEN_AWAY)
    change = bulk.draft(Vote.objects.all(), Standing.COUNTED, admin_user)
    bulk.ask(change, "judged")
    mark()
    vote.refresh_from_db()
    assert vote.standing == Standing.COUNTED


def test_texts_that_were_deleted_are_not_read_again(voter: Voter) -> None:
    from arena.votes import forgetting

    vote = voted(voter, GIVEN_AWAY)
    forgetting.forget(voter)
    mark()
    vote.refresh_from_db()
    assert vote.standing_reason == reasons.NAMED
    assert Disclosure.objects.get().is_named


def test_admin_sees_marks_filters_and_the_words(voter: Voter, admin_client: Client) -> None:
    vote, _ = voted(voter, GIVEN_AWAY, prompt="Who are you?"), voted(voter, "Forty-two.")
    for kind, number in (("vote", 1), ("battle", 1)):
        for flag in ("named", "asked"):
            page = admin_client.get(f"/admin/arena/{kind}/", {"flag": flag}).content.decode()
            assert page.count("A and B named, asked who it is") == number
            assert "What is the answer?" not in page
    battle = Battle.objects.get(pk=vote.battle_id)
    page = admin_client.get(f"/admin/arena/battle/{battle.pk}/change/").content.decode()
    assert "A in turn 1: " in page
    assert "I was trained by Quetzalbird Laboratories." in page
