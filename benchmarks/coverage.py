"""`make bench-coverage`: do 95% intervals contain the truth 95% of the time when voters have tastes
of their own?

To each voter, a model's strength differs from its strength to everybody by a normal number, its
standard deviation the voters' taste (natural-log odds). A fifth of the votes are ties. The truth is
the rating in the limit of infinitely many voters.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.figures import report
from ratings.core import Ratings, Tallies, bradley_terry

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

TIES = 0.2
REPLICATIONS = 1000


@dataclass(frozen=True)
class Arena:
    """Who votes on what: `votes` each on average, of so many voters. Uneven: the most active
    casts twice as many as the second, three times as many as the third, and so on (Zipf)."""

    models: int
    voters: int
    votes: int
    taste: float
    uneven: bool = False

    def sizes(self) -> Whole:
        """(voters,) votes of each."""
        if not self.uneven:
            return np.full(self.voters, self.votes)
        weight = 1.0 / np.arange(1, self.voters + 1)
        sizes: Array = np.round(weight / weight.sum() * self.voters * self.votes)
        return np.maximum(sizes, 1.0).astype(np.int64)


@dataclass(frozen=True)
class Coverage:
    """Shares of replications, over all models: whose interval contains the truth, with votes of a
    voter taken together (clustered) and as independent; and in which all gaps of two models lie in
    their simultaneous intervals."""

    clustered: float
    independent: float
    all_gaps: float


def coverage(arena: Arena, replications: int, seed: int = 1) -> Coverage:
    rng = np.random.default_rng(seed)
    strengths = rng.normal(0.0, 0.6, arena.models)
    popular = rng.dirichlet(np.full(arena.models, 3.0))
    truth = limit(arena, strengths, popular)
    found = []
    for votes in drawn(arena, strengths, popular, replications, rng):
        plain, clustered = bradley_terry(votes), bradley_terry(votes, covariance="clustered")
        found.append((holds(clustered, truth), holds(plain, truth), holds_all(clustered, truth)))
    return Coverage(*np.mean(found, axis=0).tolist())


def limit(arena: Arena, strengths: Array, popular: Array) -> Array:
    """(models,) ratings by infinitely many voters."""
    first, second = np.triu_indices(arena.models, 1)
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    tastes = np.sqrt(2) * arena.taste * points
    gaps = (strengths[first] - strengths[second])[:, None] + tastes
    win = expit(gaps) @ (weights / weights.sum())
    drawn = popular[first] * popular[second]
    counts = np.stack([(1 - TIES) * win, (1 - TIES) * (1 - win), np.full_like(win, TIES), 0 * win])
    pairs = np.stack([first, second], axis=1)
    scores: Array = bradley_terry(
        Tallies.from_counts(pairs, 1e7 * (counts * drawn).T, arena.models)
    ).scores
    return scores


def drawn(
    arena: Arena, strengths: Array, popular: Array, times: int, rng: np.random.Generator
) -> Iterator[Tallies]:
    """Votes of new voters, again and again."""
    first, second = np.triu_indices(arena.models, 1)
    chance = popular[first] * popular[second]
    voter = np.repeat(np.arange(arena.voters), arena.sizes())
    for _ in range(times):
        pair = rng.choice(len(first), len(voter), p=chance / chance.sum())
        a, b = first[pair], second[pair]
        own = strengths + rng.normal(0.0, arena.taste, (arena.voters, arena.models))
        verdict = (rng.random(len(voter)) > expit(own[voter, a] - own[voter, b])).astype(int)
        verdict[rng.random(len(voter)) < TIES] = 2
        yield Tallies.from_votes(a, b, verdict, arena.models, voter=voter)


def holds(result: Ratings, truth: Array) -> float:
    return float(((result.lower <= truth) & (truth <= result.upper)).mean())


def holds_all(result: Ratings, truth: Array) -> float:
    gaps = np.subtract.outer(result.scores, result.scores) - np.subtract.outer(truth, truth)
    every = np.arange(len(truth))
    margin = result.critical * np.sqrt(np.maximum(result.gap_variances(every, every), 0.0))
    return float((np.abs(gaps) <= margin + 1e-9).all())


def main() -> None:
    replications = int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATIONS
    for uneven in (False, True):
        for models, voters, votes in ((20, 60, 50), (13, 124, 72)):
            for taste in (0.0, 0.5, 1.0):
                arena = Arena(models, voters, votes, taste, uneven)
                found = coverage(arena, replications)
                name = f"{voters} voters x {votes}{' on average' * uneven}, taste {taste}"
                others = {"as_independent": found.independent, "all_gaps": found.all_gaps}
                off = abs(found.clustered - 0.95)
                report(f"{name}: off 0.95", off, 0.02, at_most=True, is_=found.clustered, **others)


if __name__ == "__main__":
    main()
