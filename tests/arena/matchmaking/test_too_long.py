"""Prompts that are too long: rejected before a battle starts, and never counted as a model's
failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace

import pytest
from django.test import Client

from arena import broker
from arena.battles import turns, voiding
from arena.battles.answering import life
from arena.errors import Refused
from arena.generating.settling import settle
from arena.matchmaking import fitting, live_pairs, resting
from arena.models import Battle, Contestant, Revision, Side, Voter
from inference.contract.cards import Card
from inference.contract.counting import Counting, Question
from inference.contract.limits import COUNTING
from inference.contract.presence import publish
from inference.contract.prompts import Shown
from tests.bending import bend

from ..conftest import BEAT, answer_all, result

CONTEXT = 4096
ROOM = CONTEXT - 512  # for a whole answer
Count = Callable[[Question], int]


@pytest.fixture(autouse=True)
def limited(in_service: None) -> Iterator[None]:
    """Workers that report their context size, and weights that report what their templates add."""
    publish(broker.connection(), replace(BEAT, context=CONTEXT))
    keys = [f"weights:{name}" for name in BEAT.serves]
    for key, name in zip(keys, BEAT.serves, strict=True):
        card = Card(name, 1, 1, context=8192, frame_tokens=30, has_chat_template=True)
        broker.connection().set(key, json.dumps(asdict(card)))
    yield
    broker.connection().delete(*keys)


def by_words(question: Question) -> int:
    return sum(len(message["content"].split()) for message in question.messages)


@contextmanager
def counted_by(count: Count, served: tuple[str, ...] = BEAT.serves) -> Iterator[list[Question]]:
    """Play the worker that counts tokens; yields the questions it was asked."""
    asked: list[Question] = []

    def noted(question: Question) -> int:
        asked.append(question)
        return count(question)

    thread = Counting(broker.connection(), lambda: served, noted, lambda _: Shown())
    thread.start()
    try:
        yield asked
    finally:
        thread.stop()
        thread.join(timeout=10)


def refused(voter: Voter, prompt: str) -> Refused:
    with pytest.raises(Refused) as refusal:
        turns.begin(voter, prompt)
    assert not Battle.objects.exists()
    return refusal.value


def test_prompt_too_long_for_all_is_refused_with_both_numbers(voter: Voter) -> None:
    with counted_by(by_words):
        refusal = refused(voter, "word " * 5000)
    assert (refusal.code, refusal.status) == ("long_prompt", 400)
    assert "5,00" in str(refusal)
    assert f"{ROOM:,}" in str(refusal)
    assert "Shorten it" in str(refusal)


def test_refused_prompt_stays_in_its_box(client: Client) -> None:
    prompt = "🦊 " * 5000 + "the end"
    with counted_by(by_words):
        response = client.post("/battles/", {"prompt": prompt})
    assert response.status_code == 400
    assert "🦊 🦊 the end</textarea>" in response.content.decode()
    assert "too long for the models here" in response.content.decode()


def test_prompt_that_fits_by_tokens_begins_however_many_bytes_it_has(voter: Voter) -> None:
    with counted_by(by_words) as asked:
        turns.begin(voter, "longestwords " * 1500)
    assert len(asked) == 3


def test_short_prompt_asks_nobody(voter: Voter) -> None:
    with counted_by(by_words) as asked:
        turns.begin(voter, "What is a fox?")
        turns.begin(voter, "x" * (ROOM - 200))
    assert asked == []


def test_only_those_that_the_prompt_fits_are_drawn(
    voter: Voter, contestants: list[Contestant]
) -> None:
    def count(question: Question) -> int:
        return 9000 if question.weights.startswith("xylophonic") else 1000

    with counted_by(count):
        assert len(live_pairs.able("word " * 1000)) == 2
        for _ in range(8):
            battle = turns.begin(voter, "word " * 1000)
            assert contestants[0] not in (battle.contestant_a, battle.contestant_b)


def test_without_a_worker_that_counts_an_estimate_decides(
    voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, COUNTING, patience_s=0.1)
    turns.begin(voter, "word " * 2000)
    Battle.objects.all().delete()
    refused(voter, "word " * 5000)


def test_contestant_at_an_api_is_measured_by_its_known_context(
    voter: Voter, contestants: list[Contestant]
) -> None:
    for contestant in contestants[:2]:
        contestant.context_length = 2000
        contestant.save()
        Revision.objects.create(
            contestant=contestant, number=2, backend="openai", remote_model="m", max_tokens=100
        )
    both = replace(BEAT, serves=(*BEAT.serves, "remote:"), remote_slots=16, context=CONTEXT)
    publish(broker.connection(), both)
    with counted_by(by_words):
        turns.begin(voter, "word " * 1000)
        Battle.objects.all().delete()
        refused(voter, "word " * 3000)


def sides_of(battle: Battle) -> list[tuple[str, Revision]]:
    return [(answer.side, answer.revision) for answer in battle.turns.get().answers.all()]


def test_follow_up_that_makes_the_conversation_too_long_is_refused(voter: Voter) -> None:
    with counted_by(by_words):
        battle = turns.begin(voter, "word " * 1000)
        answer_all(battle, "word " * 1000)
        with pytest.raises(Refused, match="vote now") as refusal:
            turns.continue_(battle, "word " * 2000)
        assert refusal.value.code == "long_prompt"
        assert not any(name in str(refusal.value) for name in ("Xylo", "Quetz", "Zug", "1", "2"))
        assert battle.turns.count() == 1
        assert turns.continue_(battle, "word " * 100).number == 2


def test_histories_of_two_sides_are_each_counted(voter: Voter) -> None:
    """Also if two contestants share weights and system prompt."""
    weights = {"weights": "zugzwang-weights", "system_prompt": ""}
    for contestant in Contestant.objects.all():
        Revision.objects.create(contestant=contestant, number=2, **weights)
    battle = turns.begin(voter, "Hi")
    a, b = battle.turns.get().answers.order_by("side")
    settle(life, a.pk, result(a, "short"))
    settle(life, b.pk, result(b, "word " * 3500))
    with counted_by(by_words), pytest.raises(Refused):
        fitting.check_follow_up(battle.turns.get(), "word " * 200, sides_of(battle))


def test_failure_that_is_the_prompts_never_rests_a_model(voter: Voter) -> None:
    for _ in range(6):
        battle = turns.begin(voter, "🦊" * 1929)
        for answer in battle.turns.get().answers.all():
            too_long = {"error": "The conversation is 5,817 tokens long.", "of_prompt": True}
            settle(
                life,
                answer.pk,
                result(answer, "", finish_reason="error", permanent=True, **too_long),
            )
    assert resting.among(live_pairs.in_service()) == []


def test_model_that_finds_a_few_words_too_long_still_rests(voter: Voter) -> None:
    for _ in range(9):
        battle = turns.begin(voter, "Hi")
        answer = battle.turns.get().answers.get(side=Side.A)
        failed = {"finish_reason": "error", "permanent": True, "of_prompt": True, "error": "long"}
        settle(life, answer.pk, result(answer, "", **failed))
    assert resting.among(live_pairs.in_service())


def test_farewell_says_that_the_prompt_was_too_much(voter: Voter) -> None:
    battle = turns.begin(voter, "🦊" * 1929)
    for _ in range(2):  # the model, and the one put in its place
        answer = battle.turns.get().answers.get(side=Side.A)
        failed = {"finish_reason": "error", "permanent": True, "of_prompt": True, "error": "long"}
        settle(life, answer.pk, result(answer, "", **failed))
    battle.refresh_from_db()
    assert battle.state == Battle.State.VOID
    assert "your fault" not in voiding.farewell(battle)
    assert "shorter prompt" in voiding.farewell(battle)


def test_least_room_of_several_workers_counts(voter: Voter) -> None:
    small = replace(BEAT, worker="small-worker", context=1024)
    publish(broker.connection(), small)
    try:
        with counted_by(by_words):
            refused(voter, "word " * 1000)
    finally:
        broker.connection().delete("worker:small-worker")
