"""What the log says while a server is away, and what it keeps whole."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import psycopg
import pytest
import redis
from django.db import OperationalError

from config import outages
from config.outages import Outages


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.addFilter(Outages())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[Kept]:
    handler = Kept()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


REFUSED = redis.ConnectionError("Error 111 connecting to\nvalkey.sock.")


def report_an_outage() -> None:
    logging.getLogger("arena.broker").warning("limits were not checked: %s", REFUSED)
    logging.getLogger("config.clock").warning("The clock is waiting for the broker: %s", REFUSED)
    celery = logging.getLogger("celery.worker.consumer.consumer")
    celery.error("consumer: Cannot connect to %s: %s.\n%s", "redis://", REFUSED, "Trying again")
    logging.getLogger("py.warnings").warning("x.py:427: CPendingDeprecationWarning: \nIn Celery 5")
    extra = {"status_code": 503}
    logging.getLogger("django.request").error("Service Unavailable: /battles/", extra=extra)
    try:
        raise REFUSED
    except redis.ConnectionError:
        logging.getLogger("arena.tasks").exception("a task failed")


def test_outage_of_the_broker_is_one_line(log: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    report_an_outage()
    said = "The queue (Valkey) is away: Error 111 connecting to valkey.sock. Work that needs it"
    assert [line[: len(said)] for line in log.lines] == [said]
    assert "\n" not in log.lines[0]
    monkeypatch.setattr(outages, "QUIET_S", 0.0)
    logging.getLogger("arena.broker").warning("again: %s", REFUSED)
    assert len(log.lines) == 2  # another outage


def test_outage_of_the_database_is_one_line_of_its_own(log: Kept) -> None:
    report_an_outage()
    logging.getLogger("psycopg.pool").warning("discarding closed connection: %s", "<BAD>")
    for error in (psycopg.errors.AdminShutdown("terminating"), psycopg.OperationalError("gone")):
        try:
            raise OperationalError("gone") from error
        except OperationalError:
            logging.getLogger("django.request").exception("Internal Server Error: /")
    assert len(log.lines) == 2
    assert log.lines[1].startswith("The database is away: discarding closed connection: <BAD>.")


def test_transaction_that_was_left_open_is_no_outage(log: Kept) -> None:
    for _ in range(2):
        logging.getLogger("psycopg.pool").warning("rolling back returned connection: %s", "<ok>")
    assert log.lines == ["rolling back returned connection: <ok>"] * 2


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        redis.ResponseError("WRONGTYPE Operation against a key"),
        OperationalError("deadlock detected"),
    ],
)
def test_other_errors_keep_their_traceback(error: Exception, log: Kept) -> None:
    if isinstance(error, OperationalError):
        error.__cause__ = psycopg.errors.DeadlockDetected("deadlock detected")
    for _ in range(2):
        try:
            raise error
        except type(error):
            logging.getLogger("arena.tasks").exception("a task failed")
    assert ["Traceback" in line for line in log.lines] == [True, True]
