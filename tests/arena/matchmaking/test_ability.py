"""Each reason why a contestant cannot answer, told from what the broker really says; matchmaking
draws exactly those that can."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from arena import broker
from arena.limits import RESTING
from arena.matchmaking import ability, live_pairs
from arena.matchmaking.ability import Why
from arena.models import Contestant, RegistryEvent, Revision
from inference.contract import spending
from inference.contract.cards import Card
from inference.contract.presence import Heartbeat, publish, withdraw
from tests import factories

from .test_resting import fail_often

TURNS = "{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}"
API = {"backend": "openai", "weights": "", "remote_model": "x"}
REMOTE = Heartbeat(
    "remote-worker", ("remote:", "remote:ACME_API_KEY", "bare"), 1, 1,
    key_hosts={"ACME_API_KEY": ["api.acme.example"]}, bare=("bare",),
)  # fmt: skip
GONE = Heartbeat("gone-worker", ("lost-weights", "remote:LOST_API_KEY"), 1)
BROKEN = Card("broken", 1, 1, error="broken.gguf ends too early. Copy it again.")


@pytest.fixture(autouse=True)
def world(in_service: None) -> Iterator[None]:
    """A worker with keys and weights without a template, one that is gone, and broken weights."""
    broker.connection().set("weights:broken", json.dumps(asdict(BROKEN)), ex=60)
    publish(broker.connection(), GONE)
    broker.connection().delete("worker:gone-worker")  # as if it had missed its heartbeats
    publish(broker.connection(), REMOTE)
    yield
    withdraw(broker.connection(), REMOTE)
    broker.connection().delete("weights:broken", "seen:gone-worker")


def entered(state: str = "ACTIVE", **settings: Any) -> Contestant:
    one = factories.contestant("Peregrine", state=state)
    if settings:
        factories.revision(one, **settings)
    return one


def spent(one: Contestant) -> None:
    revision = one.revisions.get()
    assert revision.endpoint
    spending.add(broker.connection(), revision.endpoint, 60, 50)


def rests(one: Contestant) -> None:
    fail_often(one.revisions.get(), RESTING.failures)


def nothing(one: Contestant) -> None:
    pass


SERVED = {"weights": "xylophonic-weights"}
CASES: dict[str, tuple[dict[str, Any], Callable[[Contestant], None], Why | None, str]] = {
    "able": (SERVED, nothing, None, ""),
    "able through an API": (
        {**API, "key_variable": "ACME_API_KEY", "url": "https://api.acme.example/v1"},
        nothing, None, "",
    ),
    "able with a format": ({"weights": "bare", "prompt_format": TURNS}, nothing, None, ""),
    "draft": ({"state": "DRAFT", **SERVED}, nothing, Why.DRAFT, "It is a draft"),
    "hidden": ({"state": "HIDDEN", **SERVED}, nothing, Why.HIDDEN, "It is hidden"),
    "retired": ({"state": "RETIRED", **SERVED}, nothing, Why.RETIRED, "It is retired"),
    "no revision": ({}, nothing, Why.NO_REVISION, "It has no revision"),
    "made elsewhere": (
        {"number": 0, "weights": "(made elsewhere)"}, nothing, Why.NO_REVISION, "no revision",
    ),
    "sampling": (
        {**SERVED, "sampling": {"top_p": 7}}, nothing, Why.SETTINGS, "top_p is 7, but must",
    ),
    "template": (
        {**SERVED, "prompt_format": "{% for m in messages %}"}, nothing, Why.FORMAT,
        "The prompt format failed: Unexpected end of template",
    ),
    "no template": ({"weights": "bare"}, nothing, Why.FORMAT, "bare has no chat template that"),
    "broken": ({"weights": "broken"}, nothing, Why.BROKEN_WEIGHTS, "broken.gguf ends too early."),
    "gone": (
        {"weights": "lost-weights"}, nothing, Why.WORKER_GONE,
        "The worker gone-worker, which served it, was last heard from 1\xa0minute ago.",
    ),
    "gone with its key": (
        {**API, "key_variable": "LOST_API_KEY"}, nothing, Why.WORKER_GONE, "gone-worker",
    ),
    "no file": ({"weights": "nobodys"}, nothing, Why.NO_WEIGHTS, "has nobodys.gguf."),
    "no key": (
        {**API, "key_variable": "OPENAI_API_KEY"}, nothing, Why.NO_KEY,
        "No running worker with --remote has the key OPENAI_API_KEY.",
    ),
    "key elsewhere": (
        {**API, "key_variable": "ACME_API_KEY", "url": "https://evil.example/v1"}, nothing,
        Why.KEY_ELSEWHERE, "ACME_API_KEY is only sent to api.acme.example.",
    ),
    "cap": (
        {**API, "daily_tokens": 100}, spent, Why.CAP, "It has used up today’s tokens or dollars.",
    ),
    "resting": (SERVED, rests, Why.RESTING, "several times in a row and is paused until"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_reason_is_told_and_matchmaking_agrees(case: str) -> None:
    settings, happens, why, sentence = CASES[case]
    one = entered(**settings)
    happens(one)
    [found] = ability.of([one])
    assert (found.reasons[0].why if found.reasons else None) is why
    assert sentence in found.sentence
    assert found.is_able is (why is None)
    drawable = why in (None, Why.RESTING)  # those that rest are drawn if others are too few
    assert (one.pk in {each.contestant_id for each in live_pairs.in_service()}) is drawable
    assert (one.pk in {each.contestant_id for each in live_pairs.able()}) is (why is None)


def test_without_a_remote_worker_servers_without_a_key_cannot_be_asked() -> None:
    one = entered(**API)
    withdraw(broker.connection(), REMOTE)
    broker.connection().delete("seen:remote-worker")
    [found] = ability.of([one])
    assert [reason.why for reason in found.reasons] == [Why.NO_REMOTE]


def test_pause_is_told_with_its_reason_and_what_else_is_wrong() -> None:
    one = entered("PAUSED", weights="nobodys")
    RegistryEvent.objects.create(contestant=one, new="PAUSED", reason="Its licence is disputed.")
    [found] = ability.of([one])
    assert [reason.why for reason in found.reasons] == [Why.PAUSED, Why.NO_WEIGHTS]
    assert found.sentence.startswith("It is paused: Its licence is disputed. No running worker")
    assert not found.is_ready


def test_draft_that_could_answer_is_ready() -> None:
    [found] = ability.of([entered("DRAFT", **SERVED)])
    assert (found.is_able, found.is_ready, found.word) == (False, True, "draft")


def test_many_contestants_are_looked_at_with_as_few_questions_as_few() -> None:
    def questions() -> int:
        with CaptureQueriesContext(
            database,
        ) as queries:
            ability.of_active()
        return len(queries)

    few = questions()
    for number in range(20):
        one = factories.contestant(f"Many {number}", state="ACTIVE")
        Revision.objects.create(contestant=one, weights=f"many-{number}")
    assert questions() == few == 2
