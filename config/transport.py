"""Celery's connection to the broker, made to survive a broker outage.

kombu's Redis transport forgets the broker's address as soon as the connection breaks. Later calls
that need it (acknowledging a task, returning messages to the queue) then fail with an
AttributeError, which Celery does not expect: it kills the process with all its answers.

A broker that refuses to write, because its disk or its memory is full or another server has taken
over, would end the process as well: Celery takes the refusal for a mistake in a command. Here such
a broker counts as lost, so that Celery waits for it.

A model worker takes from each queue only what it can begin at once: the rest is left to others with
the same weights. Celery's own limit is on all queues together.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from celery.app.amqp import AMQP
from kombu import Connection
from kombu.asynchronous import get_event_loop
from kombu.transport import redis
from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError, ResponseError

from inference.contract.broker import is_passing

LOOK_S = 0.05  # between looks at who has room again, while a process waits for other queues


class Room(Protocol):
    def __call__(self, queue: str, held: int) -> bool:
        """Whether a message of `queue` can be taken, while `held` of it are not acknowledged."""
        ...


class Channel(redis.Channel):
    """Remembers the broker's address: a late call either fails with a connection error, which
    Celery handles, or succeeds because the broker is back."""

    has_room: Room | None = None  # of the transport's options; None: wherever a message is
    from_transport_options = (*redis.Channel.from_transport_options, "has_room")
    _broker: dict[bool, dict[str, Any]]

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        known = self.__dict__.setdefault("_broker", {})
        if self.connection is not None and self.connection.client is not None:
            params = super()._connparams(asynchronous=asynchronous)  # type: ignore[misc]
            params["connection_class"] = _lost_when_refused(params["connection_class"])
            known[asynchronous] = params
        return dict(known.get(asynchronous) or known[not asynchronous])

    def _brpop_start(self, timeout: float | None = None) -> None:
        """Ask for the next message, of queues that have room."""
        if self.has_room is not None:
            held, queues = self._held(), self.active_queues
            open_ = [queue for queue in queues if self.has_room(queue, held[queue])]
            self._queue_cycle.update(open_)  # type: ignore[attr-defined]
            timeout = timeout if len(open_) == len(queues) else LOOK_S
        super()._brpop_start(timeout)  # type: ignore[misc]

    def _held(self) -> Counter[str]:
        """Messages that are not acknowledged, by queue."""
        qos: Any = self.qos
        unacked = (message for tag, message in qos._delivered.items() if tag not in qos._dirty)
        return Counter(message.delivery_info["routing_key"] for message in unacked)

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        super().basic_ack(delivery_tag, multiple)
        if self.has_room is not None and (loop := get_event_loop()) is not None:
            loop.call_soon(_look_again)


def _look_again() -> None:
    """Nothing but wake the loop, which asks for messages at every turn."""


def _lost_when_refused(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    class Refusable(kind):  # type: ignore[valid-type, misc]
        def read_response(self, *args: Any, **kwargs: Any) -> Any:
            try:
                return super().read_response(*args, **kwargs)
            except ResponseError as error:
                if is_passing(error):
                    raise ConnectionError(f"It refuses: {error}") from error
                raise

    return Refusable


class Transport(redis.Transport):
    Channel = Channel


class PatientConnection(Connection):
    """Reconnects every second, for ever; kombu's backoff grows to half a minute."""

    def _ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        kwargs = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": 1, **kwargs}
        return super()._ensure_connection(*args, **kwargs)


class Queues(AMQP):
    Connection = PatientConnection
