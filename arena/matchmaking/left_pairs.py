"""Pairs that are not drawn for a voter for a while: those whose battle was left or skipped, so that
nobody can fish for a pair; and those that the voter has voted on often enough."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.utils import timezone

from ..limiting import clients, pairs
from ..limiting.pairs import Pair
from ..models import Battle, Voter
from .odds import Odds

LEFT = timedelta(hours=24)


def spared(odds: Odds, playing: Sequence[int], voter: Voter) -> Odds:
    """The odds without these pairs of contestants. Left ones come back rather than none. Raises
    Refused if there is no pair that the voter may vote on, and RedisError."""
    used_up = pairs.used_up(clients.client_named(voter))
    allowed = _without(odds, playing, used_up)
    if allowed.is_empty:
        raise pairs.refusal(min(used_up.values()))
    fresh = _without(allowed, playing, _left(voter))
    return allowed if fresh.is_empty else fresh


def _left(voter: Voter) -> set[Pair]:
    battles = Battle.objects.filter(voter=voter, created__gt=timezone.now() - LEFT)
    without_vote = battles.exclude(state=Battle.State.VOTED).order_by()
    return {frozenset(pair) for pair in without_vote.values_list("contestant_a", "contestant_b")}


def _without(odds: Odds, playing: Sequence[int], left: Collection[Pair]) -> Odds:
    places = {contestant: place for place, contestant in enumerate(playing)}
    inside = [pair for pair in left if pair <= places.keys()]
    return odds.without([sorted(places[one] for one in pair) for pair in inside])
