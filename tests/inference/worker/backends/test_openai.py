from __future__ import annotations

from pathlib import Path

import pytest

from arena.contestants import entering
from inference.contract.requests import Endpoint, GenerateRequest
from inference.worker import backends
from inference.worker.backends import Host
from inference.worker.backends.openai import Backend

from .api_server import KEY
from .conftest import Ask


def test_real_server_answers_with_its_counts(ask: Ask, openai_server: str) -> None:
    result = ask("openai", openai_server)
    assert result.text.strip()
    assert result.finish_reason in ("stop", "length")
    assert 0 < result.completion_tokens <= 41
    assert 0 < (result.first_token_s or 0) <= result.total_s
    assert result.tokens_per_second > 0
    assert result.engine.startswith("openai ")


@pytest.mark.parametrize("name", ["EleutherAI/gpt-j-6b", "gpt-neo-2.7B", "facebook/opt-66b"])
def test_family_that_cannot_run_here_answers_through_an_endpoint(
    ask: Ask, openai_server: str, name: str
) -> None:
    _, revision = entering.from_model(name)
    result = ask(revision["backend"], openai_server, model=revision["remote_model"])
    assert result.text.strip(), result.error


def test_same_seed_gives_the_same_text(ask: Ask, openai_server: str) -> None:
    sampling = {"temperature": 1.0, "seed": 7, "top_k": 40, "min_p": 0.05}
    texts = {ask("openai", openai_server, sampling=sampling).text for _ in range(2)}
    assert len(texts) == 1


def test_wrong_key_is_permanent_and_never_quoted(
    ask: Ask, openai_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong-key")
    result = ask("openai", openai_server)
    assert result.permanent
    assert "The API answered 401" in result.error
    assert "sk-wrong-key" not in result.error
    assert KEY not in result.error


def test_absent_server_is_an_error_that_may_pass(ask: Ask) -> None:
    result = ask("openai", "http://127.0.0.1:9/v1")
    assert (result.finish_reason, result.permanent) == ("error", False)
    assert result.error == "The API could not be reached: nothing answers at this address."


@pytest.mark.parametrize(
    ("url", "limit"),
    [
        ("", "max_completion_tokens"),
        ("https://mine.openai.azure.com/openai/v1/", "max_completion_tokens"),
        ("https://api.mistral.ai/v1", "max_tokens"),
        ("http://localhost:11434/v1", "max_tokens"),
    ],
)
def test_token_limit_has_the_name_the_server_knows(url: str, limit: str, tmp_path: Path) -> None:
    backend = backends.start("openai", Host(tmp_path, 10**9, slots=2, context=512))
    assert isinstance(backend, Backend)
    endpoint = Endpoint(url=url, model="m", key_variable="", meter="test")
    request = GenerateRequest("s", 1, "", [], endpoint=endpoint, max_tokens=9)
    given = backend.body(request, endpoint, backend.terms(request, endpoint))
    backend.close()
    assert given[limit] == 9
    assert len({"max_tokens", "max_completion_tokens"} & set(given)) == 1
