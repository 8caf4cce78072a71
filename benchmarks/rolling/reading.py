"""Volunteers whose pages come back when their connection ends, and who vote at another web process
than the one where they began."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from random import random
from threading import Lock
from typing import Any

from arena.limits import LIVE
from benchmarks.faults.voters import PASSING, patiently
from tests.live.hosted import Paced
from tests.live.volunteer import Volunteer, apply

WORDS = [f"word{n}" for n in range(60)]
SAID = Paced.of([f"{word} " for word in WORDS], 0.05)
PATIENCE_S = 180.0
LAST = ("ready", "void", "over")


class Reading:
    """A battle as its page shows it."""

    def __init__(self, somebody: Volunteer, battle: str) -> None:
        self.somebody, self.battle = somebody, battle
        self.has_shrunk = False  # text that was shown has been taken away
        self.moved_s: list[float] = []  # from each loss of the connection to the next frame
        self.panes: dict[str, list[str]] = {"A": [], "B": []}
        self._at = ""
        self._lost_at = 0.0

    def to_the_end(self) -> str:
        """How it ended; "" if it has not."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                for frame in self.somebody.watch(self.battle, self._at):
                    self._take(frame)
                    if frame["op"] in LAST:
                        return str(frame["op"])
            except PASSING:
                pass
            self._lost_at = self._lost_at or time.monotonic()
            time.sleep(random() * LIVE.spread_s)
        return ""

    def _take(self, frame: dict[str, Any]) -> None:
        if self._lost_at:
            self.moved_s.append(time.monotonic() - self._lost_at)
            self._lost_at = 0.0
        before = self.words()
        apply(self.panes, frame)
        now = self.words()
        self.has_shrunk |= any(now[side][: len(was)] != was for side, was in before.items())
        self._at = frame.get("at", self._at)

    def words(self) -> dict[str, list[str]]:
        texts = {side: re.sub("<[^>]+>", " ", "".join(b)) for side, b in self.panes.items()}
        return {side: text.split() for side, text in texts.items()}

    @property
    def is_torn(self) -> bool:
        """Whether it has shown a word twice, or not at all, or taken one away."""
        return self.has_shrunk or self.words() != {"A": WORDS, "B": WORDS}


@dataclass
class Seen:
    """What the volunteers have seen. Thread-safe."""

    over: int = 0
    void: int = 0  # or without an end
    torn: int = 0
    votes: dict[str, str] = field(default_factory=dict)
    moved_s: list[float] = field(default_factory=list)
    reading: list[Reading] = field(default_factory=list)  # now
    lock: Lock = field(default_factory=Lock)

    def ended(self, reading: Reading, verdict: str) -> None:
        with self.lock:
            self.over += 1
            self.void += not verdict
            self.torn += reading.is_torn
            self.moved_s += reading.moved_s
            if verdict:
                self.votes[reading.battle] = verdict

    def is_read_at(self, url: str) -> bool:
        """Whether somebody sees the words of a battle there."""
        with self.lock:
            return any(one.words()["A"] for one in self.reading if one.somebody.url == url)


def play(begin_at: str, vote_at: str, verdict: str, seen: Seen) -> None:
    """A battle that is begun and read at one address, and voted on at the other."""
    with Volunteer(begin_at) as somebody, Volunteer(vote_at) as later:
        battle = patiently(lambda: somebody.begin("Count, please."), PATIENCE_S)
        later.http.cookies = somebody.http.cookies
        reading = Reading(somebody, battle)
        with seen.lock:
            seen.reading.append(reading)
        is_ready = reading.to_the_end() == "ready"
        with seen.lock:
            seen.reading.remove(reading)
        if is_ready:
            patiently(lambda: later.vote(battle, verdict).status_code == 302, PATIENCE_S)
        seen.ended(reading, verdict if is_ready else "")
