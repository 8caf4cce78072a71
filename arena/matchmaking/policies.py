"""From what is known of the contestants and a campaign's policy to the weight of every pair.

Pure: no database, no framework.

    weight of a pair = its weight by the strategy x the factors of its two contestants

A contestant's factor is its own, times the boost while it has fewer than `boost_until` votes. Pairs
that are excluded weigh nothing; the others are raised to the floor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .strategies import STRATEGIES, Facts, Weights

Allowed = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rules:
    """What a policy says.

    Attributes:
        boost: factor, at least 1, of each contestant with fewer than `boost_until` votes.
        weights: factors, by contestant; 1 for the others.
        excluded: pairs that are never drawn.
        floor: no other pair is less likely than this share of an even draw; in (0, 1].
    """

    strategy: str = "active"
    boost: float = 1.0
    boost_until: int = 0
    weights: Mapping[int, float] = field(default_factory=dict)
    excluded: frozenset[frozenset[int]] = frozenset()
    floor: float = 0.2

    @property
    def is_plain(self) -> bool:
        """Whether the strategy decides alone."""
        boosts = self.boost != 1 and self.boost_until > 0
        return not (boosts or self.weights or self.excluded)


def pair_weights(facts: Facts, rules: Rules) -> Weights:
    """(n (n - 1) / 2,) weights of the pairs, up to a common factor; all 0 if no pair may be drawn.
    Where the strategy decides alone, and leaves to every pair what the floor asks for, they are its
    own to the last bit."""
    strategy = STRATEGIES[rules.strategy]
    weights = strategy.weigh(facts)
    if rules.is_plain and rules.floor <= strategy.floor:
        return weights
    first, second = np.triu_indices(len(facts.contestants), 1)
    factors = _factors(facts, rules)
    weights = weights * factors[first] * factors[second]
    return _raised(weights, _allowed(facts, rules), rules.floor)


def probabilities(facts: Facts, rules: Rules, among: Allowed | None = None) -> Weights:
    """(n (n - 1) / 2,) how likely each pair is to be drawn, among these or among all; all 0 if none
    may be drawn."""
    weights = pair_weights(facts, rules)
    if among is not None:
        weights = weights * among
    total = weights.sum()
    return weights / total if total > 0 else weights


def shares(pairs: Weights, number: int) -> Weights:
    """(n,) each contestant's share of the battles, of which it takes part in two's share."""
    square = np.zeros((number, number))
    square[np.triu_indices(number, 1)] = pairs
    found: Weights = (square + square.T).sum(axis=0)
    return found


def _factors(facts: Facts, rules: Rules) -> Weights:
    own = np.array([rules.weights.get(key, 1.0) for key in facts.contestants])
    return own * np.where(facts.votes < rules.boost_until, rules.boost, 1.0)


def _allowed(facts: Facts, rules: Rules) -> Allowed:
    number = len(facts.contestants)
    square = np.ones((number, number), dtype=bool)
    places = {key: place for place, key in enumerate(facts.contestants)}
    for pair in rules.excluded:
        if len(pair) == 2 and all(key in places for key in pair):
            one, other = (places[key] for key in pair)
            square[one, other] = square[other, one] = False
    return square[np.triu_indices(number, 1)]


def _raised(weights: Weights, allowed: Allowed, floor: float) -> Weights:
    """Probabilities in proportion to the weights, but none of an allowed pair below its floor: what
    these lack is taken from the others, in proportion."""
    pairs: Weights = np.where(allowed, weights, 0.0)
    if not allowed.any():
        return pairs
    if not pairs.sum() > 0:
        pairs = allowed.astype(float)
    least = floor / allowed.sum()
    pairs = pairs / pairs.sum()
    low = allowed & (pairs < least)
    while low.any():  # lowering the others may bring more of them below it
        high = allowed & ~low
        left = 1.0 - least * low.sum()
        if not high.any():
            return allowed / float(allowed.sum())
        pairs = np.where(low, least, pairs * (left / pairs[high].sum()) * high)
        more = high & (pairs < least)
        if not more.any():
            break
        low |= more
    return pairs
