"""A Celery worker whose broker is there, but refuses to write."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio
from celery import Celery

from config.endpoints import celery_broker
from config.processes import worker
from config.transport import _lost_when_refused
from inference.contract.broker import is_passing
from tests.absent import OwnValkey, own_valkey
from tests.live.site import until

AWAY = "The queue (Valkey) is away: "
QUEUE = "refused"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OwnValkey]:
    with own_valkey(tmp_path) as server:
        yield server


@contextmanager
def working(url: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A worker and what it says."""
    lines: list[str] = []
    with subprocess.Popen(
        [*worker(QUEUE, threads=1), "--include", "tests.config.refused"],
        env=os.environ | {"REDIS_URL": url}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        reading = threading.Thread(target=lines.extend, args=[process.stdout])
        reading.start()
        try:
            until(lambda: "ready\n" in lines, "the worker")
            yield process, lines
        finally:
            process.kill()
            reading.join()


def fill_disk(server: OwnValkey, folder: Path) -> Callable[[], object]:
    """As good as: it cannot write its data. Returns how to make room."""
    in_its_way = folder / "valkey" / "dump.rdb"
    in_its_way.mkdir()
    admin = server.admin()
    admin.config_set("save", "3600 1")
    admin.bgsave()
    until(lambda: admin.info()["rdb_last_bgsave_status"] == "err", "a failed save")
    in_its_way.rmdir()
    return admin.bgsave


def demote(server: OwnValkey, folder: Path) -> Callable[[], object]:
    """Another server has taken over, and takes no connections yet."""
    admin = server.admin()
    admin.replicaof("127.0.0.1", "1")
    return lambda: admin.replicaof("NO", "ONE")


@pytest.mark.parametrize("refuse", [fill_disk, demote])
def test_worker_waits_for_a_broker_that_refuses_to_write(
    refuse: Callable[[OwnValkey, Path], Callable[[], object]], server: OwnValkey, tmp_path: Path
) -> None:
    done = tmp_path / "done"
    with working(server.url) as (process, lines):
        end = refuse(server, tmp_path)
        until(lambda: any(AWAY in line for line in lines), "a line about it")
        end()
        with Celery(broker=celery_broker(server.url), set_as_current=False) as app:
            app.send_task("refused.touch", args=[str(done)], queue=QUEUE)
        until(done.exists, "the task")
        assert process.poll() is None
    assert len([line for line in lines if AWAY in line]) == 1, lines
    assert not [line for line in lines if "Traceback" in line]


def test_refusal_is_a_lost_connection_and_a_mistake_is_not(server: OwnValkey) -> None:
    pool = redis.ConnectionPool.from_url(server.url)
    pool.connection_class = _lost_when_refused(pool.connection_class)
    client: Any = redis.Redis(connection_pool=pool)
    client.set("key", "text")
    with pytest.raises(redis.ResponseError, match="not an integer"):
        client.incr("key")
    server.configure(maxmemory="1")
    with pytest.raises(redis.ConnectionError, match="It refuses: command not allowed"):
        client.set("key", "other")
    with pytest.raises(redis.ConnectionError, match="It refuses"):
        client.pipeline().set("key", "other").get("key").execute()
    server.configure(maxmemory="0")
    assert client.get("key") == b"text"


def test_transaction_is_discarded_by_a_server_that_has_become_full(server: OwnValkey) -> None:
    with server.admin() as admin, admin.client() as client:
        client.execute_command("MULTI")
        client.execute_command("SET", "key", "text")
        admin.config_set("maxmemory", "1")
        with pytest.raises(redis.exceptions.ExecAbortError) as caught:
            client.execute_command("EXEC")
    assert is_passing(caught.value), caught.value


def test_refusal_in_a_pipeline_is_passing(server: OwnValkey) -> None:
    async def write() -> None:
        client: Any = redis.asyncio.Redis.from_url(server.url)
        try:
            await client.pipeline().set("key", "text").get("key").execute()
        finally:
            await client.aclose()

    asyncio.run(write())
    server.configure(min_replicas_to_write="1")
    with pytest.raises(redis.ResponseError) as caught:
        asyncio.run(write())
    assert is_passing(caught.value), caught.value
