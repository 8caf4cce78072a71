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

    @property
    def sentence(self) -> str:
        return self.reason if self.reason.endswith((".", "!", "?")) else f"{self.reason}."


def failed(reason: str) -> None:
    with broker.spared("a failure of the checker was not noted"):
        pipe = broker.connection().pipeline()
        pipe.hincrby(KEY, "failures", 1)
        pipe.hset(KEY, "reason", reason[:300])
        pipe.expire(KEY, KEPT_S)
        pipe.execute()


def explain(reason: str) -> None:
    """Of a failure that was noted already, once more is known."""
    with broker.spared("why the checker failed was not noted"):
        if broker.connection().exists(KEY):
            broker.connection().hset(KEY, "reason", reason[:300])


def worked() -> None:
    with broker.spared("that the checker works was not noted"):
        broker.connection().delete(KEY)


def look() -> Health:
    """Raises RedisError."""
    found: dict[bytes, bytes] = broker.connection().hgetall(KEY)  # type: ignore[assignment]
    if not found:
        return Health()
    return Health(int(found.get(b"failures", 0)), found.get(b"reason", b"").decode())
