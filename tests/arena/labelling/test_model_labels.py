"""Categories by a model; the test plays the part of its worker (tests/live uses a real one)."""

from __future__ import annotations

import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from arena.battles import turns
from arena.errors import Refused
from arena.labelling import by_model
from arena.labels import Labels, asking
from arena.labels.categories import CATEGORIES
from arena.limits import LABELLING, WATCHDOG
from arena.models import BattleLabels, Campaign, Revision, Tally, Vote, Voter
from arena.tasks import record_labels
from arena.votes import casting
from inference.contract.endings import FinishReason
from inference.contract.requests import GenerateResult
from ratings import freshness
from ratings.presentation.slice_view import source_of
from ratings.refreshing.recount import differences
from tests.bending import bend

from ..conftest import answer_all

pytestmark = [pytest.mark.usefixtures("in_service"), pytest.mark.django_db(transaction=True)]
NAME = "Xylophonic 9000"
MODEL = f"model {NAME}, rules 1"


def vote_on(voter: Voter, *prompts: str) -> Vote:
    battle = turns.begin(voter, prompts[0])
    answer_all(battle)
    for prompt in prompts[1:]:
        turns.continue_(battle, prompt)
        answer_all(battle)
    return casting.cast(battle, voter, "A")


def answer(vote: Vote, text: str, **changes: object) -> BattleLabels:
    """What the core worker does when the model has answered."""
    revision = by_model.labeller("xylophonic-slug")
    result = GenerateResult("stream", 1, text, FinishReason.STOP).to_dict() | changes
    record_labels(result, battle_id=vote.battle_id, contestant_id=revision.contestant_id)
    return BattleLabels.objects.get(battle=vote.battle_id)


def categories() -> set[str]:
    """Slices by category that hold a vote."""
    rows = Tally.objects.filter(slice__in=CATEGORIES).exclude(
        first_wins=0, second_wins=0, ties=0, both_bad=0
    )
    return set(rows.values_list("slice", flat=True))


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("maths", {"maths"}),
        (" Maths, coding.\n", {"maths", "coding"}),
        ("none", set()),
        ("None.", set()),
        ("", None),
        ("maths and coding", None),
        ("maths, longer", None),
        ("maths,", None),
        ("The categories are: maths", None),
        ("none, maths", None),
    ],
)
def test_answer_counts_only_if_it_is_what_was_asked(answer: str, found: set[str] | None) -> None:
    assert asking.categories_in(answer) == found


def test_model_is_asked_of_categories_that_there_are() -> None:
    assert set(CATEGORIES) - asking.JUDGED.keys() == {"longer", "multi-turn"}
    assert asking.JUDGED.keys() < set(CATEGORIES)
    said = asking.messages(["One.", "x" * 5_000])
    assert [message["role"] for message in said] == ["user", "assistant"] * 5 + ["user"]
    assert all(slug in said[0]["content"] for slug in asking.JUDGED)
    assert said[-1]["content"] == "Request: One.\n\n" + "x" * (asking.READ - len("One.\n\n"))
    assert all(asking.categories_in(answer) is not None for _, answer in asking.EXAMPLES)


def test_what_is_measured_stays_with_the_rules() -> None:
    rules = Labels("en", ("maths", "multi-turn"), "short", (1,) * 8)
    found = asking.judged(rules, "coding", "M")
    assert found == Labels("en", ("coding", "multi-turn"), "short", (1,) * 8, "model M, rules 1")
    kept = asking.judged(rules, "I think it is coding", "M")
    assert (kept.categories, kept.source) == (rules.categories, "no answer of M, rules 1")


def test_answer_moves_the_vote_to_its_slices(voter: Voter) -> None:
    vote = vote_on(voter, "What is 3 * 7?", "And 3 * 8?")
    assert categories() == {"maths", "multi-turn"}
    labels = answer(vote, "creative-writing, hard")
    assert labels.categories == ["creative-writing", "hard", "multi-turn"]
    assert (labels.source, labels.language, labels.length) == (MODEL, "en", "short")
    assert categories() == {"creative-writing", "hard", "multi-turn"}
    assert differences(Campaign.live()) == []


@pytest.mark.parametrize("finish_reason", ["stop", "error", "deadline"])
def test_answer_that_cannot_be_read_changes_no_slice(voter: Voter, finish_reason: str) -> None:
    vote = vote_on(voter, "What is 3 * 7?")
    labels = answer(vote, "Sure! Here is", finish_reason=finish_reason)
    assert (labels.categories, labels.source) == (["maths"], f"no answer of {NAME}, rules 1")
    assert categories() == {"maths"}
    assert list(by_model.waiting(NAME)) == []


def test_answers_at_once_leave_tallies_equal_to_a_recount(voter: Voter) -> None:
    vote = vote_on(voter, "What is 3 * 7?")

    def say(text: str) -> None:
        answer(vote, text)
        connection.close()

    threads = [threading.Thread(target=say, args=[t]) for t in ("coding", "hard", "none", "maths")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert differences(Campaign.live()) == []
    assert categories() == set(BattleLabels.objects.get().categories)


def test_rules_do_not_take_a_models_labels_away_unless_told(voter: Voter) -> None:
    vote = vote_on(voter, "What is 3 * 7?")
    answer(vote, "hard")
    call_command("label_battles", stdout=StringIO())
    assert categories() == {"hard"}
    call_command("label_battles", rules=True, stdout=StringIO())
    assert categories() == {"maths"}
    assert BattleLabels.objects.get().source == "rules 1"
    assert [battle.pk for battle in by_model.waiting(NAME)] == [vote.battle_id]


def test_agreement_counts_each_category(voter: Voter) -> None:
    for text, prompt in (
        ("maths", "What is 3 * 7?"),
        ("maths, coding", "What is 3 * 8?"),
        ("none", "What is 3 * 9?"),
        ("Well, maths", "What is 4 * 9?"),
    ):
        answer(vote_on(voter, prompt), text)
    found = {one.name: one for one in by_model.agreement(NAME)}
    maths, coding = found["Maths"], found["Coding"]
    assert (maths.both, maths.model_only, maths.rules_only, maths.neither) == (2, 0, 1, 0)
    assert (coding.both, coding.model_only, coding.rules_only, coding.neither) == (0, 1, 0, 2)
    assert maths.share == coding.share == pytest.approx(2 / 3)


def test_page_says_who_sorted_the_prompts(voter: Voter) -> None:
    vote = vote_on(voter, "What is 3 * 7?")
    freshness.clear()
    assert "by rules, without a model" in source_of(Campaign.live(), "maths")
    answer(vote, "hard")
    answer(vote_on(voter, "What is 3 * 7?"), "Certainly!")
    freshness.clear()
    said = source_of(Campaign.live(), "maths")
    assert (
        said == f"Prompts are sorted by {NAME}, run by this arena, where it was asked; by rules "
        "otherwise."
    )
    assert "small model" in source_of(Campaign.live(), "language-en")


@pytest.mark.parametrize(
    ("slug", "said"),
    [("nobody", "No contestant 'nobody' runs"), ("remote", "No contestant"), ("idle", "No model")],
)
def test_who_cannot_be_asked_is_refused(slug: str, said: str) -> None:
    remote = Revision.objects.get(contestant__slug="quetzalbird-slug")
    remote.contestant.slug = "remote"
    remote.contestant.save()
    Revision.objects.create(
        contestant=remote.contestant, number=2, backend="openai", remote_model="m"
    )
    idle = Revision.objects.get(contestant__slug="zugzwang-slug")
    idle.contestant.slug = "idle"
    idle.contestant.save()
    Revision.objects.create(contestant=idle.contestant, number=2, weights="elsewhere")
    with pytest.raises(CommandError, match=said):
        call_command("label_battles", model=slug)


def test_silence_ends_a_run_that_can_be_taken_up(
    voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    vote_on(voter, "What is 3 * 7?")
    bend(monkeypatch, LABELLING, answer_s=0.1, queue_s=0.1)
    bend(monkeypatch, WATCHDOG, overdue_s=0.1)
    with pytest.raises(Refused, match="stopped responding after 0 of 1 battles"):
        by_model.label(by_model.labeller("xylophonic-slug"), None, lambda _: None)
    assert len(by_model.waiting(NAME)) == 1


@pytest.mark.parametrize(
    "options", [{"limit": 3}, {"model": "x", "limit": 0}, {"model": "x", "rules": True}]
)
def test_options_that_say_nothing_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(CommandError, match="--limit is a number from 1 to"):
        call_command("label_battles", **options)
