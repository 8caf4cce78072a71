from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, NoReturn

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client

from arena import broker
from arena.battles import turns
from arena.battles.answering import life
from arena.generating.settling import settle
from arena.models import Revision, Voter
from arena.pages import health
from arena.pages.status import Service
from inference.contract.broker import connect
from inference.contract.cards import Card
from inference.contract.presence import Heartbeat, publish, withdraw
from tests import factories

from ..conftest import result

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("all_running")]


def test_status_without_a_worker_says_so(client: Client) -> None:
    page = client.get("/status/").content.decode()
    assert "No model worker is running: no model can answer." in page


@contextmanager
def no_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(*_: object) -> NoReturn:
        raise OperationalError from psycopg.OperationalError("connection refused")

    monkeypatch.setattr(health, "_question", health.Question(fail))
    with connection.execute_wrapper(fail):
        yield


def test_status_can_be_read_while_the_database_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(User.objects.create_superuser("boss"))  # a session, kept in the database
    with no_database(monkeypatch):
        response = client.get("/status/")
    page = response.content.decode()
    assert response.status_code == 200
    assert re.findall('<p class="lede">(.*?)</p>', page) == [health.DATABASE]
    assert "<dl" not in page
    assert "<table" not in page


def test_status_can_be_read_while_the_queue_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    monkeypatch.setattr(broker, "connection", lambda: connect("redis://127.0.0.1:1"))
    response = client.get("/status/")
    assert response.status_code == 200
    assert f'<p class="lede">{health.BROKER}</p>' in response.content.decode()


@pytest.mark.usefixtures("in_service")
def test_status_for_everybody_names_no_model(client: Client, voter: Voter) -> None:
    turns.begin(voter, "Hi")
    page = client.get("/status/").content.decode()
    assert "Everything is running." in page
    assert "<dt>Battles in the last hour</dt><dd>1</dd>" in page
    assert "-weights" not in page


@pytest.mark.usefixtures("in_service")
def test_status_tells_nobody_but_staff_when_an_answer_ends(client: Client, voter: Voter) -> None:
    """In a quiet arena, a total over both sides would drop when the quicker side ends."""
    battle = turns.begin(voter, "Hi")
    pages = [client.get("/status/").content]
    for answer in battle.turns.get().answers.all():
        settle(life, answer.pk, result(answer))
        pages.append(client.get("/status/").content)
    assert len(set(pages)) == 1
    client.force_login(User.objects.create_superuser("boss"))
    assert b"<dt>Answers waiting</dt><dd>0</dd>" in client.get("/status/").content


@pytest.mark.usefixtures("in_service")
def test_status_for_staff_names_every_queue(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    page = client.get("/status/").content.decode()
    assert "quetzalbird-weights" in page
    assert "test-worker" in page


@pytest.mark.usefixtures("in_service")
def test_status_tells_how_many_cannot_answer_and_staff_who_and_why(client: Client) -> None:
    entered: dict[str, dict[str, Any]] = {
        "No revision": {},
        "No file": {"weights": "lost"},
        "No key": {"backend": "openai", "remote_model": "x", "key_variable": "SOME_API_KEY"},
        "No remote": {"backend": "openai", "remote_model": "x"},
        "Fine": {"weights": "xylophonic-weights"},
    }
    for name, settings in entered.items():
        one = factories.contestant(name, state="ACTIVE")
        if settings:
            Revision.objects.create(contestant=one, **settings)
    sentence = "Of 8 active models, 4 can answer at the moment."
    page = client.get("/status/").content.decode()
    assert sentence in page
    assert "No file" not in page
    client.force_login(User.objects.create_superuser("boss"))
    page = client.get("/status/").content.decode()
    assert sentence in page
    for reason in (
        "It has no revision",
        "No running worker has lost.gguf.",
        "No running worker with --remote has the key SOME_API_KEY.",
        "No worker runs with --remote.",
    ):
        assert reason in page


@pytest.mark.usefixtures("in_service")
def test_status_repeats_what_a_worker_found_wrong_with_weights(client: Client) -> None:
    card = Card("broken", 1, 1, error="broken.gguf ends too early. Copy it again.")
    broker.connection().set("weights:broken", json.dumps(asdict(card)), ex=60)
    factories.revision(factories.contestant("Broken", state="ACTIVE"), weights="broken")
    client.force_login(User.objects.create_superuser("boss"))
    assert "broken.gguf ends too early. Copy it again." in client.get("/status/").content.decode()


@pytest.fixture
def busy_worker() -> Iterator[None]:
    """A worker that writes eight answers with one model while two wait, and has another model
    idle."""
    weights = ("quetzalbird-weights", "zugzwang-weights")
    load, queued = {weights[0]: 8}, {weights[0]: 2}
    beat = Heartbeat("busy-worker", weights, slots=8, load=load, queued=queued)
    publish(broker.connection(), beat)
    yield
    withdraw(broker.connection(), beat)


@pytest.mark.usefixtures("busy_worker")
def test_status_tells_what_is_written_from_what_waits(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    page = client.get("/status/").content.decode()
    assert "<dt>Answers being written</dt><dd>8</dd>" in page
    assert "quetzalbird-weights</th><td>0 of 8</td><td>8</td><td>0</td>" in page
    assert "zugzwang-weights</th><td>8 of 8</td><td>0</td><td>0</td>" in page
    assert "busy-worker</th><td>8</td><td>8</td><td>2</td>" in page  # free, writing, waiting


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("small.Q4_1", "small.Q4_1"),
        ("remote:", "APIs without a key"),
        ("remote:OPENAI_API_KEY", "APIs with OPENAI_API_KEY"),
    ],
)
def test_apis_are_listed_by_the_key_they_share(name: str, title: str) -> None:
    assert Service(name, slots=1, free=1, running=0, waiting=0).title == title
