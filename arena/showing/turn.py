"""One turn of a battle as it comes in: two streams in, frames for one browser out.

Every frame covers both sides in the same shape, and reveals nothing about text that has arrived but
is not shown yet.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from math import inf
from typing import Any, Self

from django.conf import settings

from inference.contract.endings import FinishReason
from inference.contract.streams import Entry, Kind

from ..limits import LIVE
from ..markdown import Growing
from ..models import Answer, Side
from .clock import Clock
from .supply import Arrival
from .words import Words, words

SET_S = 30.0  # by less than that, the broker's clock was not set, or it does not matter
LONGEST_PAUSE_S = 5.0
LEAP = 1_000  # characters of an answer: more than that is rendered outside the event loop


@dataclass(frozen=True)
class Position:
    """How much of both sides a browser has shown: the number of attempts of both together, and the
    number of words of each. It reveals nothing that was not shown."""

    attempts: int = 0
    words: int = 0

    def __str__(self) -> str:
        return f"{self.attempts}.{self.words}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse what a browser sent; anything malformed means the beginning."""
        attempts, _, shown = text.partition(".")
        if attempts.isdecimal() and shown.isdecimal() and len(text) < 20:
            return cls(int(attempts), int(shown))
        return cls()


@dataclass
class Pane:
    """One side: the text of its current attempt that has arrived."""

    side: Side
    attempt: int = 0
    arrival: Arrival = field(default_factory=lambda: Arrival(Words()))
    reason: str = ""  # its finish reason; "" until it ends
    stored: bool = False
    unrecorded: bool = False  # its stream is gone or has no end, so its arrival times are unknown
    heard: float = field(default_factory=time.monotonic)
    line: int = 0  # the number of the last numbered entry
    since: int = 0  # the attempt in which its text began
    known: int = 0  # characters that will come once more, as another attempt goes on from them
    growing: Growing = field(default_factory=Growing)

    @property
    def words(self) -> Words:
        return self.arrival.words

    @property
    def ended(self) -> bool:
        return bool(self.reason)

    def absorb(self, entry: Entry) -> None:
        self.heard = time.monotonic()
        if 0 < entry.number <= self.line:
            return  # a duplicate: its writer got no reply and retried
        self.line = max(self.line, entry.number)
        if entry.kind is Kind.TEXT:
            new = entry.text[self.known :]
            self.known -= len(entry.text) - len(new)
            self.words.write(new)
            self.arrival.hear(entry.at)
        elif entry.kind is Kind.END:
            if not FinishReason(entry.text).is_failure:
                self._end(entry.at, entry.text)
        elif entry.kind is Kind.STORED:
            self.stored = True

    def goes_on(self, entry: Entry) -> bool:
        """Take up the attempt of `entry`, if that goes on from this text."""
        length = len(self.words.text)
        is_known = entry.kind is Kind.GOES_ON and entry.text == str(length) and length > 0
        if not is_known or entry.attempt <= self.attempt:
            return False
        self.attempt, self.line, self.known = entry.attempt, 0, length
        return True

    def finish(self, text: str, reason: str, at: float) -> None:
        """Take the stored answer, which overrides the stream."""
        self.stored = True
        self.unrecorded = not (self.words and self.ended)
        if text != self.words.text:
            self.arrival.words = words(text)
        if not self.ended:
            self._end(at, reason)
        self.reason = reason or FinishReason.STOP

    def _end(self, at: float, reason: str) -> None:
        self.words.close()
        self.arrival.end(at)
        self.reason = reason or FinishReason.STOP

    def is_untimed(self, now: float) -> bool:
        """Whether nobody knows when its words arrived. They did not arrive later than now: if they
        seem to have, the broker's clock was set."""
        return self.unrecorded or self.arrival.latest > now + SET_S

    def is_passed(self, words: int) -> bool:
        """Whether the other side, shown up to so many words, gives away that this one has ended."""
        return self.ended and words > len(self.words)

    @property
    def silent(self) -> bool:
        """Whether its worker's heartbeat is missing: it died or was told to stop."""
        return not self.ended and time.monotonic() - self.heard > LIVE.silent_s


class LiveTurn:
    """Both panes of a turn, and how much of them may be shown."""

    def __init__(self, position: Position | None = None) -> None:
        self.panes = {side: Pane(side) for side in Side}
        self.position = position or Position()
        self.stopped_at: int | None = None  # words of each side, if the turn was stopped
        self._resumed = False
        self._begin()

    def _begin(self) -> None:
        a, b = (pane.arrival for pane in self.panes.values())
        self._clock = Clock(a, b, settings.WORDS_PER_SECOND)

    def absorb(self, side: Side, entry: Entry) -> None:
        if entry.kind is Kind.STOPPED:
            self.stopped_at = int(entry.text)
        pane = self.panes[side]
        if entry.attempt > pane.attempt and not pane.goes_on(entry):
            self._restart(side, entry.attempt)
        pane = self.panes[side]
        if entry.attempt < pane.attempt or pane.stored:
            return  # of a stale attempt, or superseded by the stored answer
        pane.absorb(entry)
        self._clock.correct(entry.at)

    def finish(self, side: Side, answer: Answer, at: float) -> None:
        """Take the stored answer of a side, read at time `at` [s, the broker's clock]."""
        if self.panes[side].attempt != answer.attempt:
            self._restart(side, answer.attempt)
        self.panes[side].finish(answer.text, answer.finish_reason, at)
        self._clock.correct(at)

    def _restart(self, side: Side, attempt: int) -> None:
        """Restart the clock for both sides. The browser keeps the old text until both sides have
        words again, so that the voter cannot tell when an attempt begins."""
        growing = self.panes[side].growing
        self.panes[side] = Pane(side, attempt, since=attempt, growing=growing)
        self._begin()

    @property
    def attempts(self) -> int:
        """At the text of both sides: one that goes on from the text before is no other."""
        return sum(pane.since for pane in self.panes.values())

    def seen(self, now: float) -> int:
        """Words of each side that may be shown by then."""
        most = self._limit
        if self.ended and any(pane.is_untimed(now) for pane in self.panes.values()):
            return most
        return min(self._clock.words(now, most), most)

    def seen_by(self, position: Position, now: float) -> int:
        """The same for a browser that reports `position`: no more words than it has shown."""
        known = position.words > 0 and position.attempts == self.attempts
        return min(position.words, self.seen(now)) if known else self.seen(now)

    def pause(self, now: float) -> float:
        """Seconds until more may be shown, if it has arrived by then; always positive, and never
        the hour by which the broker's clock may be set."""
        return min(self._clock.pause(now), LONGEST_PAUSE_S)

    def waits(self, now: float) -> bool:
        """Whether there is nothing more to show until something arrives."""
        return not self.begun or self.seen(now) >= self._limit or self._clock.waits(now)

    @property
    def begun(self) -> bool:
        """Whether both sides have words to show."""
        return self._clock.began < inf

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return all(pane.ended for pane in self.panes.values())

    def all_seen(self, now: float) -> bool:
        """Whether both answers may be shown completely by then."""
        return self.ended and self.ends_at(self.seen(now))

    def ends_at(self, words: int) -> bool:
        """Whether both answers are complete with this many words."""
        return self.ended and words >= self._most

    @property
    def _most(self) -> int:
        """Words of the longer side that have arrived."""
        return max(len(pane.words) for pane in self.panes.values())

    @property
    def _limit(self) -> int:
        """Words of each side that have arrived and are not beyond a stop."""
        return self._most if self.stopped_at is None else min(self._most, self.stopped_at)

    def complete(self, now: float) -> bool:
        """Whether everything is shown and stored, so that the voter can vote."""
        return all(pane.stored for pane in self.panes.values()) and self.all_seen(now)

    def uncertain(self, now: float) -> bool:
        """Whether the database may know more than the streams say."""
        quiet = any(pane.silent for pane in self.panes.values())
        return quiet or not self.begun or self.stopped_at is not None or self.all_seen(now)

    def position_at(self, now: float) -> Position:
        """Without a word it does not even say whether an attempt has begun."""
        words = self.seen(now)
        return Position(self.attempts, words) if words else Position()

    def frame(self, now: float) -> dict[str, Any] | None:
        """The frame that brings the browser up to date; None if it is."""
        position = self.position_at(now)
        if not position.words:
            return None
        if not self._resumed:
            self._resume(position)
        if position == self.position:
            return None
        if position.attempts != self.position.attempts:
            for pane in self.panes.values():
                pane.growing = Growing()
        self.position = position
        return {
            "op": "text",
            "at": str(position),
            "panes": [
                {
                    "side": side.value,
                    "complete": pane.is_passed(position.words),
                    **pane.growing.show(pane.words.first(position.words)),
                }
                for side, pane in self.panes.items()
            ],
        }

    def leaps(self, now: float) -> bool:
        """Whether the next frame takes too long to render in the event loop."""
        words = self.position_at(now).words
        panes = self.panes.values()
        return any(p.growing.unread(p.words.first(words)) > LEAP for p in panes)

    def _resume(self, position: Position) -> None:
        """Resume from the text that the browser says it shows, if it still applies."""
        self._resumed = True
        was = self.position
        if was.attempts != position.attempts or was.words > position.words:
            self.position = Position()
            return
        for pane in self.panes.values():
            pane.growing.resume(pane.words.first(was.words))
