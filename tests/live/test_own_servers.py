"""Your own PostgreSQL and Redis: over TCP, with passwords, in place of the embedded ones."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import redis
from django.conf import settings

from config.embedded.postgres import Postgres
from config.embedded.valkey import _binary as valkey_binary

from .site import Site, free_port, until
from .volunteer import Volunteer

PASSWORD = "correct-horse"


@contextmanager
def tcp_postgres(folder: Path) -> Iterator[str]:
    """A cluster with password authentication on a TCP port."""
    server = Postgres(folder)
    server.start()
    with psycopg.connect(server.url) as connection:
        connection.execute(f"ALTER ROLE {server.user} PASSWORD '{PASSWORD}'")
    server.stop()
    (server.data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    port = free_port()
    command = [
        str(server._bin("postgres")), "-D", str(server.data), "-p", str(port),
        "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={server.sockets}",
    ]  # fmt: skip
    url = f"postgresql://{server.user}:{PASSWORD}@127.0.0.1:{port}/evenhand"
    process = server._spawn(command, subprocess.DEVNULL, subprocess.DEVNULL)
    try:
        until(lambda: _connects(url), "PostgreSQL over TCP")
        yield url
    finally:
        process.terminate()
        process.wait()


@contextmanager
def tcp_valkey(folder: Path) -> Iterator[str]:
    port = free_port()
    command = [str(valkey_binary()), "--port", str(port), "--requirepass", PASSWORD]
    with subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL) as process:
        url = f"redis://:{PASSWORD}@127.0.0.1:{port}/3"
        with closing(redis.Redis.from_url(url)) as client:
            until(lambda: _pings(client), "Valkey over TCP")
        yield url
        process.terminate()


def _connects(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def _pings(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def remote_ports(pid: int) -> set[int]:
    """The TCP ports a process is connected to."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        target = os.readlink(descriptor)
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    rows = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    return {int(row[2].rpartition(":")[2], 16) for row in rows if row[9] in inodes}


def test_battle_on_your_own_servers(weights: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with tcp_postgres(tmp_path / "own") as database, tcp_valkey(tmp_path) as broker:
        site = Site(tmp_path / "var", settings.WEIGHTS_DIR, DATABASE_URL=database, REDIS_URL=broker)
        try:
            site.wait_ready()
            site.answer_briefly(20)
            with Volunteer(site.url) as volunteer:
                battle = volunteer.begin("Say hello.")
                volunteer.finish(battle)
                assert volunteer.vote(battle, "A").status_code == 302
                board = "/leaderboard/data.json"
                until(lambda: volunteer.get(board).json()["votes"], "a leaderboard")
            assert site.rows("SELECT verdict FROM arena_vote") == [("A",)]

            ports = {int(url.rpartition(":")[2].split("/")[0]) for url in (database, broker)}
            assert remote_ports(site.child("uvicorn")) >= ports
            worker = remote_ports(site.child("inference_worker"))
            assert worker & ports == {int(broker.rpartition(":")[2].split("/")[0])}
        finally:
            assert site.stop() == 0
    assert not (tmp_path / "var" / "postgres").exists()
    assert not (tmp_path / "var" / "valkey").exists()
    assert PASSWORD not in "\n".join(site.lines)
