"""Do 95% intervals cover the truth 95% of the time? By simulation.

Twenty models, played unequally often, about a third of the votes ties. The true rating with ties as
half wins is its limit for infinitely many votes.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from benchmarks.coverage import Arena, coverage
from ratings.core import Ratings, Tallies, bradley_terry
from ratings.core.methods.bootstrap import bootstrap
from ratings.core.methods.ratings import CovarianceKind
from tests.ratings.core.shapes import Array

N_MODELS, TIES = 20, 0.4
REPLICATIONS = 400


@dataclass(frozen=True)
class Population:
    """Verdict probabilities of all pairs, and the ratings in the limit of infinitely many votes."""

    pairs: Array
    chances: Array
    truth: Ratings

    def sample(self, n_votes: int, rng: np.random.Generator) -> Tallies:
        counts = rng.multinomial(n_votes, self.chances.ravel()).reshape(-1, 4)
        return Tallies.from_counts(self.pairs, counts, N_MODELS)


@pytest.fixture(scope="module")
def population() -> Population:
    rng = np.random.default_rng(42)
    strengths = rng.normal(0.0, 0.6, N_MODELS)
    popular = rng.dirichlet(np.full(N_MODELS, 3.0))
    first, second = np.triu_indices(N_MODELS, 1)
    gap, nu = strengths[first] - strengths[second], 2 * TIES / (1 - TIES)
    weights = np.stack([np.exp(gap / 2), np.exp(-gap / 2), np.full_like(gap, nu), 0 * gap], axis=1)
    drawn = popular[first] * popular[second]
    chances = weights / weights.sum(axis=1, keepdims=True) * (drawn / drawn.sum())[:, None]
    assert 0.3 < chances[:, 2].sum() < 0.4
    pairs = np.stack([first, second], axis=1)
    truth = bradley_terry(Tallies.from_counts(pairs, chances * 1e6, N_MODELS))
    return Population(pairs, chances, truth)


def true_ranks(truth: Ratings) -> Array:
    ranks = np.empty(N_MODELS, dtype=int)
    ranks[truth.order] = np.arange(1, N_MODELS + 1)
    return ranks


@pytest.mark.parametrize("n_votes", [2_000, 20_000, 200_000])
def test_sandwich_intervals_and_rank_ranges_hold(n_votes: int, population: Population) -> None:
    rng, ranks = np.random.default_rng(n_votes), true_ranks(population.truth)
    inside, all_ranks_right = [], []
    for _ in range(REPLICATIONS):
        result = bradley_terry(population.sample(n_votes, rng), draws=1000)
        truth = population.truth.scores
        inside.append((result.lower <= truth) & (truth <= result.upper))
        held = (result.rank_low <= ranks) & (ranks <= result.rank_high)
        all_ranks_right.append(held.all())
    assert 0.93 <= np.mean(inside) <= 0.97
    assert np.mean(all_ranks_right) >= 0.95


def test_model_intervals_are_too_wide_under_ties(population: Population) -> None:
    rng = np.random.default_rng(1)
    results = [
        bradley_terry(population.sample(20_000, rng), covariance="model") for _ in range(100)
    ]
    truth = population.truth.scores
    assert np.mean([(r.lower <= truth) & (truth <= r.upper) for r in results]) > 0.97


def test_bootstrap_intervals_hold(population: Population) -> None:
    rng = np.random.default_rng(2)
    results = [
        bootstrap(population.sample(5_000, rng), rounds=200, seed=i).ratings for i in range(50)
    ]
    truth = population.truth.scores
    assert 0.92 <= np.mean([(r.lower <= truth) & (truth <= r.upper) for r in results]) <= 0.97


def test_clustered_intervals_hold_when_voters_have_favourites(population: Population) -> None:
    rng = np.random.default_rng(3)
    truth = population.truth.scores
    clustered: list[Array] = []
    plain: list[Array] = []
    n_voters, each = 150, 20
    for _ in range(100):
        pair = rng.choice(len(population.pairs), (n_voters, 1), p=population.chances.sum(axis=1))
        pair = np.broadcast_to(pair, (n_voters, each))
        chances = population.chances[pair[:, 0]]
        heights = np.cumsum(chances / chances.sum(axis=1, keepdims=True), axis=1)[:, :3]
        # Half of the voters repeat one verdict; the others vote independently every time.
        draws = rng.random((n_voters, each))
        draws[: n_voters // 2] = draws[: n_voters // 2, :1]
        verdict = (draws[:, :, None] > heights[:, None, :]).sum(axis=2)
        a, b = population.pairs[pair.ravel()].T
        voter = np.repeat(np.arange(n_voters), each)
        tallies = Tallies.from_votes(a, b, verdict.ravel(), N_MODELS, voter=voter)
        kinds: list[tuple[CovarianceKind, list[Array]]]
        kinds = [("clustered", clustered), ("sandwich", plain)]
        for kind, found in kinds:
            result = bradley_terry(tallies, covariance=kind)
            found.append((result.lower <= truth) & (truth <= result.upper) | ~result.rated)
    assert np.mean(clustered) > 0.88
    assert np.mean(plain) < 0.6


@pytest.mark.parametrize(
    "arena",
    [
        Arena(models=20, voters=60, votes=50, taste=0.0),
        Arena(models=20, voters=60, votes=50, taste=1.0),
        Arena(models=13, voters=124, votes=72, taste=0.5),
        Arena(models=13, voters=124, votes=72, taste=1.0),
        Arena(models=13, voters=124, votes=72, taste=1.0, uneven=True),
    ],
    ids=str,
)
def test_clustered_intervals_hold_whatever_the_voters_tastes(arena: Arena) -> None:
    found = coverage(arena, 100)
    assert 0.93 <= found.clustered <= 0.97
    assert found.all_gaps >= 0.89  # of 0.95, give or take 2.2 standard errors
    assert (found.independent < 0.9) == (arena.taste > 0)
