"""The commands of the site's processes, for `make up`, for units of systemd and for containers."""

from __future__ import annotations

import sys

from .limits import REQUESTS

NAME = "PGAPPNAME"  # by which PostgreSQL tells whose connection it is (`pg_stat_activity`)
THREADS = 8  # tasks that a core or background worker works on at a time


def web(host: str, port: int) -> list[str]:
    return [
        sys.executable, "-m", "uvicorn", "config.asgi:application", "--host", host,
        "--port", str(port), "--log-level", "warning", "--no-server-header",
        "--no-access-log",  # invitations have their code in the address
        "--no-proxy-headers",  # TRUSTED_PROXIES says whose entries are believed
        "--http", "config.slow_clients:Protocol", "--ws", "config.slow_clients:Sockets",
        "--ws-max-size", str(REQUESTS.message_bytes),
        "--ws-per-message-deflate", "false",  # frames hold only new text: little to compress
    ]  # fmt: skip


def worker(queue: str, threads: int = THREADS) -> list[str]:
    """A Celery worker of the queue `core` or `background`."""
    return [
        sys.executable, "-m", "celery", "-q", "-A", "config", "worker", "-Q", queue, "--pool",
        "threads", "--concurrency", str(threads), "--loglevel", "WARNING", "--hostname",
        f"{queue}@%h", "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip
