"""Voters who do not give up: each begins battles, reads them to the end and votes, and asks again
whenever there is no answer, as a browser and its user would."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol, TypeVar

import httpx
from websockets.exceptions import WebSocketException

from tests.live.volunteer import Volunteer

T = TypeVar("T")
VERDICTS = ("A", "B", "TIE", "BOTH_BAD")
AGAIN_S = 0.3
# What a voter sees of a fault: no answer, no connection, a page that asks for another try or has no
# form to send.
PASSING = (httpx.HTTPError, WebSocketException, OSError, AssertionError, KeyError)


class Place(Protocol):
    """An arena to vote at, such as `tests.live.site.Site`.

    Attributes:
        environment, servers: what a process of it is started with.
    """

    environment: dict[str, str]
    servers: dict[str, str]

    @property
    def url(self) -> str: ...

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]: ...


class StuckError(Exception):
    """A voter has waited too long."""


@dataclass
class Seen:
    """What the voters have seen. Thread-safe."""

    begun: int = 0
    void: int = 0
    stuck: int = 0
    votes: dict[str, str] = field(default_factory=dict)  # confirmed: battle and verdict
    at: list[float] = field(default_factory=list)  # when each was confirmed (monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def confirmed(self, battle: str, verdict: str) -> None:
        with self.lock:
            self.votes[battle] = verdict
            self.at.append(time.monotonic())


@dataclass
class Crowd:
    """Voters who vote in `battles` battles, some at a time."""

    site: Place
    battles: int
    at_once: int
    random: Random
    patience_s: float
    seen: Seen = field(default_factory=Seen)
    before_vote: Callable[[], None] = lambda: None

    def __enter__(self) -> Crowd:
        self._pool = ThreadPoolExecutor(self.at_once)
        verdicts = [self.random.choice(VERDICTS) for _ in range(self.battles)]
        self._all = [self._pool.submit(self._vote, verdict) for verdict in verdicts]
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=kind is not None)
        for one in self._all if kind is None else ():
            one.result()

    @property
    def share(self) -> float:
        """How many of the battles are over."""
        return sum(one.done() for one in self._all) / max(1, self.battles)

    def _vote(self, verdict: str) -> None:
        try:
            with Volunteer(self.site.url) as somebody:
                battle = self._patiently(lambda: somebody.begin("Say hello."))
                self.seen.begun += 1
                if self._patiently(lambda: self._read(somebody, battle)) == "void":
                    self.seen.void += 1
                    return
                self.before_vote()
                self._patiently(lambda: self._has_voted(somebody, battle, verdict))
                self.seen.confirmed(battle, verdict)
        except StuckError:
            self.seen.stuck += 1

    def _read(self, somebody: Volunteer, battle: str) -> str:
        """How it ended; "" if the connection was lost before."""
        op = ""
        for frame in somebody.watch(battle):
            op = frame["op"]
        return op if op in ("ready", "void", "over") else ""

    def _has_voted(self, somebody: Volunteer, battle: str, verdict: str) -> bool:
        return somebody.vote(battle, verdict).status_code == 302

    def _patiently(self, what: Callable[[], T]) -> T:
        return patiently(what, self.patience_s)


def patiently(what: Callable[[], T], patience_s: float) -> T:
    """What it returns, asked again and again. Raises StuckError."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        try:
            if found := what():
                return found
        except PASSING:
            pass
        time.sleep(AGAIN_S)
    raise StuckError
