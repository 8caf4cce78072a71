"""Queries of lists have a time limit, and how many rows there are is estimated."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

LIMIT_S = 5.0
CHEAP = 5_000.0  # cost, as the planner counts: some 10 to 30 ms
CANCELLED = "57014"  # PostgreSQL's code of a query that took too long


class TooSlow(Exception):
    """A query took longer than `LIMIT_S`."""


@contextmanager
def limited(seconds: float = LIMIT_S) -> Iterator[None]:
    """Queries inside raise TooSlow once one of them takes too long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Compiling a query takes longer than any of these should. Several processes at one page
            # read many times the rows that one needs for it: each goes on until one has enough.
            cursor.execute(
                "SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0; "
                f"SET LOCAL statement_timeout = {int(1000 * seconds)}"
            )
            yield
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != CANCELLED:
            raise
        raise TooSlow from error


class About(int):
    """A number of rows that nobody has counted."""

    def __str__(self) -> str:
        return f"about {self.rounded:,}"

    @property
    def rounded(self) -> int:
        """To two digits, as more would pretend to be known."""
        return round(self, 2 - len(repr(int(self))))


def count(branches: Sequence[QuerySet[Any]]) -> int:
    """The rows of all branches: exact where that is cheap; otherwise what the planner expects. Call
    it inside `limited`."""
    plain = [rows.order_by() for rows in branches]
    plans = [json.loads(rows.values("pk").explain(format="json"))[0]["Plan"] for rows in plain]
    if sum(plan["Total Cost"] for plan in plans) <= CHEAP:
        return sum(rows.count() for rows in plain)
    return About(sum(plan["Plan Rows"] for plan in plans))
