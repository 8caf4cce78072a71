"""Simulated votes, rated by us and counted by the simplest program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ratings.core import Tallies, bradley_terry
from ratings.core.methods.bootstrap import bootstrap
from ratings.core.methods.style import style_control

Array = NDArray[Any]

N_MODELS, N_VOTES, N_COVARIATES, N_VOTERS = 200, 2_000_000, 5, 50_000
OUR_ROUNDS = 1000


@dataclass(frozen=True)
class Votes:
    """Votes under Davidson's model, with popular models more often, and optional covariates."""

    a: Array
    b: Array
    verdict: Array
    covariates: Array

    @classmethod
    def simulate(cls, n_votes: int, n_covariates: int = 0) -> Votes:
        rng = np.random.default_rng(0)
        strengths = rng.normal(0.0, 0.7, N_MODELS)
        a = rng.choice(N_MODELS, n_votes, p=rng.dirichlet(np.full(N_MODELS, 5.0)))
        b = (a + 1 + rng.integers(0, N_MODELS - 1, n_votes)) % N_MODELS
        x = rng.normal(size=(n_votes, n_covariates))
        gap = strengths[a] - strengths[b] + 0.1 * x.sum(axis=1)
        odds = np.stack([np.exp(gap / 2), np.exp(-gap / 2), np.full(n_votes, 0.9)])
        heights = np.cumsum(odds, axis=0) / odds.sum(axis=0)
        verdict = (rng.random(n_votes) > heights[:2]).sum(axis=0)
        return cls(a, b, verdict, x)

    @property
    def share(self) -> Array:
        """The left side's share: 1, 0 or, for ties, 0.5."""
        return np.array([1.0, 0.0, 0.5])[self.verdict]


def ours(votes: Votes) -> Array:
    result = bradley_terry(Tallies.from_votes(votes.a, votes.b, votes.verdict, N_MODELS))
    return np.stack([result.scores, result.lower, result.upper])


def voters_of(votes: Votes) -> Array:
    """Who cast each vote: one of 50,000, who are equally active."""
    return np.random.default_rng(1).integers(0, N_VOTERS, len(votes.a))


def clustered(votes: Votes, voter: Array) -> Array:
    """The same as `ours`, with the votes of each voter taken together."""
    tallies = Tallies.from_votes(votes.a, votes.b, votes.verdict, N_MODELS, voter=voter)
    result = bradley_terry(tallies, covariance="clustered")
    return np.stack([result.scores, result.lower, result.upper])


def sorting(votes: Votes, voter: Array) -> Array:
    """The minimum of work to bring the votes of each voter together."""
    return np.sort(voter * N_MODELS**2 + votes.a * N_MODELS + votes.b)


def our_style(votes: Votes) -> Array:
    result = style_control(votes.a, votes.b, votes.verdict, votes.covariates, N_MODELS)
    return np.append(result.ratings.upper, result.upper)


def counting(votes: Votes) -> Array:
    """The minimum of work: a key for every vote, and a count of the keys."""
    keys = (votes.a * N_MODELS + votes.b) * 4 + votes.verdict
    return np.bincount(keys, minlength=4 * N_MODELS**2)


def our_bootstrap(votes: Votes) -> Array:
    tallies = Tallies.from_votes(votes.a, votes.b, votes.verdict, N_MODELS)
    return bootstrap(tallies, rounds=OUR_ROUNDS).draws
