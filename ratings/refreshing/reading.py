"""Reading the input of a board, in one consistent database snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from arena.labels import slices
from arena.models import Campaign, Contestant, Tally

from ..boards.fingerprints import Fingerprints, fingerprints, of_slice
from ..core.data.arrays import IntArray

# Scans backwards from the newest vote to one of the campaign: usually the newest itself, as a
# campaign is read when it has a new vote. A join, or a maximum, would read all votes ever cast,
# each time.
LAST_VOTE = """
    SELECT id FROM arena_vote vote
    WHERE EXISTS (SELECT FROM arena_battle WHERE campaign_id = %(campaign)s)
        AND (SELECT campaign_id FROM arena_battle WHERE id = vote.battle_id) = %(campaign)s
    ORDER BY id DESC LIMIT 1
"""
# Likewise: one index lookup per excluded vote, however many others there are.
EXCLUDED = """
    SELECT CASE WHEN standing = 'PENDING' THEN %(pending)s
        ELSE coalesce(nullif(standing_reason, ''), %(no_reason)s) END, count(*)
    FROM arena_vote vote
    WHERE standing <> 'COUNTED'
        AND (SELECT campaign_id FROM arena_battle WHERE id = vote.battle_id) = %(campaign)s
    GROUP BY 1
"""
PENDING, NO_REASON = "pending", "no reason given"  # why a vote is not counted
COLUMNS = Tally.COLUMNS
SUMS = ", ".join(f"sum({count})::bigint AS {count}" for count in Tally.COUNTS)

# Hand-written SQL, since a refresh spends its time here: the numbers of a slice come as one string
# of bytes, which is three times as fast as rows of Python numbers.
AS_BYTES = "string_agg({}, ''::bytea ORDER BY first_id, second_id)".format(
    " || ".join(f"int8send({column})" for column in COLUMNS)
)
KEPT = f"""
    SELECT slice, {AS_BYTES} FROM arena_tally
    WHERE campaign_id = %s AND slice = ANY(%s) GROUP BY slice
"""
SPANS = f"""
    SELECT slice, {AS_BYTES} FROM (
        SELECT span.slice, first_id, second_id, {SUMS}
        FROM unnest(%s::text[], %s::text[], %s::text[]) AS span(slice, low, high)
        JOIN arena_tally tally ON campaign_id = %s AND tally.slice BETWEEN low AND high
        GROUP BY span.slice, first_id, second_id
    ) summed GROUP BY slice
"""


@dataclass(frozen=True, eq=False)
class Input:
    """All a board is computed from.

    Attributes:
        contestants: those with votes in the slice, by primary key.
        rows: (P, 6) `COLUMNS` of each pair that met, by primary keys.
        exclusions: reasons, and how many votes of the campaign are not counted for each.
        bounds: first and last stored slice that it is the sum of; usually the same.
    """

    campaign: Campaign
    contestants: list[Contestant]
    rows: IntArray
    exclusions: list[tuple[str, int]]
    last_vote_id: int
    fingerprint: str
    bounds: tuple[str, str] = (slices.OVERALL, slices.OVERALL)

    @property
    def months(self) -> list[str]:
        """First and last month of a span, such as 2026-03; empty for all else."""
        low, high = self.bounds
        return [month.removeprefix("month-") for month in (low, high)] if low != high else []

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.rows.tobytes()).hexdigest()

    @property
    def votes(self) -> int:
        return int(self.rows[:, 2:].sum())

    def numbered(self) -> IntArray:
        """The rows with contestants numbered by their position in the list."""
        keys = np.array([contestant.pk for contestant in self.contestants], dtype=np.int64)
        return np.hstack([np.searchsorted(keys, self.rows[:, :2]), self.rows[:, 2:]])


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything read inside comes from one database snapshot, taken at the first query."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def read(campaign: Campaign, part: str = slices.OVERALL) -> Input:
    """A slice, from one consistent database snapshot."""
    return read_slices(campaign, [part])[part]


def read_slices(
    campaign: Campaign, parts: Iterable[str], seen: Fingerprints | None = None
) -> dict[str, Input]:
    """Several slices, from one consistent database snapshot. The fingerprints passed in may be
    slightly older: then the result counts as stale and is computed once more."""
    with one_moment():
        return _read(campaign, list(parts), seen)


def read_inside(campaign: Campaign, part: str = slices.OVERALL) -> Input:
    """For a caller that reads more within the same `one_moment`."""
    return _read(campaign, [part])[part]


def _read(
    campaign: Campaign, parts: list[str], seen: Fingerprints | None = None
) -> dict[str, Input]:
    today = timezone.now().date()
    bounds = {part: slices.bounds_of(part, today) or (part, part) for part in parts}
    rows = {part: np.empty((0, len(COLUMNS)), dtype=np.int64) for part in parts}
    rows |= _rows(campaign, bounds)
    keys = {part: np.unique(table[:, :2]).tolist() for part, table in rows.items()}
    known = Contestant.objects.in_bulk({key for found in keys.values() for key in found})
    newest, exclusions = last_vote_id(campaign), excluded(campaign)
    if seen is None:
        only = parts[0] if len(parts) == 1 and bounds[parts[0]] == (parts[0], parts[0]) else None
        seen = fingerprints(campaign.pk, only)
    return {
        part: Input(
            campaign=campaign,
            contestants=[known[key] for key in keys[part]],
            rows=table,
            exclusions=exclusions,
            last_vote_id=newest,
            fingerprint=of_slice(seen, campaign.pk, part, today).text,
            bounds=bounds[part],
        )
        for part, table in rows.items()
    }


def _rows(campaign: Campaign, bounds: Mapping[str, tuple[str, str]]) -> dict[str, IntArray]:
    kept = [part for part, ends in bounds.items() if ends == (part, part)]
    spans = {part: ends for part, ends in bounds.items() if part not in kept}
    with connection.cursor() as cursor:
        cursor.execute(KEPT, [campaign.pk, kept])
        found = cursor.fetchall()
        if spans:
            lows, highs = (list(ends) for ends in zip(*spans.values(), strict=True))
            cursor.execute(SPANS, [[*spans], lows, highs, campaign.pk])
            found += cursor.fetchall()
    return {part: _table(data) for part, data in found}


def _table(data: bytes) -> IntArray:
    return np.frombuffer(data, dtype=">i8").reshape(-1, len(COLUMNS)).astype(np.int64)


def last_vote_id(campaign: Campaign) -> int:
    """Primary key of the newest vote cast in the campaign; 0 without one."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_VOTE, {"campaign": campaign.pk})
        [newest] = cursor.fetchone() or [0]
    return int(newest)


def excluded(campaign: Campaign) -> list[tuple[str, int]]:
    """Votes that are not counted, by reason."""
    with connection.cursor() as cursor:
        names = {"pending": PENDING, "no_reason": NO_REASON}
        cursor.execute(EXCLUDED, {"campaign": campaign.pk, **names})
        return sorted((str(why), int(votes)) for why, votes in cursor)
