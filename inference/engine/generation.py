"""An answer as its reader sees it: text to read as it comes, a way to cancel, an outcome; and,
kept apart, the thoughts that came before it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .jobs import Outcome, State

MOST_THOUGHTS = 200_000  # characters that are kept


class Generation:
    """The reader's end of one answer. Any thread may read or cancel; the engine writes."""

    def __init__(self) -> None:
        self._arrival = threading.Condition()
        self._unread: list[str] = []
        self._thoughts: list[str] = []
        self._thoughts_room = MOST_THOUGHTS
        self._state = State.QUEUED
        self._outcome: Outcome | None = None
        self._cancelled = False
        self._begun = False
        self._news: Callable[[], object] | None = None
        self._on_cancel: Callable[[], object] | None = None

    @property
    def state(self) -> State:
        return self._state

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None while it has not."""
        return self._outcome

    @property
    def cancelled(self) -> bool:
        """Whether someone asked for it to end. It ends before the engine's next step."""
        return self._cancelled

    @property
    def thoughts(self) -> str:
        """What it thought before its answer. Not text to read: nobody sees it before the vote."""
        with self._arrival:
            return "".join(self._thoughts).strip()

    def read(self, timeout: float) -> str | None:
        """All text that came since the last read.

        Waits up to `timeout` seconds for some and returns "" if none came. Returns None once the
        answer is finished and all its text was read; never waits longer than that.
        """
        until = time.monotonic() + timeout
        with self._arrival:
            while not self._unread and self._outcome is None:
                if not self._arrival.wait(until - time.monotonic()):
                    return ""
            if not self._unread:
                return None
            text = "".join(self._unread)
            self._unread.clear()
            return text

    def listen(self, news: Callable[[], object]) -> None:
        """Have `news` called now, when the first text is there, and at the end: for who reads many
        answers in one thread."""
        self._news = news
        news()

    def cancel(self) -> None:
        """Ask for its end: the slot is free at the engine's next step. What was made stays."""
        self._cancelled = True
        if self._on_cancel is not None:
            self._on_cancel()

    def wait(self, timeout: float) -> Outcome | None:
        """Its outcome, or None if it has none after `timeout` seconds. Reads nothing."""
        with self._arrival:
            self._arrival.wait_for(lambda: self._outcome is not None, timeout)
        return self._outcome

    # The engine's end.

    def when_cancelled(self, act: Callable[[], object]) -> None:
        """Have `act` called by whoever cancels: for engines that only wait, and take no steps."""
        self._on_cancel = act

    def advance(self, state: State) -> None:
        self._state = state

    def think(self, text: str) -> None:
        with self._arrival:
            self._thoughts.append(text[: self._thoughts_room])
            self._thoughts_room -= len(self._thoughts[-1])

    def forget_thoughts(self) -> None:
        """It begins anew."""
        with self._arrival:
            self._thoughts.clear()
            self._thoughts_room = MOST_THOUGHTS

    def write(self, text: str) -> None:
        with self._arrival:
            self._unread.append(text)
            self._arrival.notify_all()
        if not self._begun:
            self._begun = True
            self._tell()

    def finish(self, outcome: Outcome) -> None:
        with self._arrival:
            self._outcome = outcome
            self._state = State.FINISHED
            self._arrival.notify_all()
        self._tell()

    def _tell(self) -> None:
        if self._news is not None:
            self._news()
