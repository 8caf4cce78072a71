from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
import redis

from inference.contract import spending
from inference.contract.requests import Endpoint, GenerateRequest, key_service, queue_of
from inference.contract.spending import Spent
from inference.worker.service import Worker

from .api_server import Server
from .conftest import Ask


@pytest.fixture
def meter() -> str:
    return str(uuid.uuid4())


def test_answer_is_counted_in_tokens_and_money(
    ask: Ask, anthropic: Server, connection: redis.Redis, meter: str
) -> None:
    for _ in range(2):
        ask("anthropic", anthropic.url, meter=meter, input_usd=4.0, output_usd=20.0)
    spent = spending.spent_today(connection, meter)
    assert spent.tokens == 2 * (25 + 15)
    assert spent.usd == pytest.approx(2 * (25 * 4 + 15 * 20) / 1e6)


def test_cap_is_kept_without_asking(ask: Ask, anthropic: Server, meter: str) -> None:
    assert ask("anthropic", anthropic.url, meter=meter, daily_tokens=30).text
    result = ask("anthropic", anthropic.url, meter=meter, daily_tokens=30)
    assert (result.text, result.permanent) == ("", True)
    assert result.error == "Today's 30 tokens are used up."
    assert len(anthropic.asked) == 1


@pytest.mark.parametrize(
    ("spent", "why"),
    [
        (Spent(99, 0.99), ""),
        (Spent(100, 0.0), "Today's 100 tokens are used up."),
        (Spent(0, 1.0), "Today's 1.00 dollars are used up."),
    ],
)
def test_caps(spent: Spent, why: str) -> None:
    assert spending.exhausted(spent, 100, 1.0) == why
    assert spending.exhausted(spent, None, None) == ""


def test_each_key_has_its_own_slots_and_queue(worker: Worker) -> None:
    key, other = key_service("OPENAI_API_KEY"), key_service("ANTHROPIC_API_KEY")
    beat = replace(worker.describe(), load={key: 16})
    assert (beat.free(key), beat.free(other)) == (0, 16)
    endpoint = Endpoint(url="", model="m", key_variable="OPENAI_API_KEY", meter="test")
    assert GenerateRequest("s", 1, "", [], endpoint=endpoint).queue == queue_of(key)
    assert queue_of(key) != queue_of(other)


def test_worker_serves_the_keys_it_holds(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "")
    monkeypatch.setenv("HF_TOKEN", "hf_x")
    monkeypatch.setenv("DATABASE_URL", "postgresql://")
    served = set(worker.serves())
    assert key_service("OPENAI_API_KEY") in served
    assert key_service("") in served  # servers that need no key
    assert key_service("HF_TOKEN") in served
    assert key_service("MISTRAL_API_KEY") not in served
    assert key_service("DATABASE_URL") not in served
    worker.remote = False
    assert worker.serves() == ()
