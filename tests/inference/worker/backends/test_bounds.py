"""An API's response is limited to the size of an answer, and its claims are checked for
plausibility."""

from __future__ import annotations

import json
import time
import uuid
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from inference.contract import spending
from inference.contract.limits import REPLIES
from inference.worker.backends.amounts import LONGEST

from .conftest import Ask
from .odd_server import DONE, END, Answer, chunk, odd_server, whole, word

LIMIT = 40  # tokens that `ask` asks for
PROMPT = 9  # tokens of its messages, by length


@pytest.fixture
def meter() -> str:
    return str(uuid.uuid4())


def endless(piece: str) -> Any:
    def pieces() -> Iterator[bytes]:
        while True:
            yield word(piece)

    return Answer(pieces)


@pytest.mark.parametrize("piece", ["word ", "x", "海", "many words at a time, again and again "])
def test_answer_without_an_end_ends_at_its_limit(
    ask: Ask, connection: redis.Redis, meter: str, piece: str
) -> None:
    with odd_server(endless(piece)) as server:
        result = ask("openai", server.url, meter=meter)
        assert server.sent < 20_000_000  # including what the sockets buffer
    assert (result.finish_reason, result.error) == ("length", "")
    assert len(result.text.encode()) <= LONGEST * LIMIT
    assert result.completion_tokens <= LIMIT
    assert spending.spent_today(connection, meter).tokens <= PROMPT + LIMIT


def test_answer_of_a_token_a_piece_has_as_many_as_were_asked_for(ask: Ask) -> None:
    with odd_server(endless("word ")) as server:
        assert ask("openai", server.url).text == "word " * LIMIT


@pytest.mark.parametrize("token", ["word ", "слово ", "海", "x=1;\n", "the"])
@pytest.mark.parametrize("cut", ["tokens", "letters", "whole"])
def test_answer_within_its_limit_is_never_cut(ask: Ask, token: str, cut: str) -> None:
    said = token * LIMIT
    pieces = {"tokens": [token] * LIMIT, "letters": [*said], "whole": [said]}[cut]
    with odd_server(Answer([*map(word, pieces), END, DONE])) as server:
        result = ask("openai", server.url)
    assert (result.text, result.finish_reason) == (said, "stop")


@pytest.mark.parametrize("backend", ["openai", "anthropic"])
def test_event_that_is_too_long_is_not_read_to_its_end(ask: Ask, backend: str) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'data: {"choices": [{"delta": {"content": "'
        while True:
            yield b"x" * 100_000

    with odd_server(Answer(pieces)) as server:
        result = ask(backend, server.url)
        assert server.sent < 20 * REPLIES.event_bytes
    assert result.error.startswith(
        "The API stopped early: one event has more than 1,048,576 bytes."
    )
    assert len(result.error) < 600


def test_long_delta_is_cut_to_what_was_asked_for(ask: Ask) -> None:
    long = "a long answer " * 50_000
    whole_answer = {"choices": [{"message": {"content": long}}]}
    for answer in (Answer([word(long), END]), whole(whole_answer)):
        with odd_server(answer) as server:
            result = ask("openai", server.url)
        assert result.finish_reason == "length"
        assert long.startswith(result.text)
        assert 0 < len(result.text) <= LONGEST * LIMIT


@pytest.mark.parametrize(
    "noise", [b": ping\n\n", b"\n", b"data: {}\n\n", b'data: {"choices": []}\n\n']
)
def test_stream_of_nothing_ends(ask: Ask, noise: bytes) -> None:
    def pieces() -> Iterator[bytes]:
        yield word("The sea")
        while True:
            yield noise * 1_000

    with odd_server(Answer(pieces)) as server:
        result = ask("openai", server.url)
    assert result.finish_reason == "error"
    assert "it sent more than" in result.error


def test_few_packed_bytes_do_not_become_many(ask: Ask) -> None:
    packed = zlib.compress(b"data: " + b"x" * 100_000_000, 1)
    headers = {"content-type": "text/event-stream", "content-encoding": "deflate"}
    with odd_server(Answer([packed], headers=headers)) as server:
        began = time.monotonic()
        result = ask("openai", server.url)
    assert "one event has more than" in result.error
    assert time.monotonic() - began < 60


ODD = [-5, 0, 10**12, 10**30, 1e400, 2.5, float("nan"), "15", None, True, [15], {"total": 15}]


@pytest.mark.parametrize("number", ODD, ids=repr)
def test_usage_that_cannot_be_is_counted_by_ourselves(
    ask: Ask, connection: redis.Redis, meter: str, number: object
) -> None:
    usage = {"prompt_tokens": number, "completion_tokens": number}
    said = [word(each) for each in ("The ", "sea ", "is ", "wide.")]
    with odd_server(Answer([*said, END, chunk(None, usage=usage), DONE])) as server:
        result = ask("openai", server.url, meter=meter, input_usd=4.0, output_usd=20.0)
    assert (result.prompt_tokens, result.completion_tokens) == (PROMPT, 4)
    spent = spending.spent_today(connection, meter)
    assert spent.tokens == PROMPT + 4
    assert spent.usd == pytest.approx((PROMPT * 4 + 4 * 20) / 1e6)


@pytest.mark.parametrize("number", [-5, 10**12, "15", None], ids=repr)
def test_usage_of_anthropic_that_cannot_be_is_counted_by_ourselves(
    ask: Ask, number: object
) -> None:
    def event(**data: object) -> bytes:
        return f"event: x\ndata: {json.dumps(data)}\n\n".encode()

    delta = {"type": "text_delta", "text": "The sea is wide."}
    pieces = [
        event(type="message_start", message={"usage": {"input_tokens": number}}),
        event(type="content_block_delta", index=0, delta=delta),
        event(type="message_delta", delta={"stop_reason": "end_turn"},
              usage={"output_tokens": number}),
        event(type="message_stop"),
    ]  # fmt: skip
    with odd_server(Answer(pieces)) as server:
        result = ask("anthropic", server.url)
    assert (result.text, result.finish_reason) == ("The sea is wide.", "stop")
    assert (result.prompt_tokens, result.completion_tokens) == (PROMPT, 4)


def test_usage_in_each_chunk_counts_once(ask: Ask) -> None:
    said = [
        chunk({"delta": {"content": text}}, usage={"prompt_tokens": 11, "completion_tokens": n + 1})
        for n, text in enumerate(("The ", "sea ", "is ", "wide."))
    ]
    with odd_server(Answer([*said, END, DONE])) as server:
        result = ask("openai", server.url)
    assert (result.prompt_tokens, result.completion_tokens) == (11, 4)


def test_slow_drip_ends_at_the_deadline(ask: Ask) -> None:
    def pieces() -> Iterator[bytes]:
        while True:
            yield b": still thinking\n\n"
            time.sleep(0.05)

    with odd_server(Answer(pieces)) as server:
        result = ask("openai", server.url, deadline_s=1.0)
    assert result.finish_reason == "deadline"
    assert result.total_s < 5
