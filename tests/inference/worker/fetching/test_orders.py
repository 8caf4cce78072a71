"""Orders are the site's alone: what workers say beside them, true or not, changes none of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis

from inference.contract import fetching
from inference.contract.fetching import Beside, Progress, State, Wanted, beside, key_of
from inference.worker.fetching import claims
from inference.worker.fetching.desk import Desk
from tests.hub import HubServer

from .conftest import CONTENT, NAME, ended, of_url

Start = Callable[[], Desk]
FORGED = [
    b"",
    b"nonsense",
    b"\xff\xfe",
    b"[" * 100_000,
    b"7",
    b"{}",
    b'{"state": "never heard of"}',
    b'{"state": "running", "done": "many", "total": null}',
    b'{"state": "running", "done": NaN}',
    b'{"state": "failed", "note": "\\ud800"}',
]


@pytest.mark.parametrize("said", FORGED, ids=lambda said: said[:30].decode(errors="replace"))
def test_nonsense_beside_an_order_is_read_as_nothing(
    connection: redis.Redis, as_worker: redis.Redis, said: bytes
) -> None:
    order = of_url("https://example.org/x.gguf")
    fetching.place(connection, order)
    for what in (Beside.PROGRESS, Beside.HOME):
        as_worker.set(beside(order.id, what), said)
    [fetch] = fetching.all_fetches(connection)
    assert (fetch.order, fetch.wanted) == (order, Wanted.GO)
    assert fetch.progress == Progress()
    as_worker.delete(beside(order.id, Beside.PROGRESS))
    as_worker.hset(beside(order.id, Beside.PROGRESS), "of", "another type")
    assert fetching.look_up(connection, order.id) == fetch


def test_worker_that_says_it_took_an_order_of_another_folder_does_not_get_it(
    connection: redis.Redis, as_worker: redis.Redis
) -> None:
    order = of_url("https://example.org/x.gguf")
    fetching.place(connection, order, home="there:/weights")
    as_worker.set(beside(order.id, Beside.HOME), "here:/weights")
    fetch = fetching.look_up(connection, order.id)
    assert fetch is not None
    assert fetch.home == "there:/weights"
    assert not claims.hold(as_worker, fetch, "here:/weights", "w")
    assert claims.hold(as_worker, fetch, "there:/weights", "w")


def test_what_is_discarded_is_forgotten_with_the_next_order(
    connection: redis.Redis, as_worker: redis.Redis
) -> None:
    order = of_url("https://example.org/x.gguf")
    fetching.place(connection, order, home="there:/weights")
    claims.say_discarded(as_worker, order.id)  # though it is still wanted
    assert fetching.look_up(connection, order.id) is not None
    fetching.discard(connection, order.id)
    assert fetching.look_up(connection, order.id) is None
    assert connection.exists(key_of(order.id))
    fetching.place(connection, of_url("https://example.org/y.gguf", "Other"))
    said = [beside(order.id, what) for what in Beside]
    assert not connection.exists(key_of(order.id), *said)
    assert not connection.sismember("fetches", order.id)


def test_worker_goes_on_with_what_one_of_the_release_before_has_begun(
    hub: HubServer, connection: redis.Redis, desk: Start, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """It wrote where it had got to into the order itself."""
    monkeypatch.setenv("FETCH_HOSTS", "127.0.0.1")
    hub.cdn.blobs["model"] = CONTENT
    order = of_url(f"{hub.cdn.url}/repos/model")
    fetching.place(connection, order)
    worker = Desk(connection, tmp_path, "worker")
    running = {"state": "running", "done": 7, "total": len(CONTENT)}
    before: dict[Any, Any] = {"home": worker.home, "progress": json.dumps(running)}
    connection.hset(key_of(order.id), mapping=before)
    connection.set(f"{key_of(order.id)}:lease", "old", ex=60)
    fetch = fetching.look_up(connection, order.id)
    assert fetch is not None
    assert (fetch.is_held, fetch.home, fetch.progress.done) == (True, worker.home, 7)
    worker._take()
    assert not worker._running  # while the other one works on it
    connection.delete(f"{key_of(order.id)}:lease")
    desk()
    assert ended(connection, order).state is State.DONE
    assert (tmp_path / f"{NAME}.gguf").read_bytes() == CONTENT
    fetching.resume(connection, order.id)
    fetch = fetching.look_up(connection, order.id)
    assert fetch is not None
    assert fetch.wanted is Wanted.GO
