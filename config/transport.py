"""Celery's way to the broker, made to outlive the broker's absence.

kombu's Redis transport forgets where its broker is as soon as the connection breaks. What comes
after that and still needs it (a task that ends, messages to be given back) then fails with an
AttributeError, which Celery does not expect, and which ends the process with all its answers.
"""

from __future__ import annotations

from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection
from kombu.transport import redis


class Channel(redis.Channel):
    """Knows its broker to the end: what is done too late fails as a connection does, or succeeds
    because the broker is back."""

    _broker: dict[bool, dict[str, Any]]

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        known = self.__dict__.setdefault("_broker", {})
        if self.connection is not None and self.connection.client is not None:
            known[asynchronous] = super()._connparams(asynchronous=asynchronous)  # type: ignore[misc]
        return dict(known.get(asynchronous) or known[not asynchronous])


class Transport(redis.Transport):
    Channel = Channel


class PatientConnection(Connection):
    """Tries again every second, for ever: kombu waits up to half a minute in between."""

    def _ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        kwargs = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": 1, **kwargs}
        return super()._ensure_connection(*args, **kwargs)


class Queues(AMQP):
    Connection = PatientConnection
