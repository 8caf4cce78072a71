"""Results on their way into the arena: the real broker, with real tickets and forged ones."""

from __future__ import annotations

import json
import logging
import os
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core import signing
from django.test import override_settings

from arena import broker, processes
from arena.generating import tickets
from arena.generating.receiving import Receiver
from config.celery import app
from config.embedded.valkey import Valkey
from inference.contract import results
from inference.contract.endings import FinishReason
from inference.contract.limits import RESULTS
from inference.contract.requests import GenerateRequest, GenerateResult, encoded
from tests.bending import bend

REQUEST = GenerateRequest("one", 2, "weights", [{"role": "user", "content": "Hello"}])
RESULT = GenerateResult("one", 2, "Good day", FinishReason.STOP)


@pytest.fixture
def connection() -> Iterator[redis.Redis]:
    found = broker.connection()
    found.delete(results.STREAM, processes.CORE)
    yield found
    found.delete(results.STREAM, processes.CORE)


@pytest.fixture
def receiver(connection: redis.Redis) -> Receiver:
    receiver = Receiver(app, connection)
    receiver.receive()  # makes the group of readers
    return receiver


def ticket(request: GenerateRequest = REQUEST) -> str:
    return tickets.of(request, "arena.record_answer", {"answer_id": 7})


def other_key() -> str:
    with override_settings(SECRET_KEY="that of no arena"):
        return ticket()


def queued(connection: redis.Redis) -> list[tuple[str, str, dict[str, int]]]:
    """Task, text and keyword arguments of each message in the core queue."""
    found = []
    for message in map(json.loads, connection.lrange(processes.CORE, 0, -1)):
        [result], about, _ = json.loads(b64decode(message["body"]))
        found.append((message["headers"]["task"], result["text"], about))
    return found


def test_result_with_its_ticket_reaches_the_task_it_is_for(
    connection: redis.Redis, receiver: Receiver
) -> None:
    results.post(connection, RESULT, ticket())
    receiver.receive()
    assert queued(connection) == [("arena.record_answer", "Good day", {"answer_id": 7})]
    assert connection.xlen(results.STREAM) == 0


SAID = encoded(RESULT.to_dict())
FORGERIES: dict[str, tuple[dict[str, Any], str]] = {
    "no ticket": ({"said": SAID}, "its ticket is not ours"),
    "nonsense": ({"ticket": b"\xff:\xff", "said": SAID}, "its ticket is not ours"),
    "another key": ({"ticket": other_key(), "said": SAID}, "its ticket is not ours"),
    "another purpose": (
        {"ticket": signing.dumps(["one", 2, "arena.change_in_bulk", {}]), "said": SAID},
        "its ticket is not ours",
    ),
    "another answer's": (
        {"ticket": ticket(replace(REQUEST, stream="two")), "said": SAID},
        "its ticket is for another one",
    ),
    "an earlier attempt's": (
        {"ticket": ticket(replace(REQUEST, attempt=1)), "said": SAID},
        "its ticket is for another one",
    ),
    "another end": ({"ticket": ticket()[:-1] + "~", "said": SAID}, "its ticket is not ours"),
    "no JSON": ({"ticket": ticket(), "said": b"\xff{"}, "can't decode"),
    "nested": ({"ticket": ticket(), "said": b"[" * 100_000}, "it is nested too deeply"),
    "no result": ({"ticket": ticket(), "said": b"[]"}, "it is no result"),
    "nothing": ({"x": "y"}, "Expecting value"),
}


@pytest.mark.parametrize(("fields", "why"), FORGERIES.values(), ids=FORGERIES.keys())
def test_forged_result_is_dropped_with_one_line(
    connection: redis.Redis,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    fields: dict[Any, Any],
    why: str,
) -> None:
    connection.xadd(results.STREAM, fields)
    results.post(connection, RESULT, ticket())  # an honest one behind it
    with caplog.at_level(logging.WARNING):
        receiver.receive()
    assert queued(connection) == [("arena.record_answer", "Good day", {"answer_id": 7})]
    assert connection.xlen(results.STREAM) == 0
    [line] = [record for record in caplog.records if record.name.startswith("arena")]
    assert line.getMessage().startswith("A result is not recorded: ")
    assert why in line.getMessage()
    assert line.exc_info is None


def test_result_that_no_queue_takes_does_not_hold_up_the_others(
    connection: redis.Redis, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is: it would be taken again for ever, and those behind it never."""
    send = app.send_task

    def send_all_but_the_odd(task: str, args: list[dict[str, Any]], *more: Any, **by: Any) -> Any:
        if args[0]["text"] == "odd":
            raise OverflowError("cannot be written down")
        return send(task, args, *more, **by)

    monkeypatch.setattr(app, "send_task", send_all_but_the_odd)
    results.post(connection, replace(RESULT, text="odd"), ticket())
    results.post(connection, RESULT, ticket())
    receiver.receive()
    assert [text for _, text, _ in queued(connection)] == ["Good day"]
    assert connection.xlen(results.STREAM) == 0


def test_ticket_lasts_longer_than_an_attempt_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = ticket()
    assert tickets.checked(given, RESULT.to_dict()).about == {"answer_id": 7}
    monkeypatch.setattr(tickets, "GOOD_FOR_S", -1)
    with pytest.raises(tickets.Forged, match="expired"):
        tickets.checked(given, RESULT.to_dict())


def test_result_whose_reader_died_is_taken_by_another(
    connection: redis.Redis, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    results.post(connection, RESULT, ticket())
    [taken] = results.take(connection, "a reader that dies now")
    receiver.receive()
    assert queued(connection) == []  # it may still be at it
    bend(monkeypatch, RESULTS, again_s=0.001)
    receiver.receive()
    assert len(queued(connection)) == 1
    results.strike_out(connection, taken)  # late, and harmless
    receiver.receive()
    assert len(queued(connection)) == 1


def test_receiver_goes_on_when_the_broker_has_lost_the_stream(
    connection: redis.Redis, receiver: Receiver
) -> None:
    connection.delete(results.STREAM)
    results.post(connection, RESULT, ticket())
    receiver.receive()  # makes the group anew
    receiver.receive()
    assert len(queued(connection)) == 1


@pytest.mark.parametrize("trimmed", [None, 0], ids=["stays", "gone at once"])
def test_stream_whose_ids_a_stolen_worker_has_used_up_is_made_anew(
    connection: redis.Redis,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    trimmed: int | None,
) -> None:
    url = Valkey(Path(os.environ["ARENA_VAR"])).url_of("worker")
    highest = f"{2**64 - 1}-{2**64 - 1}"
    with redis.Redis.from_url(url) as stolen, caplog.at_level(logging.WARNING):
        results.post(connection, RESULT, ticket())
        receiver.receive()
        stolen.xadd(results.STREAM, {"x": "y"}, id=highest, maxlen=trimmed, approximate=False)
        with pytest.raises(redis.ResponseError, match="exhausted the last possible ID"):
            results.post(stolen, RESULT, ticket())
        for _ in range(3):  # nonsense, if it is there; the state of the stream; nothing
            receiver.receive()
        results.post(stolen, replace(RESULT, text="Good night"), ticket())
    receiver.receive()
    assert {text for _, text, _ in queued(connection)} == {"Good day", "Good night"}
    assert len([record for record in caplog.records if "made anew" in record.getMessage()]) == 1
