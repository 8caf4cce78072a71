"""From the running tallies to an immutable snapshot of a board."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from django.db import connection, transaction
from django.db.models import Max

from arena.models import Campaign, Contestant, Tally, Vote

from .core import Ratings, Status, Tallies, bradley_terry
from .models import Board, Rating, Snapshot

CODE_VERSION = f"evenhand 0.1.0, numpy {version('numpy')}, scipy {version('scipy')}"


@dataclass(frozen=True)
class Input:
    """All a board is computed from, read at one moment."""

    contestants: list[Contestant]
    rows: list[tuple[int, int, int, int, int, int]]  # first, second, and the four counts
    last_vote_id: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(json.dumps(self.rows).encode()).hexdigest()

    @property
    def votes(self) -> int:
        return sum(sum(row[2:]) for row in self.rows)

    def tallies(self) -> Tallies:
        index = {contestant.pk: i for i, contestant in enumerate(self.contestants)}
        pairs = np.array([(index[a], index[b]) for a, b, *_ in self.rows])
        counts = np.array([row[2:] for row in self.rows])
        return Tallies.from_counts(pairs, counts, len(self.contestants))


def refresh_all() -> list[Snapshot]:
    """A new snapshot for every board whose tallies have changed."""
    for campaign in Campaign.objects.filter(boards=None):
        Board.objects.get_or_create(campaign=campaign, slug="overall")
    boards = Board.objects.select_related("campaign")
    return [snapshot for board in boards if (snapshot := refresh(board)) is not None]


def refresh(board: Board) -> Snapshot | None:
    """Compute `board` again if its input has changed; None when it has not."""
    given = read(board.campaign)
    newest = board.newest()
    if not given.rows or (newest is not None and newest.input_sha256 == given.sha256):
        return None
    result = bradley_terry(given.tallies())
    return _write(board, given, result)


@transaction.atomic
def read(campaign: Campaign) -> Input:
    """Tallies and contestants as they stand in one moment of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    counts = ("first_wins", "second_wins", "ties", "both_bad")
    tallies = Tally.objects.filter(campaign=campaign).order_by("first_id", "second_id")
    rows = list(tallies.values_list("first_id", "second_id", *counts))
    involved = {pk for row in rows for pk in row[:2]}
    newest = Vote.objects.filter(battle__campaign=campaign).aggregate(newest=Max("pk"))["newest"]
    contestants = Contestant.objects.filter(pk__in=involved).order_by("pk")
    return Input(list(contestants), rows, newest or 0)


@transaction.atomic
def _write(board: Board, given: Input, result: Ratings) -> Snapshot:
    snapshot = Snapshot.objects.create(
        board=board,
        last_vote_id=given.last_vote_id,
        votes=given.votes,
        input_sha256=given.sha256,
        code_version=CODE_VERSION,
    )
    best_first = np.argsort(-np.nan_to_num(result.scores, nan=-np.inf), kind="stable")
    Rating.objects.bulk_create(
        _rating(snapshot, given.contestants[i], int(i), position, result)
        for position, i in enumerate(best_first, start=1)
    )
    return snapshot


def _rating(
    snapshot: Snapshot, contestant: Contestant, i: int, position: int, result: Ratings
) -> Rating:
    rated = bool(np.isfinite(result.scores[i]))
    return Rating(
        snapshot=snapshot,
        contestant=contestant,
        position=position,
        score=_number(result.scores[i]),
        lower=_number(result.lower[i]),
        upper=_number(result.upper[i]),
        rank_low=int(result.rank_low[i]) if rated else None,
        rank_high=int(result.rank_high[i]) if rated else None,
        votes=int(result.votes[i]),
        win_rate=_number(result.win_rate[i]),
        status=Status(result.status[i]).name.lower(),
    )


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
