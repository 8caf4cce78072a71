"""What the votes of each voter have in common, for the intervals of a board.

It takes every vote, so it is counted when a board is published, which reads every vote anyway, and
kept with the board. Until the next publication votes that were cast since count as by a voter of
their own each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from arena.counting import tallies
from arena.labels.slices import OVERALL, is_span

from ..archive import voters_file
from ..core import NotEnoughDataError, Tallies, bradley_terry
from ..core.data.arrays import IntArray
from ..core.methods.ratings import TieReading
from ..core.uncertainty.voters import Clustering
from ..models import Board, VoterScatter
from . import replay
from .reading import Input, one_moment, read_inside

MOST_MODELS = 500  # half a megabyte in each file
MOST_VOTES = 2_000_000  # half a gigabyte while they are counted
# Voters who come together into what is kept, so that no two versions differ by one of them.
FEWEST_NEW = 5
NUMBER, KEY = np.dtype("<f8"), np.dtype("<i8")


@dataclass(frozen=True, eq=False)
class VotesOfVoters:
    """N votes by the models of a board, each with its voter; those without a name come as a voter
    of their own each, after `named` others."""

    left: IntArray
    right: IntArray
    verdict: IntArray
    voter: IntArray
    named: int


def of(board: Board, given: Input) -> Clustering | None:
    """As it was last counted, by the models as they are now. None: votes are taken as
    independent."""
    stored = VoterScatter.objects.filter(board=board.pk).first()
    if stored is None or stored.voters == 0:
        return None
    keys, size = np.frombuffer(stored.contestants, KEY), stored.size
    places = np.searchsorted(now := _keys(given), keys)
    here = np.isin(keys, now)
    more = size - len(keys)
    kept = np.append(np.flatnonzero(here), np.arange(len(keys), size))
    at = np.append(places[here], len(now) + np.arange(more))
    below = np.zeros((size, size))
    below[np.tril_indices(size)] = np.frombuffer(stored.triangle, NUMBER)
    excess = np.zeros((len(now) + more,) * 2)
    excess[np.ix_(at, at)] = voters_file.mirrored(below)[np.ix_(kept, kept)]
    return Clustering(excess, stored.votes, stored.voters, stored.effective)


def count(board: Board) -> bool:
    """Count it again, unless too few have voted since, and keep it with the board. Returns whether
    there is, or was, any."""
    known = VoterScatter.objects.filter(board=board).first()
    if known is not None and 0 < _new_voters(board, known) < FEWEST_NEW:
        return False
    with one_moment():
        given = read_inside(board.campaign, board.slice)
        votes = _read(given) if _is_possible(given) else None
    found = None if votes is None else _clustering(board, given, votes)
    _keep(board, given, found)
    return found is not None or (known is not None and known.voters > 0)


def _new_voters(board: Board, known: VoterScatter) -> int:
    part = OVERALL if is_span(board.slice) else board.slice
    return tallies.voters_since(board.campaign_id, part, known.counted)


def _is_possible(given: Input) -> bool:
    return len(given.contestants) <= MOST_MODELS and 0 < given.votes <= MOST_VOTES


def _read(given: Input) -> VotesOfVoters | None:
    """None if some came aggregated."""
    table = replay.with_voters(given)
    if len(table) != given.votes:
        return None
    voter, a, b, verdict = table.T
    nobody = voter == 0
    names, number = np.unique(voter[~nobody], return_inverse=True)
    who = np.empty(len(voter), dtype=np.int64)
    who[~nobody] = number
    who[nobody] = len(names) + np.arange(nobody.sum())
    keys = _keys(given)
    return VotesOfVoters(
        np.searchsorted(keys, a), np.searchsorted(keys, b), verdict, who, len(names)
    )


def _clustering(board: Board, given: Input, votes: VotesOfVoters) -> Clustering | None:
    """None if it would tell too much of single voters, or if nobody can be rated."""
    of_named = np.bincount(votes.voter)[: votes.named]
    columns = votes.left, votes.right, votes.verdict
    if not voters_file.may_be_told(of_named, len(given.contestants)):
        return None
    summed = Tallies.from_votes(*columns, len(given.contestants), voter=votes.voter)
    try:
        result = bradley_terry(summed, ties=cast(TieReading, board.ties), covariance="clustered")
    except NotEnoughDataError:
        return None
    found = result.clustering
    return None if found is None else replace(found, voters=votes.named).rounded()


def _keep(board: Board, given: Input, found: Clustering | None) -> None:
    fields: dict[str, Any] = {
        "contestants": b"",
        "triangle": b"",
        "size": 0,
        "votes": 0.0,
        "voters": 0,
    }
    if found is not None:
        below = np.tril_indices(len(found.excess))
        fields = {
            "contestants": _keys(given).astype(KEY).tobytes(),
            "triangle": found.excess[below].astype(NUMBER).tobytes(),
            "size": len(found.excess),
            "votes": found.votes,
            "voters": found.voters,
            "effective": found.effective,
        }
    VoterScatter.objects.update_or_create(board=board, defaults=fields)


def _keys(given: Input) -> IntArray:
    return np.array([contestant.pk for contestant in given.contestants], dtype=np.int64)
