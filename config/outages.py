"""One line in the log, not hundreds, when the broker or the database is away.

Every command, thread and library reports the same outage. The first report is kept, in one line and
without a traceback; those that follow within a minute of another are left out.
"""

from __future__ import annotations

import logging
import time
from http import HTTPStatus

import psycopg
import redis
from celery.exceptions import CPendingDeprecationWarning
from django.db import InterfaceError, OperationalError
from kombu.exceptions import OperationalError as QueueError

from inference.contract.broker import is_passing

QUIET_S = 60.0
BROKER, DATABASE = "The queue (Valkey)", "The database"
ERRORS = {
    BROKER: (redis.RedisError, QueueError),
    DATABASE: (OperationalError, InterfaceError, psycopg.OperationalError),
}
# Those that only tell of outages, as text.
OURS = "rolling back returned connection"  # a transaction of ours that was left open
LOGGERS = {"celery.worker.consumer.consumer": BROKER, "psycopg.pool": DATABASE}


class Outages(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if _says_nothing(record):
            return False
        away = getattr(record, "away", None) or _away(record)  # another handler may have seen it
        if away is None:
            return True
        name, reason = record.away = away
        now = time.monotonic()
        is_known = now - self._last.get(name, now - 2 * QUIET_S) < QUIET_S
        self._last[name] = now
        record.msg = f"{name} is away: {reason}. Work that needs it waits or is refused until then."
        record.args, record.exc_info, record.exc_text = (), None, None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return not is_known


def _says_nothing(record: logging.LogRecord) -> bool:
    """A page that said why it could not be had, and a warning of Celery about a setting of ours."""
    if record.name == "py.warnings":
        return CPendingDeprecationWarning.__name__ in record.getMessage()
    is_refusal = getattr(record, "status_code", 0) == HTTPStatus.SERVICE_UNAVAILABLE
    return record.name == "django.request" and is_refusal


def _away(record: logging.LogRecord) -> tuple[str, str] | None:
    """Which server a record reports as away, and why."""
    if (name := LOGGERS.get(record.name)) and OURS not in record.getMessage():
        return name, _one_line(record.getMessage())
    args = record.args if isinstance(record.args, tuple) else ()
    raised = record.exc_info[1] if record.exc_info else None
    for error in (raised, *args):
        for name, kinds in ERRORS.items():
            if isinstance(error, kinds) and not _is_ours(error):
                return name, _one_line(str(error))
    return None


def _is_ours(error: object) -> bool:
    """A mistake in a command or a query, whose traceback is needed, or a lost race."""
    if isinstance(error, redis.ResponseError):
        return not is_passing(error)
    cause = error.__cause__ if isinstance(error, OperationalError | InterfaceError) else error
    state = getattr(cause, "sqlstate", None) or ""
    return bool(state) and not state.startswith(("08", "57", "53"))


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
