"""One turn of a battle as it comes in: two streams in, frames for one browser out.

Whatever is sent is of both sides, at once and in the same shape, and says nothing of what has
arrived but is not shown yet.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Self

from django.conf import settings

from inference.contract.endings import FinishReason
from inference.contract.streams import Entry, Kind

from ..markdown import Growing
from ..models import Answer, Side
from .clock import Arrival, Clock
from .words import Words, words

LEAP = 1_000  # characters of an answer
SILENT_S = 2.0  # a worker says every second that it lives


@dataclass(frozen=True)
class Position:
    """How far a browser has seen both sides: how often one of them was begun, and so many words of
    each. It tells the browser nothing but what it was shown."""

    attempts: int = 0
    words: int = 0

    def __str__(self) -> str:
        return f"{self.attempts}.{self.words}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From what a browser sent; anything odd means: from the beginning."""
        attempts, _, shown = text.partition(".")
        if attempts.isdecimal() and shown.isdecimal() and len(text) < 20:
            return cls(int(attempts), int(shown))
        return cls()


@dataclass
class Pane:
    """One side: what arrived of its current attempt."""

    side: Side
    attempt: int = 0
    words: Words = field(default_factory=Words)
    arrival: Arrival = field(default_factory=Arrival)
    reason: str = ""  # why it ended; "" while it has not
    stored: bool = False
    unrecorded: bool = False  # its stream is gone, or has no end: nobody knows when its words came
    heard: float = field(default_factory=time.monotonic)
    line: int = 0  # the last one that was numbered
    growing: Growing = field(default_factory=Growing)

    @property
    def ended(self) -> bool:
        return bool(self.reason)

    def absorb(self, entry: Entry) -> None:
        self.heard = time.monotonic()
        if 0 < entry.number <= self.line:
            return  # its writer got no answer and wrote it again
        self.line = max(self.line, entry.number)
        if entry.kind is Kind.TEXT:
            self.words.write(entry.text)
            self.arrival.hear(entry.at, len(self.words))
        elif entry.kind is Kind.END:
            if not FinishReason(entry.text).is_failure:
                self._end(entry.at, entry.text)
        elif entry.kind is Kind.STORED:
            self.stored = True

    def finish(self, text: str, reason: str, at: float) -> None:
        """The answer as it was written down: whatever the stream said before."""
        self.stored = True
        self.unrecorded = not (self.words and self.ended)
        if text != self.words.text:
            self.words = words(text)
        if not self.ended:
            self._end(at, reason)
        self.reason = reason or FinishReason.STOP

    def _end(self, at: float, reason: str) -> None:
        self.words.close()
        self.arrival.hear(at, len(self.words))
        self.arrival.end(at)
        self.reason = reason or FinishReason.STOP

    @property
    def silent(self) -> bool:
        """Whether its worker gives no sign of life any more: gone, or told to stop."""
        return not self.ended and time.monotonic() - self.heard > SILENT_S


class LiveTurn:
    """Both panes of a turn, and how far they may be seen."""

    def __init__(self, position: Position | None = None) -> None:
        self.panes = {side: Pane(side) for side in Side}
        self.position = position or Position()
        self.stopped_at: int | None = None  # words of each side, when the voter stopped them
        self._resumed = False
        self._begin()

    def _begin(self) -> None:
        a, b = (pane.arrival for pane in self.panes.values())
        self._clock = Clock(a, b, settings.WORDS_PER_SECOND)

    def absorb(self, side: Side, entry: Entry) -> None:
        if entry.kind is Kind.STOPPED:
            self.stopped_at = int(entry.text)
        if entry.attempt > self.panes[side].attempt:
            self._restart(side, entry.attempt)
        pane = self.panes[side]
        if entry.attempt < pane.attempt or pane.stored:
            return  # given up on, or known already from what was written down
        pane.absorb(entry)
        self._clock.correct(entry.at)

    def finish(self, side: Side, answer: Answer, at: float) -> None:
        """The answer of a side as it was written down, found at a time [s, the broker's clock]."""
        if self.panes[side].attempt != answer.attempt:
            self._restart(side, answer.attempt)
        self.panes[side].finish(answer.text, answer.finish_reason, at)
        self._clock.correct(at)

    def _restart(self, side: Side, attempt: int) -> None:
        """Both sides begin anew by the clock. What a browser shows stays until there are words of
        both: *when* an attempt begins is not for the voter to know."""
        self.panes[side] = Pane(side, attempt, growing=self.panes[side].growing)
        self._begin()

    @property
    def attempts(self) -> int:
        return sum(pane.attempt for pane in self.panes.values())

    def seen(self, now: float) -> int:
        """Words of each side that may be seen by then."""
        most = self._limit
        if self.ended and any(pane.unrecorded for pane in self.panes.values()):
            return most
        return min(self._clock.words(now, most), most)

    def seen_by(self, position: Position, now: float) -> int:
        """The same for a browser that says it has come to `position`, but no further."""
        known = position.words > 0 and position.attempts == self.attempts
        return min(position.words, self.seen(now)) if known else self.seen(now)

    def pause(self, now: float) -> float:
        """Seconds until more may be seen, if it has arrived by then; never none."""
        return self._clock.pause(now)

    def waits(self, now: float) -> bool:
        """Whether nothing more is to be seen until something arrives."""
        return not self.begun or self.seen(now) >= self._limit or self._clock.waits(now)

    @property
    def begun(self) -> bool:
        """Whether there is anything of both to be seen."""
        return all(len(pane.words) for pane in self.panes.values())

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return all(pane.ended for pane in self.panes.values())

    def all_seen(self, now: float) -> bool:
        """Whether all there will ever be of both may be seen by then."""
        return self.ended and self.seen(now) >= self._most

    @property
    def _most(self) -> int:
        """Words of the longer side, as far as they are known."""
        return max(len(pane.words) for pane in self.panes.values())

    @property
    def _limit(self) -> int:
        """Words of each side that may be seen at all, as far as they are known."""
        return self._most if self.stopped_at is None else min(self._most, self.stopped_at)

    def complete(self, now: float) -> bool:
        """All of it is seen and written down: time to vote."""
        return all(pane.stored for pane in self.panes.values()) and self.all_seen(now)

    def uncertain(self, now: float) -> bool:
        """Whether the database may know more than the streams say."""
        quiet = any(pane.silent for pane in self.panes.values())
        return quiet or not self.begun or self.stopped_at is not None or self.all_seen(now)

    def position_at(self, now: float) -> Position:
        return Position(self.attempts, self.seen(now))

    def frame(self, now: float) -> dict[str, Any] | None:
        """What to send so that the browser shows what may be seen now; None when it does."""
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
                {"side": side.value, **pane.growing.show(pane.words.first(position.words))}
                for side, pane in self.panes.items()
            ],
        }

    def leaps(self, now: float) -> bool:
        """Whether so much is to be rendered for it that it should not be done in passing."""
        words = self.position_at(now).words
        panes = self.panes.values()
        return any(p.growing.unread(p.words.first(words)) > LEAP for p in panes)

    def _resume(self, position: Position) -> None:
        """Begin from what the browser says it shows, if that is possible at all."""
        self._resumed = True
        was = self.position
        if was.attempts != position.attempts or was.words > position.words:
            self.position = Position()
            return
        for pane in self.panes.values():
            pane.growing.resume(pane.words.first(was.words))
