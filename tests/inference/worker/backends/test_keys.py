"""No key is sent to a host that it is not bound to, and none is echoed back."""

from __future__ import annotations

import json
import logging
import uuid

import pytest
import redis

from inference.contract import streams
from inference.contract.requests import Endpoint, GenerateRequest
from inference.worker.service import Worker

from .conftest import bind
from .local_server import Body
from .odd_server import DONE, END, Answer, odd_server, word

KEY = "sk-distinctive-0123456789"


@pytest.fixture(autouse=True)
def distinctive(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ACME_API_KEY"):
        monkeypatch.setenv(name, KEY)


def request(url: str, variable: str, backend: str = "openai") -> GenerateRequest:
    return GenerateRequest(
        stream=str(uuid.uuid4()),
        attempt=1,
        weights="",
        backend=backend,
        endpoint=Endpoint(url=url, model="m", key_variable=variable, meter="test"),
        messages=[{"role": "user", "content": "Hello."}],
    )


@pytest.mark.parametrize("backend", ["openai", "anthropic"])
@pytest.mark.parametrize("variable", ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ACME_API_KEY"])
def test_key_is_not_sent_to_a_host_it_is_not_bound_to(
    worker: Worker, connection: redis.Redis, backend: str, variable: str
) -> None:
    with odd_server(Answer([word("Hello."), END])) as server:
        asked = request(server.url, variable, backend)
        streams.begin_attempt(connection, asked.stream, 1)
        result = worker.generate(asked)
        assert server.asked == []
    assert (result.permanent, result.text) == (True, "")
    assert f"set {variable}_HOSTS=" in result.error
    assert KEY not in result.error


def test_redirect_does_not_carry_a_key_elsewhere(
    worker: Worker, connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with odd_server(Answer([word("Hello."), END])) as thief:
        for backend, variable in (("openai", "OPENAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY")):
            moved = Answer([], 307, {"location": f"{thief.url}/{KEY}", "content-length": "0"})
            with odd_server(moved) as server:
                bind(monkeypatch, variable, server.url)
                asked = request(server.url, variable, backend)
                streams.begin_attempt(connection, asked.stream, 1)
                result = worker.generate(asked)
            assert "it has moved to" in result.error
            assert KEY not in result.error
        assert thief.asked == []


@pytest.mark.parametrize("backend", ["openai", "anthropic"])
def test_key_that_an_api_quotes_is_in_no_stream_result_or_log(
    worker: Worker,
    connection: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    backend: str,
) -> None:
    variable = f"{backend.upper()}_API_KEY"
    said = f"<think>{KEY}</think>You sent {KEY}, didn't you?"

    def quoting(body: Body) -> Answer:
        return answers.pop(0)

    def spoken(text: str) -> bytes:
        if backend == "openai":
            return word(text)
        delta = {"type": "text_delta", "text": text}
        return f"data: {json.dumps({'type': 'content_block_delta', 'delta': delta})}\n\n".encode()

    broken = Answer([f"<p>{KEY}</p>".encode()], headers={"content-type": "text/html"})
    answers = [
        Answer([*map(spoken, said), END if backend == "openai" else b"", DONE]),
        broken,
        Answer([f'{{"error": "{KEY}"}}'.encode()], 400, {"content-type": "application/json"}),
    ]
    answers[:0] = [answers[0]]  # unexpected thoughts cause a second request
    with odd_server(quoting) as server, caplog.at_level(logging.DEBUG):
        bind(monkeypatch, variable, server.url)
        for _ in range(3):
            asked = request(server.url, variable, backend)
            streams.begin_attempt(connection, asked.stream, 1)
            result = worker.generate(asked)
            shown = str(streams.all_entries(connection, asked.stream))
            assert KEY not in str(result) + shown
            assert "[key]" in str(result)
    assert KEY not in caplog.text
    sent = {header.get("authorization", header.get("x-api-key", "")) for header in server.headers}
    assert sent == {f"Bearer {KEY}" if backend == "openai" else KEY}


def test_server_that_wants_no_key_gets_none(worker: Worker, connection: redis.Redis) -> None:
    with odd_server(Answer([word("Hello."), END])) as server:
        asked = request(server.url, "")
        streams.begin_attempt(connection, asked.stream, 1)
        assert worker.generate(asked).text == "Hello."
        assert not {"authorization", "x-api-key"} & set(server.headers[0])


def test_worker_says_which_hosts_its_keys_are_for(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_API_KEY_HOSTS", "api.acme.example")
    hosts = worker.describe().key_hosts
    assert hosts["ACME_API_KEY"] == ["api.acme.example"]
    assert hosts["OPENAI_API_KEY"] == ["api.openai.com"]
    assert KEY not in str(hosts)
