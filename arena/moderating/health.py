"""Whether the checker works, kept in Valkey, for staff."""

from __future__ import annotations

from dataclasses import dataclass

from .. import broker

KEY = "moderation:health"
KEPT_S = 24 * 3600


@dataclass(frozen=True)
class Health:
    """Failures since it last answered, and the reason of the last one."""

    failures: int = 0
    reason: str = ""


def failed(reason: str) -> None:
    with broker.spared("a failure of the checker was not noted"):
        pipe = broker.connection().pipeline()
        pipe.hincrby(KEY, "failures", 1)
        pipe.hset(KEY, "reason", reason[:300])
        pipe.expire(KEY, KEPT_S)
        pipe.execute()


def worked() -> None:
    with broker.spared("that the checker works was not noted"):
        broker.connection().delete(KEY)


def look() -> Health:
    """Raises RedisError."""
    found: dict[bytes, bytes] = broker.connection().hgetall(KEY)  # type: ignore[assignment]
    if not found:
        return Health()
    return Health(int(found.get(b"failures", 0)), found.get(b"reason", b"").decode())
