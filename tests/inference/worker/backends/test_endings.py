"""How answers of an API end, in either wire format."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .api_server import Server, api_server
from .conftest import Ask

FILTERS = [("openai", "content_filter"), ("anthropic", "refusal")]
BOTH = [name for name, _ in FILTERS]
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


@pytest.fixture
def server() -> Iterator[Server]:
    with api_server() as server:
        yield server


@pytest.mark.parametrize("backend", BOTH)
def test_next_answer_needs_no_new_connection(ask: Ask, server: Server, backend: str) -> None:
    for _ in range(3):
        assert ask(backend, server.url).text == "The sea is wide."
    assert server.connections == 1


@pytest.mark.parametrize("backend", BOTH)
def test_error_in_mid_answer_is_told_and_may_pass(ask: Ask, server: Server, backend: str) -> None:
    server.last = [OVERLOADED]
    result = ask(backend, server.url)
    assert (result.finish_reason, result.permanent) == ("error", False)
    assert result.error == "The API stopped early: Overloaded"


@pytest.mark.parametrize("backend", BOTH)
def test_text_of_an_api_is_made_clean(ask: Ask, server: Server, backend: str) -> None:
    server.words = ("A smile \ud83d", "\ude00, half ", "\ude00", " and a zero \0byte \ud83d")
    half = "\N{REPLACEMENT CHARACTER}"
    result = ask(backend, server.url)
    assert (result.text, result.error) == (f"A smile 😀, half {half} and a zero byte {half}", "")


@pytest.mark.parametrize("backend", BOTH)
def test_error_of_an_api_is_made_clean(ask: Ask, server: Server, backend: str) -> None:
    server.refusals = [(400, "no \0 half \ud83d")]
    result = ask(backend, server.url)
    assert "\0" not in result.error
    assert result.error.encode()


@pytest.mark.parametrize(("backend", "reason"), FILTERS)
def test_filtered_answer_says_so(ask: Ask, server: Server, backend: str, reason: str) -> None:
    server.end = reason
    result = ask(backend, server.url)
    assert (result.text, result.finish_reason) == ("The sea is wide.", "filtered")


@pytest.mark.parametrize(("backend", "reason"), FILTERS)
def test_answer_that_is_withheld_is_not_asked_for_again(
    ask: Ask, server: Server, backend: str, reason: str
) -> None:
    server.end, server.words = reason, ()
    result = ask(backend, server.url)
    assert (result.error, result.permanent) == ("The API withheld its answer.", True)


def test_refusal_in_words_is_the_answer(ask: Ask, server: Server) -> None:
    choice = {"index": 0, "delta": {"refusal": "I would rather not."}, "finish_reason": "stop"}
    server.words = ()
    server.last = [{"id": "1", "object": "chat.completion.chunk", "choices": [choice]}]
    assert ask("openai", server.url).text == "I would rather not."
