"""Reading what a board is computed from, all of it at one moment of the database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Case, Count, Max, Value, When

from arena.models import Campaign, Contestant, Vote

TallyRow = tuple[int, int, int, int, int, int]  # first, second, and the four counts

PENDING, NO_REASON = "pending", "no reason given"  # why a vote is not counted

# By hand, since this is where a refresh spends its time.
TALLIES = """
    SELECT first_id, second_id, first_wins, second_wins, ties, both_bad
    FROM arena_tally WHERE campaign_id = %s AND slice = 'overall' ORDER BY first_id, second_id
"""
# One number a campaign that changes with any tally: the database makes it in milliseconds.
FINGERPRINTS = """
    SELECT campaign_id, count(*) || '.' || sum(hash_record_extended(
        (first_id, second_id, first_wins, second_wins, ties, both_bad), 0)::numeric)
    FROM arena_tally
    WHERE slice = 'overall' AND (campaign_id = %(campaign)s OR %(campaign)s IS NULL)
    GROUP BY campaign_id
"""


@dataclass(frozen=True)
class Input:
    """All a board is computed from."""

    campaign: Campaign
    contestants: list[Contestant]
    rows: list[TallyRow]
    exclusions: list[tuple[str, int]]  # reason, votes
    last_vote_id: int
    fingerprint: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(json.dumps(self.rows).encode()).hexdigest()

    @property
    def votes(self) -> int:
        return sum(sum(row[2:]) for row in self.rows)

    def numbered(self) -> list[TallyRow]:
        """The tallies with contestants by their place in the list."""
        index = {contestant.pk: i for i, contestant in enumerate(self.contestants)}
        return [(index[a], index[b], w, x, y, z) for a, b, w, x, y, z in self.rows]


def fingerprints(campaign: int | None = None) -> dict[int, str]:
    """By primary key, of one campaign or all; those without tallies are missing."""
    with connection.cursor() as cursor:
        cursor.execute(FINGERPRINTS, {"campaign": campaign})
        return dict(cursor.fetchall())


@contextmanager
def one_moment() -> Iterator[None]:
    """Whatever is read inside is as it stood when the first of it was read."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def read(campaign: Campaign) -> Input:
    """Tallies and contestants as they stand in one moment of the database."""
    with one_moment():
        return read_inside(campaign)


def read_inside(campaign: Campaign) -> Input:
    """The same, for a caller that reads more of the same moment."""
    with connection.cursor() as cursor:
        cursor.execute(TALLIES, [campaign.pk])
        rows: list[TallyRow] = cursor.fetchall()
    involved = {pk for row in rows for pk in row[:2]}
    votes = Vote.objects.filter(battle__campaign=campaign)
    newest = votes.aggregate(newest=Max("pk"))["newest"]
    contestants = Contestant.objects.filter(pk__in=involved).order_by("pk")
    return Input(
        campaign=campaign,
        contestants=list(contestants),
        rows=rows,
        exclusions=excluded(campaign),
        last_vote_id=newest or 0,
        fingerprint=fingerprints(campaign.pk).get(campaign.pk, ""),
    )


def excluded(campaign: Campaign) -> list[tuple[str, int]]:
    """Votes that are not counted, by reason."""
    aside = Vote.objects.filter(battle__campaign=campaign).exclude(standing=Vote.Standing.COUNTED)
    reason = Case(
        When(standing=Vote.Standing.PENDING, then=Value(PENDING)),
        When(standing_reason="", then=Value(NO_REASON)),
        default="standing_reason",
    )
    counted = aside.values_list(reason).annotate(votes=Count("pk"))
    return sorted((str(why), votes) for why, votes in counted)
