"""An arena of ten hosts: PostgreSQL and Valkey on one, two for pages, two for its core, one for
ratings, four for models, of which each has other weights but the fourth, which has those of the
first."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import django
import psycopg

from config import broker_users
from config.embedded import valkey
from config.embedded.postgres import DATABASE, Postgres
from inference.contract.weights import SMOLLM2, fetch, sha256_of
from tests.live.proxy import Proxy
from tests.live.site import ROOT, until
from tests.unlimited import UNLIMITED

from .network import NET, Host

AHEAD_S = 60  # from one clock to the next, of five
TOKENS = 60  # of an answer at most
COMPACT, THIRD = "SmolLM2-135M-Instruct.Q3_K_M", "SmolLM2-135M-Instruct.Q2_K"
WEIGHTS = {"worker1": SMOLLM2.name, "worker2": COMPACT, "worker3": THIRD, "worker4": SMOLLM2.name}
ROLES = ("web1", "web2", "core1", "core2", "ratings", *WEIGHTS)
SPARE = "worker4"  # not there in the beginning
NOTICED_S = "10"  # Valkey's way to notice a host that is gone, as docs/operating.md advises
START_S, CONNECT_S = 300.0, 2.0
QUANTISE = (sys.executable, "-m", "inference.engine.quantise")
MANAGE = (sys.executable, str(ROOT / "manage.py"))


class Arena:
    """`url` is a load balancer before both web hosts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Host("servers", 2, folder / "servers")
        self.hosts = {
            name: Host(name, number, folder / name, AHEAD_S * (number % 5 - 2))
            for number, name in enumerate(ROLES, 11)
        }
        keys = {user: secrets.token_hex(16) for user in broker_users.usual()}
        self._key_of = keys.__getitem__
        self.environment = UNLIMITED | {
            "SECRET_KEY": secrets.token_hex(32), "WORKER_SECRET": secrets.token_hex(32),
            "WEIGHTS_DIR": str(folder / "weights"), "ARENA_VAR": str(folder / "var"),
        }  # fmt: skip
        self.servers = {
            "DATABASE_URL": f"postgresql://{self._postgres.user}@{self.store.address}/{DATABASE}",
            "REDIS_URL": self._broker("site"),
        }
        webs = [self.hosts[name].address for name in ROLES if name.startswith("web")]
        self.balancer = Balancer(*webs)

    @property
    def url(self) -> str:
        return self.balancer.url

    @property
    def _postgres(self) -> Postgres:
        return Postgres(self.store.folder)

    def _broker(self, user: str) -> str:
        return f"redis://{user}:{self._key_of(user)}@{self.store.address}:6379/0"

    def begin(self) -> None:
        """Everything but the spare host."""
        self.store.plug()
        self._begin_postgres()
        self._begin_valkey()
        self._prepare()
        self.join(*(name for name in ROLES if name != SPARE))

    def _begin_postgres(self) -> None:
        postgres = self._postgres
        postgres.start()  # makes the cluster and the database
        postgres.stop()
        rules = postgres.data / "pg_hba.conf"
        rules.write_text(f"host all all {NET}.0/24 trust\n")
        program = postgres._bin("postgres")
        command = [program, "-D", postgres.data, "-h", self.store.address, "-k", ""]
        user = postgres.user if postgres.account else ""
        self.store.start("postgres", [*map(str, command)], {}, user)
        until(lambda: self._listens(self.store.address, 5432), "PostgreSQL", START_S)

    def _begin_valkey(self) -> None:
        users = self.store.folder / "users.acl"
        users.write_text(broker_users.file(broker_users.usual(), self._key_of))
        command = [
            str(valkey._binary()), "--bind", self.store.address, "--aclfile", str(users),
            "--dir", str(self.store.folder), "--appendonly", "yes", "--save", "",
            "--tcp-keepalive", NOTICED_S,
        ]  # fmt: skip
        self.store.start("valkey", command, {})
        until(lambda: self._listens(self.store.address, 6379), "Valkey", START_S)

    def _prepare(self) -> None:
        """Tables, and five contestants of three models."""
        ready = fetch(SMOLLM2, Path(os.environ.get("WEIGHTS_DIR", ROOT / "var" / "weights")))
        weights = self.folder / "weights"
        shutil.copytree(ready.parent, weights)
        source, made = weights / f"{SMOLLM2.name}.gguf", weights / f"{THIRD}.gguf"
        quantise = [*QUANTISE, str(source), str(made), "Q2_K"]
        subprocess.run(quantise, check=True, cwd=ROOT, stderr=subprocess.DEVNULL)
        os.environ |= {**self.environment, **self.servers}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        subprocess.run([*MANAGE, "prepare"], check=True, stdout=subprocess.DEVNULL)
        django.setup()
        _enter(COMPACT, THIRD, sha256_of(made))

    def join(self, *names: str) -> None:
        """Plug hosts in and start what they are for, until all of it is at work."""
        for name in names:
            host = self.hosts[name]
            host.plug()
            host.start(name, self._command(host), self._settings(host))
        for name in names:
            host = self.hosts[name]
            until(partial(self._is_up, host), name, START_S)

    def _command(self, host: Host) -> Sequence[str]:
        if host.name in WEIGHTS:
            return [*MANAGE, "inference_worker", "--grace", "60"]
        if host.name.startswith("web"):
            return [*MANAGE, "process", "web", "--host", host.address]
        return [*MANAGE, "process", "core" if host.name.startswith("core") else "background"]

    def _settings(self, host: Host) -> dict[str, str]:
        """Of a host, with files of its own, but for those that web and ratings have to share."""
        own, shared = host.folder / "var", self.folder / "published"
        for folder in (own, shared):
            folder.mkdir(exist_ok=True)
        with suppress(FileExistsError):
            (own / "published").symlink_to(shared)
        settings = {**self.environment, "ARENA_VAR": str(own)}
        if host.name not in WEIGHTS:
            return settings | self.servers
        weights = own / "weights"
        weights.mkdir(exist_ok=True)
        with suppress(FileExistsError):
            name = f"{WEIGHTS[host.name]}.gguf"
            (weights / name).hardlink_to(self.folder / "weights" / name)
        kept = {key: settings[key] for key in ("ARENA_VAR", "WORKER_SECRET")}
        return {**kept, "WEIGHTS_DIR": str(weights), "REDIS_URL": self._broker("worker"),
                "DATABASE_URL": "", "SECRET_KEY": ""}  # fmt: skip

    def _is_up(self, host: Host) -> bool:
        log = host.folder / f"{host.name}.log"
        assert host.processes[host.name].poll() is None, log.read_text()[-2000:]
        if host.name.startswith("web"):
            return self._listens(host.address, 8000)
        return log.read_text().endswith("ready\n")

    def _listens(self, address: str, port: int) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((address, port)) == 0

    def end(self) -> None:
        for host in (*self.hosts.values(), self.store):
            if host.processes:
                host.die()

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.servers["DATABASE_URL"]) as connection:
            cursor = connection.execute(query.encode(), parameters)
            return cursor.fetchall() if cursor.description else []


def _enter(like: str, weights: str, sha256: str) -> None:
    """One more contestant, as the one with the weights `like`; all answer briefly."""
    from arena.models import Revision

    revision = Revision.objects.select_related("contestant").get(weights=like)
    contestant = revision.contestant
    contestant.pk, contestant.slug, contestant.name = None, "third", "The third"
    contestant.save()
    revision.pk, revision.contestant = None, contestant
    revision.weights, revision.weights_sha256 = weights, sha256
    revision.save()
    Revision.objects.update(max_tokens=TOKENS)


class Balancer(Proxy):
    """Carries each connection to the next web host in turn that answers."""

    def __init__(self, *addresses: str) -> None:
        super().__init__()
        self._addresses, self._turn = addresses, count()

    async def _reach(self) -> tuple[StreamReader, StreamWriter]:
        turn = next(self._turn)
        for place in range(len(self._addresses)):
            address = self._addresses[(turn + place) % len(self._addresses)]
            with suppress(OSError, TimeoutError):
                opened = asyncio.open_connection(address, 8000)
                return await asyncio.wait_for(opened, CONNECT_S)
        raise ConnectionRefusedError
