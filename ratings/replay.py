"""The single votes of a campaign, in the order they were cast."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.db import connection

from arena.models import Campaign, ImportedVote, Vote

from .reading import NO_REASON, PENDING, Input, one_moment, read_inside
from .votes_file import VOTE

# The database writes the lines: a million take it a second. Imported votes come first. A model of
# which no vote counts is not on the board and has no number.
LINES = """
    COPY (
        WITH model AS (
            SELECT id, place - 1 AS number
            FROM unnest(%(models)s::bigint[]) WITH ORDINALITY AS listed(id, place)
        ), vote AS (
            SELECT 0 AS part, at AS moment, one.id, contestant_a_id AS a, contestant_b_id AS b,
                verdict, at, '' AS left_out
            FROM arena_importedvote one JOIN arena_import source ON source.id = source_id
            WHERE campaign_id = %(campaign)s
            UNION ALL
            SELECT 1, NULL, one.id, contestant_a_id, contestant_b_id, verdict, one.created,
                CASE standing WHEN 'COUNTED' THEN '' WHEN 'PENDING' THEN %(pending)s
                ELSE coalesce(nullif(standing_reason, ''), %(no_reason)s) END
            FROM arena_vote one JOIN arena_battle battle ON battle.id = battle_id
            WHERE campaign_id = %(campaign)s
        )
        SELECT l.number AS left, r.number AS right, verdict,
            (at AT TIME ZONE 'UTC')::date AS day, nullif(left_out, '') AS left_out
        FROM vote LEFT JOIN model l ON l.id = a LEFT JOIN model r ON r.id = b
        ORDER BY part, moment, vote.id
    ) TO STDOUT (FORMAT csv)
"""


@contextmanager
def reading(
    campaign: Campaign, most: float = float("inf")
) -> Iterator[tuple[Input, IO[bytes] | None]]:
    """All a board is computed from and, as `votes.csv`, its single votes, of the same moment.
    None in place of the file when some votes came summed up or there are more than `most`."""
    with tempfile.TemporaryFile() as file:
        with one_moment():
            given = read_inside(campaign)
            whole = given.votes <= most and given.votes == single_votes(campaign)
            if whole:
                write(given, file)
        yield given, file if whole else None


def single_votes(campaign: Campaign) -> int:
    """How many of the counted votes are known one by one."""
    cast = Vote.objects.filter(battle__campaign=campaign, standing=Vote.Standing.COUNTED)
    return cast.count() + ImportedVote.objects.filter(source__campaign=campaign).count()


def write(given: Input, file: IO[bytes]) -> None:
    file.write((",".join(VOTE) + "\n").encode())
    values = {
        "models": [contestant.pk for contestant in given.contestants],
        "campaign": given.campaign.pk,
        "no_reason": NO_REASON,
        "pending": PENDING,
    }
    with connection.cursor() as cursor, cursor.copy(LINES, values) as lines:
        for block in lines:
            file.write(block)
    file.seek(0)
