"""One turn of a battle as it comes in: two streams in, frames for one browser out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from inference.streams import Entry, Kind

from .markdown import Growing
from .models import Side
from .pacing import Arrived, in_step, next_step

SILENT_S = 2.0  # a worker says every second that it lives


@dataclass(frozen=True)
class Position:
    """How far a browser has seen one side: attempt and characters. It tells the browser nothing
    but what it was shown, unlike a stream's own ids, which are times."""

    attempt: int = 0
    shown: int = 0

    def __str__(self) -> str:
        return f"{self.attempt}.{self.shown}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From what a browser sent; anything odd means: from the beginning."""
        attempt, _, shown = text.partition(".")
        if attempt.isdecimal() and shown.isdecimal() and len(text) < 20:
            return cls(int(attempt), int(shown))
        return cls()


@dataclass
class Pane:
    """One side: what arrived of its current attempt, and what this browser shows of it."""

    side: Side
    position: Position = field(default_factory=Position)
    attempt: int = 0
    text: str = ""
    ended: bool = False
    stored: bool = False
    stopped: bool = False  # by the voter, before its end
    heard: float = field(default_factory=time.monotonic)
    end_told: bool = False
    behind: bool = False  # there is more to show already
    growing: Growing = field(default_factory=Growing)
    caught_up: bool = False  # with what the browser already shows

    def absorb(self, entry: Entry) -> None:
        if entry.attempt < self.attempt or (self.stored and entry.attempt == self.attempt):
            return  # given up on, or known already from what was written down
        if entry.attempt > self.attempt:
            self.attempt, self.text, self.ended, self.stored = entry.attempt, "", False, False
        self.heard = time.monotonic()
        if entry.kind is Kind.TEXT:
            self.text += entry.text
        elif entry.kind is Kind.END:
            self.ended = entry.text != "error"  # a failed attempt is not an end: another follows
        elif entry.kind is Kind.STORED:
            self.stored = True

    def finish(self, text: str, attempt: int, *, stopped: bool = False) -> None:
        """The answer as it was written down: whatever the stream said before."""
        self.attempt, self.text, self.ended, self.stored = attempt, text, True, True
        self.stopped = stopped

    @property
    def silent(self) -> bool:
        """Whether its worker gives no sign of life any more: gone, or told to stop."""
        return not self.ended and time.monotonic() - self.heard > SILENT_S

    @property
    def arrived(self) -> Arrived:
        return Arrived(len(self.text), self.ended, time.monotonic() - self.heard)

    def catch_up(self) -> None:
        """Remember what the browser already shows, so that only the difference is sent."""
        if self.position.attempt == self.attempt and self.text and not self.caught_up:
            self.growing.resume(self.text[: self.position.shown])
            self.caught_up = True

    def frame(self, allowed: int) -> dict[str, Any] | None:
        """What to send so that `allowed` characters are shown; None when they already are."""
        restart = self._restart_if_superseded()
        shown = next_step(self.position.shown, allowed)
        self.behind = shown < allowed
        end = self.ended and shown == len(self.text) and not self.end_told
        if shown == self.position.shown and not end and not restart:
            return None
        self.position, self.end_told = Position(self.attempt, shown), end
        return {
            "side": self.side.value,
            "at": str(self.position),
            **self.growing.show(self.text[:shown]),
            "end": end,
        }

    def _restart_if_superseded(self) -> bool:
        """Begin the pane anew for a new attempt; True when the browser has text to take away.
        Otherwise nothing may be sent: *when* a side begins is not for the voter to know."""
        if self.position.attempt == self.attempt:
            return False
        had_text = self.position.shown > 0
        self.position, self.growing = Position(self.attempt, 0), Growing()
        self.caught_up = True
        return had_text


class LiveTurn:
    """Both panes of the turn a browser is watching."""

    def __init__(self, positions: dict[Side, Position]) -> None:
        self.panes = {side: Pane(side, positions.get(side, Position())) for side in Side}

    @property
    def complete(self) -> bool:
        """All of it is shown and written down: time to vote."""
        return all(pane.end_told and pane.stored for pane in self.panes.values())

    @property
    def behind(self) -> bool:
        """Whether more can be shown without anything new arriving."""
        return any(pane.behind for pane in self.panes.values())

    @property
    def flowing(self) -> bool:
        """Whether words are coming as they should: the streams say all there is to know."""
        return self.begun and not self.arrived and not any(p.silent for p in self.panes.values())

    @property
    def begun(self) -> bool:
        """Whether the browser shows anything of it."""
        return any(pane.position.shown for pane in self.panes.values())

    @property
    def arrived(self) -> bool:
        """Whether nothing more will come."""
        return all(pane.ended for pane in self.panes.values())

    def frames(self) -> Iterator[dict[str, Any]]:
        a, b = self.panes[Side.A], self.panes[Side.B]
        for pane, allowed in zip((a, b), in_step(a.arrived, b.arrived), strict=True):
            pane.catch_up()
            if (frame := pane.frame(allowed)) is not None:
                yield frame
