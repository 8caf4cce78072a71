"""Who sends more prompts than is fair, from several connections at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from tests.live.site import until
from tests.live.volunteer import Volunteer

AT_ONCE = 16
PROMPT = "Tell me a long story about a whale."


@dataclass
class Flood:
    """Sends prompts until it is told to end, and at least so many."""

    url: str
    cookies: int
    prompts: int
    sent: Counter[int] = field(default_factory=Counter)  # by status
    ending: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        """It has filled what it can before the block begins."""
        voters = [visitor(self.url, "198.51.100.7") for _ in range(self.cookies)]
        threads = [threading.Thread(target=self._send, args=[voters[n::AT_ONCE] or voters])
                   for n in range(AT_ONCE)]  # fmt: skip
        for thread in threads:
            thread.start()
        try:
            until(lambda: self.sent.total() >= self.prompts // 10, "the flood")
            yield
        finally:
            self.ending.set()
            for thread in threads:
                thread.join()

    def _send(self, voters: list[Volunteer]) -> None:
        for n in count():
            if self.ending.is_set() and self.sent.total() >= self.prompts:
                return
            voter = voters[n % len(voters)]
            voter.received.clear()
            self.sent[voter.post("/battles/", prompt=PROMPT).status_code] += 1


def visitor(url: str, address: str) -> Volunteer:
    """Who comes from there, by the header of a proxy that is trusted."""
    volunteer = Volunteer(url)
    volunteer.http.headers["X-Forwarded-For"] = address
    return volunteer
