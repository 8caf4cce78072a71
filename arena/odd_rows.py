"""Rows that a page, an API or a file can't show: they are left out, and staff are told, so that one
bad row never takes the others away from everybody.

Rows get odd by SQL, or by older releases. Lists in templates use `{% row %}`, all others
`Skipping`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.db import DatabaseError
from django.db.models import Model

from . import broker

logger = logging.getLogger(__name__)
Row = TypeVar("Row")
Shown = TypeVar("Shown")

KEY = "odd-rows"
KEPT_S = 24 * 3600
MOST_NAMED = 20  # of one list: a file of millions may have millions of them
NOT_ITS_FAULT = (DatabaseError, *broker.AWAY)


@dataclass
class Skipping:
    """Shows the rows of one or several lists, and counts those that were left out."""

    count: int = 0

    def shown(self, rows: Iterable[Row], show: Callable[[Row], Shown]) -> Iterator[Shown]:
        """What `show` makes of each row it can show."""
        for row in rows:
            try:
                made = show(row)
            except NOT_ITS_FAULT:
                raise
            except Exception as error:
                self.count += 1
                if self.count <= MOST_NAMED:
                    report(row, error)
            else:
                yield made


def report(row: object, error: Exception) -> None:
    """To the log, once a day for each row, and to the dashboard."""
    name = name_of(row)
    said = f"{type(error).__name__}: {error}"[:300]
    is_new = True
    with broker.spared("a row that a page left out"):
        is_new = bool(broker.connection().hsetnx(KEY, name, said))
        broker.connection().expire(KEY, KEPT_S, nx=True)
    if is_new:
        logger.error("%s can't be shown, and was left out of a page: %s", name, said)


def name_of(row: object) -> str:
    """For staff, to find it by."""
    if isinstance(row, tuple) and row and isinstance(row[0], Model):
        row = row[0]  # of what is shown together
    if isinstance(row, Model):
        return f"{row._meta.label_lower} {row.pk}"
    key = getattr(row, "pk", None) or getattr(row, "key", None)
    return f"{type(row).__name__} {key}" if key else type(row).__name__


def reported() -> dict[str, str]:
    """What is wrong with each, of the last day. Raises RedisError."""
    found = broker.connection().hgetall(KEY)
    return {_text(name): _text(said) for name, said in sorted(found.items())}


def _text(value: bytes | str) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
