"""An answer as its reader sees it: text to read as it arrives, a way to cancel, an outcome; and,
separately, the thoughts that preceded it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .jobs import Outcome, State

MOST_THOUGHTS = 200_000  # characters kept


class Generation:
    """The reader's side of one answer. Thread-safe: any thread may read or cancel; the engine
    writes."""

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
        """How it ended; None until then."""
        return self._outcome

    @property
    def cancelled(self) -> bool:
        """Whether it was cancelled. It ends before the engine's next step."""
        return self._cancelled

    @property
    def thoughts(self) -> str:
        """The thoughts before the answer. Not part of the text: hidden until after the vote."""
        with self._arrival:
            return "".join(self._thoughts).strip()

    def read(self, timeout: float) -> str | None:
        """All text that has arrived since the last read.

        Waits up to `timeout` seconds for text, and returns "" if none arrived. Returns None at once
        if the answer is finished and all its text was read.
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
        """Call `news` now, when the first text arrives, and at the end. For a thread that reads
        many answers."""
        self._news = news
        news()

    def cancel(self) -> None:
        """Cancel it: its slot is free at the engine's next step. The text so far stays readable."""
        self._cancelled = True
        if self._on_cancel is not None:
            self._on_cancel()

    def wait(self, timeout: float) -> Outcome | None:
        """Wait for its outcome; None if it has none after `timeout` seconds. Reads no text."""
        with self._arrival:
            self._arrival.wait_for(lambda: self._outcome is not None, timeout)
        return self._outcome

    # The engine's side.

    def when_cancelled(self, act: Callable[[], object]) -> None:
        """Have `cancel` call `act`. For backends without steps that would check `cancelled`."""
        self._on_cancel = act

    def advance(self, state: State) -> None:
        self._state = state

    def think(self, text: str) -> None:
        with self._arrival:
            self._thoughts.append(text[: self._thoughts_room])
            self._thoughts_room -= len(self._thoughts[-1])

    def forget_thoughts(self) -> None:
        """Discard the thoughts, as the answer is requested again."""
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
