"""The real embedded PostgreSQL and Valkey, each test with a `var` folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import EmbeddedError, Servers, lifecycle, places, valkey
from config.embedded.postgres import Postgres
from config.embedded.processes import wait_until
from config.embedded.valkey import Valkey


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    tmp_path.chmod(0o755)
    yield tmp_path / "var"
    servers = Servers(tmp_path / "var", environ={})
    for server in servers.members.values():
        server.stop()
    for folder in (places.socket_folder(tmp_path / "var"), places.public_twin(tmp_path / "var")):
        shutil.rmtree(folder, ignore_errors=True)


def reap(servers: Servers) -> None:
    """Wait for child processes whose servers another process has stopped."""
    for server in servers.members.values():
        assert isinstance(server, Postgres | Valkey)
        assert server.child is not None
        server.child.wait()


def test_servers_keep_what_was_written_over_a_restart(var: Path) -> None:
    servers = Servers(var, environ={})
    with servers.running():
        urls = servers.urls
        with psycopg.connect(urls["DATABASE_URL"]) as connection:
            connection.execute("CREATE TABLE note AS SELECT 'kept' AS text")
        redis.Redis.from_url(urls["REDIS_URL"]).set("note", "kept")
    assert [server.pid() for server in servers.members.values()] == [None, None]
    assert not places.socket_folder(var).exists()

    with Servers(var, environ={}).running():
        with psycopg.connect(urls["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT text FROM note").fetchall() == [("kept",)]
        assert redis.Redis.from_url(urls["REDIS_URL"]).get("note") == b"kept"


def test_servers_stop_only_when_the_last_user_leaves(var: Path) -> None:
    first, second = Servers(var, environ={}), Servers(var, environ={})
    first.ensure()
    second.ensure()
    assert first.release() is False
    assert all(server.answers() for server in second.members.values())
    assert places.socket_folder(var).exists()
    assert second.release() is True
    reap(first)
    assert not any(server.answers() for server in second.members.values())


def test_servers_left_behind_by_a_killed_supervisor_are_adopted(var: Path) -> None:
    left = Servers(var, environ={})
    left.ensure()
    pids = [server.pid() for server in left.members.values()]
    assert left._use is not None
    os.close(left._use)  # what the kernel does at kill -9

    started: list[lifecycle.Server] = []
    found = Servers(var, environ={})
    found.ensure(started.append)
    assert started == []
    assert [server.pid() for server in found.members.values()] == pids
    assert found.release() is True
    reap(left)


def test_database_killed_hard_comes_back_with_every_committed_row(var: Path) -> None:
    servers = Servers(var, environ={})
    servers.ensure()
    url = servers.urls["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE row AS SELECT generate_series(1, 500) AS n")
    pid = servers.members["DATABASE_URL"].pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    servers.ensure()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM row").fetchall() == [(500,)]
    servers.release()


def test_server_that_was_frozen_for_a_while_is_not_said_to_have_been_started(var: Path) -> None:
    servers = Servers(var, environ={"DATABASE_URL": "postgresql://elsewhere"})
    started: list[str] = []
    with servers.running():
        [valkey] = servers.members.values()
        pid = valkey.pid()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        threading.Timer(3.0, os.kill, [pid, signal.SIGCONT]).start()
        servers.ensure(lambda server: started.append(server.name))
        assert (valkey.pid(), valkey.answers()) == (pid, True)
        os.kill(pid, signal.SIGKILL)
        reap(servers)
        servers.ensure(lambda server: started.append(server.name))
    assert started == ["Valkey"]


@pytest.mark.parametrize("has_written", [True, False])
def test_endless_script_of_a_stolen_worker_is_ended(
    var: Path, monkeypatch: pytest.MonkeyPatch, has_written: bool
) -> None:
    monkeypatch.setattr(valkey, "SCRIPT_S", 0.5)
    servers = Servers(var, environ={"DATABASE_URL": "postgresql://elsewhere"})
    told: list[tuple[str, bool]] = []
    with servers.running():
        [server] = servers.members.values()
        assert isinstance(server, Valkey)
        pid = server.pid()
        site, worker = (redis.Redis.from_url(server.url_of(name)) for name in ("site", "worker"))
        redis.Redis.from_url(server.url_of("owner")).config_set("busy-reply-threshold", 50)
        site.set("note", "kept")
        write = "redis.call('set', KEYS[1], '1') " if has_written else ""
        asked = worker.connection_pool.get_connection()
        asked.send_command("EVAL", f"{write}while true do end", 1, "weights:x")  # type: ignore[no-untyped-call]
        while not server._is_busy():
            pass
        servers.ensure(lambda server: told.append((server.trouble, server.answers())))
        assert told == [
            ("was held up by a script that had written, so it was killed", True)
            if has_written
            else ("was held up by a script, which was ended", True)
        ]
        assert (server.pid() != pid) is has_written
        assert site.mget("note", "weights:x") == [b"kept", None]
        servers.ensure(lambda server: told.append((server.trouble, True)))
        assert len(told) == 1


def test_call_without_an_end_is_told_from_a_frozen_server(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Valkey does not look up from a pattern, so it does not even say that it is busy."""
    monkeypatch.setattr(valkey, "ANSWER_S", 3.0)
    monkeypatch.setattr(valkey, "COMPUTED_S", 0.3)
    servers = Servers(var, environ={"DATABASE_URL": "postgresql://elsewhere"})
    with servers.running():
        [server] = servers.members.values()
        assert isinstance(server, Valkey)
        pid = server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(EmbeddedError, match="did not start"):
            servers.ensure()
        os.kill(pid, signal.SIGCONT)
        site, worker = (redis.Redis.from_url(server.url_of(name)) for name in ("site", "worker"))
        site.set("note", "kept")
        asked = worker.connection_pool.get_connection()
        endless = "return string.find(string.rep('a', 300), string.rep('a-', 40) .. 'b')"
        asked.send_command("EVAL", endless, 0)  # type: ignore[no-untyped-call]
        assert wait_until(server._is_silent, seconds=20)
        told: list[str] = []
        servers.ensure(lambda server: told.append(server.trouble))
        assert told == ["computed without end and answered nothing, so it was killed"]
        assert (server.pid() != pid, site.get("note")) == (True, b"kept")


def test_script_that_ends_in_time_is_waited_for(var: Path) -> None:
    servers = Servers(var, environ={"DATABASE_URL": "postgresql://elsewhere"})
    with servers.running():
        [server] = servers.members.values()
        assert isinstance(server, Valkey)
        pid = server.pid()
        site = redis.Redis.from_url(server.url)
        redis.Redis.from_url(server.url_of("owner")).config_set("busy-reply-threshold", 50)
        now = "local t = redis.call('time') return t[1] + t[2] / 1e6"
        script = f"local function now() {now} end local e = now() + 1.5 while now() < e do end"
        asked = site.connection_pool.get_connection()
        asked.send_command("EVAL", f"{script} redis.call('set', 'note', 'kept')", 0)  # type: ignore[no-untyped-call]
        while not server._is_busy():
            pass
        servers.ensure(lambda server: pytest.fail(server.trouble))
        assert (server.pid(), site.get("note")) == (pid, b"kept")


def test_servers_named_in_the_environment_are_not_started(var: Path) -> None:
    servers = Servers(var, environ={"DATABASE_URL": "postgresql://x", "REDIS_URL": "redis://x"})
    with servers.running():
        assert servers.urls == {}
    assert not var.exists()


def test_full_disk_is_one_clear_sentence(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "NEEDED_BYTES", 1 << 60)
    servers = Servers(var, environ={})
    with pytest.raises(EmbeddedError, match=r"The disk of .*var is full: \d+ MB are free"):
        servers.ensure()
    servers.release()


def test_data_lie_where_the_account_of_postgres_may_go(var: Path, tmp_path: Path) -> None:
    """Elsewhere if run as root in a private folder; otherwise in `var`."""
    tmp_path.chmod(0o700)
    expected = places.public_twin(var) if os.getuid() == 0 else var / "postgres"
    with Servers(var, environ={"REDIS_URL": "redis://elsewhere"}).running():
        assert (var / "postgres").resolve() == expected
        assert (var / "postgres" / "data" / "PG_VERSION").exists()
