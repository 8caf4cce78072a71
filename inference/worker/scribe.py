"""Answers written down as they are made: the one thread of a worker that writes to streams.

Whatever has come of all running answers goes in one command, so that many answers cost broker,
readers and this process hardly more than one: on a machine whose cores all decode, each wake takes
time from every answer.
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
from ..contract.streams import Kind, Line, Written, append, last_entry
from ..engine import Generation

WRITE_EVERY_S = 0.06  # text is coalesced to about 16 entries a second
GATHER_S = 0.001  # within this comes what one step of an engine brings to many answers
BEAT_EVERY_S = 1.0  # of an answer that has nothing to say yet
AGAIN_S = 0.5  # after the broker has taken nothing
PATIENCE_S = 30.0  # with a broker that takes nothing; meanwhile the answers go on

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
        self._unsure: list[Line] = []  # perhaps written: no answer came
        self._lines = 0

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
        if self._unsure:
            return self._unsure
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

    def is_written(self, connection: redis.Redis) -> bool:
        """Whether what is unsure has been written after all: its last line would be the stream's,
        by its number. Raises RedisError."""
        last, line = last_entry(connection, self.stream), self._unsure[-1]
        return last is not None and (last.attempt, last.number) == (line.attempt, line.number)

    def keep(self, lines: list[Line]) -> None:
        """To be tried again."""
        self._unsure = lines

    @property
    def silent_s(self) -> float:
        """Since anything of it was last written."""
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
        return [self._line(Kind.BEAT)] if self.silent_s >= BEAT_EVERY_S else []

    def _line(self, kind: Kind, text: str = "") -> Line:
        self._lines += 1
        return Line(self.stream, self.attempt, kind, text, self._lines)


class Scribe:
    """Writes what is dictated until told to stop. Any thread may dictate."""

    def __init__(self, connection: redis.Redis) -> None:
        self._pool = connection.connection_pool
        self._lock = threading.Lock()  # held while writing: who has left is not written any more
        self._open: list[Dictation] = []
        self._news = threading.Event()
        self._refusal: EngineError | None = None
        self._thread: threading.Thread | None = None
        self._again_at = 0.0  # no sooner: the broker took nothing

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
                if began >= self._again_at:
                    self._write()
                until = max(began + WRITE_EVERY_S, self._again_at) - time.monotonic()
                pause = max(0.0, until) if self._open else None

    @cached_property
    def _connection(self) -> redis.Redis:
        """Its own: to take one from the pool costs, for each burst of words, as much as to write.
        Raises RedisError; then the next burst tries again."""
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
        """All in one command. A dictation's lines are written together or not at all."""
        lines = [line for _, its_lines in said for line in its_lines]
        try:
            written: list[Written | Exception] = [*append(self._connection, lines)]
        except Exception as error:  # each of them is told; the others go on
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
        self._again_at = time.monotonic() + AGAIN_S
        one.keep(lines)
        if one.silent_s > PATIENCE_S:
            _give_up(one, error)


def _give_up(one: Dictation, error: Exception) -> None:
    logger.warning("answer %s could not be written: %s", one.stream, error)
    one.fail(error)
