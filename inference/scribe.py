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
from functools import cached_property

import redis

from .engine import EngineError, Generation
from .streams import Kind, Line, Written, append

WRITE_EVERY_S = 0.06  # text is coalesced to about 16 entries a second
GATHER_S = 0.001  # within this comes what one step of an engine brings to many answers
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
        self._complete = False
        self._over = threading.Event()
        self._heard = time.monotonic()

    def wait(self) -> str:
        """All of its text, once that and its end are written. Raises what kept it from being so."""
        self._over.wait()
        if self._failure is not None:
            raise self._failure
        return "".join(self._pieces)

    # The scribe's end.

    def next_lines(self) -> list[Line]:
        """What is to be written now: the end together with the last words."""
        if self._over.is_set():
            return []
        if (generation := self.generation) is None:
            return self._sign_of_life()
        outcome = generation.outcome  # asked first: what is read after it is all there is
        piece = generation.read(timeout=0) or ""
        self._pieces.append(piece)
        self._complete = outcome is not None
        lines = [self._line(Kind.TEXT, piece)] if piece else []
        if outcome is not None:
            return [*lines, self._line(Kind.END, outcome.finish_reason)]
        return lines or self._sign_of_life()

    def written(self, *, wanted: bool) -> None:
        self._heard = time.monotonic()
        if not wanted and self.generation is not None:
            self.generation.cancel()
        if self._complete:
            self._over.set()

    def fail(self, why: Exception) -> None:
        if not self._over.is_set():
            self._failure = why
            self._over.set()

    def _sign_of_life(self) -> list[Line]:
        silent = time.monotonic() - self._heard >= BEAT_EVERY_S
        return [self._line(Kind.BEAT)] if silent else []

    def _line(self, kind: Kind, text: str = "") -> Line:
        return Line(self.stream, self.attempt, kind, text)


class Scribe:
    """Writes what is dictated until told to stop. Any thread may dictate."""

    def __init__(self, connection: redis.Redis) -> None:
        self._pool = connection.connection_pool
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
            if self._news.wait(pause):
                time.sleep(GATHER_S)
            self._news.clear()
            began = time.monotonic()
            with self._lock:
                self._write()
                until = began + WRITE_EVERY_S - time.monotonic()
                pause = max(0.0, until) if self._open else None

    @cached_property
    def _connection(self) -> redis.Redis:
        """Its own: to take one from the pool costs, for each burst of words, as much as to write.
        Raises RedisError; then the next burst tries again."""
        return redis.Redis(connection_pool=self._pool, single_connection_client=True)

    def _write(self) -> None:
        lines = [(one, line) for one in self._open for line in one.next_lines()]
        if not lines:
            return
        try:
            written: list[Written | Exception] = [
                *append(self._connection, [line for _, line in lines])
            ]
        except Exception as error:  # each of them is told; the others go on
            written = [error] * len(lines)
        for (dictation, _), each in zip(lines, written, strict=True):
            if isinstance(each, Exception):
                logger.warning("answer %s could not be written: %s", dictation.stream, each)
                dictation.fail(each)
            else:
                dictation.written(wanted=each)
