"""Votes on their way into the tables: a COPY of the single votes, then the tallies they make."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection

from arena.models import Campaign, Import, Tally

from .columns import copy_text, table_columns
from .contestants import Contestants
from .votes import Block

COUNTS = ("first_wins", "second_wins", "ties", "both_bad")
WON_BY_FIRST = dict(zip(("A", "B", "TIE", "BOTH_BAD"), COUNTS, strict=True))  # A is the first
WON_BY_SECOND = {**WON_BY_FIRST, "A": "second_wins", "B": "first_wins"}
Counted = Counter[tuple[str, str, str]]  # contestants on side A and B, verdict

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
    source.votes += add_tallies(source.campaign, tallies(counted - repeated, source.campaign))


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
    columns = ", ".join(table_columns(block)) if block else ""  # a file's blocks are alike
    with connection.cursor() as cursor, without_garbage_collection():
        while block is not None:
            contestants.enter(names(block))
            with cursor.copy(f"COPY arena_importedvote ({columns}) FROM STDIN") as copy:
                while block is not None and names(block) <= contestants.keys():
                    copy.write(copy_text(block, source.pk, contestants))
                    counted.update(keys(block, contestants))
                    block = next(blocks, None)


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


def names(block: Block) -> set[str]:
    return {*block.columns["model_a"], *block.columns["model_b"]}


def keys(block: Block, contestants: Contestants) -> Iterator[tuple[str, str, str]]:
    pks = contestants.__getitem__
    a, b = map(pks, block.columns["model_a"]), map(pks, block.columns["model_b"])
    return zip(a, b, block.columns["verdict"], strict=True)


def tallies(counted: Counted, campaign: Campaign) -> Iterable[Tally]:
    """Counts of verdicts by pair, whichever side a contestant stood on."""
    found: dict[tuple[int, int], Tally] = {}
    for (a, b, verdict), votes in counted.items():
        first, second = sorted((int(a), int(b)))
        tally = found.setdefault(
            (first, second), Tally(campaign=campaign, first_id=first, second_id=second)
        )
        column = WON_BY_FIRST[verdict] if int(a) == first else WON_BY_SECOND[verdict]
        setattr(tally, column, getattr(tally, column) + votes)
    return found.values()


def add_tallies(campaign: Campaign, tallies: Iterable[Tally]) -> int:
    """Add counts made elsewhere to the campaign's own. Returns how many votes they sum up."""
    own = {(t.first_id, t.second_id): t for t in Tally.objects.filter(campaign=campaign)}
    changed, new, votes = [], [], 0
    for tally in tallies:
        votes += sum(getattr(tally, name) for name in COUNTS)
        found = own.get((tally.first_id, tally.second_id))
        if found is None:
            new.append(tally)
            continue
        for name in COUNTS:
            setattr(found, name, getattr(found, name) + getattr(tally, name))
        changed.append(found)
    Tally.objects.bulk_create(new)
    Tally.objects.bulk_update(changed, COUNTS, batch_size=500)
    return votes
