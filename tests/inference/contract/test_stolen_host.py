"""A model host was taken over: nonsense in the keys that it may write spoils nothing of the others,
and its questions make no other worker write anywhere."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings

from config.embedded.valkey import Valkey
from inference.contract import asking, cards, counting, presence, spending, streams
from inference.contract.asking import Asking, Models, OfModels
from inference.contract.cards import Card
from inference.contract.counting import Counting, Question
from inference.contract.errors import EngineError
from inference.contract.presence import Heartbeat
from inference.contract.prompts import Shown
from inference.contract.spending import Spent
from tests.live.site import until

ELSEWHERE = "model.weights-of-others"
NONSENSE = [
    b"", b"nonsense", b"\xff\xfe", b"7", b"null", b"[]", b"{}", b"[" * 100_000, b"NaN", b"-1e999",
    b'{"name": 7, "bytes": "many", "modified_ns": null}', b'{"name": "\\ud800"}',
    b'{"worker": "x", "serves": ["\\ud800"], "slots": 1}', b'{"error": {}}', b'{"answer": 7}',
    b"[7, 7]", b'["0", 1]', b"[0, 1e99]", b"[true, 1]", b"[0, null, 7]",
]  # fmt: skip


@pytest.fixture
def site() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client
        client.delete(ELSEWHERE, "seen:stolen-1", "worker:stolen-1", "weights:odd", "count:odd")


@pytest.fixture
def stolen() -> Iterator[redis.Redis]:
    url = Valkey(Path(os.environ["ARENA_VAR"])).url_of("worker")
    with redis.Redis.from_url(url) as client:
        yield client


def test_what_is_known_of_other_workers_stays_readable(
    site: redis.Redis, stolen: redis.Redis
) -> None:
    good, card = Heartbeat("good-1", ("good",), slots=2), Card("good", 7, 8, title="A model")
    presence.publish(site, good)
    cards.keep(site, card)
    spent = spending.key_of("odd")
    for said in (*NONSENSE, None):
        for name in ("stolen-1", "\udcff"):
            stolen.sadd("workers", name.encode(errors="surrogateescape"))
        stolen.sadd("workers-seen", "stolen-1")
        for key in ("worker:stolen-1", "seen:stolen-1", "weights:odd"):
            stolen.delete(key)
            _ = stolen.rpush(key, "a list") if said is None else stolen.set(key, said)
        stolen.delete(spent)
        fields: dict[Any, Any] = {"tokens": said, "usd": said}
        _ = stolen.set(spent, "x") if said is None else stolen.hset(spent, mapping=fields)
        assert good in presence.live_workers(site)
        assert presence.last_seen(site)["good"].worker == "good-1"
        assert cards.cards_of(site, ["good", "odd"])["good"] == card
        assert card in cards.all_cards(site)
        assert spending.spent_today(site, "odd") in (Spent(), Spent(7, 7.0))
    presence.withdraw(site, good)


def test_stream_that_is_something_else_is_an_empty_one(
    site: redis.Redis, stolen: redis.Redis
) -> None:
    streams.begin_attempt(site, "odd", 1)
    for queued in ("soon", "nan", "-inf"):
        stolen.set("answer:odd:queued", queued, ex=60)
        assert streams.waited_s(site, "odd") in (None, 0.0, float("inf"))
    for key in ("answer:odd", "answer:odd:queued"):
        stolen.delete(key)
        stolen.sadd(key, "no stream")
        stolen.expire(key, 60)
    assert streams.last_entry(site, "odd") is None
    assert streams.all_entries(site, "odd") == []
    assert streams.until_end(site, "odd", 0.01) is None
    assert streams.waited_s(site, "odd") is None


@pytest.mark.parametrize("said", NONSENSE, ids=lambda said: said[:30].decode(errors="replace"))
def test_reply_that_is_nonsense_is_none(
    site: redis.Redis, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(site, "blpop", lambda *_, **__: (b"", said))
    with pytest.raises(EngineError):
        asking.ask_models(site, OfModels("openai"))
    with pytest.raises(EngineError):
        asking.ask_repository(site, "a/b")
    assert counting.ask(site, [Question("odd", [])], 1) == [None]
    assert counting.show(site, [Question("odd", [])], 1) == [None]


def test_prompt_that_cannot_be_read_is_none(
    site: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd: list[Any] = [{"pieces": 7}, {"pieces": [{}]}, [1], "x"]
    for shown in odd:
        said = json.dumps([0, 1, shown]).encode()
        monkeypatch.setattr(site, "blpop", lambda *_, said=said, **__: (b"", said))
        assert counting.show(site, [Question("odd", [])], 1) == [None]


def test_worker_writes_replies_to_nobody_else(site: redis.Redis, stolen: redis.Redis) -> None:
    """Another host's queue, for example, which only that host and the site may write to."""
    threads: list[Counting | Asking] = [
        Counting(site, lambda: ["odd"], lambda _: 7, lambda _: Shown()),
        Asking(site, lambda: ["odd"], lambda _: Models()),
    ]
    for thread in threads:
        thread.start()
    question = {"backend": "openai", "key_variable": ""}
    asked = {"reply": ELSEWHERE, "number": 0, "kind": "OfModels", "question": question}
    for kind in ("count:odd", "ask:odd"):
        stolen.rpush(kind, *NONSENSE, json.dumps(asked), json.dumps({"kind": "OfModels"}))
        for prefix in ("counted", "asked"):
            stolen.rpush(kind, json.dumps({**asked, "reply": f"{prefix}:honest"}))
    for prefix in ("counted", "asked"):
        until(lambda key=f"{prefix}:honest": site.lpop(key), "the honest reply")  # type: ignore[misc]
    for thread in threads:
        thread.stop()
        thread.join(timeout=10)
    assert not site.exists(ELSEWHERE)
