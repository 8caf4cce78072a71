"""Which boards have new votes? A hash for each slice of a campaign that changes with any of its
tallies; the database computes all of them at once, in milliseconds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from arena.labels import slices
from arena.models import Tally

MOST = 2**63 - 1  # cap for a campaign with more votes, so that it does not break the others
FINGERPRINTS = f"""
    SELECT campaign_id, slice, count(*) || '.' || sum(hash_record_extended(
        ({", ".join(Tally.COLUMNS)}), 0)::numeric),
        least(sum({" + ".join(f"{count}::numeric" for count in Tally.COUNTS)}), {MOST})::bigint,
        count(*)
    FROM arena_tally
    WHERE (campaign_id = %(campaign)s OR %(campaign)s IS NULL)
      AND (slice = %(slice)s OR %(slice)s IS NULL)
    GROUP BY campaign_id, slice
"""


@dataclass(frozen=True)
class Fingerprint:
    """Of a slice: the hash of its tallies, its number of votes, and on how many pairs."""

    text: str
    votes: int
    pairs: int


NO_VOTES = Fingerprint("", 0, 0)
Fingerprints = Mapping[tuple[int, str], Fingerprint]  # by primary key of the campaign, and slice


def fingerprints(campaign: int | None = None, part: str | None = None) -> Fingerprints:
    """Of all stored slices, or of the requested ones; a slice without tallies is missing."""
    with connection.cursor() as cursor:
        cursor.execute(FINGERPRINTS, {"campaign": campaign, "slice": part})
        return {(pk, name): Fingerprint(*found) for pk, name, *found in cursor}


def of_slice(
    found: Fingerprints, campaign: int, part: str, today: date | None = None
) -> Fingerprint:
    """Of any slice; that of a range of months is combined from those of its months."""
    bounds = slices.bounds_of(part, today or timezone.now().date())
    if bounds is None:
        return found.get((campaign, part), NO_VOTES)
    low, high = bounds
    months = sorted(
        (name, one) for (pk, name), one in found.items() if pk == campaign and low <= name <= high
    )
    if not months:
        return NO_VOTES
    text = " ".join(f"{name} {one.text}" for name, one in months)
    digest = hashlib.sha256(text.encode()).hexdigest()[:40]
    votes, pairs = (
        sum(each) for each in zip(*((m.votes, m.pairs) for _, m in months), strict=True)
    )
    return Fingerprint(digest, min(votes, MOST), pairs)
