"""Votes on their way into the tables: a COPY of the single votes, then the tallies they make."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from psycopg.copy import QueuedLibpqWriter

from arena.counting import tallies
from arena.labels.slices import OVERALL
from arena.models import Campaign, Import

from .blocks import Block
from .contestants import Contestants

# Of a pair ordered by primary key: wins of the first, of the second, ties, both bad.
Tallies = dict[tuple[int, int], list[int]]
NAMES_SHOWN = 5
CHUNK = 1 << 18  # bytes sent at once; the thread that sends may be a thousand pieces behind

# Whether a vote is there twice: within the file, or in an earlier import of the campaign.
ANY_REPEATED = """
SELECT 1 FROM arena_importedvote
WHERE key <> '' AND source_id IN (SELECT id FROM arena_import WHERE campaign_id = %(campaign)s)
GROUP BY hashtextextended(key, 0) HAVING count(*) > 1 LIMIT 1
"""
# The first of a name stays. With those that are taken out it is told which say something else.
FORGET_REPEATED = """
WITH seen AS (
    SELECT id, key, row_number() OVER same AS nth,
        (contestant_a_id, contestant_b_id, verdict) IS DISTINCT FROM (
            first_value(contestant_a_id) OVER same, first_value(contestant_b_id) OVER same,
            first_value(verdict) OVER same
        ) AS differs
    FROM arena_importedvote
    WHERE key <> ''
      AND source_id IN (SELECT id FROM arena_import WHERE campaign_id = %(campaign)s)
    WINDOW same AS (PARTITION BY key ORDER BY id)
), forgotten AS (
    DELETE FROM arena_importedvote vote USING seen
    WHERE vote.id = seen.id AND seen.nth > 1 AND vote.source_id = %(source)s
    RETURNING vote.id, seen.key, seen.differs
)
SELECT count(*), count(*) FILTER (WHERE differs),
    (array_agg(key ORDER BY id) FILTER (WHERE differs))[:%(shown)s]
FROM forgotten
"""


@dataclass(frozen=True)
class Repeated:
    """Votes that were there before, under the same name."""

    votes: int = 0
    changed: int = 0  # of them, with other models or another verdict
    names: tuple[str, ...] = ()  # of the first of these


NOTHING = Repeated()


def load_votes(source: Import, blocks: Iterator[Block], contestants: Contestants) -> Repeated:
    """Store single votes and count them in their slices. Adds to `source`'s numbers, and does not
    save it."""
    copy_votes(source, blocks, contestants)
    repeated = forget_repeated(source)
    source.repeated += repeated.votes
    count_votes(source)
    return repeated


def count_votes(source: Import) -> None:
    """The database has them all, with what tells their slices: it counts them quickest."""
    counted = tallies.of_import(source)
    tallies.add(source.campaign_id, counted)
    source.votes += sum(sum(votes) for (part, *_), votes in counted.items() if part == OVERALL)


def forget_repeated(source: Import) -> Repeated:
    """Take the votes out again that are there twice. To sort all votes for it is slow and rarely
    needed, so it is asked first whether there are any."""
    ids = {"campaign": source.campaign_id, "source": source.pk, "shown": NAMES_SHOWN}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")  # a million keys stay in memory
        cursor.execute(ANY_REPEATED, ids)
        if cursor.fetchone() is None:
            return NOTHING
        cursor.execute(FORGET_REPEATED, ids)
        votes, changed, names = cursor.fetchone()
        return Repeated(votes, changed, tuple(names or ()))


def copy_votes(source: Import, blocks: Iterator[Block], contestants: Contestants) -> None:
    """Write votes. While a COPY runs, nothing else can be asked of the database:
    it is ended for every block that names somebody new."""
    block = next(blocks, None)
    columns = ", ".join(block.table_columns) if block else ""
    with connection.cursor() as cursor, without_garbage_collection():
        while block is not None:
            contestants.enter(block.names)
            # Sent by a thread: the next votes are read while the database stores these.
            writer = QueuedLibpqWriter(cursor.cursor)
            statement = f"COPY arena_importedvote ({columns}) FROM STDIN"
            with cursor.copy(statement, writer=writer) as copy:
                while block is not None and block.names <= contestants.keys():
                    for piece in pieces(block.rows(source.pk, contestants)):
                        copy.write(piece)
                    block = next(blocks, None)


def pieces(rows: str | bytes) -> Iterator[str | bytes]:
    return (rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK))


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Rows are many, short-lived and in no cycles: looking for garbage among them costs half as
    much again as reading them. In a worker others make garbage meanwhile, which has to go."""
    was_on = gc.isenabled() and threading.current_thread() is threading.main_thread()
    if was_on:
        gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def add_tallies(campaign: Campaign, pairs: Tallies) -> int:
    """Add counts made elsewhere to the campaign's own. Returns how many votes they sum up."""
    tallies.add(campaign.pk, {(OVERALL, *pair): counts for pair, counts in pairs.items()})
    return sum(map(sum, pairs.values()))
