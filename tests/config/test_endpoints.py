from __future__ import annotations

import time
from pathlib import Path

import psycopg
import psycopg_pool
import pytest
from django.core.exceptions import ImproperlyConfigured

from config.embedded.postgres import Postgres
from config.endpoints import celery_broker, database


def test_database_url_with_everything() -> None:
    entry = database("postgresql://me:p%40ss@db.example:6432/arena?sslmode=require", pool_size=4)
    assert (entry["USER"], entry["PASSWORD"]) == ("me", "p@ss")
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("db.example", "6432", "arena")
    assert entry["OPTIONS"]["sslmode"] == "require"
    assert entry["OPTIONS"]["pool"]["max_size"] == 4


def test_database_url_of_a_unix_socket() -> None:
    entry = database("postgresql://me@/arena?host=/run/pg", pool_size=0)
    assert (entry["HOST"], entry["PORT"], entry["OPTIONS"]) == ("/run/pg", "", {"pool": False})


@pytest.mark.parametrize("url", ["sqlite:///db.sqlite3", "mysql://x/y", "nonsense"])
def test_other_databases_are_refused_with_the_right_spelling(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="postgresql://USER:PASSWORD@HOST:PORT/NAME"):
        database(url, pool_size=4)


def test_celery_spells_a_socket_its_own_way() -> None:
    assert celery_broker("unix:///run/v.sock") == "redis+socket:///run/v.sock"
    assert celery_broker("rediss://:x@host:6380/1") == "rediss://:x@host:6380/1"


def test_database_that_was_away_is_found_again_at_once(tmp_path: Path) -> None:
    """After an outage of 17 seconds, a default pool would wait for a dozen more."""
    tmp_path.chmod(0o755)
    server = Postgres(tmp_path / "var")
    server.start()
    options = database(server.url, pool_size=4)["OPTIONS"]["pool"] | {"timeout": 1}
    with psycopg_pool.ConnectionPool(server.url, open=True, **options) as pool:
        pool.wait()
        server.stop()
        until = time.monotonic() + 17
        while time.monotonic() < until:
            with pytest.raises(Exception, match=r"."), pool.connection() as connection:
                connection.execute("SELECT 1")
        try:
            server.start()
            began = time.monotonic()
            while not answers(pool):
                assert time.monotonic() - began < 10  # a default pool: a dozen
        finally:
            server.stop()


def answers(pool: psycopg_pool.ConnectionPool) -> bool:
    try:
        with pool.connection() as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except (psycopg_pool.PoolTimeout, psycopg_pool.PoolClosed, psycopg.OperationalError):
        return False
