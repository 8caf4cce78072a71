"""The base class of backends for APIs: asyncio tasks in one thread read all their streams."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from inference.contract.errors import EngineError
from inference.contract.lessons import INSIDE
from inference.contract.requests import ADDRESSES, Endpoint, GenerateRequest
from inference.engine import Generation

from . import Host
from .events import Event
from .loop import LoopThread
from .reading import Reader
from .replies import Part, Told
from .terms import Terms
from .turns import Turns
from .wire import Wire

logger = logging.getLogger(__name__)
CLOSING_S = 2.0  # for an abandoned connection


# A model at an API, with what is fixed about it, and how often all else was to be forgotten.
Subject = tuple[str, str, tuple[str, ...], int]


def _subject(end: Endpoint) -> Subject:
    return end.url, end.model, end.lessons, end.trial


class RemoteBackend(ABC):
    """One wire format. Subclasses build its requests and parse its events."""

    name: ClassVar[str]
    who: ClassVar[str] = "The API"  # the subject of error messages
    path: ClassVar[str]  # below the base URL

    def __init__(self, host: Host) -> None:
        # By key, as APIs limit requests by key.
        self.slots = defaultdict[str, Turns](lambda: Turns(host.remote_slots))
        self.wire = Wire()
        self._terms: dict[Subject, Terms] = {}
        self._loop = LoopThread("remote answers", at_end=self.wire.close)

    @abstractmethod
    def headers(self, key: str) -> dict[str, str]: ...

    @abstractmethod
    def body(self, request: GenerateRequest, endpoint: Endpoint, terms: Terms) -> dict[str, Any]:
        """The JSON body of the call."""

    @abstractmethod
    def parts(self, event: Event, told: Told) -> Iterator[Part]:
        """The text in one event; its other information goes into `told`. Any field of an event may
        be missing or have the wrong type."""

    def first_terms(self, endpoint: Endpoint, request: GenerateRequest) -> Terms:
        """The terms to try before anything is known about the API."""
        return Terms()

    def terms(self, request: GenerateRequest, endpoint: Endpoint) -> Terms:
        return self._terms.get(_subject(endpoint)) or self._first(request, endpoint)

    def _first(self, request: GenerateRequest, endpoint: Endpoint) -> Terms:
        return self.first_terms(endpoint, request).taught(endpoint.lessons)

    def remember(self, endpoint: Endpoint, terms: Terms) -> None:
        if INSIDE in endpoint.lessons:  # fixed: one answer without thoughts is no reason
            terms = replace(terms, opens_inside=True)
        before = self._terms.get(_subject(endpoint), Terms())
        self._terms[_subject(endpoint)] = terms
        if terms.changes != before.changes:
            logger.warning("%s is called without %s", endpoint.model, ", ".join(terms.changes))

    def url(self, endpoint: Endpoint) -> str:
        base, query, parameters = (endpoint.url or ADDRESSES[self.name]).partition("?")
        base = base.rstrip("/")
        if self.path.startswith("/v1/"):
            base = base.removesuffix("/v1")
        return base + self.path + query + parameters

    def describe(self, request: GenerateRequest) -> str:
        """Includes the parameters that the API rejected, since they would change the answers."""
        without = self.terms(request, request.endpoint).changes if request.endpoint else []
        return f"{self.name} API" + (f" without {', '.join(without)}" if without else "")

    def learned(self, request: GenerateRequest) -> tuple[str, ...]:
        """What the API was found to accept, beyond what the request says."""
        end = request.endpoint
        return self.terms(request, end).learned_since(self._first(request, end)) if end else ()

    @contextmanager
    def generate(self, request: GenerateRequest) -> Iterator[Generation]:
        if request.endpoint is None:
            raise EngineError("This contestant has no endpoint.", permanent=True)
        generation = Generation()
        reader = Reader(self, request, request.endpoint, generation)
        cancel = self._loop.begin(reader.run())
        generation.when_cancelled(cancel)
        try:
            yield generation
        finally:
            generation.cancel()  # if it is unfinished, nobody reads it any more
            generation.wait(CLOSING_S)  # after that its cost is known

    def can_begin(self, weights: str) -> bool:
        return True

    @property
    def occupied(self) -> dict[str, int]:
        return {}  # no weights here

    @property
    def tokens_per_second(self) -> float:
        return 0.0  # unknown for a machine that is not ours

    def close(self) -> None:
        self._loop.close()
