"""A site's web, core and background processes, on a database and a broker that are there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg

from tests.live.site import free_port, until
from tests.unlimited import UNLIMITED

ROOT = Path(__file__).resolve().parent.parent.parent
# Every simulated voter comes from a network of its own, by the header of a proxy that is trusted.
USUAL = {"TRUSTED_PROXIES": "1", "OPENBLAS_NUM_THREADS": "1"}
SETTINGS = UNLIMITED | {"DESK": "hold"}
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
START_S = 600.0  # on a machine that is busy with other things


@contextmanager
def site(database: str, settings: Mapping[str, str] = SETTINGS) -> Iterator[str]:
    """Its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as processes:
        for arguments in (_web(port), _worker("core"), _worker("background")):
            processes.enter_context(process(arguments, {**settings, "DATABASE_URL": database}))
        until(lambda: _answers(url), "the site", START_S)
        yield url


def _web(port: int) -> list[str]:
    asked = ["--port", str(port), "--log-level", "warning", "--no-proxy-headers"]
    return ["uvicorn", "config.asgi:application", *asked]


def _worker(queue: str) -> list[str]:
    named = ["--hostname", f"{queue}@%h", "--pool", "threads", "--loglevel", "ERROR"]
    return ["celery", "-q", "-A", "config", "worker", "-Q", queue, *named]


@contextmanager
def process(arguments: list[str], settings: Mapping[str, str]) -> Iterator[None]:
    environment = {**os.environ, **USUAL, **settings}
    child = subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT, env=environment)
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/campaigns/", timeout=30).status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def copied(database: str, name: str) -> Iterator[str]:
    """A copy of a database on the same server; gone afterwards."""
    parts = urlsplit(database)
    other, copy = (parts._replace(path=f"/{each}").geturl() for each in ("template1", name))
    with psycopg.connect(other, autocommit=True) as server:
        server.execute(END, [parts.path[1:]])
        server.execute(f"CREATE DATABASE {name} TEMPLATE {parts.path[1:]}".encode())
        try:
            yield copy
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
