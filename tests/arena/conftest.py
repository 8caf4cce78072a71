"""Contestants and battles in the database; the test plays the part of the model workers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client

from arena import broker, processes
from arena.battles import turns
from arena.battles.answering import life
from arena.generating.settling import settle
from arena.models import Answer, Battle, Campaign, Contestant, Voter
from arena.votes.voters import remember
from inference.contract.limits import PRESENCE
from inference.contract.presence import Heartbeat, publish, withdraw
from inference.contract.requests import GenerateResult
from tests import factories
from tests.bending import bend

from .streams import Script

BEAT = Heartbeat(
    "test-worker", ("xylophonic-weights", "quetzalbird-weights", "zugzwang-weights"), 8
)


@pytest.fixture
def contestants(db: None) -> list[Contestant]:
    """Three contestants in service, with names that would stand out anywhere."""
    Campaign.objects.create(slug="arena", name="The arena")
    return [_contestant(name) for name in ("Xylophonic", "Quetzalbird", "Zugzwang")]


def _contestant(name: str) -> Contestant:
    made = factories.contestant(
        f"{name} 9000",
        slug=f"{name.lower()}-slug",
        organisation=f"{name} Laboratories",
        licence=f"{name}-licence",
        state=Contestant.State.ACTIVE,
    )
    factories.revision(made, weights=f"{name.lower()}-weights", system_prompt=f"{name} speaks.")
    return made


@pytest.fixture
def in_service(contestants: list[Contestant], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The heartbeat of a worker that serves all of them; only the test answers."""
    bend(monkeypatch, PRESENCE, kept_s=600)  # one heartbeat has to last
    broker.connection().delete("workers-seen")  # those of other tests
    publish(broker.connection(), BEAT)
    yield
    withdraw(broker.connection(), BEAT)


@pytest.fixture
def all_running() -> Iterator[None]:
    """Every kind of process has a fresh heartbeat, and the queues are empty."""
    connection = broker.connection()
    now = processes.broker_time(connection)
    processes.beat(connection, *processes.KINDS)
    for queue in processes.QUEUES:
        processes.note_pulse(connection, queue, now)
    yield
    processes.leave(connection, *processes.KINDS)
    connection.delete("pulses")


@pytest.fixture
def voter(db: None) -> Voter:
    return Voter.objects.create()


@pytest.fixture
def battle(in_service: None, voter: Voter) -> Battle:
    return turns.begin(voter, "Hi")


@pytest.fixture
def script(battle: Battle) -> Script:
    """Both streams of the battle, written in the past."""
    return Script(battle)


@pytest.fixture
def browser(client: Client, voter: Voter) -> Client:
    """The voter's browser."""
    become(client, voter)
    return client


def become(client: Client, voter: Voter) -> None:
    response = HttpResponse()
    remember(response, voter)
    client.cookies.update(response.cookies)


def page_of(battle: Battle, client: Client) -> str:
    """The battle's page as its voter sees it."""
    become(client, battle.voter)
    return client.get(f"/battles/{battle.public_id}/").content.decode()


def answer_all(battle: Battle, text: str = "Forty-two.") -> None:
    """What the core worker does when the model workers are done with the last turn."""
    for answer in battle.turns.latest("number").answers.all():
        settle(life, answer.pk, result(answer, text))


def result(answer: Answer, text: str = "Forty-two.", **changes: object) -> GenerateResult:
    given = {"finish_reason": "stop", "first_token_s": 0.1, "total_s": 0.5, "completion_tokens": 3}
    return GenerateResult.from_dict(
        {"stream": str(answer.stream), "attempt": answer.attempt, "text": text, **given, **changes}
    )
