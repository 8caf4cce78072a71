"""Rows that a page can't show: it leaves them out, and staff are told, so that one bad row never
takes a page away from everybody."""

from __future__ import annotations

import logging

from django.db import DatabaseError
from django.db.models import Model

from . import broker

logger = logging.getLogger(__name__)

KEY = "odd-rows"
KEPT_S = 24 * 3600
NOT_ITS_FAULT = (DatabaseError, *broker.AWAY)


def report(row: object, error: Exception) -> None:
    """To the log, once a day for each row, and to the dashboard."""
    name = f"{row._meta.label_lower} {row.pk}" if isinstance(row, Model) else type(row).__name__
    said = f"{type(error).__name__}: {error}"[:300]
    is_new = True
    with broker.spared("a row that a page left out"):
        is_new = bool(broker.connection().hsetnx(KEY, name, said))
        broker.connection().expire(KEY, KEPT_S, nx=True)
    if is_new:
        logger.error("%s can't be shown, and was left out of a page: %s", name, said)


def reported() -> dict[str, str]:
    """What is wrong with each, of the last day. Raises RedisError."""
    found = broker.connection().hgetall(KEY)
    return {_text(name): _text(said) for name, said in sorted(found.items())}


def _text(value: bytes | str) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
