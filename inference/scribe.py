"""Answers written down as they are made: the one thread of a worker that writes to streams.

Whatever has come of all running answers goes in one command, so that many answers cost broker,
readers and this process hardly more than one: on a machine whose cores all decode, each wake takes
time from every answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from .engine import EngineError, Generation
from .streams import Kind, Line, append

WRITE_EVERY_S = 0.06  # text is coalesced to about 16 entries a second
BEAT_EVERY_S = 1.0  # of an answer that has nothing to say yet

logger = logging.getLogger(__name__)


class Dictation:
    """One answer being written down. Until it has a generation it only shows signs of life."""

    def __init__(self, stream: str, attempt: int) -> None:
        self.stream = stream
        self.attempt = attempt
        self.generation: Generation | None = None
        self._pieces: list[str] = []
        self._failure: Exception | None = None
        self._over = threading.Event()
        self._heard = time.monotonic()

    def wait(self) -> str:
        """All of its text, once it is complete and written. Raises what kept it from being so."""
        self._over.wait()
        if self._failure is not None:
            raise self._failure
        return "".join(self._pieces)

    # The scribe's end.

    def next_line(self) -> Line | None:
        """What is to be written now, if anything is."""
        piece = self.generation.read(timeout=0) if self.generation else ""
        if piece is None:
            self._over.set()
            return None
        if not piece and time.monotonic() - self._heard < BEAT_EVERY_S:
            return None
        self._pieces.append(piece)
        self._heard = time.monotonic()
        return Line(self.stream, self.attempt, Kind.TEXT if piece else Kind.BEAT, piece)

    @property
    def complete(self) -> bool:
        return self.generation is not None and self.generation.outcome is not None

    def give_up(self) -> None:
        """Nobody wants it any more."""
        if self.generation is not None:
            self.generation.cancel()

    def fail(self, why: Exception) -> None:
        if not self._over.is_set():
            self._failure = why
            self._over.set()


class Scribe:
    """Writes what is dictated until told to stop. Any thread may dictate."""

    def __init__(self, connection: redis.Redis) -> None:
        self._connection = connection
        self._lock = threading.Lock()  # held while writing: who has left is not written any more
        self._open: list[Dictation] = []
        self._news = threading.Event()
        self._refusal: EngineError | None = None
        self._thread: threading.Thread | None = None

    @contextmanager
    def dictation(self, stream: str, attempt: int) -> Iterator[Dictation]:
        """An answer that is about to begin. Raises EngineError when no more are taken."""
        dictation = Dictation(stream, attempt)
        with self._lock:
            if self._refusal is not None:
                raise self._refusal
            self._open.append(dictation)
            self._start()
        self._news.set()
        try:
            yield dictation
        finally:
            with self._lock:
                self._open.remove(dictation)

    def begin(self, dictation: Dictation, generation: Generation) -> None:
        dictation.generation = generation
        generation.listen(self._news.set)

    def refuse(self, why: EngineError) -> None:
        """What is being written fails, as does what comes."""
        with self._lock:
            self._refusal = why
            for dictation in self._open:
                dictation.fail(why)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="scribe", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        pause: float | None = None
        while True:
            self._news.wait(pause)
            self._news.clear()
            began = time.monotonic()
            with self._lock:
                self._write()
                until = began + WRITE_EVERY_S - time.monotonic()
                pause = max(0.0, until) if self._open else None

    def _write(self) -> None:
        lines = [(one, line) for one in self._open if (line := one.next_line()) is not None]
        if not lines:
            return
        try:
            wanted = append(self._connection, [line for _, line in lines])
        except Exception as error:  # each of them is told; the others go on
            logger.warning("answers could not be written: %s", error)
            for dictation, _ in lines:
                dictation.fail(error)
            return
        for (dictation, _), is_wanted in zip(lines, wanted, strict=True):
            if not is_wanted:
                dictation.give_up()
            if dictation.complete:
                self._news.set()  # this may have been the last of it: look again at once
