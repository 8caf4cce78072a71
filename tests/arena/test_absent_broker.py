"""The broker is killed, frozen, full, without replicas or emptied: no input is lost, no lost answer
can be voted on, and everything resumes when it is back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache

import pytest
from celery import current_app
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from arena import broker
from arena.battles.answering import life
from arena.generating import dispatch, watchdog
from arena.generating.settling import settle
from arena.limits import ATTEMPTS, WATCHDOG
from arena.models import Answer, Battle, Voter
from arena.votes import casting
from inference.contract.broker import connect
from inference.contract.limits import BROKER
from inference.contract.presence import publish
from inference.contract.streams import Kind, StreamWriter
from tests.absent import WAYS, OwnValkey, own_valkey
from tests.bending import bend

from .conftest import BEAT, answer_all, result

PROMPT = "A prompt that took an hour to write."
FEW_SECONDS = 8.0  # several times the broker timeout of a page in these tests


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnValkey]:
    with own_valkey(tmp_path_factory.mktemp("valkey")) as running:
        yield running


@pytest.fixture
def valkey(
    server: OwnValkey, in_service: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OwnValkey]:
    """The arena's broker, with the heartbeat of the test's worker."""
    server.empty()
    bend(monkeypatch, BROKER, reply_s=1.0)  # it is often frozen here
    monkeypatch.setattr(broker, "connection", cache(lambda: connect(server.url)))
    monkeypatch.setattr(current_app, "send_task", lambda *_, **__: None)
    publish(broker.connection(), BEAT)
    yield server
    server.come_back()


@pytest.fixture
def battle(valkey: OwnValkey, client: Client) -> Battle:
    client.post("/battles/", {"prompt": "Hi"})
    return Battle.objects.get()


@pytest.mark.parametrize("way", WAYS)
def test_prompt_is_kept_with_a_sentence_while_the_broker_is_away(
    valkey: OwnValkey, client: Client, way: str
) -> None:
    go, come_back = valkey.absences()[way]
    go()
    began = time.monotonic()
    response = client.post("/battles/", {"prompt": PROMPT})
    assert time.monotonic() - began < FEW_SECONDS
    page = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "The queue cannot be reached at the moment" in page
    assert f"{PROMPT}</textarea>" in page
    assert not Battle.objects.exists()
    come_back()
    assert client.post("/battles/", {"prompt": PROMPT}).status_code == 302


@pytest.mark.parametrize("way", WAYS)
def test_follow_up_is_kept_and_the_vote_goes_through_while_the_broker_is_away(
    valkey: OwnValkey, client: Client, battle: Battle, way: str
) -> None:
    answer_all(battle)
    address = f"/battles/{battle.public_id}/"
    go, _ = valkey.absences()[way]
    go()
    response = client.post(f"{address}turns/", {"prompt": PROMPT})
    assert response.status_code == 503
    assert f"{PROMPT}</textarea>" in response.content.decode()
    assert battle.turns.count() == 1
    began = time.monotonic()
    assert client.get(address).status_code == 200
    assert client.post(f"{address}vote/", {"verdict": "A"}).status_code == 302
    assert "Quetzalbird" in (page := client.get(address).content.decode()) or "Xylo" in page
    assert client.get("/").status_code == 200
    assert time.monotonic() - began < 2 * FEW_SECONDS


@pytest.mark.parametrize("way", WAYS)
def test_results_are_written_down_while_the_broker_is_away(
    valkey: OwnValkey, battle: Battle, client: Client, way: str
) -> None:
    go, _ = valkey.absences()[way]
    go()
    answer_all(battle)
    address = f"/battles/{battle.public_id}/"
    assert client.post(f"{address}vote/", {"verdict": "TIE"}).status_code == 302


def test_answer_cut_by_the_loss_of_its_stream_is_asked_for_again_not_voted_on(
    valkey: OwnValkey,
    battle: Battle,
    voter: Voter,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    answers = list(Answer.objects.order_by("side"))
    assert len(answers) == 2
    writers = []
    for answer in answers:
        dispatch.send(life, answer)
        writers.append(StreamWriter(broker.connection(), str(answer.stream), 1))
    assert all(writer.write(Kind.TEXT, "Half an ans") for writer in writers)
    valkey.empty()
    assert not any(writer.write(Kind.TEXT, "wer") for writer in writers)
    with django_capture_on_commit_callbacks(execute=True):
        for answer in answers:
            cut = result(answer, "Half an ans", finish_reason="cancelled")
            settle(life, answer.pk, cut)
    for answer in answers:
        answer.refresh_from_db()
        assert (answer.state, answer.attempt, answer.text) == (Answer.State.QUEUED, 2, "")
        assert StreamWriter(broker.connection(), str(answer.stream), 2).write(Kind.TEXT, "Whole.")
    answer_all(battle, "Whole.")
    battle.refresh_from_db()
    assert casting.cast(battle, battle.voter, "A").verdict == "A"


def test_answer_whose_stream_is_lost_again_and_again_ends_in_an_apology(
    valkey: OwnValkey, battle: Battle
) -> None:
    answer = Answer.objects.order_by("side")[0]
    for _ in range(20):
        settle(life, answer.pk, result(answer, "Half", finish_reason="cancelled"))
        answer.refresh_from_db()
    battle.refresh_from_db()
    assert battle.state == Battle.State.VOID
    assert answer.attempt <= 2 * ATTEMPTS.of_battle_lost


def test_watchdog_waits_for_workers_and_browsers_to_come_back(
    valkey: OwnValkey, battle: Battle, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, WATCHDOG, silent_s=-1.0)
    bend(monkeypatch, WATCHDOG, absent_s=-1)
    for answer in Answer.objects.all():
        dispatch.send(life, answer)
        StreamWriter(broker.connection(), str(answer.stream), 1).write(Kind.BEAT)
    assert watchdog.watch(life) == 0
    bend(monkeypatch, WATCHDOG, grace_s=0.0)
    assert watchdog.watch(life) == 2
    assert battle.turns.get().stopped
