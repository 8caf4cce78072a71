"""Celery's connection to the broker, made to survive a broker outage.

kombu's Redis transport forgets the broker's address as soon as the connection breaks. Later calls
that need it (acknowledging a task, returning messages to the queue) then fail with an
AttributeError, which Celery does not expect: it kills the process with all its answers.
"""

from __future__ import annotations

from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection
from kombu.transport import redis


class Channel(redis.Channel):
    """Remembers the broker's address: a late call either fails with a connection error, which
    Celery handles, or succeeds because the broker is back."""

    _broker: dict[bool, dict[str, Any]]

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        known = self.__dict__.setdefault("_broker", {})
        if self.connection is not None and self.connection.client is not None:
            known[asynchronous] = super()._connparams(asynchronous=asynchronous)  # type: ignore[misc]
        return dict(known.get(asynchronous) or known[not asynchronous])


class Transport(redis.Transport):
    Channel = Channel


class PatientConnection(Connection):
    """Reconnects every second, for ever; kombu's backoff grows to half a minute."""

    def _ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        kwargs = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": 1, **kwargs}
        return super()._ensure_connection(*args, **kwargs)


class Queues(AMQP):
    Connection = PatientConnection
