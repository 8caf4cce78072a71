"""What this worker answers next, each time that it has a free slot."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.exceptions import NoPermissionError

from ..contract.fairness import Rota
from ..contract.requests import GenerateRequest
from ..contract.streams import claim_attempt
from ..contract.waiting import all_waiting, take


class Queue:
    """Clients take turns, by service. Thread-safe."""

    def __init__(self, connection: redis.Redis) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._rotas = defaultdict[str, Rota](Rota)
        self._running = defaultdict[str, list[str]](list)  # clients, by service

    @contextmanager
    def turn(self, asked: GenerateRequest) -> Iterator[GenerateRequest | None]:
        """The request to answer in the place that the task of `asked` holds; None if nothing waits.
        It is claimed: nobody else answers it, even if a task comes twice. Raises RedisError."""
        with self._lock:
            request = self._next(asked)
            if request is not None:
                self._rotas[request.service].took(request.client)
                self._running[request.service].append(request.client)
        try:
            yield request
        finally:
            if request is not None:
                with self._lock:
                    self._running[request.service].remove(request.client)

    def _next(self, asked: GenerateRequest) -> GenerateRequest | None:
        service = asked.service
        try:
            waiting = all_waiting(self._connection, service)
        except NoPermissionError:  # the broker's rules are of a release before: order of arrival
            waiting = []
        # One that does not wait is begun already, or the broker knows it by its task alone.
        is_known = asked.stream in (one.stream for one in waiting)
        if not is_known and claim_attempt(self._connection, asked.stream, asked.attempt):
            return asked
        while waiting:
            clients = [one.client for one in waiting]
            one = waiting.pop(self._rotas[service].choose(clients, self._running[service]))
            if request := take(self._connection, service, one):
                return request
            # Somebody else has taken it, perhaps in the place of one that has come since. Its own
            # place is then this one.
            waiting = all_waiting(self._connection, service)
        return None
