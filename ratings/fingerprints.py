"""Which boards have new votes? One number for each slice of a campaign that changes with any of its
tallies; the database makes all of them at once, in milliseconds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from arena.labels import slices

FINGERPRINTS = """
    SELECT campaign_id, slice, count(*) || '.' || sum(hash_record_extended(
        (first_id, second_id, first_wins, second_wins, ties, both_bad), 0)::numeric),
        sum(first_wins + second_wins + ties + both_bad)::bigint
    FROM arena_tally
    WHERE (campaign_id = %(campaign)s OR %(campaign)s IS NULL)
      AND (slice = %(slice)s OR %(slice)s IS NULL)
    GROUP BY campaign_id, slice
"""


@dataclass(frozen=True)
class Fingerprint:
    """Of a slice: what it looks like, and how many votes it has."""

    text: str
    votes: int


NO_VOTES = Fingerprint("", 0)
Fingerprints = Mapping[tuple[int, str], Fingerprint]  # by primary key of the campaign, and slice


def fingerprints(campaign: int | None = None, part: str | None = None) -> Fingerprints:
    """Of all kept slices, or of those asked for; a slice without tallies is missing."""
    with connection.cursor() as cursor:
        cursor.execute(FINGERPRINTS, {"campaign": campaign, "slice": part})
        return {(pk, name): Fingerprint(text, votes) for pk, name, text, votes in cursor}


def of_slice(
    found: Fingerprints, campaign: int, part: str, today: date | None = None
) -> Fingerprint:
    """Of any slice; that of a span is made from those of its months."""
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
    return Fingerprint(digest, sum(one.votes for _, one in months))
