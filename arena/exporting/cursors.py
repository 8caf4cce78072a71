"""Rows of the database a few at a time, so that an export of millions needs no more memory than one
of thousands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row")
M = TypeVar("M", bound=Model)


def streamed(rows: QuerySet[M, Row], at_once: int) -> Iterator[Row]:
    """By a server-side cursor, which PgBouncer allows in a transaction. (`QuerySet.iterator` does
    without one wherever it may be behind PgBouncer, and would read all rows at once.)"""
    return rows._iterator(use_chunked_fetch=True, chunk_size=at_once)  # type: ignore[attr-defined, no-any-return]
