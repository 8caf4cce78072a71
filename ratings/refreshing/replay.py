"""The single votes of a board, in the order they were cast."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO

import numpy as np
from django.conf import settings
from django.db import connection

from arena.counting.tallies import BROUGHT_LABELS, BROUGHT_VERDICTS, CAST_LABELS, SLICES, VERDICTS
from arena.models import BattleLabels, Campaign, ImportedVote, Vote

from ..archive.methods import STYLE
from ..archive.votes_file import OUTCOMES, VOTE
from ..archive.votes_file import STYLE as STYLE_COLUMNS
from ..core.data.arrays import IntArray
from ..freshness import for_an_epoch
from ..models import Board
from .reading import NO_REASON, PENDING, Input, one_moment, read_inside

SUMMED_UP = "Some of the votes came aggregated per pair, so there are no individual ones."
TOO_MANY = "Individual votes are left out of files with more than {:,}; see docs/exporting.md."

# The votes of a slice, or of all slices of a range of months; imported votes come first.
VOTES = f"""
    WITH every AS (
        SELECT 0 AS part, at AS moment, id, contestant_a_id AS a, contestant_b_id AS b,
            verdict, criterion, at, '' AS left_out, style, {BROUGHT_LABELS},
            to_char(at AT TIME ZONE 'UTC', 'YYYY-MM') AS month,
            CASE voter WHEN '' THEN 0
                ELSE hashtextextended(source_id || ' ' || voter, 0) END AS voter
        FROM {BROUGHT_VERDICTS} one
        WHERE source_id IN (SELECT id FROM arena_import
            WHERE campaign_id = %(campaign)s AND withdrawn IS NULL)
        UNION ALL
        SELECT 1, NULL, one.id, contestant_a_id, contestant_b_id, verdict, criterion, one.created,
            CASE standing WHEN 'COUNTED' THEN '' WHEN 'PENDING' THEN %(pending)s
            ELSE coalesce(nullif(standing_reason, ''), %(no_reason)s) END,
            style, {CAST_LABELS}, to_char(one.created AT TIME ZONE 'UTC', 'YYYY-MM'),
            one.voter_id
        FROM {VERDICTS} one
        LEFT JOIN arena_battlelabels labels ON labels.battle_id = one.battle_id
        WHERE campaign_id = %(campaign)s
    ), vote AS (
        SELECT * FROM every WHERE (%(low)s = 'overall' AND criterion = '') OR EXISTS (
            SELECT FROM unnest({SLICES}) AS slice WHERE slice BETWEEN %(low)s AND %(high)s
        )
    )
"""
BY_REASON = f"{VOTES} SELECT left_out, count(*) FROM vote GROUP BY left_out"
VERDICT = " ".join(f"WHEN '{name}' THEN {number}" for name, number in OUTCOMES.items())
BYTES = " || ".join(f"int8send({it})" for it in ("voter", "a", "b", f"CASE verdict {VERDICT} END"))
WITH_VOTERS = f"{VOTES} SELECT string_agg({BYTES}, ''::bytea) FROM vote WHERE left_out = ''"
STYLES = "".join(f", style[{i}]" for i in range(1, len(STYLE_COLUMNS) + 1))


def lines(more: str = "") -> str:
    """Written by the database itself: a million take a second. A model without counted votes is not
    on the board and has no number."""
    return f"""
        COPY (
            {VOTES}, model AS (
                SELECT id, place - 1 AS number
                FROM unnest(%(models)s::bigint[]) WITH ORDINALITY AS listed(id, place)
            )
            SELECT l.number AS left, r.number AS right, verdict,
                (at AT TIME ZONE 'UTC')::date AS day, nullif(left_out, '') AS left_out{more}
            FROM vote LEFT JOIN model l ON l.id = a LEFT JOIN model r ON r.id = b
            ORDER BY part, moment, vote.id
        ) TO STDOUT (FORMAT csv)
    """


@dataclass(frozen=True)
class Reading:
    """The input of a board and its single votes as `votes.csv`, from the same database snapshot, or
    why there are none."""

    given: Input
    votes: IO[bytes] | None
    why_no_votes: str = ""


@contextmanager
def reading(board: Board, most: float = float("inf")) -> Iterator[Reading]:
    """Without single votes if some were imported as tallies or there are more than `most`."""
    with tempfile.TemporaryFile() as file:
        with one_moment():
            given = read_inside(board.campaign, board.slice)
            by_reason = _by_reason(given)
            known = by_reason.pop("", 0)
            given = replace(given, exclusions=sorted(by_reason.items()))
            why = _why_none(given.votes, known, most)
            if not why:
                _write(given, file, with_style=board.method == STYLE)
        yield Reading(given, None if why else file, why)


def with_voters(given: Input) -> IntArray:
    """(N, 4) voter, both contestants and verdict of each counted vote that is known, in any order.
    A voter without a name is 0; the others are numbers that mean nothing outside. Read in the same
    `one_moment` as the input."""
    with connection.cursor() as cursor:
        cursor.execute(WITH_VOTERS, values(given))
        [data] = cursor.fetchone() or [None]
    return np.frombuffer(data or b"", dtype=">i8").reshape(-1, 4).astype(np.int64)


def _why_none(votes: int, known: int, most: float) -> str:
    if votes != known:
        return SUMMED_UP
    return TOO_MANY.format(settings.ARCHIVE_VOTES) if votes > most else ""


def _by_reason(given: Input) -> dict[str, int]:
    """Numbers of single votes of the slice by reason for exclusion; the counted ones have no
    reason."""
    with connection.cursor() as cursor:
        cursor.execute(BY_REASON, values(given))
        return dict(cursor.fetchall())


def _write(given: Input, file: IO[bytes], *, with_style: bool) -> None:
    header = VOTE + STYLE_COLUMNS if with_style else VOTE
    file.write((",".join(header) + "\n").encode())
    query = lines(STYLES if with_style else "")
    with connection.cursor() as cursor, cursor.copy(query, values(given)) as found:
        for block in found:
            file.write(block)
    file.seek(0)


def values(given: Input) -> dict[str, str | int | list[int]]:
    low, high = given.bounds
    return {
        "models": [contestant.pk for contestant in given.contestants],
        "campaign": given.campaign.pk,
        "no_reason": NO_REASON,
        "pending": PENDING,
        "low": low,
        "high": high,
    }


@for_an_epoch
def has_texts(campaign: Campaign) -> bool:
    """Whether there may be votes on answers whose texts are or were stored here."""
    is_own = campaign.kind != Campaign.Kind.IMPORTED
    return is_own or campaign.imports.counted().exclude(labels="").exists()


@for_an_epoch
def with_texts(campaign: Campaign) -> int:
    """How many votes could take part in style control."""
    labelled = BattleLabels.objects.filter(battle__campaign=campaign, style__len=8)
    cast = labelled.filter(battle__vote__standing=Vote.Standing.COUNTED)
    brought = ImportedVote.objects.counted().filter(source__campaign=campaign, style__len=8)
    return cast.count() + brought.count()
