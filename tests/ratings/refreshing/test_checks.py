"""Checks of a prepared campaign: answers are scored, counted once it has ended, and shown then."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from arena.campaigns import prompt_sets, scoring
from arena.counting import standing
from arena.models import (
    Campaign,
    CheckedAnswer,
    Contestant,
    ExpectedAnswer,
    Judgement,
    Pairing,
    PreparedAnswer,
    Vote,
    Voter,
)
from ratings import freshness
from ratings.findings import checks as found
from ratings.models import CheckCount, CheckedVotes, CheckPair
from ratings.refreshing import checks, drafts
from ratings.static_site.writing import StaticSite
from ratings.tasks import check_answers
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/leaderboard/quiz/checks/"
API = "/api/v1/campaigns/quiz/checks/"
SECRET = "Zugzwang"
TEXTS = {  # of Ada, Bea and Cy, by prompt
    "capital": (SECRET, f"**{SECRET}.**", "Paris"),
    "sum": ("Answer: 391", "About 400", "I can't say."),
    "quiz": ("B", "C", "A or B"),
    "poem": ("Roses", "Violets", "Tulips"),
}


@pytest.fixture
def quiz(contestants: list[Contestant]) -> Campaign:
    made = Campaign.objects.create(slug="quiz", name="Quiz", kind="PREPARED", reveals="EACH_VOTE")
    prompt_sets.enter(
        made,
        [
            {"id": "capital", "prompt": "Which?", "check": "exact", "expected": SECRET},
            {"id": "sum", "prompt": "How many?", "check": "number", "expected": 391},
            {"id": "quiz", "prompt": "A or B or C?", "check": "choice", "expected": "B"},
            {"id": "poem", "prompt": "Write."},
        ],
    )
    revisions = [factories.revision(one) for one in contestants[:3]]
    for prompt in made.prompts.all():
        for revision, text in zip(revisions, TEXTS[prompt.key], strict=True):
            PreparedAnswer.objects.create(prompt=prompt, revision=revision, text=text, state="DONE")
    return made


def end(campaign: Campaign, **ago: int) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(closes=timezone.now() - timedelta(**ago))
    freshness.clear()


def vote(campaign: Campaign, key: str, a: Contestant, b: Contestant, verdict: str) -> Vote:
    answers = PreparedAnswer.objects.filter(prompt__campaign=campaign, prompt__key=key)
    shown = answers.filter(revision__contestant__in=[a, b]).order_by("pk")
    first, second = shown
    pairing, _made = Pairing.objects.get_or_create(
        first=first, second=second,
        defaults={"prompt": first.prompt, "selection_probability": 0.5, "wanted": 1},
    )  # fmt: skip
    battle = factories.battle(campaign, a, b, voter=Voter.objects.create())
    texts = {one.revision.contestant: one for one in shown}
    factories.turn(battle, "?", {texts[each].revision: texts[each].text for each in (a, b)})
    Judgement.objects.create(pairing=pairing, battle=battle)
    return factories.vote(battle, verdict)


@pytest.fixture
def voted(quiz: Campaign, contestants: list[Contestant]) -> list[Vote]:
    ada, bea, cy = contestants
    return [
        vote(quiz, "sum", ada, bea, "A"),  # right
        vote(quiz, "sum", bea, ada, "B"),  # right
        vote(quiz, "capital", cy, bea, "A"),  # wrong
        vote(quiz, "quiz", ada, cy, "TIE"),
        vote(quiz, "capital", ada, bea, "A"),  # both are right
        vote(quiz, "quiz", bea, cy, "A"),  # neither is
        vote(quiz, "poem", ada, bea, "A"),  # nothing is expected
    ]


def test_arena_without_expected_answers_asks_one_question(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        assert scoring.check_waiting() == 0


def test_each_answer_is_checked_once(quiz: Campaign) -> None:
    assert scoring.check_waiting() == 9
    assert scoring.check_waiting() == 0
    outcomes = CheckedAnswer.objects.order_by("answer").values_list("outcome", flat=True)
    assert [*outcomes] == [
        "RIGHT", "RIGHT", "WRONG", "RIGHT", "WRONG", "NONE", "RIGHT", "WRONG", "NONE",
    ]  # fmt: skip


def test_answers_that_are_not_done_wait(quiz: Campaign) -> None:
    PreparedAnswer.objects.filter(text="B").update(state="QUEUED")
    assert scoring.check_waiting() == 8


def test_a_run_ends_in_time_and_the_next_goes_on(quiz: Campaign) -> None:
    assert scoring.check_waiting(until=0) == 1
    assert scoring.check_waiting() == 8


def test_check_of_another_release_says_nothing_of_models(quiz: Campaign) -> None:
    ExpectedAnswer.objects.filter(kind="choice").update(kind="future")
    scoring.check_waiting()
    assert CheckedAnswer.objects.filter(outcome="UNCHECKED").count() == 3


def test_models_are_counted_and_compared_on_the_same_prompts(
    quiz: Campaign, contestants: list[Contestant], voted: list[Vote]
) -> None:
    end(quiz, hours=2)
    check_answers()
    ada, bea, cy = contestants
    counts = CheckCount.objects.values_list("contestant", "right", "wrong", "unanswered")
    assert [*counts] == [(ada.pk, 3, 0, 0), (bea.pk, 1, 2, 0), (cy.pk, 0, 1, 2)]
    pairs = CheckPair.objects.values_list("first", "second", "prompts", "first_only", "second_only")
    assert [*pairs] == [
        (ada.pk, bea.pk, 3, 2, 0), (ada.pk, cy.pk, 3, 3, 0), (bea.pk, cy.pk, 3, 1, 0),
    ]  # fmt: skip
    assert [one.p for one in found.compared(quiz)] == [0.25, 0.5, 1.0]
    share = found.share_of(CheckCount.objects.get(contestant=bea))
    assert share == pytest.approx((1 / 3, 0.061, 0.792), abs=0.001)


def test_people_are_compared_with_the_check_where_one_answer_is_right(
    quiz: Campaign, voted: list[Vote]
) -> None:
    end(quiz, hours=2)
    check_answers()
    votes = CheckedVotes.objects.get()
    assert (votes.right, votes.wrong, votes.neither, votes.voters) == (2, 1, 1, 4)
    assert votes.right_share[0] == 0.5
    assert votes.right_share[1] < 0.2
    assert votes.right_share[2] > 0.8


def test_excluded_votes_leave_the_agreement(quiz: Campaign, voted: list[Vote]) -> None:
    end(quiz, hours=2)
    check_answers()
    standing.exclude(Vote.objects.filter(pk=voted[2].pk), "a test")
    check_answers()
    votes = CheckedVotes.objects.get()
    assert (votes.right, votes.wrong, votes.neither) == (2, 0, 1)


def test_only_what_changed_is_counted_anew(
    quiz: Campaign, voted: list[Vote], monkeypatch: pytest.MonkeyPatch
) -> None:
    end(quiz, hours=2)
    check_answers()
    monkeypatch.setattr(checks, "_store", lambda *args: pytest.fail("counted twice"))
    check_answers()


def test_first_text_of_the_newest_revision_counts(
    quiz: Campaign, contestants: list[Contestant]
) -> None:
    ada = contestants[0]
    prompt = quiz.prompts.get(key="quiz")
    newer = factories.revision(ada, number=9)
    for number, text in ((1, "C"), (2, "B")):
        PreparedAnswer.objects.create(
            prompt=prompt, revision=newer, number=number, text=text, state="DONE"
        )
    end(quiz, hours=2)
    check_answers()
    assert CheckCount.objects.get(contestant=ada).wrong == 1


@pytest.mark.parametrize("ago", [{"minutes": 0}, {"minutes": 59}, {"days": -1}])
def test_nothing_is_told_while_anybody_can_vote(
    client: Client, quiz: Campaign, voted: list[Vote], ago: dict[str, int]
) -> None:
    end(quiz, **ago)
    check_answers()
    assert not CheckCount.objects.exists()
    page = client.get(PAGE).content.decode()
    assert "It is shown once nobody can vote any more." in page
    for name in ("right", "pairs", "people"):
        assert len(client.get(f"{PAGE}{name}.csv").content.decode().splitlines()) == 1
    assert client.get(API).json()["results"] == []
    battle = client.get(f"/campaigns/{quiz.slug}/").content.decode()
    assert SECRET not in page + battle


def test_results_are_hidden_again_when_a_campaign_goes_on(
    client: Client, quiz: Campaign, voted: list[Vote]
) -> None:
    end(quiz, hours=2)
    check_answers()
    end(quiz, days=-1)
    assert CheckCount.objects.exists()
    assert "shown once nobody can vote" in client.get(PAGE).content.decode()
    assert len(client.get(f"{PAGE}right.csv").content.decode().splitlines()) == 1


def test_ended_campaign_shows_models_pairs_and_people(
    client: Client, quiz: Campaign, voted: list[Vote]
) -> None:
    end(quiz, hours=2)
    check_answers()
    page = client.get(PAGE).content.decode()
    assert "Ada may be right most often: 100% of prompts." in page
    assert "Pairs of models that clearly differ: 0 of 3." in page
    assert "Voters chose the right answer in 50% of votes where only one was right." in page
    assert "3/3" in page
    first = client.get(API).json()["results"][0]
    assert (first["model"], first["right"], first["share"]["value"]) == ("Ada", 3, 1.0)
    assert SECRET not in page
    rows = [*csv.reader(client.get(f"{PAGE}right.csv").content.decode().splitlines())]
    assert rows[1] == ["Ada", "3", "0", "0", "0", "1.000", "0.439", "1.000"]
    assert f'href="{PAGE}"' in client.get("/leaderboard/quiz/").content.decode()


def test_campaign_without_checks_has_no_tab(client: Client, votes: None) -> None:
    drafts.refresh_all()
    assert b"/checks/" not in client.get("/leaderboard/arena/").content


def test_static_copy_has_the_page(
    quiz: Campaign, voted: list[Vote], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end(quiz, hours=2)
    check_answers()
    drafts.refresh_all()
    freshness.clear()
    StaticSite(quiz, tmp_path).write()
    page = (tmp_path / "leaderboard/quiz/checks/index.html").read_text()
    assert "right most often" in page
    assert (tmp_path / "leaderboard/quiz/checks/people.csv").exists()
    every = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert SECRET.encode() not in every
