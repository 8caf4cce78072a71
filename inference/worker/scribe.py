"""Writes answers to their streams as they are generated: the only thread of a worker that does so.

The new text of all running answers goes into one command, so that many answers cost the broker, the
readers and this process hardly more than one: on a machine whose cores are all decoding, every
wake-up slows all answers.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

import redis

from ..contract.broker import is_passing
from ..contract.errors import EngineError
from ..contract.limits import STREAMS
from ..contract.streams import Kind, Line, Written, append, last_entry
from ..engine import Generation

GATHER_S = 0.001  # one engine step adds to many answers within this time

logger = logging.getLogger(__name__)


class HandedBack(EngineError):
    """The worker was stopped. From `text`, the beginning of the answer, another can go on."""

    def __init__(self, text: str = "") -> None:
        super().__init__("Its worker was stopped.", permanent=False)
        self.text = text


class Dictation:
    """One answer being written to its stream. Sends only heartbeats until it has a generation."""

    def __init__(self, stream: str, attempt: int) -> None:
        self.stream = stream
        self.attempt = attempt
        self.generation: Generation | None = None
        self._pieces: list[str] = []
        self._failure: Exception | None = None
        self._complete = False
        self._over = threading.Event()
        self._heard = time.monotonic()
        self._unsure: list[Line] = []  # may have been written: the broker did not reply
        self._lines = 0

    def wait(self) -> str:
        """Wait until the answer is completely written. Returns its text, or raises the error that
        prevented writing it."""
        self._over.wait()
        if self._failure is not None:
            raise self._failure
        return "".join(self._pieces)

    @property
    def written_text(self) -> str:
        """What has been written; "" if it is unknown, or depends on thoughts that nobody has."""
        if self._unsure or self.generation is None or self.generation.thoughts:
            return ""
        return "".join(self._pieces)

    # The scribe's side.

    def next_lines(self) -> list[Line]:
        """The lines to write now. The end goes together with the last text."""
        if self._over.is_set():
            return []
        if self._unsure:
            return self._unsure
        if (generation := self.generation) is None:
            return self._sign_of_life()
        outcome = generation.outcome  # read this first: text read after it is then complete
        piece = generation.read(timeout=0) or ""
        self._pieces.append(piece)
        self._complete = outcome is not None
        lines = [self._line(Kind.TEXT, piece)] if piece else []
        if outcome is not None:
            return [*lines, self._line(Kind.END, outcome.finish_reason)]
        return lines or self._sign_of_life()

    def is_written(self, connection: redis.Redis) -> bool:
        """Whether the unsure lines were written after all: then the last of them is the stream's
        last entry, by number. Raises RedisError."""
        last, line = last_entry(connection, self.stream), self._unsure[-1]
        return last is not None and (last.attempt, last.number) == (line.attempt, line.number)

    def keep(self, lines: list[Line]) -> None:
        """Keep lines for a retry."""
        self._unsure = lines

    @property
    def silent_s(self) -> float:
        """Seconds since the last successful write."""
        return time.monotonic() - self._heard

    @property
    def is_unsure(self) -> bool:
        return bool(self._unsure)

    def written(self, *, wanted: bool) -> None:
        self._heard = time.monotonic()
        self._unsure = []
        if not wanted and self.generation is not None:
            self.generation.cancel()
        if self._complete:
            self._over.set()

    def fail(self, why: Exception) -> None:
        if not self._over.is_set():
            self._failure = why
            self._over.set()

    def _sign_of_life(self) -> list[Line]:
        return [self._line(Kind.BEAT)] if self.silent_s >= STREAMS.beat_s else []

    def _line(self, kind: Kind, text: str = "") -> Line:
        self._lines += 1
        return Line(self.stream, self.attempt, kind, text, self._lines)


class Scribe:
    """Writes all dictations until told to stop. Thread-safe."""

    def __init__(self, connection: redis.Redis) -> None:
        self._pool = connection.connection_pool
        self._lock = threading.Lock()  # held while writing: ended dictations are not written
        self._open: list[Dictation] = []
        self._news = threading.Event()
        self._has_stopped = False
        self._thread: threading.Thread | None = None
        self._again_at = 0.0  # no retry before this time

    @property
    def has_stopped(self) -> bool:
        return self._has_stopped

    @contextmanager
    def dictation(self, stream: str, attempt: int) -> Iterator[Dictation]:
        """Register an answer that is about to begin. Raises HandedBack once the worker stops."""
        dictation = Dictation(stream, attempt)
        with self._lock:
            if self._has_stopped:
                raise HandedBack
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

    def stop(self) -> None:
        """Hand back all current and future dictations."""
        with self._lock:
            self._has_stopped = True
            for dictation in self._open:
                dictation.fail(HandedBack(dictation.written_text))

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
                if began >= self._again_at:
                    self._write()
                until = max(began + STREAMS.write_every_s, self._again_at) - time.monotonic()
                pause = max(0.0, until) if self._open else None

    @cached_property
    def _connection(self) -> redis.Redis:
        """A dedicated connection: taking one from the pool for each write would double its cost.
        Raises RedisError; the next write then tries again."""
        return redis.Redis(connection_pool=self._pool, single_connection_client=True)

    def _write(self) -> None:
        unsure = [one for one in self._open if one.is_unsure]
        try:
            for one in unsure:
                if one.is_written(self._connection):
                    one.written(wanted=True)
        except redis.RedisError as error:
            for one in unsure:
                self._again(one, one.next_lines(), error)
            return
        if said := [(one, lines) for one in self._open if (lines := one.next_lines())]:
            self._append(said)

    def _append(self, said: list[tuple[Dictation, list[Line]]]) -> None:
        """Write all lines in one command, and tell each dictation what became of its own."""
        lines = [line for _, its_lines in said for line in its_lines]
        try:
            written: list[Written | Exception] = [*append(self._connection, lines)]
        except Exception as error:  # each dictation decides whether to retry
            written = [error] * len(lines)
        for one, its_lines in said:
            ends, written = written[: len(its_lines)], written[len(its_lines) :]
            self._tell(one, its_lines, ends)

    def _tell(self, one: Dictation, lines: list[Line], ends: Sequence[Written | Exception]) -> None:
        errors = [end for end in ends if isinstance(end, Exception)]
        if not errors:
            one.written(wanted=all(ends))
        elif is_passing(errors[0]):
            self._again(one, lines[ends.index(errors[0]) :], errors[0])
        else:
            _give_up(one, errors[0])

    def _again(self, one: Dictation, lines: list[Line], error: Exception) -> None:
        self._again_at = time.monotonic() + STREAMS.again_s
        one.keep(lines)
        if one.silent_s > STREAMS.patience_s:
            _give_up(one, error)


def _give_up(one: Dictation, error: Exception) -> None:
    logger.warning("answer %s could not be written: %s", one.stream, error)
    one.fail(error)
