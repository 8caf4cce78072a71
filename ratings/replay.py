"""Elo for a board: all counted votes once more, in the order they were cast."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from arena.models import Campaign, ImportedVote, Verdict, Vote

from .core import NotEnoughDataError
from .core.elo import Elo, elo
from .core.verdicts import Verdict as Outcome
from .reading import Input

OUTCOMES = {
    Verdict.A: Outcome.A,
    Verdict.B: Outcome.B,
    Verdict.TIE: Outcome.TIE,
    Verdict.BOTH_BAD: Outcome.BOTH_BAD,
}
VoteRow = tuple[int, int, str]


def of(given: Input) -> Elo:
    """Raises NotEnoughDataError when some of the votes came summed up: their order is lost."""
    index = {contestant.pk: i for i, contestant in enumerate(given.contestants)}
    rows = [row for row in votes_in_order(given.campaign) if row[0] in index and row[1] in index]
    if not rows or len(rows) != given.votes:
        raise NotEnoughDataError("Elo needs the order of the votes, and these have none.")
    outcomes = [OUTCOMES[Verdict(verdict)] for _, _, verdict in rows]
    left = np.array([index[row[0]] for row in rows])
    right = np.array([index[row[1]] for row in rows])
    return elo(left, right, np.array(outcomes), len(index))


def votes_in_order(campaign: Campaign) -> Iterable[VoteRow]:
    """Contestants on the left and right, and the verdict; imported votes first."""
    imported = ImportedVote.objects.filter(source__campaign=campaign)
    yield from (
        imported.order_by("at", "pk")
        .values_list("contestant_a_id", "contestant_b_id", "verdict")
        .iterator(chunk_size=20_000)
    )
    cast = Vote.objects.filter(battle__campaign=campaign, standing=Vote.Standing.COUNTED)
    yield from (
        cast.order_by("pk")
        .values_list("battle__contestant_a_id", "battle__contestant_b_id", "verdict")
        .iterator(chunk_size=20_000)
    )
