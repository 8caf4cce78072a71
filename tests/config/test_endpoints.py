from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
import psycopg_pool
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.embedded.postgres import Postgres
from config.endpoints import ALSO_SERVER, NOTICING, celery_broker, database


def test_database_url_with_everything() -> None:
    entry = database("postgresql://me:p%40ss@db.example:6432/arena?sslmode=require", pool_size=4)
    assert (entry["USER"], entry["PASSWORD"]) == ("me", "p@ss")
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("db.example", "6432", "arena")
    assert entry["OPTIONS"]["sslmode"] == "require"
    assert entry["OPTIONS"]["pool"]["max_size"] == 4


def test_database_url_of_a_unix_socket() -> None:
    entry = database("postgresql://me@/arena?host=/run/pg", pool_size=0)
    assert (entry["HOST"], entry["PORT"]) == ("/run/pg", "")
    assert {**entry["OPTIONS"], **NOTICING, "pool": False} == entry["OPTIONS"]


def test_database_url_may_set_other_times() -> None:
    options = database("postgresql://me@db/arena?connect_timeout=9", pool_size=0)["OPTIONS"]
    assert options == {**options, **NOTICING, "connect_timeout": "9"}


def test_server_notices_too_when_a_host_has_lost_its_power(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its own system would wait for two hours, and hold the host's locks for as long."""
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=9MB")
    options = database("postgresql://me@db/arena", pool_size=0)["OPTIONS"]["options"]
    place = {name: settings.DATABASES["default"][name] for name in ("HOST", "PORT", "USER")}
    with psycopg.connect(
        host=place["HOST"], port=place["PORT"], user=place["USER"], dbname="postgres",
        options=options,
    ) as connection:  # fmt: skip
        told = connection.execute("SELECT name, setting FROM pg_settings WHERE source = 'client'")
        found: dict[str, str] = dict(told.fetchall())
    assert found.keys() >= {*ALSO_SERVER, "work_mem"}
    assert found["work_mem"] == "9216"


@pytest.mark.parametrize("said", ["", "-c work_mem=9MB"])
def test_database_url_may_say_what_the_server_is_asked(said: str) -> None:
    url = f"postgresql://me@db/arena?{urlencode({'options': said})}"
    assert database(url, pool_size=0)["OPTIONS"].get("options", "") == said


def test_pgbouncer_is_told_nothing_that_it_would_refuse() -> None:
    assert "options" not in database("postgresql://me@db/a", 4, pgbouncer=True)["OPTIONS"]


@pytest.mark.parametrize("url", ["sqlite:///db.sqlite3", "mysql://x/y", "nonsense"])
def test_other_databases_are_refused_with_the_right_spelling(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="postgresql://USER:PASSWORD@HOST:PORT/NAME"):
        database(url, pool_size=4)


@pytest.mark.parametrize(
    "password", ["p@ss:/w?rd#1", "100%", "a@b/c", "@", "%zz", "plain", "@x/y?z"]
)
def test_password_may_have_any_character(password: str) -> None:
    for written in (password, quote(password, safe="")):
        entry = database(f"postgresql://me:{written}@db:6432/arena?sslmode=require", pool_size=0)
        found = [entry[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
        assert found == ["me", password, "db", "6432", "arena"]
        assert entry["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize("url", [
    "postgresql://me:secret@db:port/arena", "postgresql://me:secret@db", "secret",
    "postgresql://me:secret@db/arena#secret", "secret://me:secret@db/arena",
])  # fmt: skip
def test_url_that_cannot_be_read_is_not_shown(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL can't be read") as error:
        database(url, pool_size=0)
    assert "secret" not in str(error.value)


def test_addresses_of_hosts_and_options_stay_as_they_are() -> None:
    entry = database("postgresql://me:pw@[::1]:5432/arena?application_name=a@b", pool_size=0)
    assert (entry["HOST"], entry["PORT"]) == ("::1", "5432")
    assert entry["OPTIONS"]["application_name"] == "a@b"
    assert database("postgresql://me@there:pw@db/arena", pool_size=0)["USER"] == "me@there"


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
