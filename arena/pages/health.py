"""Whether the arena works: one check for the status page and for monitoring."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

import redis
from django.conf import settings
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from .. import broker, processes
from ..limits import PROCESSES
from ..processes import BACKGROUND, CLOCK, CORE, Signs

LATE_S = {CORE: PROCESSES.core_late_s, BACKGROUND: PROCESSES.background_late_s}
DATABASE_S = 3.0
LOW_BYTES = 100 * 1024**2

ABSENT = {
    CORE: _("No core worker is running: answers are not recorded."),
    CLOCK: _(
        "The clock has stopped: lost answers go unnoticed, and leaderboards are not computed."
    ),
    BACKGROUND: _("No background worker is running: leaderboards and file jobs have stopped."),
}
SLOW = {
    CORE: _("Answers are recorded with a delay of {:.0f} s."),
    BACKGROUND: _("Leaderboards and file jobs are {:.0f} s behind."),
}
TABLES = _("The tables of the database are missing or old. To make them: python manage.py prepare")
BROKER = _("The queue (Redis) does not answer.")
DATABASE = _("The database does not answer.")
DISK = _("The disk is almost full: {:.0f} MB are free.")
_migrated = Event()

# A dedicated thread: a hanging database blocks only this one.
_asking = ThreadPoolExecutor(1, thread_name_prefix="health")


@dataclass(frozen=True)
class Health:
    """Messages about what is wrong, fit for the public, and the signs they are based on."""

    problems: list[str]  # something does not work
    notes: list[str] = field(default_factory=list)  # slower than it should be
    signs: Signs | None = None
    servers_answer: bool = True  # or else nothing more can be looked up

    @property
    def is_well(self) -> bool:
        return not self.problems

    def as_data(self) -> dict[str, Any]:
        ages: dict[str, Any] = {}
        if self.signs is not None:
            ages = {
                "last_heard_of_s": {k: _rounded(self.signs.silence(k)) for k in processes.KINDS},
                "delay_s": {q: _rounded(self.signs.delays.get(q)) for q in processes.QUEUES},
            }
        return {"ok": self.is_well, "problems": self.problems, "notes": self.notes, **ages}


def look() -> Health:
    lacking = _database() or unprepared()
    problems = [*lacking, *_disk()]
    try:
        signs = processes.look(broker.connection())
    except redis.RedisError:
        return Health([gettext(BROKER), *problems], servers_answer=False)
    problems = [*_absent(signs), *_late(signs), *problems]
    return Health(problems, [*_slow(signs)], signs, servers_answer=not lacking)


def unready() -> list[str]:
    """What a web process lacks to answer requests; the rest of the arena is not its business."""
    problems = _database() or unprepared()
    try:
        broker.connection().ping()
    except redis.RedisError:
        problems.append(gettext(BROKER))
    return problems


def _absent(signs: Signs) -> Iterator[str]:
    for kind, sentence in ABSENT.items():
        silence = signs.silence(kind)
        if silence is None or silence > PROCESSES.silent_s:
            yield gettext(sentence)


def _late(signs: Signs) -> Iterator[str]:
    for queue, limit in LATE_S.items():
        if (delay := signs.delays.get(queue, 0.0)) > limit:
            yield gettext(SLOW[queue]).format(delay)


def _slow(signs: Signs) -> Iterator[str]:
    for queue, limit in LATE_S.items():
        if PROCESSES.slow_s < (delay := signs.delays.get(queue, 0.0)) <= limit:
            yield gettext(SLOW[queue]).format(delay)


class Question:
    """One query at a time: concurrent callers wait for the query under way, so a hanging database
    is queried once, however often monitoring checks."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._last: Future[None] | None = None

    def answer(self, patience_s: float) -> None:
        """Wait for the query. Raises its error, or Late on a timeout."""
        with self._lock:
            if self._last is None or self._last.done():
                self._last = _asking.submit(self._in_thread)
            asked = self._last
        asked.result(patience_s)

    def _in_thread(self) -> None:
        try:
            self._ask()
        finally:
            connections.close_all()


def _database() -> list[str]:
    try:
        _question.answer(DATABASE_S)
    except (Late, DatabaseError):
        return [gettext(DATABASE)]
    return []


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


_question = Question(_ask_database)


def is_prepared() -> bool:
    """Whether every migration is known to have been applied."""
    return _migrated.is_set()


def unprepared() -> list[str]:
    """What the database lacks, if it answers. It is not asked again once it lacks nothing."""
    try:
        if not is_prepared():
            _migrations.answer(DATABASE_S)
    except (Late, DatabaseError):
        return []
    return [] if is_prepared() else [gettext(TABLES)]


def _ask_migrations() -> None:
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        _migrated.set()


_migrations = Question(_ask_migrations)


def _disk() -> Iterator[str]:
    """Check the disk that the embedded servers and exports write to."""
    with suppress(OSError):  # no such folder: nothing is written there
        if (free := shutil.disk_usage(settings.VAR).free) < LOW_BYTES:
            yield gettext(DISK).format(free / 1e6)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
