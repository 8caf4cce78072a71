"""What a process of the site tells monitoring with each of its heartbeats."""

from __future__ import annotations

import contextlib
import time

import redis
from django.conf import settings
from django.db.backends.postgresql.base import DatabaseWrapper

from arena import counters, processes
from inference.contract.presence import resident_bytes


def tell(connection: redis.Redis, **figures: float) -> None:
    """Add what was counted, and say how this process is doing. An absent broker learns it later."""
    if settings.METRICS_TOKEN:
        with contextlib.suppress(redis.RedisError):
            counters.flush(connection)
            processes.tell(connection, {**_figures(), **figures})


def _figures() -> dict[str, float]:
    return {
        "cpu_seconds": time.process_time(),
        "memory_bytes": resident_bytes(),
        **_pool(),
    }


def _pool() -> dict[str, float]:
    """Of connections to the database; empty before it is used, or if there is none."""
    pool = DatabaseWrapper._connection_pools.get("default")  # type: ignore[attr-defined]
    if pool is None:
        return {}
    stats = pool.get_stats()
    size = stats.get("pool_size", 0)
    return {
        "pool_size": size,
        "pool_used": size - stats.get("pool_available", 0),
        "pool_waiting": stats.get("requests_waiting", 0),
    }
