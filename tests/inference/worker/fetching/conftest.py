from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
import redis
from django.conf import settings

from config.embedded.valkey import Valkey
from inference.contract import fetching
from inference.contract.fetching import Fetch, Order, Part, State
from inference.worker.fetching import web
from inference.worker.fetching.desk import Desk
from tests.hub import HubServer, Repo, hub_server
from tests.live.site import until

NAME = "Tiny-1B.Q4_K_M"
CONTENT = b"GGUF" + Random(7).randbytes(700_000)


@pytest.fixture
def connection() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client
        for fetch in fetching.all_fetches(client):
            fetching.forget(client, fetch.order.id)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    monkeypatch.setattr(web, "_PAUSE_S", 0.01)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with hub_server() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        files = {f"{NAME}.gguf": CONTENT, "README.md": b"# Tiny", "LICENSE": b"As you like."}
        server.repos["maker/Tiny-GGUF"] = Repo(files, {"license": "apache-2.0"})
        yield server


@pytest.fixture
def as_worker() -> Iterator[redis.Redis]:
    """With the rights of a model worker, which only reads orders."""
    url = Valkey(Path(os.environ["ARENA_VAR"])).url_of("worker")
    with redis.Redis.from_url(url) as client:
        yield client


@pytest.fixture
def desk(as_worker: redis.Redis, tmp_path: Path) -> Iterator[Callable[[], Desk]]:
    """Starts a worker's desk with the folder `tmp_path`, as often as it is called."""
    started: list[Desk] = []

    def start() -> Desk:
        started.append(Desk(as_worker, tmp_path, "worker"))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.stop()
        each.join(10)


def of_url(url: str, name: str = NAME, **more: object) -> Order:
    return Order(name, (Part(f"{name}.gguf", url, **more),))  # type: ignore[arg-type]


def ended(connection: redis.Redis, order: Order) -> Fetch:
    return reached(connection, order, lambda fetch: fetch.state.is_over and not fetch.is_held)


def reached(connection: redis.Redis, order: Order, is_so: Callable[[Fetch], bool]) -> Fetch:
    def look() -> Fetch | None:
        fetch = fetching.look_up(connection, order.id)
        return fetch if fetch and is_so(fetch) else None

    found = until(look, f"{order.name} to get there", patience=60)
    assert found is not None
    return found


def is_running(fetch: Fetch) -> bool:
    return fetch.state is State.RUNNING and fetch.progress.done > 0
