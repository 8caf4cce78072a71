"""Loads votes into the tables: a COPY of the single votes, then their tallies."""

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
from arena.models import Import

from .blocks import Block
from .contestants import Contestants

# By pair, ordered by primary key: wins of the first, wins of the second, ties, both bad.
Tallies = dict[tuple[int, int], list[int]]
NAMES_SHOWN = 5
CHUNK = 1 << 18  # bytes per write; the queue of the sending thread holds a thousand

# Whether any vote is a duplicate, within the file or of an earlier import into the campaign.
ANY_REPEATED = """
SELECT 1 FROM arena_importedvote
WHERE key <> '' AND source_id IN (
    SELECT id FROM arena_import WHERE campaign_id = %(campaign)s AND withdrawn IS NULL
)
GROUP BY hashtextextended(key, 0) HAVING count(*) > 1 LIMIT 1
"""
# Deletes all but the first vote with a key, and counts the deleted ones that differ from it. Finds
# them by `id` alone: by `source_id`, unknown to statistics yet, that may take forever.
FORGET_REPEATED = """
WITH seen AS (
    SELECT id, key, source_id, row_number() OVER same AS nth,
        (contestant_a_id, contestant_b_id, verdict) IS DISTINCT FROM (
            first_value(contestant_a_id) OVER same, first_value(contestant_b_id) OVER same,
            first_value(verdict) OVER same
        ) AS differs
    FROM arena_importedvote
    WHERE key <> ''
      AND source_id IN (
        SELECT id FROM arena_import WHERE campaign_id = %(campaign)s AND withdrawn IS NULL
      )
    WINDOW same AS (PARTITION BY key ORDER BY id)
), forgotten AS (
    DELETE FROM arena_importedvote vote USING seen
    WHERE vote.id = seen.id AND seen.nth > 1 AND seen.source_id = %(source)s
    RETURNING vote.id, seen.key, seen.differs
)
SELECT count(*), count(*) FILTER (WHERE differs),
    (array_agg(key ORDER BY id) FILTER (WHERE differs))[:%(shown)s]
FROM forgotten
"""


@dataclass(frozen=True)
class Repeated:
    """Duplicates: votes whose key was already present."""

    votes: int = 0
    changed: int = 0  # of these, with other models or another verdict
    names: tuple[str, ...] = ()  # keys of the first of those


NOTHING = Repeated()


def load_votes(source: Import, blocks: Iterator[Block], contestants: Contestants) -> Repeated:
    """Store single votes and count them in their slices. Updates the counts of `source`, but does
    not save it."""
    copy_votes(source, blocks, contestants)
    repeated = forget_repeated(source)
    source.repeated += repeated.votes
    count_votes(source)
    return repeated


def count_votes(source: Import) -> None:
    """Count the stored votes in the database, which is fastest."""
    counted = tallies.of_import(source)
    tallies.add(source.campaign_id, counted)
    source.votes += sum(sum(votes) for (part, *_), votes in counted.items() if part == OVERALL)


def forget_repeated(source: Import) -> Repeated:
    """Delete duplicates. That has to sort all votes, which is slow and rarely needed, so check
    first whether there are any."""
    ids = {"campaign": source.campaign_id, "source": source.pk, "shown": NAMES_SHOWN}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")  # enough for a million keys
        cursor.execute(ANY_REPEATED, ids)
        if cursor.fetchone() is None:
            return NOTHING
        cursor.execute(FORGET_REPEATED, ids)
        votes, changed, names = cursor.fetchone()
        return Repeated(votes, changed, tuple(names or ()))


def copy_votes(source: Import, blocks: Iterator[Block], contestants: Contestants) -> None:
    """Write votes. No other query can run during a COPY, so a block with new names ends the COPY
    and starts another."""
    block = next(blocks, None)
    columns = ", ".join(block.table_columns) if block else ""
    with connection.cursor() as cursor, without_garbage_collection():
        while block is not None:
            contestants.enter(block.names)
            # A thread sends the data, so that the next votes are read while these are stored.
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
    """Disable the garbage collector while reading rows: they form no cycles, and collecting adds
    half to the time. Only in a command: in a worker, other threads create garbage meanwhile."""
    was_on = gc.isenabled() and threading.current_thread() is threading.main_thread()
    if was_on:
        gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def add_tallies(source: Import, pairs: Tallies) -> None:
    """Add imported counts to the campaign's tallies, and note them, so that they can be withdrawn.
    Updates `source`, but does not save it."""
    tallies.add(source.campaign_id, {(OVERALL, *pair): counts for pair, counts in pairs.items()})
    source.summed_up = [[*pair, *counts] for pair, counts in sorted(pairs.items())]
    source.votes += sum(map(sum, pairs.values()))
