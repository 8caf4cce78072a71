"""Votes on their way into the tables: a COPY of the single votes, then the tallies they make."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg.copy import QueuedLibpqWriter

from arena import tallies
from arena.labels.slices import OVERALL
from arena.models import Campaign, Import

from .blocks import Block, Counted
from .contestants import Contestants

# Of a pair ordered by primary key: wins of the first, of the second, ties, both bad.
Tallies = dict[tuple[int, int], list[int]]
WON_BY_FIRST = {"A": 0, "B": 1, "TIE": 2, "BOTH_BAD": 3}  # where A is the first
WON_BY_SECOND = {**WON_BY_FIRST, "A": 1, "B": 0}
CHUNK = 1 << 18  # bytes sent at once; the thread that sends may be a thousand pieces behind

# Whether a vote is there twice: within the file, or in an earlier import of the campaign.
ANY_REPEATED = """
SELECT 1 FROM arena_importedvote
WHERE key <> '' AND source_id IN (SELECT id FROM arena_import WHERE campaign_id = %(campaign)s)
GROUP BY hashtextextended(key, 0) HAVING count(*) > 1 LIMIT 1
"""
FORGET_REPEATED = """
DELETE FROM arena_importedvote vote USING (
    SELECT id, row_number() OVER (PARTITION BY key ORDER BY id) AS nth
    FROM arena_importedvote
    WHERE key <> ''
      AND source_id IN (SELECT id FROM arena_import WHERE campaign_id = %(campaign)s)
) seen
WHERE vote.id = seen.id AND seen.nth > 1 AND vote.source_id = %(source)s
RETURNING contestant_a_id, contestant_b_id, verdict
"""


def load_votes(source: Import, blocks: Iterator[Block], contestants: Contestants) -> None:
    """Store single votes and count them. Adds to `source`'s numbers, and does not save it."""
    counted: Counted = Counter()
    copy_votes(source, blocks, contestants, counted)
    repeated = repeated_votes(source)
    source.repeated += repeated.total()
    source.votes += add_tallies(source.campaign, by_pair(counted - repeated))
    add_slices(source)


def add_slices(source: Import) -> None:
    """Count single votes in the slices that their language and time tell."""
    counted = tallies.of_import(source)
    tallies.add(
        source.campaign_id, {key: votes for key, votes in counted.items() if key[0] != OVERALL}
    )


def repeated_votes(source: Import) -> Counted:
    """Take the votes out again that are there twice. To sort all votes for it is slow and rarely
    needed, so it is asked first whether there are any."""
    ids = {"campaign": source.campaign_id, "source": source.pk}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")  # a million keys stay in memory
        cursor.execute(ANY_REPEATED, ids)
        if cursor.fetchone() is None:
            return Counter()
        cursor.execute(FORGET_REPEATED, ids)
        return Counter((str(a), str(b), verdict) for a, b, verdict in cursor)


def copy_votes(
    source: Import, blocks: Iterator[Block], contestants: Contestants, counted: Counted
) -> None:
    """Write votes and count them. While a COPY runs, nothing else can be asked of the database:
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
                    counted.update(block.counted(contestants))
                    block = next(blocks, None)


def pieces(rows: str | bytes) -> Iterator[str | bytes]:
    return (rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK))


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Rows are many, short-lived and in no cycles: looking for garbage among them costs half as
    much again as reading them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def by_pair(counted: Counted) -> Tallies:
    """Counts of verdicts by pair, whichever side a contestant stood on."""
    pairs: Tallies = {}
    for (a, b, verdict), votes in counted.items():
        first, second = sorted((int(a), int(b)))
        columns = WON_BY_FIRST if int(a) == first else WON_BY_SECOND
        pairs.setdefault((first, second), [0, 0, 0, 0])[columns[verdict]] += votes
    return pairs


def add_tallies(campaign: Campaign, pairs: Tallies) -> int:
    """Add counts made elsewhere to the campaign's own. Returns how many votes they sum up."""
    tallies.add(campaign.pk, {(OVERALL, *pair): counts for pair, counts in pairs.items()})
    return sum(map(sum, pairs.values()))
