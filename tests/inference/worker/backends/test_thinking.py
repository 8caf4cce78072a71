"""The thoughts of an API's model are kept apart from its answer."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from inference.contract import spending

from .conftest import Ask
from .local_server import Body
from .odd_server import DONE, END, Answer, chunk, event, odd_server, refusal, whole, word

SEA = "The sea is wide."
BUDGET = 2048
LIMIT = 40


def thought(text: str, field: str = "reasoning_content") -> bytes:
    return chunk({"delta": {field: text}})


def spoken(kind: str, text: str) -> bytes:
    delta = {"type": f"{kind}_delta", kind: text}
    return event({"type": "content_block_delta", "index": 0, "delta": delta})


STOP = event({"type": "message_delta", "delta": {"stop_reason": "end_turn"}})
MISTRAL = [{"type": "thinking", "thinking": [{"type": "text", "text": "HIDDEN"}]}]
SHAPES = {
    "tags": word("<think>HIDDEN</think>") + word("\n\n" + SEA),
    "tags in letters": b"".join(map(word, "<think>HIDDEN</think>\n\n" + SEA)),
    "reasoning_content": thought("HIDDEN") + word(SEA),
    "reasoning": thought("HIDDEN", "reasoning") + word(SEA),
    "reasoning twice": chunk({"delta": {"reasoning": "HIDDEN", "reasoning_content": "HIDDEN"}})
    + word(SEA),
    "parts of Mistral": word(MISTRAL) + word([{"type": "text", "text": SEA}]),
    "parts": word([{"type": "reasoning", "text": "HIDDEN"}, {"type": "text", "text": SEA}]),
    "summary": word([{"type": "reasoning", "summary": [{"type": "text", "text": "HIDDEN"}]}])
    + word(SEA),
    "Harmony": word("<|channel|>analysis<|message|>HIDDEN<|end|><|start|>assistant")
    + word(f"<|channel|>final<|message|>{SEA}<|return|>"),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_thoughts_are_kept_apart_from_the_answer(ask: Ask, shape: str) -> None:
    with odd_server(Answer([SHAPES[shape], END, DONE])) as server:
        for _ in range(2):
            result = ask("openai", server.url)
            assert (result.text, result.thoughts) == (SEA, "HIDDEN")
            assert (result.finish_reason, result.error) == ("stop", "")
            assert result.thought_tokens > 0
        # Unexpected thoughts cause one more request, with room for them.
        limits = [body["max_tokens"] for body in server.asked]
    assert limits == [LIMIT, LIMIT + BUDGET, LIMIT + BUDGET]


def test_thoughts_of_anthropic(ask: Ask) -> None:
    said = [spoken("thinking", "HIDDEN"), spoken("text", SEA), STOP]
    with odd_server(Answer(said)) as server:
        sampling = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
        result = ask("anthropic", server.url, sampling=sampling)
        assert [body["max_tokens"] for body in server.asked] == [LIMIT + BUDGET]
    assert (result.text, result.thoughts) == (SEA, "HIDDEN")


@pytest.mark.parametrize(
    ("backend", "content"),
    [
        ("openai", {"choices": [{"message": {"reasoning_content": "HIDDEN", "content": SEA}}]}),
        ("openai", {"choices": [{"message": {"content": f"<think>HIDDEN</think>{SEA}"}}]}),
        (
            "anthropic",
            {
                "type": "message",
                "content": [
                    {"type": "thinking", "thinking": "HIDDEN"},
                    {"type": "text", "text": SEA},
                ],
            },
        ),
    ],
)
def test_thoughts_of_a_whole_answer(ask: Ask, backend: str, content: Body) -> None:
    with odd_server(whole(content)) as server:
        result = ask(backend, server.url)
    assert (result.text, result.thoughts) == (SEA, "HIDDEN")


def endless(piece: bytes) -> Answer:
    def pieces() -> Iterator[bytes]:
        while True:
            yield piece

    return Answer(pieces)


@pytest.mark.parametrize("piece", [thought("hm and "), word("<think>hm and ")])
def test_thoughts_without_an_end_end_at_their_limit(
    ask: Ask, connection: redis.Redis, piece: bytes
) -> None:
    meter = str(uuid.uuid4())
    with odd_server(endless(piece)) as server:
        result = ask("openai", server.url, meter=meter)
        assert server.sent < 20_000_000  # including what the sockets buffer
    assert (result.text, result.finish_reason, result.permanent) == ("", "error", True)
    assert result.error == "It thought for 2,048 tokens, its limit, and gave no answer."
    assert 0 < len(result.thoughts) <= 12 * BUDGET
    assert spending.spent_today(connection, meter).tokens < 2 * BUDGET


def test_thoughts_without_an_answer_are_no_answer(ask: Ask) -> None:
    with odd_server(Answer([thought("Hm, well."), END])) as server:
        result = ask("openai", server.url)
    assert (result.finish_reason, result.permanent) == ("error", True)
    assert result.error == "It thought for 3 tokens and gave no answer."


def test_thoughts_that_nobody_sees_get_room_too(ask: Ask) -> None:
    """As with OpenAI's own models: the limit is used up by thoughts that are not sent."""
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 105,
        "completion_tokens_details": {"reasoning_tokens": 100},
    }

    def answer(body: Body) -> Answer:
        if body["max_tokens"] == LIMIT:
            return Answer([chunk({"delta": {}, "finish_reason": "length"}), DONE])
        return Answer([word(SEA), END, chunk(None, usage=usage), DONE])

    with odd_server(answer) as server:
        result = ask("openai", server.url)
    assert (result.text, result.finish_reason) == (SEA, "stop")
    assert (result.completion_tokens, result.thought_tokens) == (5, 100)


def test_room_for_thoughts_that_is_refused_is_done_without(ask: Ask) -> None:
    def answer(body: Body) -> Answer:
        if body["max_tokens"] > LIMIT:
            return refusal(400, {"error": "max_tokens: 2088 > 40, which is the maximum"})
        return Answer([thought("HIDDEN"), word(SEA), END])

    with odd_server(answer) as server:
        result = ask("openai", server.url)
        assert [body["max_tokens"] for body in server.asked] == [LIMIT, LIMIT + BUDGET, LIMIT]
    assert (result.text, result.thoughts) == (SEA, "HIDDEN")


def test_answer_about_tags_is_whole(ask: Ask) -> None:
    said = "Use <think> and </think>: <think>like this</think>."
    with odd_server(Answer([*map(word, said), END])) as server:
        result = ask("openai", server.url)
        assert len(server.asked) == 1
    assert (result.text, result.thoughts) == (said, "")


def test_thoughts_that_nothing_opened_are_hidden_from_the_next_time_on(ask: Ask) -> None:
    """As with servers whose prompt opens the thoughts and that send everything after it."""
    said: list[Any] = [word("HIDDEN, hm.\n"), word("</think>\n\n"), word(SEA), END]
    with odd_server(Answer(said)) as server:
        first = ask("openai", server.url)
        assert (first.finish_reason, first.permanent) == ("error", False)
        assert "Its answer began with unmarked thoughts." in first.error
        for _ in range(2):
            result = ask("openai", server.url)
            assert (result.text, result.thoughts, result.error) == (SEA, "HIDDEN, hm.", "")


def test_answer_that_was_taken_for_thoughts_is_given_back(ask: Ask) -> None:
    said = [[word("HIDDEN\n</think>\n"), word(SEA), END], [word(SEA), END], [word(SEA), END]]
    with odd_server(lambda _: Answer(said.pop(0))) as server:
        ask("openai", server.url)
        for _ in range(2):
            result = ask("openai", server.url)
            assert (result.text, result.thoughts, result.error) == (SEA, "", "")
