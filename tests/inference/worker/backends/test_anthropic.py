from __future__ import annotations

import pytest

from .api_server import KEY, Server
from .conftest import Ask


def test_answer_with_its_counts(ask: Ask, anthropic: Server) -> None:
    result = ask("anthropic", anthropic.url)
    assert (result.text, result.finish_reason) == ("The sea is wide.", "stop")
    assert (result.prompt_tokens, result.completion_tokens) == (25, 15)
    assert result.engine.startswith("anthropic ")
    assert 0 < (result.first_token_s or 0) <= result.total_s


def test_request_on_the_wire(ask: Ask, anthropic: Server) -> None:
    ask("anthropic", anthropic.url, model="claude-x")
    assert anthropic.asked == [
        {
            "model": "claude-x",
            "system": "Be brief.",
            "messages": [{"role": "user", "content": "Tell me about the sea."}],
            "max_tokens": 40,
            "stop_sequences": ["###"],
            "stream": True,
            "temperature": 0.5,
        }
    ]


def test_token_limit_is_told_from_the_end(ask: Ask, anthropic: Server) -> None:
    anthropic.end = "max_tokens"
    assert ask("anthropic", anthropic.url).finish_reason == "length"


@pytest.mark.parametrize("status", [429, 500, 503, 529])
def test_busy_server_is_asked_again(ask: Ask, anthropic: Server, status: int) -> None:
    anthropic.refusals = [(status, "busy")] * 2
    assert ask("anthropic", anthropic.url).text == "The sea is wide."
    assert len(anthropic.asked) == 3


def test_server_that_stays_busy_is_an_error_that_may_pass(ask: Ask, anthropic: Server) -> None:
    anthropic.refusals = [(529, "overloaded")] * 10
    result = ask("anthropic", anthropic.url)
    assert (result.finish_reason, result.permanent) == ("error", False)
    assert "Anthropic answered 529" in result.error


def test_wrong_key_is_permanent_and_never_quoted(
    ask: Ask, anthropic: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-wrong-key")
    result = ask("anthropic", anthropic.url)
    assert result.permanent
    assert "answered 401" in result.error
    assert "sk-wrong-key" not in result.error
    assert "[key]" in result.error
    assert KEY not in result.error


def test_missing_key_names_its_variable(
    ask: Ask, anthropic: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    result = ask("anthropic", anthropic.url)
    assert "This model worker has no ANTHROPIC_API_KEY" in result.error
    assert anthropic.asked == []


@pytest.mark.parametrize("variable", ["SECRET_KEY", "DATABASE_URL", "X_API_KEY\n"])
def test_variable_that_holds_no_key_is_never_sent(
    ask: Ask, anthropic: Server, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, KEY)
    result = ask("anthropic", anthropic.url, key_variable=variable)
    assert (result.permanent, result.text) == (True, "")
    assert "is not a valid name for a variable with a key" in result.error
    assert anthropic.asked == []


def test_absent_server_is_an_error_that_may_pass(ask: Ask) -> None:
    result = ask("anthropic", "http://127.0.0.1:9")
    assert (result.finish_reason, result.permanent) == ("error", False)
    assert result.error == "Anthropic could not be reached: nothing answers at this address."
