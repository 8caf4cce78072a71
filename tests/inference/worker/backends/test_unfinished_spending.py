"""Every request to an API is charged, however its answer ended."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
import redis

from inference.contract import spending, streams
from inference.contract.errors import EngineError
from inference.contract.limits import STOPPING
from inference.contract.requests import Endpoint, GenerateRequest, GenerateResult
from inference.worker.charging import charged
from inference.worker.service import Worker
from tests.bending import bend

from .api_server import WORDS, api_server

PROMPT = 100  # tokens, estimated: 400 letters
MOST = 500 + 2048  # tokens that it may use, thoughts included
SAID = len(WORDS)  # tokens that the server sends before it breaks off
ENDPOINT = Endpoint(url="", model="m", key_variable="", meter="", input_usd=4.0, output_usd=20.0)


@pytest.fixture
def meter() -> str:
    return str(uuid.uuid4())


Begin = Callable[[GenerateRequest], "Future[GenerateResult]"]


@pytest.fixture
def begin(worker: Worker, connection: redis.Redis) -> Iterator[Begin]:
    """Have the worker answer in a thread."""
    with ThreadPoolExecutor(16) as threads:

        def run(request: GenerateRequest) -> Future[GenerateResult]:
            streams.begin_attempt(connection, request.stream, request.attempt)
            return threads.submit(worker.generate, request)

        yield run


def asked(endpoint: Endpoint, backend: str = "openai", deadline_s: float = 60.0) -> GenerateRequest:
    return GenerateRequest(
        stream=str(uuid.uuid4()),
        attempt=1,
        weights="",
        backend=backend,
        endpoint=endpoint,
        messages=[{"role": "user", "content": "x" * 400}],
        max_tokens=500,
        deadline_s=deadline_s,
    )


def until_it_has_spoken(connection: redis.Redis, request: GenerateRequest) -> None:
    """All that the server says, which may come word by word."""
    until = time.monotonic() + 10
    while "".join(WORDS) != "".join(
        entry.text for entry in streams.all_entries(connection, request.stream)
    ):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_answer_under_way_is_reserved_and_a_stopped_one_is_paid_for(
    begin: Begin, connection: redis.Redis, meter: str
) -> None:
    with api_server(end="") as server:
        request = asked(replace(ENDPOINT, url=server.url, meter=meter))
        result = begin(request)
        until_it_has_spoken(connection, request)
        assert spending.spent_today(connection, meter).tokens == PROMPT + MOST
        streams.begin_attempt(connection, request.stream, 2)
        assert result.result(timeout=5).finish_reason == "cancelled"
    spent = spending.spent_today(connection, meter)
    assert spent.tokens == PROMPT + SAID
    assert spent.usd == pytest.approx((PROMPT * 4 + SAID * 20) / 1e6)


def test_answer_past_its_deadline_or_broken_off_is_paid_for(
    begin: Begin, connection: redis.Redis, meter: str
) -> None:
    endpoint = replace(ENDPOINT, meter=meter)
    with api_server(end="") as silent, api_server(end="", silent_s=0.1) as brief:
        late = begin(asked(replace(endpoint, url=silent.url), deadline_s=1.5))
        broken = begin(asked(replace(endpoint, url=brief.url)))
        ends = [late.result(timeout=10).finish_reason, broken.result(timeout=10).finish_reason]
    assert ends == ["deadline", "error"]
    assert spending.spent_today(connection, meter).tokens == 2 * (PROMPT + SAID)


def test_answer_that_is_handed_back_is_paid_for(
    worker: Worker,
    begin: Begin,
    connection: redis.Redis,
    meter: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bend(monkeypatch, STOPPING, answers_s=0.0)
    with api_server(end="") as server:
        request = asked(replace(ENDPOINT, url=server.url, meter=meter))
        result = begin(request)
        until_it_has_spoken(connection, request)
        worker.stop()
        assert result.result(timeout=5).error == "Its worker was stopped."
    assert spending.spent_today(connection, meter).tokens == PROMPT + SAID


def test_request_that_is_refused_or_never_arrives_costs_nothing(
    begin: Begin, connection: redis.Redis, meter: str
) -> None:
    with api_server() as server:
        server.refusals = [(400, "no")]
        refused = replace(ENDPOINT, url=server.url, meter=meter, key_variable="ANTHROPIC_API_KEY")
        absent = replace(ENDPOINT, url="http://127.0.0.1:9", meter=meter)
        for endpoint in (refused, absent):
            assert begin(asked(endpoint, "anthropic")).result().finish_reason == "error"
    assert spending.spent_today(connection, meter).tokens == 0


def test_of_answers_that_begin_at_once_only_those_under_the_cap_are_asked_for(
    begin: Begin, connection: redis.Redis, meter: str
) -> None:
    with api_server(end="", silent_s=2.0) as server:
        endpoint = replace(ENDPOINT, url=server.url, meter=meter, daily_tokens=3_000)
        results = [begin(asked(endpoint)) for _ in range(16)]
        errors = [each.result(timeout=20).error for each in results]
    assert errors.count("Today's 3,000 tokens are used up.") == 14  # each reserves 2,648
    assert spending.spent_today(connection, meter).tokens == 2 * (PROMPT + SAID)


def test_cap_that_is_reached_is_no_reservation(connection: redis.Redis, meter: str) -> None:
    endpoint = replace(ENDPOINT, meter=meter, daily_usd=0.001)
    spending.add(connection, endpoint, 250, 0)
    with (
        pytest.raises(EngineError, match=r"Today's 0\.00 dollars are used up"),
        charged(connection, asked(endpoint)),
    ):
        pass
    assert spending.spent_today(connection, meter).tokens == 250


def test_answer_whose_spending_cannot_be_corrected_is_kept(
    connection: redis.Redis, meter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with charged(connection, asked(replace(ENDPOINT, meter=meter))):
        reserved = spending.spent_today(connection, meter)
        monkeypatch.setattr("inference.worker.charging.add", unreachable)
    assert spending.spent_today(connection, meter) == reserved


def unreachable(*about: object) -> None:
    raise redis.ConnectionError("nobody there")
